"""Reading documents back from the store, and putting others in the place of those that are still there.

What cannot be read was written by another version of Accord or by somebody else; the message says so
and quotes nothing of it.
"""

from typing import TypeVar

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
    return read(Deliberation, doc)
