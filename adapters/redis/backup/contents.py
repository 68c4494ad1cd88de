"""What stands in a backup, as lines of JSON.

    {"accord": 1, "at": …, "version": …, "schema": …, "key_ids": […]}     first
    {"file": name, "data": base64}                                        a piece of a file, in order
    {"key": …, "type": "hash", "until": ms, "items": […]}                 a piece of a key, in order
    {"end": {"keys": …, "files": …}}                                      last

Reads:  a server that nobody writes to; files.
Gives:  lines, and what they say again. Bytes that are no UTF-8 are written as lone surrogates.
Refrains from DUMP: what that gives can only be read by a server as new as the one that gave it.
"""

import base64
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from redis import Redis

from bot.domain.errors import BackupError

FORM = 1
AT_ONCE = 500
PIECE_OF_FILE = 256 * 1024
NEWER = "The backup was made by a newer version of Accord ({version}): update Accord first."
DAMAGED = "The backup is not as it was written, so nothing was changed."


@dataclass(frozen=True)
class About:
    """What a backup is of.

    at: the moment before which everything is in it. version: of the program that made it. schema: of what is
    kept (`adapters.redis.schema`). key_ids: of the secret keys that were in use, the newest first.
    """

    at: datetime
    version: str
    schema: int
    key_ids: tuple[str, ...]


@dataclass(frozen=True)
class Piece:
    """A piece of a key. until: when it ends by itself, in milliseconds since 1970; None: never.

    items: bytes, or pairs of bytes and bytes (hash) or of bytes and a number (zset).
    """

    key: bytes
    type: str
    until: int | None
    items: list[Any]


@dataclass(frozen=True)
class FilePiece:
    """A piece of a file, by its name in the backup."""

    name: str
    data: bytes


def lines(about: About, files: Mapping[str, Path], servers: Iterable[Redis], wanted: str) -> Iterator[bytes]:
    """A whole backup. servers: those whose keys are read, if they are `wanted` (a pattern)."""
    yield _line({"accord": FORM, **asdict(about), "at": about.at.isoformat()})
    for name, path in files.items():
        yield from _file_lines(name, path)
    count = 0
    for server in servers:
        for key in server.scan_iter(match=wanted, count=AT_ONCE):
            count += 1
            yield from _key_lines(server, key)
    yield _line({"end": {"keys": count, "files": len(files)}})


def _line(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said).encode() + b"\n"


def _file_lines(name: str, path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        data = file.read(PIECE_OF_FILE)
        while True:
            yield _line({"file": name, "data": base64.b64encode(data).decode()})
            if not (data := file.read(PIECE_OF_FILE)):
                return


def _key_lines(server: Any, key: bytes) -> Iterator[bytes]:
    kind = server.type(key).decode()
    until = server.pexpiretime(key)
    if kind not in _READ:
        raise BackupError("A key of Accord's is of a kind that no backup can hold: {kind}.", kind=kind)
    items = _READ[kind](server, key)
    while some := list(islice(items, AT_ONCE)):
        about = {"key": _text(key), "type": kind, "until": until if until > 0 else None}
        yield _line(about | {"items": some})


_READ: dict[str, Callable[[Any, bytes], Iterator[Any]]] = {
    "string": lambda server, key: iter([_text(server.get(key))]),
    "hash": lambda server, key: (
        [_text(name), _text(value)] for name, value in server.hscan_iter(key, count=AT_ONCE)
    ),
    "set": lambda server, key: (_text(member) for member in server.sscan_iter(key, count=AT_ONCE)),
    "zset": lambda server, key: (
        [_text(member), score] for member, score in server.zscan_iter(key, count=AT_ONCE)
    ),
    "list": lambda server, key: map(_text, server.lrange(key, 0, -1)),
}


def _text(data: bytes) -> str:
    return data.decode(errors="surrogateescape")


def data_of(text: str) -> bytes:
    """The bytes that were written as this text."""
    return text.encode(errors="surrogateescape")


class Reading:
    """Takes a backup's bytes as they come, and hands on what they say. `whole` is true once the end was read.

    Raises BackupError for what is no backup of ours, or one of a newer version.
    """

    def __init__(
        self,
        on_about: Callable[[About], None] = lambda about: None,
        on_piece: Callable[[Piece | FilePiece], None] = lambda piece: None,
    ) -> None:
        self._on_about, self._on_piece = on_about, on_piece
        self._rest = b""
        self._begun = self.whole = False
        self._keys: set[bytes] = set()
        self._files: set[str] = set()

    def take(self, data: bytes) -> None:
        """Some more of it."""
        first, *others = data.split(b"\n")
        if not others:
            self._rest += first
            return
        for line in (self._rest + first, *others[:-1]):
            self._take_line(line)
        self._rest = others[-1]

    def _take_line(self, line: bytes) -> None:
        try:
            said = json.loads(line)
            self._understand(said)
        # No matter what it holds: anyone with the public key can make any file, and they get a sentence.
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            raise BackupError(DAMAGED) from None

    def _understand(self, said: Mapping[str, Any]) -> None:
        if not self._begun:
            self._on_about(_about(said))
            self._begun = True
        elif "file" in said:
            self._files.add(said["file"])
            self._on_piece(FilePiece(said["file"], base64.b64decode(said["data"])))
        elif "key" in said:
            piece = _piece(said)
            self._keys.add(piece.key)
            self._on_piece(piece)
        else:
            self.whole = said["end"] == {"keys": len(self._keys), "files": len(self._files)}


def _piece(said: Mapping[str, Any]) -> Piece:
    kind, until = str(said["type"]), said["until"]
    items = list(map(_ITEMS.get(kind, data_of), said["items"]))
    if not items:
        raise ValueError
    return Piece(data_of(said["key"]), kind, None if until is None else int(until), items)


def _pair(item: Any) -> tuple[bytes, bytes]:
    name, value = item
    return data_of(name), data_of(value)


def _scored(item: Any) -> tuple[bytes, float]:
    member, score = item
    if math.isnan(float(score)):
        raise ValueError
    return data_of(member), float(score)


_ITEMS: dict[str, Callable[[Any], Any]] = {"hash": _pair, "zset": _scored}


def _about(said: Mapping[str, Any]) -> About:
    if said["accord"] != FORM:
        raise BackupError(NEWER, version=str(said["version"]))
    return About(
        at=datetime.fromisoformat(said["at"]),
        version=str(said["version"]),
        schema=int(said["schema"]),
        key_ids=tuple(said["key_ids"]),
    )
