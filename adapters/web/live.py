"""Live pages: server-sent events.

Reads:  what happens to a question (`halls`), for whoever may see it.
Gives:  counts, drafting progress, moved deadlines and phase changes; never an opinion or a name (no live
        event holds any).
A stream ends when its reader leaves (the next write shows it, at the latest the heartbeat's), when its reader
may not see the question any more, and at once when the site stops. Whether they may is asked before each
change of phase and each heartbeat, and between these at most once a second: a hall watches. Whoever ends a
link or a session tells the phase once more (`nudge`), so that its streams end at once. What was missed is no
harm: the first events of every stream are how things stand.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from typing import TypeVar

from aiohttp import web

from adapters.web.access import still_sees
from adapters.web.halls import NAMES, encoded
from adapters.web.limits import client_of
from adapters.web.middleware import Refusal
from adapters.web.page_context import Site, site_of, visible
from adapters.web.sessions import Session
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import BotError, UnknownDeliberationError
from bot.ops import metrics
from bot.service.ports.live import Answered, AnyLiveEvent, DeadlineMoved, Rated
from bot.service.transitions import phase_of
from bot.service.turnout import rater_count
from bot.wording import page_lines

log = logging.getLogger(__name__)
routes = web.RouteTableDef()

T = TypeVar("T")

HEARTBEAT_S = 20.0
# An event rather than a comment, so that the page's script hears it too.
BEAT = b"event: beat\ndata: {}\n\n"
LOOK_AGAIN_S = 1.0
RECONNECT_MS = 3_000


@routes.get("/d/{id}/events", allow_head=False)
async def events(request: web.Request) -> web.StreamResponse:
    """Everything that happens to one question, as it happens."""
    site = site_of(request)
    session, deliberation = await visible(request)
    with site.streams.one(client_of(request, site.config), session.id) as free:
        if not free:
            metrics.REFUSED.labels("streams").inc()
            raise Refusal(503, *page_lines.TOO_MANY_PAGES, retry_after_s=60)
        return await _stream(request, session, deliberation, site)


@routes.get("/d/{id}/now", allow_head=False)
async def now(request: web.Request) -> web.Response:
    """What a stream would begin with, for a page that gets none."""
    _, deliberation = await visible(request)
    standing = await _standing(deliberation.id, site_of(request))
    return web.json_response(
        [{"event": NAMES[type(each)]} | each.model_dump(mode="json") for each in standing]
    )


async def nudge(deliberation_id: str, site: Site) -> None:
    """Have every open page of a question ask whether it may still be seen."""
    try:
        deliberation = await site.ports.deliberations.load(deliberation_id)
    except UnknownDeliberationError:
        return
    await site.ports.live.publish(deliberation_id, phase_of(deliberation))


async def _stream(
    request: web.Request, session: Session, deliberation: Deliberation, site: Site
) -> web.StreamResponse:
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)
    try:
        async with site.halls.watch(deliberation.id) as feed:
            await response.write(f"retry: {RECONNECT_MS}\n\n".encode())
            for event in await _standing(deliberation.id, site):
                await response.write(encoded(event))
            looked_at = time.monotonic()
            async for happened in until(feed, site.stopping, HEARTBEAT_S):
                is_time = time.monotonic() - looked_at > LOOK_AGAIN_S
                if is_time or happened is None or happened.moved_on:
                    looked_at = time.monotonic()
                    if not await still_sees(session, deliberation, site.access, site.now):
                        break
                await response.write(happened.chunk if happened else BEAT)
    except ConnectionResetError:
        log.debug("a reader left")
    except BotError:
        # Headers are out already, so there can be no error page: the reader's browser tries again.
        log.warning("a live page ended early", exc_info=True)
    return response


async def _standing(deliberation_id: str, site: Site) -> list[AnyLiveEvent]:
    """How things stand; loaded after subscribing, so that nothing falls between."""
    ports = site.ports
    deliberation = await ports.deliberations.load(deliberation_id)
    standing: list[AnyLiveEvent] = [
        phase_of(deliberation),
        Answered(count=await ports.contributions.opinion_count(deliberation_id)),
    ]
    if deliberation.phase is Phase.RATING:
        standing.append(Rated(count=await rater_count(deliberation, ports)))
    if deliberation.open_until is not None:
        standing.append(DeadlineMoved(until=deliberation.open_until))
    return standing


async def until(
    feed: AsyncIterator[T], stopping: asyncio.Event, heartbeat_s: float
) -> AsyncIterator[T | None]:
    """What the feed gives, None whenever nothing happened for a while, and an end when `stopping` is set."""
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
