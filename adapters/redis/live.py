"""Live events between processes, over Redis publish and subscribe: the port `LiveFeed`.

A process listens on one connection for all of its open pages, and only while there are any: it hears
every deliberation's events and passes on those that a page here waits for. An event missed is no harm: a
page that does not keep up loses its oldest ones, and nobody hears what is told while the server is away.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import ValidationError
from redis.exceptions import RedisError

from adapters.redis import keys
from adapters.redis.connection import Client
from adapters.redis.errors import maps_errors
from bot.domain.errors import StoreError
from bot.service.ports.live import Answered, AnyLiveEvent, DeadlineMoved, Drafting, PhaseChanged, Rated

log = logging.getLogger(__name__)

KINDS: dict[str, type[AnyLiveEvent]] = {
    kind.__name__: kind for kind in (Answered, Rated, Drafting, PhaseChanged, DeadlineMoved)
}
# Events that wait for one page.
WAITING = 1_000
READY_WITHIN_S = 10.0
PAUSE_S = 0.5
CANCEL_EVERY_S = 0.1


class RedisLiveFeed:
    """`LiveFeed` over a client from `adapters.redis.connection`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._pages: dict[str, set[asyncio.Queue[AnyLiveEvent]]] = defaultdict(set)
        self._listening = asyncio.Event()
        self._listener: asyncio.Task[None] | None = None

    @maps_errors
    async def publish(self, deliberation_id: str, event: AnyLiveEvent) -> None:
        """Tell everyone who listens now."""
        await self._client.publish(keys.live(deliberation_id), _write(event))

    @asynccontextmanager
    async def subscribe(self, deliberation_id: str) -> AsyncIterator[AsyncIterator[AnyLiveEvent]]:
        """Listen to one deliberation. Raises StoreError when the server does not answer."""
        channel = keys.live(deliberation_id)
        page: asyncio.Queue[AnyLiveEvent] = asyncio.Queue(WAITING)
        self._pages[channel].add(page)
        try:
            await self._ready()
            yield _events(page)
        finally:
            self._pages[channel].discard(page)
            if not self._pages[channel]:
                del self._pages[channel]
            await self._stop_if_nobody_listens()

    async def _ready(self) -> None:
        if self._listener is None:
            self._listening = asyncio.Event()
            self._listener = asyncio.create_task(self._listen(self._listening))
        try:
            await asyncio.wait_for(self._listening.wait(), READY_WITHIN_S)
        except TimeoutError as exc:
            raise StoreError(
                "Live updates are not possible now: the state store does not answer or refuses this user."
            ) from exc

    async def _stop_if_nobody_listens(self) -> None:
        if self._pages or self._listener is None:
            return
        listener, self._listener = self._listener, None
        # Once is not enough: on Python 3.11 `asyncio.wait_for`, which redis-py waits with, loses a
        # cancellation now and then.
        while not listener.done():
            listener.cancel()
            await asyncio.wait([listener], timeout=CANCEL_EVERY_S)

    async def _listen(self, listening: asyncio.Event) -> None:
        while True:
            try:
                await self._pass_on(listening)
            except RedisError as exc:
                log.warning(
                    "live events are interrupted (%s); trying again",
                    type(exc).__name__,
                    extra={"outage": StoreError.outage},
                )
            listening.clear()
            await asyncio.sleep(PAUSE_S)

    async def _pass_on(self, listening: asyncio.Event) -> None:
        async with self._client.pubsub() as pubsub:
            await pubsub.psubscribe(keys.LIVE_PATTERN)
            async for message in pubsub.listen():
                if message["type"] == "psubscribe":
                    listening.set()
                elif message["type"] == "pmessage":
                    self._hand_out(message["channel"], message["data"])

    def _hand_out(self, channel: str, data: str) -> None:
        pages = self._pages.get(channel)
        event = _read(data) if pages else None
        if pages is None or event is None:
            return
        for page in pages:
            if page.full():
                page.get_nowait()
            page.put_nowait(event)


async def _events(page: asyncio.Queue[AnyLiveEvent]) -> AsyncIterator[AnyLiveEvent]:
    while True:
        yield await page.get()


def _write(event: AnyLiveEvent) -> str:
    return f"{type(event).__name__} {event.model_dump_json()}"


def _read(data: str) -> AnyLiveEvent | None:
    """An event, or None for one of a newer version of Accord."""
    name, _, body = data.partition(" ")
    kind = KINDS.get(name)
    try:
        return kind.model_validate_json(body) if kind else None
    except ValidationError:
        return None
