"""Where state is kept: the configured server, or an embedded one for as long as it is needed.

Reads:  settings of state.
Gives:  an address, and every port over it, to the other modules here.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from typing import TYPE_CHECKING

from bot.bootstrap.secret_keys import secret_keys
from bot.bootstrap.settings import StateSettings, read_settings
from bot.bootstrap.terminal_progress import waiting_for
from bot.domain.actors import Pseudonyms
from bot.ops import logs
from bot.service.ports import Ports
from bot.service.ports.platform import ChatPlatform

if TYPE_CHECKING:
    from adapters.redis.connection import Client

log = logging.getLogger(__name__)

CANCEL_EVERY_S = 1.0


@asynccontextmanager
async def state_url(
    state: StateSettings, *, to_serve: bool = False, as_it_is: bool = False
) -> AsyncIterator[str]:
    """Where state is kept: the configured server, or the embedded one for as long as we need it.

    to_serve: for a process that goes on running: somebody at the terminal is told that they wait for it, and
        state of an older version is changed into this one's. as_it_is: whatever is kept there, not looked at.

    Raises StoreError where the state is a newer version's, or was only half put back from a backup.
    """
    async with _server(state, telling=to_serve) as url:
        if not as_it_is:
            await _usable(url, to_serve=to_serve)
        yield url


async def _usable(url: str, *, to_serve: bool) -> None:
    from adapters.redis.schema import bring_up_to_date, check

    async with connected(url) as client:
        if to_serve:
            await bring_up_to_date(client)
        else:
            await check(client)


@asynccontextmanager
async def _server(state: StateSettings, *, telling: bool) -> AsyncIterator[str]:
    """telling: whether somebody at the terminal waits for it, and is told so."""
    if state.redis_url is not None:
        yield state.redis_url.get_secret_value()
        return
    from adapters.redis.embedded import EmbeddedServer
    from adapters.redis.supervision import supervised

    async with AsyncExitStack() as stack:
        listening = stack.enter_context(_cancelled_by_sigterm())
        with waiting_for("Starting the embedded server") if telling else nullcontext():
            url = await stack.enter_async_context(supervised(EmbeddedServer(state.data_dir)))
        # From then on the server is being stopped, and nothing is to break that off.
        stack.callback(listening.clear)
        yield url


@contextmanager
def _cancelled_by_sigterm() -> Iterator[asyncio.Event]:
    """Told to end before anybody listens for it, this task is cancelled, so that it stops what it started.

    Only where SIGTERM would end the process at once: whoever set something else, before or later, has it.
    Gives an event that is set for as long as it shall be so.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    listening = asyncio.Event()
    listening.set()

    def end() -> None:
        # Again and again: on Python 3.11 a cancellation gets lost now and then (`adapters.jobs.steps`).
        if task is not None and listening.is_set():
            task.cancel()
            loop.call_later(CANCEL_EVERY_S, end)

    in_main = threading.current_thread() is threading.main_thread()
    if in_main and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        loop.add_signal_handler(signal.SIGTERM, end)
    try:
        yield listening
    finally:
        listening.clear()


@asynccontextmanager
async def connected(url: str) -> AsyncIterator["Client"]:
    """A client of the server for as long as it is needed."""
    from adapters.redis.connection import connect

    client = await connect(url)
    try:
        yield client
    finally:
        await client.aclose()


async def warn_of_weaknesses(url: str) -> None:
    """Once, at the start, in the log: what the server's settings may lose of what members give."""
    from adapters.redis.connection import weaknesses

    async with connected(url) as client:
        for weak in await weaknesses(client):
            log.warning("the state store may lose what members give: %s", weak)


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


@asynccontextmanager
async def ports_of_command() -> AsyncIterator[Ports]:
    """Every port over the configured state, for a command that writes to no chat platform; a quiet log."""
    settings = read_settings()
    logs.configure("WARNING")
    async with (
        state_url(settings.state) as url,
        ports_over(url, secret_keys(settings.state), {}) as ports,
    ):
        yield ports
