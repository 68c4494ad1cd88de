"""Reading documents back from the store, and putting others in the place of those that are still there.

What cannot be read was written by another version of Accord or by somebody else; the message says so
and quotes nothing of it.
"""

import asyncio
from functools import lru_cache
from typing import TypeVar
from weakref import WeakValueDictionary

from pydantic import ValidationError

from adapters.redis.connection import Client
from adapters.redis.keys import DeliberationKeys
from bot.domain.deliberation import Deliberation
from bot.domain.errors import StoreError, UnknownDeliberationError
from engine.types import Frozen

Document = TypeVar("Document", bound=Frozen)

# KEYS: a string. ARGV: what is there, what to put in its place. Gives 1 when it was still there.
REPLACE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2])
return 1
"""

# KEYS: a hash. ARGV: field, what is there or '', what to put in its place. Gives 1 when it was still there,
# or when this is a second copy of what put it there.
REPLACE_FIELD = """
local kept = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if kept == ARGV[3] then
  return 1
end
if kept ~= ARGV[2] then
  return 0
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
"""


def read(kind: type[Document], doc: str | bytes) -> Document:
    """A document as it was written by `model_dump_json`. Raises StoreError."""
    try:
        return kind.model_validate_json(doc)
    except ValidationError:
        # Its message and its cause quote the document.
        raise StoreError(
            f"The state store holds a {kind.__name__.lower()} that this version of Accord cannot read. "
            "Run the same version everywhere."
        ) from None


async def load_deliberation(client: Client, deliberation_id: str) -> Deliberation:
    """A deliberation as it is kept. Raises UnknownDeliberationError."""
    doc = await client.hget(DeliberationKeys(deliberation_id).document, "doc")
    if doc is None:
        raise UnknownDeliberationError
    return _deliberation(doc)


class SharedLoads:
    """Loads of a deliberation, shared by those who ask at once: a hall that answers reads its question once.

    Nobody is given what was read before they asked: those who come while one load is under way wait for the
    next, which all of these share.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._next: dict[str, asyncio.Task[Deliberation]] = {}
        self._one_at_a_time: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def load(self, deliberation_id: str) -> Deliberation:
        """As `load_deliberation`."""
        load = self._next.get(deliberation_id)
        if load is None:
            load = self._next[deliberation_id] = asyncio.create_task(self._load_next(deliberation_id))
        # One that stops waiting does not stop it for the others.
        return await asyncio.shield(load)

    async def _load_next(self, deliberation_id: str) -> Deliberation:
        one_at_a_time = self._one_at_a_time.setdefault(deliberation_id, asyncio.Lock())
        try:
            await one_at_a_time.acquire()
        finally:
            del self._next[deliberation_id]
        try:
            return await load_deliberation(self._client, deliberation_id)
        finally:
            one_at_a_time.release()


@lru_cache(maxsize=256)
def _deliberation(doc: str | bytes) -> Deliberation:
    """By its text: thousands of commands read one question between two changes of it."""
    return read(Deliberation, doc)
