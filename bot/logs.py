"""Logging: JSON lines on stderr with the deliberation's id, and nothing that anybody wrote.

`deliberation` sets the id for everything logged within; exceptions are logged by type and place only,
because a foreign library's message or traceback may quote the data that it choked on.
"""

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_deliberation_id: ContextVar[str | None] = ContextVar("deliberation_id", default=None)


@contextmanager
def deliberation(deliberation_id: str) -> Iterator[None]:
    """Everything logged within carries this id."""
    token = _deliberation_id.set(deliberation_id)
    try:
        yield
    finally:
        _deliberation_id.reset(token)


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, message, and where known the deliberation and the error's type and place."""
        line: dict[str, object] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (deliberation_id := _deliberation_id.get()) is not None:
            line["deliberation_id"] = deliberation_id
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["at"] = [f"{f.filename}:{f.lineno}" for f in traceback.extract_tb(record.exc_info[2])]
        return json.dumps(line, ensure_ascii=False)


# These log what they send and receive at DEBUG or INFO: payloads, queries, addresses with signed links.
QUIET_LIBRARIES = ("streaq", "coredis", "aiohttp.access", "asyncio", "hpack", "httpx", "redis")


def configure(level: str = "INFO") -> None:
    """Send our own lines to stderr at `level`; foreign libraries speak up only when something is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for room in ("bot", "adapters", "engine"):
        logging.getLogger(room).setLevel(level)
    for name in QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(logging.WARNING)
