"""What a reward model made of opinions, in Redis: the port `Encodings`.

One hash field of bytes per participant, beside the opinion.

Reads:  opinions that wait to be encoded; the scripts that keep opinions keep that list too.
Gives:  the bytes again, as they came.
The scripts erase the field whenever they replace, withdraw or erase the opinion, and set it only where the
opinion is still the very one that was encoded: none ever outlives its opinion.
"""

from collections.abc import Mapping, Sequence

from redis.client import NEVER_DECODE

from adapters.redis.connection import Client
from adapters.redis.documents import read
from adapters.redis.errors import maps_errors
from adapters.redis.keys import DeliberationKeys
from adapters.redis.state.contribution_scripts import OPINIONS
from bot.domain.deliberation import Opinion

# Ten thousand vectors are some fifteen megabytes; nobody else is to wait for them all at once.
PAGE = 500

# KEYS: document, opinions, encoded, unencoded.
# ARGV: what must be accepted, then of each: participant, opinion, what was made of it.
# Gives how many were kept.
KEEP_ENCODED = """
if redis.call('HGET', KEYS[1], 'accepts') ~= ARGV[1] then
  return 0
end
local kept = 0
for i = 2, #ARGV, 3 do
  if redis.call('HGET', KEYS[2], ARGV[i]) == ARGV[i + 1] then
    redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 2])
    redis.call('SREM', KEYS[4], ARGV[i])
    kept = kept + 1
  end
end
return kept
"""


class RedisEncodings:
    """`Encodings` over a client from `adapters.redis.connection`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._keep = client.register_script(KEEP_ENCODED)

    @maps_errors
    async def waiting(self, deliberation_id: str, *, limit: int) -> Sequence[Opinion]:
        """Some of the opinions that wait to be encoded."""
        of = DeliberationKeys(deliberation_id)
        participants = await self._client.srandmember(of.unencoded, limit)
        if not participants:
            return []
        docs = await self._client.hmget(of.opinions, sorted(participants))
        # One that was withdrawn between the two questions is gone.
        return [read(Opinion, doc) for doc in docs if doc is not None]

    @maps_errors
    async def keep(self, deliberation_id: str, encoded: Sequence[tuple[Opinion, bytes]]) -> int:
        """Keep those whose opinion is the same and still open; how many that were."""
        of = DeliberationKeys(deliberation_id)
        args: list[str | bytes] = [OPINIONS]
        for opinion, value in encoded:
            args += [opinion.participant, opinion.model_dump_json(), value]
        return int(await self._keep(keys=[of.document, of.opinions, of.encoded, of.unencoded], args=args))

    @maps_errors
    async def of(self, deliberation_id: str, participants: Sequence[str]) -> Mapping[str, bytes]:
        """What is kept of these participants' opinions."""
        found: dict[str, bytes] = {}
        for start in range(0, len(participants), PAGE):
            page = participants[start : start + PAGE]
            values = await self._bytes(DeliberationKeys(deliberation_id).encoded, page)
            found |= {who: value for who, value in zip(page, values, strict=True) if value is not None}
        return found

    async def _bytes(self, key: str, fields: Sequence[str]) -> list[bytes | None]:
        """HMGET on a client that decodes whatever it is not told to leave alone."""
        values: list[bytes | None] = await self._client.execute_command(
            "HMGET", key, *fields, **{NEVER_DECODE: True}
        )
        return values
