"""Where state is kept: the configured server, or an embedded one for as long as it is needed.

Reads:  `StateSettings`.
Gives:  an address, and every port over it, to the other modules here.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.domain.actors import Pseudonyms
from bot.ports import ChatPlatform, Ports
from bot.settings import StateSettings

if TYPE_CHECKING:
    from adapters.redis.connection import Client


@asynccontextmanager
async def state_url(state: StateSettings) -> AsyncIterator[str]:
    """Where state is kept: the configured server, or the embedded one for as long as we need it."""
    if state.redis_url is not None:
        yield state.redis_url.get_secret_value()
        return
    from adapters.redis.embedded import EmbeddedServer

    server = EmbeddedServer(state.data_dir)
    url = await asyncio.to_thread(server.start)
    try:
        yield url
    finally:
        await asyncio.to_thread(server.stop)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator["Client"]:
    """A client of the server for as long as it is needed."""
    from adapters.redis.connection import connect

    client = await connect(url)
    try:
        yield client
    finally:
        await client.aclose()


@asynccontextmanager
async def ports_over(url: str, secret: str, platforms: Mapping[str, ChatPlatform]) -> AsyncIterator[Ports]:
    """Every port over one server."""
    from adapters.clock import SystemClock
    from adapters.jobs.queue import StreaqJobQueue
    from adapters.redis.feedback import RedisFeedbackLog
    from adapters.redis.library import RedisLibrary
    from adapters.redis.live import RedisLiveFeed
    from adapters.redis.store import RedisStore

    async with connected(url) as client, StreaqJobQueue(url) as jobs:
        yield Ports(
            store=RedisStore(client),
            feedback=RedisFeedbackLog(client),
            library=RedisLibrary(client),
            jobs=jobs,
            clock=SystemClock(),
            live=RedisLiveFeed(client),
            pseudonyms=Pseudonyms(secret),
            platforms=platforms,
        )
