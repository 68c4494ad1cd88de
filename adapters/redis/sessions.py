"""Which browsers are signed in to the web channel: the port `Sessions`.

Signed-out sessions and used links expire by themselves, when the cookie or the link would have ended anyway.
Admins are a list of those who are let in, not of those who are not: whoever is missing from it is none.
"""

from datetime import datetime, timedelta

from adapters.redis import keys
from adapters.redis.connection import Client
from adapters.redis.errors import maps_errors
from adapters.redis.keys import timestamp

# KEYS: when admins were last signed out, the link's user, admins.
# ARGV: when the link was made, session, until, how long the use is remembered in milliseconds.
# Gives 1 to the one session that uses the link. Whoever is an admin no more goes from the list.
MAKE_ADMIN = """
local ended = tonumber(redis.call('GET', KEYS[1]))
if ended and tonumber(ARGV[1]) <= ended then
  return 0
end
local user = redis.call('SET', KEYS[2], ARGV[2], 'NX', 'GET', 'PX', ARGV[4])
if user and user ~= ARGV[2] then
  return 0
end
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', '(' .. ARGV[1])
return 1
"""

# KEYS: admins, when they were last signed out. ARGV: now. Gives how many there were.
END_ADMINS = """
redis.call('SET', KEYS[2], ARGV[1])
local there = redis.call('ZCOUNT', KEYS[1], '(' .. ARGV[1], '+inf')
redis.call('DEL', KEYS[1])
return there
"""


class RedisSessions:
    """One team's `Sessions` over a client from `adapters.redis.connection`."""

    def __init__(self, client: Client, team: str) -> None:
        self._client = client
        self._keys = keys.SessionKeys(team)
        self._make_admin = client.register_script(MAKE_ADMIN)
        self._end_admins = client.register_script(END_ADMINS)

    @maps_errors
    async def end(self, session: str, *, for_s: float) -> None:
        """Sign a browser out for good."""
        await self._client.set(self._keys.ended(session), "", px=timedelta(seconds=for_s))

    @maps_errors
    async def has_ended(self, session: str) -> bool:
        """Whether a browser was signed out."""
        return bool(await self._client.exists(self._keys.ended(session)))

    @maps_errors
    async def make_admin(
        self, session: str, link: str, *, made_at: datetime, link_until: datetime, until: datetime
    ) -> bool:
        """Use an admin link up and let this session do what admins do."""
        used_for_ms = (link_until - made_at) // timedelta(milliseconds=1)
        made = await self._make_admin(
            keys=[self._keys.admins_ended, self._keys.used(link), self._keys.admins],
            args=[timestamp(made_at), session, timestamp(until), used_for_ms],
        )
        return bool(made)

    @maps_errors
    async def is_admin(self, session: str, now: datetime) -> bool:
        """Whether this session may do what admins do."""
        until = await self._client.zscore(self._keys.admins, session)
        return until is not None and float(until) > timestamp(now)

    @maps_errors
    async def end_admins(self, now: datetime) -> int:
        """Sign all admins out, and end the links that no admin has used yet."""
        return int(
            await self._end_admins(keys=[self._keys.admins, self._keys.admins_ended], args=[timestamp(now)])
        )
