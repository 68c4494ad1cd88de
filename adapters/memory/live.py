"""Live events within one process."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.service.ports.live import AnyLiveEvent


class MemoryLiveFeed:
    """`LiveFeed` within one process."""

    def __init__(self) -> None:
        self._pages: dict[str, list[asyncio.Queue[AnyLiveEvent]]] = defaultdict(list)

    async def publish(self, deliberation_id: str, event: AnyLiveEvent) -> None:
        """Tell everyone who listens now."""
        for page in self._pages[deliberation_id]:
            page.put_nowait(event)

    @asynccontextmanager
    async def subscribe(self, deliberation_id: str) -> AsyncIterator[AsyncIterator[AnyLiveEvent]]:
        """Listen to one deliberation."""
        page: asyncio.Queue[AnyLiveEvent] = asyncio.Queue()
        self._pages[deliberation_id].append(page)
        try:
            yield _events(page)
        finally:
            self._pages[deliberation_id].remove(page)


async def _events(page: asyncio.Queue[AnyLiveEvent]) -> AsyncIterator[AnyLiveEvent]:
    while True:
        yield await page.get()
