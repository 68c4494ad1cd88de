"""How commands that write a file end when somebody stops them.

Reads:  SIGINT and SIGTERM.
Gives:  a KeyboardInterrupt at once, so that what was begun is cleared away; and whether there was one. Where
        it strikes beside the work, asyncio cancels that, and a cancellation gets lost now and then.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

Result = TypeVar("Result")

_stopped = threading.Event()


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a command to its end, or to that of the process."""
    try:
        return asyncio.run(work)
    except asyncio.CancelledError:
        # Told to end while it started (`bot.bootstrap.state`): now that all is stopped, end by that signal.
        signal.raise_signal(signal.SIGTERM)
        raise


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
