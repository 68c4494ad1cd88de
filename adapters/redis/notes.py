"""Small texts under names, for the platform adapters that must remember something between processes.

Each name is one key of its own, `accord:{KIND:NAME}`, so that Cluster may put it anywhere. What
is needed of it is said in `bot.chat.notes`.
"""

import math
from collections.abc import Sequence
from inspect import isawaitable
from typing import Any

from adapters.redis.connection import Client
from adapters.redis.errors import maps_errors


class RedisNotes:
    """Notes of one `kind` (a platform's name) over a client from `adapters.redis.connection`."""

    def __init__(self, client: Client, kind: str) -> None:
        self._client = client
        self._kind = kind

    @maps_errors
    async def get(self, name: str) -> str | None:
        """What is kept under a name."""
        return _text(await self._client.get(self._key(name)))

    @maps_errors
    async def put(self, name: str, text: str, *, for_s: float | None) -> None:
        """Keep a text for a while; None: until it is removed."""
        await self._client.set(self._key(name), text, px=None if for_s is None else _milliseconds(for_s))

    @maps_errors
    async def first(self, name: str, text: str, *, for_s: float) -> str:
        """Keep a text unless there is one; the one that is there now.

        Sent twice by the client, the second copy finds the first one's text, which is the same.
        """
        there = await self._client.set(self._key(name), text, px=_milliseconds(for_s), nx=True, get=True)
        return text if there is None else str(there)

    @maps_errors
    async def take(self, name: str) -> str | None:
        """What is kept, and keep it no longer."""
        return _text(await self._client.getdel(self._key(name)))

    @maps_errors
    async def remove(self, *names: str) -> None:
        """Keep these no longer."""
        for name in names:
            await self._client.unlink(self._key(name))

    @maps_errors
    async def add_to(self, name: str, member: str) -> None:
        """Put a member into a set."""
        await _done(self._client.sadd(self._key(name), member))

    @maps_errors
    async def remove_from(self, name: str, member: str) -> None:
        """Take a member out of a set."""
        await _done(self._client.srem(self._key(name), member))

    @maps_errors
    async def members(self, name: str) -> Sequence[str]:
        """A set's members, sorted."""
        return sorted(map(str, await _done(self._client.smembers(self._key(name)))))

    def _key(self, name: str) -> str:
        return f"accord:{{{self._kind}:{name}}}"


def _text(found: str | bytes | None) -> str | None:
    """The client decodes; its types do not say so."""
    return None if found is None else str(found)


def _milliseconds(for_s: float) -> int:
    return max(1, math.ceil(for_s * 1_000))


async def _done(answer: Any) -> Any:
    """redis-py types the same methods for both its clients, asynchronous or not."""
    return await answer if isawaitable(answer) else answer
