"""Live pages: what a stream tells, to whom, and how it ends."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from adapters.web import live, serving
from adapters.web.config import WebConfig
from adapters.web.live import until
from bot.domain.actors import Actor
from bot.domain.commands import Extend
from bot.domain.deliberation import Phase
from bot.service.dispatch import dispatch
from bot.service.ports.live import Answered, AnyLiveEvent, Drafting
from tests.bell import PATIENCE_S
from tests.web_house import House, make_house


async def _events(response: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    name = ""
    # An event that never comes fails a test instead of holding it up.
    while line := await asyncio.wait_for(response.content.readline(), timeout=PATIENCE_S):
        text = line.decode().strip()
        if text.startswith("event: "):
            name = text.removeprefix("event: ")
        elif text.startswith("data: "):
            yield name, json.loads(text.removeprefix("data: "))


async def test_a_stream_begins_with_how_things_stand_and_goes_on(house: House) -> None:
    deliberation = await house.ask(quorum=2)
    watcher, other = await house.visitor(deliberation), await house.visitor(deliberation)
    async with watcher.client.get(f"/d/{deliberation.id}/events") as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        events = _events(response)
        assert await anext(events) == (
            "phase",
            {"phase": "opinions", "failed": False, "round": 1, "edition": 1},
        )
        assert await anext(events) == ("answered", {"count": 0})
        await other.send(f"/d/{deliberation.id}/opinion", {"opinion": "One."})
        assert await anext(events) == ("answered", {"count": 1})
        progress = Drafting(stage="score", done=3, total=16)
        await house.live.publish(deliberation.id, progress)
        told = {"stage": "score", "done": 3, "total": 16, "tokens": 0, "waiting": False}
        assert await anext(events) == ("drafting", told)
        watching = await house.visitor(deliberation)
        await watching.send(f"/d/{deliberation.id}/opinion", {"opinion": "Two."})
        assert await anext(events) == ("answered", {"count": 2})
        assert await anext(events) == (
            "phase",
            {"phase": "mediating", "failed": False, "round": 1, "edition": 1},
        )
    assert (await house.deliberations.load(deliberation.id)).phase is Phase.MEDIATING


async def test_a_stream_tells_until_when_it_is_open_and_when_that_moves(house: House) -> None:
    first, later = house.clock.now() + timedelta(hours=1), house.clock.now() + timedelta(hours=5)
    deliberation = await house.ask(closes_at=first)
    watcher = await house.visitor(deliberation)
    async with watcher.client.get(f"/d/{deliberation.id}/events") as response:
        events = _events(response)
        told = [await anext(events) for _ in range(3)]
        assert told[-1] == ("deadline", {"until": f"{first:%Y-%m-%dT%H:%M:%SZ}"})
        await dispatch(Extend(Actor("web", "asker"), deliberation.id, later), house.ports)
        assert await anext(events) == ("deadline", {"until": f"{later:%Y-%m-%dT%H:%M:%SZ}"})


async def test_streams_end_at_once_when_the_site_stops(
    config: WebConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "SHUTDOWN_S", 10 * PATIENCE_S)  # else it would end them itself
    house = await make_house(config)
    deliberation = await house.ask()
    watcher = await house.visitor(deliberation)
    async with watcher.client.get(f"/d/{deliberation.id}/events") as response:
        events = _events(response)
        await anext(events)
        await anext(events)
        await asyncio.wait_for(house.server.close(), timeout=PATIENCE_S)
        assert [event async for event in events] == []
    await house.close()


async def test_a_stranger_sees_no_stream(house: House) -> None:
    deliberation = await house.ask()
    stranger = house.somebody()
    await stranger.open(f"/d/{deliberation.id}/events")
    assert stranger.status == 403


async def test_more_streams_than_there_is_room_for_are_told_to_come_back(config: WebConfig) -> None:
    house = await make_house(replace(config, streams_per_client=1))
    deliberation = await house.ask()
    first, second = await house.visitor(deliberation), await house.visitor(deliberation)
    async with first.client.get(f"/d/{deliberation.id}/events") as response:
        assert response.status == 200
        await second.open(f"/d/{deliberation.id}/events")
        assert second.status == 503
        assert second.headers["Retry-After"] == "60"
    await house.close()


async def test_a_page_without_a_stream_can_ask_how_things_stand(house: House) -> None:
    deliberation, people = await house.until_rating(2)
    await people[0].open(f"/d/{deliberation.id}")
    await people[0].send(f"/d/{deliberation.id}/rating", {"rating": "6"})
    until = f"{deliberation.rating_closes_at:%Y-%m-%dT%H:%M:%SZ}"
    assert json.loads(await people[1].open(f"/d/{deliberation.id}/now")) == [
        {"event": "phase", "phase": "rating", "failed": False, "round": 1, "edition": 1},
        {"event": "answered", "count": 2},
        {"event": "rated", "count": 1},
        {"event": "deadline", "until": until},
    ]
    async with people[1].client.get(f"/d/{deliberation.id}/events") as response:
        events = _events(response)
        assert [await anext(events) for _ in range(3)] == [
            ("phase", {"phase": "rating", "failed": False, "round": 1, "edition": 1}),
            ("answered", {"count": 2}),
            ("rated", {"count": 1}),
        ]
    stranger = house.somebody()
    await stranger.open(f"/d/{deliberation.id}/now")
    assert stranger.status == 403


async def test_a_quiet_stream_stays_open_by_saying_nothing_now_and_then() -> None:
    stopping = asyncio.Event()
    queue: asyncio.Queue[AnyLiveEvent] = asyncio.Queue()

    async def feed() -> AsyncIterator[AnyLiveEvent]:
        while True:
            yield await queue.get()

    seen = []
    async for happened in until(feed(), stopping, heartbeat_s=0.01):
        seen.append(happened)
        if len(seen) == 2:
            queue.put_nowait(Answered(count=1))
        if happened is not None:
            stopping.set()
    assert seen[:2] == [None, None]
    assert seen[-1] == Answered(count=1)


async def test_a_feed_that_ends_ends_the_stream() -> None:
    async def feed() -> AsyncIterator[AnyLiveEvent]:
        yield Answered(count=1)

    assert [event async for event in until(feed(), asyncio.Event(), 1.0)] == [Answered(count=1)]


async def test_a_reader_who_leaves_makes_room(config: WebConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_S", 0.02)
    house = await make_house(replace(config, streams_per_client=1))
    deliberation = await house.ask()
    first, second = await house.visitor(deliberation), await house.visitor(deliberation)
    async with first.client.get(f"/d/{deliberation.id}/events") as response:
        await anext(_events(response))
    for _ in range(1_000):
        await asyncio.sleep(0.05)
        async with second.client.get(f"/d/{deliberation.id}/events") as response:
            if response.status == 200:
                break
    assert response.status == 200
    await house.close()
