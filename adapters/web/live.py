"""Live pages: server-sent events.

Reads:  `ports.live`, for whoever may see the question.
Gives:  counts, drafting progress and phase changes; never an opinion or a name (no live event holds any).
A stream ends when its reader leaves (the next write shows it, at the latest the heartbeat's), and at once
when the site stops. What was missed is no harm: the first events of every stream are how things stand.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

from aiohttp import web

from adapters.web.guards import Refusal
from adapters.web.limits import client_of
from adapters.web.site import Site, require_session, site_of, visible
from bot.domain.deliberation import Deliberation
from bot.errors import BotError
from bot.ports import Answered, AnyLiveEvent, Drafting, PhaseChanged, Rated

log = logging.getLogger(__name__)
routes = web.RouteTableDef()

HEARTBEAT_S = 20.0
RECONNECT_MS = 3_000
NAMES: dict[type[AnyLiveEvent], str] = {
    Answered: "answered",
    Rated: "rated",
    Drafting: "drafting",
    PhaseChanged: "phase",
}


@routes.get("/d/{id}/events", allow_head=False)
async def events(request: web.Request) -> web.StreamResponse:
    """Everything that happens to one question, as it happens."""
    site = site_of(request)
    deliberation = await visible(request, require_session(request))
    with site.streams.one(client_of(request, site.config)) as free:
        if not free:
            raise Refusal(
                503,
                "Too many open pages",
                "Too many pages are watching at once. Reload this one now and then instead.",
                retry_after_s=60,
            )
        return await _stream(request, deliberation, site)


async def _stream(request: web.Request, deliberation: Deliberation, site: Site) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)
    try:
        async with site.ports.live.subscribe(deliberation.id) as feed:
            await response.write(f"retry: {RECONNECT_MS}\n\n".encode())
            for event in await _standing(deliberation.id, site):
                await response.write(encoded(event))
            async for happened in until(feed, site.stopping, HEARTBEAT_S):
                await response.write(encoded(happened) if happened else b": still here\n\n")
    except ConnectionResetError:
        log.debug("a reader left")
    except BotError:
        # Headers are out already, so there can be no error page: the reader's browser tries again.
        log.warning("a live page ended early", exc_info=True)
    return response


async def _standing(deliberation_id: str, site: Site) -> list[AnyLiveEvent]:
    """How things stand; loaded after subscribing, so that nothing falls between."""
    store = site.ports.store
    deliberation = await store.load(deliberation_id)
    return [
        PhaseChanged(phase=deliberation.phase, failed=deliberation.failure is not None),
        Answered(count=await store.opinion_count(deliberation_id)),
    ]


async def until(
    feed: AsyncIterator[AnyLiveEvent], stopping: asyncio.Event, heartbeat_s: float
) -> AsyncIterator[AnyLiveEvent | None]:
    """The feed's events, None whenever nothing happened for a while, and an end when `stopping` is set."""
    stop = asyncio.ensure_future(stopping.wait())
    event = asyncio.ensure_future(anext(feed, None))
    try:
        while True:
            await asyncio.wait({stop, event}, timeout=heartbeat_s, return_when=asyncio.FIRST_COMPLETED)
            if stop.done():
                return
            if not event.done():
                yield None
                continue
            if (happened := event.result()) is None:
                return
            yield happened
            event = asyncio.ensure_future(anext(feed, None))
    finally:
        # The feed is closed only after its pending read has really ended.
        for task in (stop, event):
            task.cancel()
        await asyncio.gather(stop, event, return_exceptions=True)


def encoded(event: AnyLiveEvent) -> bytes:
    """One event in the form that EventSource reads."""
    return f"event: {NAMES[type(event)]}\ndata: {json.dumps(event.model_dump(mode='json'))}\n\n".encode()
