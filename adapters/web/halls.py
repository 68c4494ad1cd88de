"""Everybody here who watches one question: what happens is heard once and written out once for all of them.

Reads:  `ports.live`, one subscription for each question that is watched.
Gives:  to each page the same bytes. Of what comes faster than a page can show, the newest of each kind is
told: counts and progress replace each other, and so do phases, of which a page needs the last.
A page that does not keep up is let go: its browser comes back, and begins with how things stand.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from bot.domain.errors import BotError
from bot.service.ports.live import (
    Answered,
    AnyLiveEvent,
    DeadlineMoved,
    Drafting,
    LiveFeed,
    PhaseChanged,
    Rated,
)

log = logging.getLogger(__name__)

NAMES: dict[type[AnyLiveEvent], str] = {
    Answered: "answered",
    Rated: "rated",
    Drafting: "drafting",
    PhaseChanged: "phase",
    DeadlineMoved: "deadline",
}
# Pages are told at most so often, and at once of what comes after a while.
BETWEEN_S = 0.25
# What waits for one page.
WAITING = 100


class Told(NamedTuple):
    """What pages are told at one moment, as they read it; moved_on: whether a phase is in it."""

    chunk: bytes
    moved_on: bool


def encoded(event: AnyLiveEvent) -> bytes:
    """One event in the form that EventSource reads."""
    return f"event: {NAMES[type(event)]}\ndata: {json.dumps(event.model_dump(mode='json'))}\n\n".encode()


class Halls:
    """The watched questions of one process."""

    def __init__(self, live: LiveFeed) -> None:
        self._live = live
        self._halls: dict[str, _Hall] = {}

    @asynccontextmanager
    async def watch(self, deliberation_id: str) -> AsyncIterator[AsyncIterator[Told]]:
        """Everything that happens after entering; an end when it cannot be heard any more.

        Raises StoreError where it cannot be heard now.
        """
        hall = self._halls.get(deliberation_id)
        if hall is None or hall.listening.done():
            hall = self._halls[deliberation_id] = _Hall(self._live, deliberation_id)
        page: asyncio.Queue[Told | None] = asyncio.Queue(WAITING)
        hall.pages.add(page)
        try:
            await asyncio.shield(hall.is_open)
            yield _told(page)
        finally:
            hall.pages.discard(page)
            if not hall.pages:
                if self._halls.get(deliberation_id) is hall:
                    del self._halls[deliberation_id]
                await hall.close()


async def _told(page: asyncio.Queue[Told | None]) -> AsyncIterator[Told]:
    while (told := await page.get()) is not None:
        yield told


class _Hall:
    """Those who watch one question."""

    def __init__(self, live: LiveFeed, deliberation_id: str) -> None:
        self.pages: set[asyncio.Queue[Told | None]] = set()
        loop = asyncio.get_running_loop()
        self.is_open: asyncio.Future[None] = loop.create_future()
        self._newest: dict[tuple[type[AnyLiveEvent], str], AnyLiveEvent] = {}
        self._told_at = -BETWEEN_S
        self._telling: asyncio.TimerHandle | None = None
        self.listening = asyncio.create_task(self._listen(live, deliberation_id))

    async def close(self) -> None:
        """Hear no more."""
        if self._telling:
            self._telling.cancel()
        self.listening.cancel()
        await asyncio.gather(self.listening, return_exceptions=True)

    async def _listen(self, live: LiveFeed, deliberation_id: str) -> None:
        try:
            async with live.subscribe(deliberation_id) as feed:
                self.is_open.set_result(None)
                async for event in feed:
                    self._hear(event)
        except BotError as exc:
            if self.is_open.done():
                log.warning("live pages of a question ended early", exc_info=True)
            else:
                self.is_open.set_exception(exc)
        finally:
            for page in self.pages:
                _let_go(page)

    def _hear(self, event: AnyLiveEvent) -> None:
        kind = type(event), event.stage if isinstance(event, Drafting) else ""
        self._newest.pop(kind, None)  # so that what came last is told last
        self._newest[kind] = event
        if self._telling is None:
            loop = asyncio.get_running_loop()
            wait_s = self._told_at + BETWEEN_S - loop.time()
            if wait_s > 0:
                self._telling = loop.call_later(wait_s, self._tell)
            else:
                self._tell()

    def _tell(self) -> None:
        self._telling = None
        self._told_at = asyncio.get_running_loop().time()
        moved_on = any(isinstance(event, PhaseChanged) for event in self._newest.values())
        told = Told(b"".join(map(encoded, self._newest.values())), moved_on)
        self._newest.clear()
        for page in self.pages:
            if page.full():
                _let_go(page)
            else:
                page.put_nowait(told)


def _let_go(page: asyncio.Queue[Told | None]) -> None:
    """End a page's stream, whatever waits for it."""
    while not page.empty():
        page.get_nowait()
    page.put_nowait(None)
