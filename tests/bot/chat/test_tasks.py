"""Work that goes on after a platform has been answered."""

import asyncio

import pytest

from bot.chat import tasks
from bot.chat.tasks import Tasks


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "STOPPING_S", 0.05)


async def test_what_is_under_way_is_finished() -> None:
    under_way, done = Tasks(), asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0.01)
        done.set()

    under_way.start(work())
    await under_way.finish()

    assert done.is_set()


async def test_what_takes_too_long_has_ended_once_finish_returns(impatient: None) -> None:
    under_way, ended = Tasks(), asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)  # such as giving a connection back
            ended.set()

    under_way.start(work())
    await under_way.finish()

    assert ended.is_set()


async def test_a_listener_counts_as_work_under_way() -> None:
    under_way, done = Tasks(), asyncio.Event()

    async def listener(what: str) -> None:
        await asyncio.sleep(0.01)
        done.set()

    listening = asyncio.create_task(under_way.watched(listener)("something"))
    await asyncio.sleep(0)
    await under_way.finish()

    assert done.is_set()
    await listening
