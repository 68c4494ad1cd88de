"""How commands that write a file end when somebody stops them.

Reads:  SIGINT and SIGTERM.
Gives:  a KeyboardInterrupt at once, so that what was begun is cleared away.
"""

import logging
import signal
from typing import NoReturn


def end_at_once_when_stopped() -> None:
    """From now on; asyncio's own way on Ctrl-C can get lost in a client, or wait for work without a pause."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)


def _interrupt(*_: object) -> NoReturn:
    """Whichever task it strikes ends with it, so asyncio has nothing to report."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    raise KeyboardInterrupt
