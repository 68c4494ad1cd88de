"""Halls: what happens is written out once for all who watch, and no oftener than a page can show."""

import asyncio

import pytest

from adapters.memory import MemoryLiveFeed
from adapters.web import halls
from adapters.web.halls import Halls, Told, encoded
from bot.domain.deliberation import Phase
from bot.service.ports.live import PhaseChanged, Rated
from tests.bell import PATIENCE_S


async def test_of_what_comes_at_once_every_page_is_told_the_newest_in_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(halls, "BETWEEN_S", 0.01)
    feed = MemoryLiveFeed()
    watched = Halls(feed)
    async with watched.watch("d1") as one, watched.watch("d1") as two, asyncio.timeout(PATIENCE_S):
        for count in range(1, 101):
            await feed.publish("d1", Rated(count=count))
        moved = PhaseChanged(phase=Phase.SETTLED)
        await feed.publish("d1", moved)
        heard = [[await anext(page), await anext(page)] for page in (one, two)]
    newest = encoded(Rated(count=100)) + encoded(moved)
    assert heard[0] == [Told(encoded(Rated(count=1)), moved_on=False), Told(newest, moved_on=True)]
    assert all(mine.chunk is theirs.chunk for mine, theirs in zip(*heard, strict=True))


async def test_a_page_that_does_not_keep_up_is_let_go_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(halls, "BETWEEN_S", 0.0)
    monkeypatch.setattr(halls, "WAITING", 1)
    feed = MemoryLiveFeed()
    watched = Halls(feed)
    async with watched.watch("d1") as slow, watched.watch("d1") as quick, asyncio.timeout(PATIENCE_S):
        for count in (1, 2):
            await feed.publish("d1", Rated(count=count))
            assert await anext(quick) == Told(encoded(Rated(count=count)), moved_on=False)
        assert [told async for told in slow] == []
