"""Streams: replies that come piece by piece, as server-sent events or as lines of JSON.

Reads:  bytes as they come, of whichever server: OpenAI's chunks, TGI's tokens, Ollama's lines.
Gives:  each event as soon as it is whole, how many tokens it holds, and whether a stream came to its end.
A reply that is no stream, though one was asked for, is one event.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from engine.drafting.http.replies import decoded

_DONE = "[DONE]"
_THOUGHTS = ("reasoning_content", "reasoning", "thinking")


class Events:
    """The events of one reply, from its pieces."""

    def __init__(self, content_type: str) -> None:
        self._type = content_type
        self._lines = "ndjson" in content_type
        self._rest = b""
        self._other = bytearray()
        self.all: list[Any] = []
        self.done = False

    def fed(self, piece: bytes) -> list[Any]:
        """The events that this piece completes; ValueError where what comes is none."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        new = [event for line in lines for event in self._read(line + b"\n")]
        self.all += new
        return new

    def ended(self) -> list[Any]:
        """All events, once the last piece has come. Raises ValueError for a body that is no JSON."""
        self.all += self._read(self._rest)
        if not self.all and self._other.strip():
            self.all = [decoded(bytes(self._other), self._type)]
            self.done = True
        return self.all

    def _read(self, line: bytes) -> Iterator[Any]:
        text = line.strip()
        if text.startswith(b"data:"):
            said = text.removeprefix(b"data:").strip()
            if said == _DONE.encode():
                self.done = True
            elif said:
                yield json.loads(said)
        elif self._lines and text:
            yield json.loads(text)
        else:
            self._other += line


class Heard:
    """Tells of the tokens of one reply as they come, each of them once.

    most: tokens after which the reply is not waited for any longer; None: there are never too many.
    """

    def __init__(self, came: Callable[[int], None], most: float | None) -> None:
        self._came, self._most = came, most
        self._told = 0

    def __call__(self, event: Any) -> bool:
        """An event has come; True where that is more than enough."""
        if tokens := tokens_in(event):
            self._tell(tokens)
        return self._most is not None and self._told > self._most

    def ended(self, tokens: int | None) -> None:
        """The reply is there, with so many tokens by the server's own count; None: not told.

        More than were told where it came in one piece, or several tokens in one event.
        """
        if (left := (tokens or 1) - self._told) > 0:
            self._tell(left)

    def _tell(self, tokens: int) -> None:
        self._told += tokens
        self._came(tokens)


def tokens_in(event: Any) -> int:
    """How many tokens an event brings, thoughts included; a server may put several into one."""
    if not isinstance(event, dict):
        return 0
    if event.get("token"):
        return 1
    pieces = event["choices"] if isinstance(event.get("choices"), list) else [event]
    return sum(_says_something(piece.get("delta") or piece.get("message")) for piece in pieces)


def _says_something(message: Any) -> bool:
    return isinstance(message, dict) and any(message.get(name) for name in ("content", *_THOUGHTS))


def came_to_an_end(events: Iterable[Any]) -> bool:
    """Whether some event says how its text ended: a stream without any was broken off."""
    return any(_tells_an_end(event) for event in events)


def _tells_an_end(event: Any) -> bool:
    if not isinstance(event, dict):
        return False
    if event.get("done") or event.get("error") or event.get("usage") or event.get("generated_text"):
        return True
    return any(piece.get("finish_reason") or piece.get("message") for piece in event.get("choices") or ())
