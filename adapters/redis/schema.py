"""The version of what is kept: a newer program changes older state, an older one leaves newer state alone.

`keys.SCHEMA` is a hash: `version`, and while somebody changes the state, who does (`changing`) and until when
they are counted on (`till`). State without it is of version 0: what 0.1.0 and 0.2.0 wrote.

Most changes need nothing here, for documents of older versions are read as they are (a field with a default).
What does is a function in `MIGRATIONS`, under the version that it leads to: safe to run twice and to be
broken off anywhere, and written for state of the version before. No other process of ours writes meanwhile.

Reads:  the version. Gives:  the state as this program keeps it, or StoreError with a sentence.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

from redis.exceptions import NoPermissionError

from adapters.redis import keys
from adapters.redis.connection import Client
from adapters.redis.errors import maps_errors
from adapters.redis.server_files import note_erased
from bot.domain.errors import StoreError

log = logging.getLogger(__name__)

TOO_NEW = (
    "The state was written by a newer version of Accord (its form is {found}, this version reads up to "
    "{known}). Update Accord."
)
UNFINISHED = (
    "A backup was being put back here and that was broken off. Run accord restore again, with the same file."
)
TURN_S = 30
LOOK_EVERY_S = 0.5

# KEYS: schema. ARGV: who asks, for how many seconds. Gives 1 to the one who has the turn.
TAKE_TURN = """
local now = tonumber(redis.call('TIME')[1])
local who, till = redis.call('HGET', KEYS[1], 'changing'), redis.call('HGET', KEYS[1], 'till')
if who and who ~= ARGV[1] and tonumber(till) > now then
  return 0
end
redis.call('HSET', KEYS[1], 'changing', ARGV[1], 'till', now + tonumber(ARGV[2]))
return 1
"""
# KEYS: schema. ARGV: who believes to have the turn, the version that was changed, the one that it is now.
# One who was stopped for longer than a turn takes back nothing of what the next one did. Gives 1 if so.
SET_VERSION = """
local there = tonumber(redis.call('HGET', KEYS[1], 'version') or '0')
if redis.call('HGET', KEYS[1], 'changing') ~= ARGV[1] or there ~= tonumber(ARGV[2]) then
  return 0
end
redis.call('HSET', KEYS[1], 'version', ARGV[3])
return 1
"""
# KEYS: schema. ARGV: who had the turn.
END_TURN = """
if redis.call('HGET', KEYS[1], 'changing') == ARGV[1] then
  redis.call('HDEL', KEYS[1], 'changing', 'till')
end
"""


async def _drop_wishes(client: Client) -> None:
    """1: what 0.1.0 kept of members' wishes about learning has had no use since, and is about people."""
    try:
        async for key in client.scan_iter(match=keys.OLD_LEARNING, count=1_000):
            await client.unlink(key)
            await note_erased(client)
    except NoPermissionError:
        log.warning("the state store's user may not scan for %s; delete those keys once", keys.OLD_LEARNING)


Migration = Callable[[Client], Awaitable[None]]

MIGRATIONS: Mapping[int, Migration] = {1: _drop_wishes}
"""By the version that each leads to, without gaps. The largest is this program's."""


def known(migrations: Mapping[int, Migration] = MIGRATIONS) -> int:
    """The version of what this program keeps."""
    return max(migrations)


@maps_errors
async def check(client: Client, migrations: Mapping[int, Migration] = MIGRATIONS) -> int:
    """The version of what is kept. Raises StoreError where this program must leave it alone."""
    if await client.exists(keys.RESTORING):
        raise StoreError(UNFINISHED)
    found = await _version(client)
    if found > known(migrations):
        raise StoreError(TOO_NEW, found=found, known=known(migrations))
    return found


async def _version(client: Any) -> int:
    return int(await client.hget(keys.SCHEMA, "version") or 0)


@maps_errors
async def bring_up_to_date(client: Client, migrations: Mapping[int, Migration] = MIGRATIONS) -> None:
    """Change what is kept into what this program keeps; one process does, the others wait for it.

    Raises StoreError as `check` does.
    """
    me = uuid4().hex
    while (found := await check(client, migrations)) < known(migrations):
        if not await _take_turn(client, me):
            await asyncio.sleep(LOOK_EVERY_S)
            continue
        async with _turn_held(client, me):
            # Somebody may have been here between our look and our turn.
            if await _version(client) == found:
                await _step(client, me, found + 1, migrations)


async def _step(client: Client, me: str, version: int, migrations: Mapping[int, Migration]) -> None:
    await migrations[version](client)
    set_version = client.register_script(SET_VERSION)
    if await set_version(keys=[keys.SCHEMA], args=[me, version - 1, version]):
        log.info("the state is of version %d now", version)


async def _take_turn(client: Client, me: str) -> bool:
    return bool(await client.register_script(TAKE_TURN)(keys=[keys.SCHEMA], args=[me, TURN_S]))


@asynccontextmanager
async def _turn_held(client: Client, me: str) -> AsyncIterator[None]:
    """Our turn, for as long as the context lasts: one who dies loses it after TURN_S."""
    holding = asyncio.create_task(_hold(client, me))
    try:
        yield
    finally:
        holding.cancel()
        with suppress(asyncio.CancelledError):
            await holding
        await client.register_script(END_TURN)(keys=[keys.SCHEMA], args=[me])


async def _hold(client: Client, me: str) -> None:
    while True:
        await asyncio.sleep(TURN_S / 3)
        await _take_turn(client, me)
