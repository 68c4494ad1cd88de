"""`LiveFeed`: what open pages hear."""

import asyncio
from datetime import UTC, datetime

from bot.domain.deliberation import Phase
from bot.service.ports.live import Answered, DeadlineMoved, Drafting, PhaseChanged, Rated
from tests.bell import PATIENCE_S

EVENTS = [
    Answered(count=1),
    Rated(count=1),
    Drafting(stage="draft", done=1, total=16),
    PhaseChanged(phase=Phase.RATING),
    PhaseChanged(phase=Phase.MEDIATING, failed=True),
    DeadlineMoved(until=datetime(2026, 11, 23, 12, 0, 0, 5, tzinfo=UTC)),
]


async def next_of(events, many):
    async with asyncio.timeout(PATIENCE_S):
        return [await anext(events) for _ in range(many)]


async def test_everybody_who_listens_hears_every_event_in_order(feeds):
    here, there = feeds
    async with here.subscribe("d1") as one, here.subscribe("d1") as two, there.subscribe("d1") as three:
        for event in EVENTS:
            await there.publish("d1", event)
        for events in (one, two, three):
            assert await next_of(events, len(EVENTS)) == EVENTS


async def test_other_deliberations_are_not_heard(feeds):
    here, there = feeds
    async with here.subscribe("d1") as events, here.subscribe("d2") as others:
        await there.publish("d2", Answered(count=7))
        await there.publish("d1", Answered(count=1))
        assert await next_of(events, 1) == [Answered(count=1)]
        assert await next_of(others, 1) == [Answered(count=7)]


async def test_what_was_told_before_is_not_heard(feeds):
    here, there = feeds
    await there.publish("d1", Answered(count=1))
    async with here.subscribe("d1") as events:
        await there.publish("d1", Answered(count=2))
        assert await next_of(events, 1) == [Answered(count=2)]


async def test_when_one_page_closes_the_others_go_on(feeds):
    here, there = feeds
    async with here.subscribe("d1") as events:
        async with here.subscribe("d1"):
            pass
        await there.publish("d1", Answered(count=1))
        assert await next_of(events, 1) == [Answered(count=1)]


async def test_pages_can_be_opened_again_after_all_were_closed(feeds):
    here, there = feeds
    for count in range(3):
        async with here.subscribe("d1") as events:
            await there.publish("d1", Answered(count=count))
            assert await next_of(events, 1) == [Answered(count=count)]


async def test_telling_nobody_is_fine(feeds):
    await feeds[0].publish("d1", Answered(count=1))
