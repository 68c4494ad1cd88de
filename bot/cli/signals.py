"""How commands that write a file end when somebody stops them.

Reads:  SIGINT and SIGTERM.
Gives:  a KeyboardInterrupt at once, so that what was begun is cleared away; and whether there was one. Where
        it strikes beside the work, asyncio cancels that, and a cancellation gets lost now and then.
"""

import logging
import signal
import threading
from typing import NoReturn

_stopped = threading.Event()


def is_stopped() -> bool:
    """Whether this process was told to end."""
    return _stopped.is_set()


def end_at_once_when_stopped() -> None:
    """From now on; asyncio's own way on Ctrl-C can get lost in a client, or wait for work without a pause."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)


def _interrupt(*_: object) -> NoReturn:
    """Whichever task it strikes ends with it, so asyncio has nothing to report."""
    _stopped.set()
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    raise KeyboardInterrupt
