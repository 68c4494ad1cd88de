"""Logging: JSON lines on stderr with the deliberation's id, and nothing that anybody wrote.

`deliberation` sets the id for everything logged within; exceptions are logged by type and place only,
because a foreign library's message or traceback may quote the data that it choked on. Of what foreign
libraries log themselves only the first line is kept: asyncio puts the failed task below it, error and all.
That a platform, the store or the text generator does not answer is said once a minute, however often it is
tried.
"""

import json
import logging
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_deliberation_id: ContextVar[str | None] = ContextVar("deliberation_id", default=None)


@contextmanager
def deliberation(deliberation_id: str | None) -> Iterator[None]:
    """Everything logged within carries this id."""
    token = _deliberation_id.set(deliberation_id)
    try:
        yield
    finally:
        _deliberation_id.reset(token)


OUR_ROOMS = ("bot", "adapters", "engine")


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, message, and where known the deliberation and the error's type and place."""
        line: dict[str, object] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        if more := getattr(record, "more", 0):
            line["more"] = more
        if (deliberation_id := _deliberation_id.get()) is not None:
            line["deliberation_id"] = deliberation_id
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = " from ".join(_types(record.exc_info[1]))
            line["at"] = [f"{f.filename}:{f.lineno}" for f in traceback.extract_tb(record.exc_info[2])]
        return json.dumps(line, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    message = record.getMessage()
    return message if record.name.split(".")[0] in OUR_ROOMS else message.partition("\n")[0]


def _types(error: BaseException) -> Iterator[str]:
    """The type of an error, and of what caused it."""
    cause: BaseException | None = error
    while cause is not None:
        yield type(cause).__name__
        cause = cause.__cause__


SAID_EVERY_S = 60.0
# These log each try to reach a platform or the store again.
CLIENTS = ("streaq", "coredis", "redis", "slack_bolt", "slack_sdk", "discord", "opentelemetry")


class OnceAMinute(logging.Filter):
    """Lets pass the first of the lines that tell of one outage in a minute; the next one says how many more.

    An outage is named by the line itself (`extra={"outage": …}`) or by the error that it is about.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._said: dict[object, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is time for this one."""
        if record.levelno < logging.WARNING or (outage := _outage(record)) is None:
            return True
        now = self._clock()
        said_at, more = self._said.get(outage, (-SAID_EVERY_S + now, 0))
        if now - said_at < SAID_EVERY_S:
            self._said[outage] = said_at, more + 1
            return False
        self._said[outage] = now, 0
        record.more = more
        return True


def _outage(record: logging.LogRecord) -> object:
    """What does not answer; None where that is not what the line is about."""
    if named := getattr(record, "outage", ""):
        return named
    error = record.exc_info[1] if record.exc_info else None
    if named := getattr(error, "outage", ""):
        return named
    # Their words may differ from try to try; another kind of error is another trouble.
    return (record.name, record.lineno, type(error)) if record.name.split(".")[0] in CLIENTS else None


# These log what they send and receive at DEBUG or INFO: payloads, queries, addresses with signed links.
QUIET_LIBRARIES = (
    "streaq",
    "coredis",
    "aiohttp.access",
    "asyncio",
    "hpack",
    "httpx",
    "redis",
    "slack_bolt",
    "slack_sdk",
)


def configure(level: str = "INFO") -> None:
    """Send our own lines to stderr at `level`; foreign libraries speak up only when something is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    handler.addFilter(OnceAMinute())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for room in OUR_ROOMS:
        logging.getLogger(room).setLevel(level)
    for name in QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
