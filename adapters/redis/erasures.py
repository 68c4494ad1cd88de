"""What was erased and when, so that a backup from before doesn't bring it back.

Reads:  who was erased from which deliberation, as a code that is there anyway; which ones were deleted; which
        API tokens were revoked and which webhooks removed.
Gives:  the same to `bot.bootstrap.moving`, which erases it once more after a restore.
A participant's entry goes with the deliberation; the id of what was deleted or revoked is kept for KEPT_S,
and no backup should be kept longer.
"""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from adapters.redis import keys
from adapters.redis.connection import Client
from adapters.redis.keys import DeliberationKeys

KEPT_S = timedelta(days=400) // timedelta(seconds=1)
LOOKED_AT_ONCE = 1_000

# KEYS: deliberation's erasures. ARGV: participant, until when. The latest stays.
NOTE_PARTICIPANT = """
local before = redis.call('HGET', KEYS[1], ARGV[1])
if not before or tonumber(before) < tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
"""
# KEYS: what was deleted. ARGV: what is now, for how many seconds that is kept.
NOTE_DELETED = """
local now = tonumber(redis.call('TIME')[1])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - tonumber(ARGV[2]))
"""


async def note_participant(client: Client, deliberation_id: str, participant: str, at: datetime) -> None:
    """What this participant gave up to `at` is about to be erased."""
    note = client.register_script(NOTE_PARTICIPANT)
    await note(keys=[DeliberationKeys(deliberation_id).erased], args=[participant, keys.timestamp(at)])


async def note_deleted(client: Client, deliberation_id: str) -> None:
    """This deliberation is about to be deleted."""
    await client.register_script(NOTE_DELETED)(keys=[keys.DELETED], args=[deliberation_id, KEPT_S])


async def note_revoked(client: Client, what: str) -> None:
    """This (`token:ID`, `webhook:ID`) is about to be ended for good."""
    await client.register_script(NOTE_DELETED)(keys=[keys.REVOKED], args=[what, KEPT_S])


async def deleted(client: Client) -> list[str]:
    """The deliberations that were deleted, oldest first."""
    return list(map(str, await client.zrange(keys.DELETED, 0, -1)))


async def revoked(client: Client) -> set[str]:
    """What was ended for good, as `note_revoked` was told."""
    return set(map(str, await client.zrange(keys.REVOKED, 0, -1)))


async def erased(client: Client) -> AsyncIterator[tuple[str, str, datetime]]:
    """Deliberation, participant, and until when what they gave there was erased."""
    pattern = DeliberationKeys("*").erased
    async for key in client.scan_iter(match=pattern, count=LOOKED_AT_ONCE):
        deliberation_id = str(key).partition("{")[2].partition("}")[0]
        for participant, at in (await client.hgetall(key)).items():
            yield deliberation_id, str(participant), keys.moment(int(at))
