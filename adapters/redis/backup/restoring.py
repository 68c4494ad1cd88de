"""A backup back into a server: first next to what is there, then into its place.

Everything is put under other names (`accord:restoring:…`), which nobody reads, however long that takes. Then
one script on the server takes what was there away and gives what was put there its names: all of it or
nothing. On a cluster no script reaches everything, so that last part goes key by key. From then on until all
is done, and in a place that was empty from the beginning on, `keys.RESTORING` is there, and no process of
ours starts (`adapters.redis.schema`).

A restore that was broken off can be begun again, and begins at the beginning; what was in the place is there
until the switch. What was erased from it (`adapters.redis.erasures`) is still known after that, and so is who
was signed out and which links were ended: what there was is newer than the backup.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from redis.asyncio import RedisCluster
from redis.exceptions import NoPermissionError, ResponseError

from adapters.redis import keys
from adapters.redis.backup.contents import Piece
from adapters.redis.connection import Client
from adapters.redis.erasures import KEPT_S, LOOKED_AT_ONCE, erased
from adapters.redis.errors import maps_errors
from adapters.redis.keys import DeliberationKeys, SessionKeys
from adapters.redis.server_files import note_erased
from bot.domain.errors import BackupError
from bot.service.health import SILENT_AFTER

OURS = "accord:*"
# Keys with a hash tag keep it, and so the server they belong on; others are one as a whole.
TAGGED, PLAIN = "accord:restoring:t:", "accord:restoring:p:"
STAGED = "accord:restoring:[tp]:*"
# What a place has that was started and never used; and what says how it is with the server itself.
OF_THE_PLACE = frozenset(
    {keys.RESTORING, keys.SCHEMA, keys.WORKERS, keys.MODEL_NOTICE, keys.ERASED, keys.TRIED}
)
# Never put back: they are about processes and files of the server that was backed up.
OF_NOW = frozenset({keys.WORKERS, keys.RESTORING, keys.ERASED})
NOT_EMPTY = (
    "There are questions here already. Add --replace to put the backup in their place: then everything that "
    "is here now is deleted."
)
ALIVE = (
    "Something still uses the state here: {count}. Stop all gateways and workers first, for what they take "
    "meanwhile would be lost. A worker that was killed counts for {seconds} seconds more."
)
# What our processes connect with: people who look after the server use something else.
OUR_LIBRARIES = frozenset({"redis-py", "coredis"})

_SESSIONS = SessionKeys("*")
SIGNED_IN = (_SESSIONS.admins, _SESSIONS.admins_ended)
SIGNED_OUT = (_SESSIONS.ended("*"), _SESSIONS.used("*"))

# ARGV: the pattern of our keys, TAGGED, PLAIN, the key that says that this is going on.
# Gives how many got their place.
SWITCH = """
-- First, for a server that is full refuses it, and then nothing was changed.
redis.call('SET', ARGV[4], '1')
local staged, old, cursor = {}, {}, '0'
repeat
  local found = redis.call('SCAN', cursor, 'MATCH', ARGV[1], 'COUNT', 1000)
  cursor = found[1]
  for _, key in ipairs(found[2]) do
    local kind = string.sub(key, 1, #ARGV[2])
    if kind == ARGV[2] or kind == ARGV[3] then
      staged[key] = kind
    elseif key ~= ARGV[4] then
      old[#old + 1] = key
    end
  end
until cursor == '0'
for _, key in ipairs(old) do
  redis.call('UNLINK', key)
end
local count = 0
for key, kind in pairs(staged) do
  local name = string.sub(key, #kind + 1)
  if kind == ARGV[3] then
    name = string.sub(name, 2, -2)
  end
  redis.call('RENAME', key, name)
  count = count + 1
end
return count
"""


class Restoring:
    """Puts a backup into a server."""

    def __init__(self, client: Client) -> None:
        self._client: Any = client
        self._may_start_after_all = False

    @maps_errors
    async def is_under_way(self) -> bool:
        """Whether a restore was broken off here."""
        return await self._client.get(keys.RESTORING) is not None

    @maps_errors
    async def begin(self, *, replace: bool) -> None:
        """Make ready.

        Raises BackupError where something is kept and `replace` was not said, and where processes of ours
        still run.
        """
        await self.nobody_else()
        if not await self.is_under_way():
            used = await self._is_used()
            if used and not replace:
                raise BackupError(NOT_EMPTY)
            if not used:
                await self._client.set(keys.RESTORING, "1")
            self._may_start_after_all = True
        await self._drop(STAGED)

    @maps_errors
    async def nobody_else(self) -> None:
        """Raises BackupError while a worker gives signs of life, or one of our processes is connected."""
        seconds, _ = await self._client.time()
        since = (int(seconds) - SILENT_AFTER.seconds) * 1_000_000
        workers = int(await self._client.zcount(keys.WORKERS, since, "+inf"))
        if count := workers or await self._connected():
            raise BackupError(ALIVE, count=count, seconds=SILENT_AFTER.seconds)

    async def _connected(self) -> int:
        """How many other connections to this database are by programs like ours, if the server tells."""
        if isinstance(self._client, RedisCluster):
            return 0
        try:
            every, mine = await self._client.client_list(), str(await self._client.client_id())
        except (NoPermissionError, ResponseError):
            return 0
        database = next((each["db"] for each in every if each["id"] == mine), None)
        return sum(
            each["db"] == database and each["id"] != mine and each.get("lib-name") in OUR_LIBRARIES
            for each in every
        )

    @maps_errors
    async def abandon(self) -> None:
        """It went wrong before the switch: leave the place as it was."""
        await self._drop(STAGED)
        if self._may_start_after_all:
            await self._client.delete(keys.RESTORING)

    async def _is_used(self) -> bool:
        async for key in self._client.scan_iter(match=OURS, count=LOOKED_AT_ONCE):
            if key not in OF_THE_PLACE and not key.startswith((TAGGED, PLAIN)):
                return True
        return False

    async def _drop(self, pattern: str) -> None:
        async for key in self._client.scan_iter(match=pattern, count=LOOKED_AT_ONCE):
            await self._client.unlink(key)

    @maps_errors
    async def put(self, pieces: Sequence[Piece]) -> None:
        """Put pieces of keys next to what is there, in order."""
        pipeline = self._client.pipeline(transaction=False)
        for piece in pieces:
            if not _is_ours(piece.key):
                raise BackupError("The backup holds keys that are none of Accord's, so nothing was changed.")
            if piece.key.decode(errors="replace") in OF_NOW:
                continue
            name = _staged(piece.key)
            _put(pipeline, name, piece)
            if piece.until is not None:
                pipeline.pexpireat(name, piece.until)
        await pipeline.execute()

    @maps_errors
    async def switch(self) -> None:
        """Put what was put here in the place of what there was; what was erased from that stays known."""
        await self._keep_erasures()
        await self._keep_ends()
        if isinstance(self._client, RedisCluster):
            await self._switch_key_by_key()
        else:
            switch = self._client.register_script(SWITCH)
            await switch(keys=[], args=[OURS, TAGGED, PLAIN, keys.RESTORING])
        # The server's files still hold what was replaced.
        await note_erased(self._client)

    async def _keep_erasures(self) -> None:
        for key in (keys.DELETED, keys.REVOKED):
            if noted := await self._client.zrange(key, 0, -1, withscores=True):
                await self._client.zadd(_staged(key.encode()), dict(noted), gt=True)
        async for id_, participant, at in erased(self._client):
            its = DeliberationKeys(id_)
            staged = _staged(its.erased.encode())
            await self._client.hset(staged, participant, str(keys.timestamp(at)))
            if not await self._client.exists(_staged(its.document.encode())):
                # No question that this would go with.
                await self._client.expire(staged, KEPT_S)

    async def _keep_ends(self) -> None:
        """Sessions and links as they are here: the backup's may have been ended since."""
        teams = {_tag(key) for pattern in SIGNED_IN async for key in self._each(pattern)}
        for its in map(SessionKeys, teams):
            # Both: the list of admins says nothing without when it was begun.
            await self._client.unlink(_staged(its.admins.encode()), _staged(its.admins_ended.encode()))
        for pattern in (*SIGNED_IN, *SIGNED_OUT):
            async for key in self._each(pattern):
                await self._copy(key)
        async for key in self._each(DeliberationKeys("*").invitations):
            if await self._client.exists(_staged(DeliberationKeys(_tag(key)).document.encode())):
                await self._copy(key)

    def _each(self, pattern: str) -> AsyncIterator[str]:
        found: AsyncIterator[str] = self._client.scan_iter(match=pattern, count=LOOKED_AT_ONCE)
        return found

    async def _copy(self, key: str) -> None:
        """What is here instead of what the backup has under that name."""
        await self._client.copy(key, _staged(key.encode()).decode(), replace=True)

    async def _switch_key_by_key(self) -> None:
        await self._client.set(keys.RESTORING, "1")
        async for key in self._others():
            await self._client.unlink(key)
        async for key in self._client.scan_iter(match=STAGED, count=LOOKED_AT_ONCE):
            await self._client.rename(key, _named(key))

    async def _others(self) -> AsyncIterator[str]:
        async for key in self._client.scan_iter(match=OURS, count=LOOKED_AT_ONCE):
            if key.startswith((TAGGED, PLAIN)) or key == keys.RESTORING:
                continue
            # What was erased here must be known all the time: it may be broken off between any two keys.
            if not await self._client.exists(_staged(key.encode())):
                yield key

    @maps_errors
    async def done(self) -> None:
        """It is whole: processes may start."""
        await self._client.delete(keys.RESTORING)


def _is_ours(key: bytes) -> bool:
    """One who has the public key alone could make a file with any."""
    return key.startswith(b"accord:") and not key.startswith((TAGGED.encode(), PLAIN.encode()))


def _staged(key: bytes) -> bytes:
    tag = key.partition(b"{")[2].partition(b"}")[0]
    return TAGGED.encode() + key if tag else PLAIN.encode() + b"{" + key + b"}"


def _tag(key: str) -> str:
    return key.partition("{")[2].partition("}")[0]


def _named(staged: str) -> str:
    if staged.startswith(TAGGED):
        return staged.removeprefix(TAGGED)
    return staged.removeprefix(PLAIN)[1:-1]


def _put(pipeline: Any, name: bytes, piece: Piece) -> None:
    if piece.type == "string":
        pipeline.set(name, piece.items[0])
    elif piece.type == "hash":
        pipeline.hset(name, mapping=dict(piece.items))
    elif piece.type == "set":
        pipeline.sadd(name, *piece.items)
    elif piece.type == "zset":
        pipeline.zadd(name, dict(piece.items))
    elif piece.type == "list":
        pipeline.rpush(name, *piece.items)
    else:
        raise BackupError(
            "The backup holds something that this version of Accord doesn't know: update Accord."
        )
