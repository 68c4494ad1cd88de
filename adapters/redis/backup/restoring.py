"""A backup back into a server: first next to what is there, then into its place.

Everything is put under other names (`accord:restoring:…`), which nobody reads, however long that takes. Then
one script on the server takes what was there away and gives what was put there its names: all of it or
nothing. On a cluster no script reaches everything, so that last part goes key by key. From then on until all
is done, and in a place that was empty from the beginning on, `keys.RESTORING` is there, and no process of
ours starts (`adapters.redis.schema`).

A restore that was broken off can be begun again, and begins at the beginning; what was in the place is there
until the switch. What was erased from it (`adapters.redis.erasures`) is still known after that.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from redis.asyncio import RedisCluster

from adapters.redis import keys
from adapters.redis.backup.contents import Piece, data_of
from adapters.redis.connection import Client
from adapters.redis.erasures import LOOKED_AT_ONCE, deleted, erased
from adapters.redis.errors import maps_errors
from adapters.redis.keys import DeliberationKeys
from adapters.redis.server_files import note_erased
from bot.domain.errors import BackupError

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
    async def begin(self, *, replace: bool) -> None:
        """Make ready. Raises BackupError where something is kept that `replace` was not said for."""
        if await self._client.get(keys.RESTORING) is None:
            used = await self._is_used()
            if used and not replace:
                raise BackupError(NOT_EMPTY)
            if not used:
                await self._client.set(keys.RESTORING, "1")
            self._may_start_after_all = True
        await self._drop(STAGED)

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
        if isinstance(self._client, RedisCluster):
            await self._switch_key_by_key()
        else:
            switch = self._client.register_script(SWITCH)
            await switch(keys=[], args=[OURS, TAGGED, PLAIN, keys.RESTORING])
        # The server's files still hold what was replaced.
        await note_erased(self._client)

    async def _keep_erasures(self) -> None:
        for id_ in await deleted(self._client):
            score = await self._client.zscore(keys.DELETED, id_)
            await self._client.zadd(_staged(keys.DELETED.encode()), {id_: score}, gt=True)
        async for id_, participant, at in erased(self._client):
            staged = _staged(DeliberationKeys(id_).erased.encode())
            await self._client.hset(staged, participant, str(keys.timestamp(at)))

    async def _switch_key_by_key(self) -> None:
        await self._client.set(keys.RESTORING, "1")
        async for key in self._others():
            await self._client.unlink(key)
        async for key in self._client.scan_iter(match=STAGED, count=LOOKED_AT_ONCE):
            await self._client.rename(key, _named(key))

    async def _others(self) -> AsyncIterator[str]:
        async for key in self._client.scan_iter(match=OURS, count=LOOKED_AT_ONCE):
            if not key.startswith((TAGGED, PLAIN)) and key != keys.RESTORING:
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


def _named(staged: str) -> str:
    if staged.startswith(TAGGED):
        return staged.removeprefix(TAGGED)
    return staged.removeprefix(PLAIN)[1:-1]


def _put(pipeline: Any, name: bytes, piece: Piece) -> None:
    if piece.type == "string":
        pipeline.set(name, data_of(piece.items[0]))
    elif piece.type == "hash":
        pipeline.hset(name, mapping={data_of(field): data_of(value) for field, value in piece.items})
    elif piece.type == "set":
        pipeline.sadd(name, *map(data_of, piece.items))
    elif piece.type == "zset":
        pipeline.zadd(name, {data_of(member): score for member, score in piece.items})
    elif piece.type == "list":
        pipeline.rpush(name, *map(data_of, piece.items))
    else:
        raise BackupError(
            "The backup holds something that this version of Accord doesn't know: update Accord."
        )
