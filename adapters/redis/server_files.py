"""The server's own files: what was erased from the store stays in them until they are written again.

An append-only file holds every command since it was last rewritten, and a snapshot whatever was there when it
was taken. So each erasure is counted, and where some were since the last rewrite began, another is begun. One
rewrite serves all that was erased before it. An hour later comes one more, for notes that name a member and
expire by themselves by then (`adapters.redis.notes`).

Reads:  how many erasures there were, and what the server says about its files.
Gives:  BGREWRITEAOF where it appends, BGSAVE where it takes snapshots; on every node of a cluster.
A server that refuses these is told about once in the log; the runbook says what to do there.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from redis.asyncio import RedisCluster
from redis.exceptions import NoPermissionError, ResponseError

from adapters.redis import keys
from adapters.redis.connection import Client

log = logging.getLogger(__name__)

# KEYS: what is counted about erasures. ARGV: now, pause. Gives 1 to one caller in each pause, else 0.
TAKE_TURN = """
local last = tonumber(redis.call('HGET', KEYS[1], 'turn_at'))
if last and tonumber(ARGV[1]) - last < tonumber(ARGV[2]) then
  return 0
end
redis.call('HSET', KEYS[1], 'turn_at', ARGV[1])
return 1
"""

# Rewriting costs the server a copy of all that it holds; so often it may do that while members keep asking.
PAUSE = timedelta(minutes=1)
ONCE_MORE_AFTER = timedelta(minutes=70)

RUNNING = ("aof_rewrite_in_progress", "aof_rewrite_scheduled", "rdb_bgsave_in_progress")
APPENDED, SNAPSHOT = "aof_last_bgrewrite_status", "rdb_last_bgsave_status"
REFUSED = (
    "the state store may not rewrite its files (%s): what members had erased stays in them until it does so "
    "by itself; see Persistence in the runbook (deploy/docs/pages/run-it/runbook.md)"
)


async def note_erased(client: Client) -> None:
    """Something was erased: the server's files are to be rewritten."""
    await client.hincrby(keys.ERASED, "erased", 1)


@dataclass(frozen=True)
class _Count:
    """How many erasures there were, and how many of them the files no longer hold.

    began: how many there were when the rewrite began that nobody has seen end yet.
    """

    erased: int
    done: int
    began: int | None
    once_more_at: int | None

    @classmethod
    def read(cls, kept: Mapping[Any, Any]) -> Self:
        began, again = kept.get("began"), kept.get("once_more_at")
        return cls(
            erased=int(kept.get("erased", 0)),
            # A server that we never had rewrite its files may hold what earlier versions erased.
            done=int(kept.get("done", -1)),
            began=None if began is None else int(began),
            once_more_at=None if again is None else int(again),
        )

    def is_due(self, now: datetime) -> bool:
        again = self.once_more_at
        return self.erased > self.done or (again is not None and again <= keys.timestamp(now))


class ServerFiles:
    """Has the files rewritten. Any number of workers may ask for it at once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._take_turn = client.register_script(TAKE_TURN)
        self._refused = False

    async def rewrite(self, now: datetime) -> int:
        """Begin a rewrite if one is due and none runs; how many were begun."""
        count = _Count.read(await self._client.hgetall(keys.ERASED))
        if self._refused or not (count.began is not None or count.is_due(now)):
            return 0
        about = await self._about_files()
        if any(int(node.get(name) or 0) for node in about for name in RUNNING):
            return 0
        if count.began is not None:
            count = await self._ended(count, about)
        pause = PAUSE // timedelta(microseconds=1)
        if not count.is_due(now) or not await self._take_turn(
            keys=[keys.ERASED], args=[keys.timestamp(now), pause]
        ):
            return 0
        return await self._begin(count, now, about)

    async def _ended(self, count: _Count, about: list[dict[str, Any]]) -> _Count:
        """The rewrite that we began is over; one that failed is due again."""
        # Of what was not asked for, an old failure may stand there for ever.
        asked = {APPENDED: self._appends(about), SNAPSHOT: await self._takes_snapshots()}
        if any(node.get(name, "ok") != "ok" for node in about for name, ours in asked.items() if ours):
            log.warning("the state store could not rewrite its files; trying again")
        else:
            await self._client.hset(keys.ERASED, "done", str(count.began))
        await self._client.hdel(keys.ERASED, "began")
        return _Count.read(await self._client.hgetall(keys.ERASED))

    async def _begin(self, count: _Count, now: datetime, about: list[dict[str, Any]]) -> int:
        try:
            await self._ask_server(about)
        except NoPermissionError:
            return self._give_up("this user has no right to")
        except ResponseError as exc:
            if "in progress" in str(exc).lower():
                # It began one by itself between our two questions; ours comes after that.
                return 0
            return self._give_up("it does not know the command")
        if count.erased > count.done:
            again = keys.timestamp(now + ONCE_MORE_AFTER)
            await self._client.hset(keys.ERASED, mapping={"began": count.erased, "once_more_at": again})
        else:
            await self._client.hdel(keys.ERASED, "once_more_at")
        return 1

    async def _ask_server(self, about: list[dict[str, Any]]) -> None:
        if self._appends(about):
            await self._everywhere("BGREWRITEAOF")
        if await self._takes_snapshots():
            await self._everywhere("BGSAVE", "SCHEDULE")

    def _appends(self, about: list[dict[str, Any]]) -> bool:
        # Where the server does not say, it is likely to append.
        return any(int(node.get("aof_enabled", 1)) for node in about)

    async def _takes_snapshots(self) -> bool:
        try:
            found: dict[Any, Any] = dict(await self._client.config_get("save"))
        except (NoPermissionError, ResponseError):
            return False
        return bool(found.get("save"))

    async def _about_files(self) -> list[dict[str, Any]]:
        """What each node says about its files; nothing where this user may not ask."""
        try:
            answer: dict[str, Any] = await self._everywhere("INFO", "persistence")
        except NoPermissionError:
            return [{}]
        return list(answer.values()) if isinstance(self._client, RedisCluster) else [answer]

    async def _everywhere(self, *command: str) -> Any:
        client: Any = self._client
        if isinstance(client, RedisCluster):
            return await client.execute_command(*command, target_nodes=RedisCluster.ALL_NODES)
        return await client.execute_command(*command)

    def _give_up(self, why: str) -> int:
        self._refused = True
        log.warning(REFUSED, why)
        return 0
