"""What a person at the terminal is told while they wait.

Reads:  nothing.
Gives:  lines on stderr, to the processes and commands here.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SILENT_FOR_S = 1.0


def say(line: str) -> None:
    """Print a line at once."""
    print(line, file=sys.stderr, flush=True)  # noqa: T201 (what a person at the terminal waits for)


@contextmanager
def waiting_for(what: str) -> Iterator[None]:
    """Say what is being done, once it takes more than a second; a first start reads much from the disk."""
    # By a thread, because loading models stops everything else.
    timer = threading.Timer(SILENT_FOR_S, say, [f"{what}. This can take a minute."])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
