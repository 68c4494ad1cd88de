"""Where state is kept: the configured server, or an embedded one for as long as it is needed.

Reads:  `StateSettings`.
Gives:  an address, and every port over it, to the other modules here.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING

from bot.bootstrap.settings import StateSettings
from bot.bootstrap.terminal_progress import waiting_for
from bot.domain.actors import Pseudonyms
from bot.service.ports import Ports
from bot.service.ports.platform import ChatPlatform

if TYPE_CHECKING:
    from adapters.redis.connection import Client


@asynccontextmanager
async def state_url(state: StateSettings, *, telling: bool = False) -> AsyncIterator[str]:
    """Where state is kept: the configured server, or the embedded one for as long as we need it.

    telling: whether somebody at the terminal waits for it, and is told so.
    """
    if state.redis_url is not None:
        yield state.redis_url.get_secret_value()
        return
    from adapters.redis.embedded import EmbeddedServer

    server = EmbeddedServer(state.data_dir)
    with waiting_for("Starting the embedded server") if telling else nullcontext():
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
async def ports_over(
    url: str, secrets: Sequence[str], platforms: Mapping[str, ChatPlatform]
) -> AsyncIterator[Ports]:
    """Every port over one server; the secret keys with the newest first."""
    from adapters.clock import SystemClock
    from adapters.jobs.queue import StreaqJobQueue
    from adapters.redis.feedback import RedisFeedbackLog
    from adapters.redis.library import RedisLibrary
    from adapters.redis.live import RedisLiveFeed
    from adapters.redis.state import redis_state

    async with connected(url) as client, StreaqJobQueue(url) as jobs:
        yield Ports(
            **redis_state(client),
            feedback=RedisFeedbackLog(client),
            library=RedisLibrary(client),
            jobs=jobs,
            clock=SystemClock(),
            live=RedisLiveFeed(client),
            pseudonyms=Pseudonyms(*secrets),
            platforms=platforms,
        )
