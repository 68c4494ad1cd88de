"""The in-memory twins that no contract suite covers: jobs, chat and clocks."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from adapters.clock import SystemClock
from adapters.memory import ManualClock, MemoryJobQueue, MemoryPlatform
from bot.domain.deliberation import Deliberation, MessageRef, Step
from bot.domain.errors import PlatformError
from bot.wording.cards import ProgressCard, QuestionCard, ReminderNote

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def cards():
    question = Deliberation(
        id="d1",
        team="t1",
        platform="web",
        channel="c1",
        facilitator="fay",
        question="Should we ban single-use plastics?",
        created_at=NOON,
    )
    return QuestionCard(question, answered=0), ProgressCard(question, done=1, total=16)


async def test_jobs_are_taken_in_order_and_a_waiting_one_is_not_doubled():
    jobs = MemoryJobQueue()
    for step in (Step.CLOSE, Step.MEDIATE, Step.CLOSE):
        await jobs.enqueue(step, "d1")
    await jobs.enqueue(Step.CLOSE, "d2")
    assert jobs.waiting == [(Step.CLOSE, "d1"), (Step.MEDIATE, "d1"), (Step.CLOSE, "d2")]
    assert await jobs.take() == (Step.CLOSE, "d1")
    await jobs.enqueue(Step.CLOSE, "d1")
    assert [await jobs.take() for _ in range(3)] == [
        (Step.MEDIATE, "d1"),
        (Step.CLOSE, "d2"),
        (Step.CLOSE, "d1"),
    ]


async def test_taking_waits_for_a_job():
    jobs = MemoryJobQueue()
    taking = asyncio.create_task(jobs.take())
    await asyncio.sleep(0)
    assert not taking.done()
    await jobs.enqueue(Step.CLOSE, "d1")
    assert await taking == (Step.CLOSE, "d1")


async def test_posting_again_with_the_same_key_gives_the_message_that_is_there(cards):
    platform = MemoryPlatform()
    first = await platform.post("c1", cards[0], key="d1")
    assert await platform.post("c1", cards[1], key="d1") == first
    assert await platform.post("c1", cards[0], key="d2") != first
    assert platform.now_showing("d1") == cards[0]


async def test_a_message_remembers_what_it_showed(cards):
    platform = MemoryPlatform()
    message = await platform.post("c1", cards[0], key="d1")
    await platform.update(message, cards[1])
    assert platform.shown[message] == list(cards)
    assert platform.now_showing("d1") == cards[1]


async def test_a_message_that_was_never_posted_cannot_be_updated(cards):
    with pytest.raises(PlatformError):
        await MemoryPlatform().update(MessageRef(channel="c1", message="m9"), cards[0])


async def test_members_and_what_they_were_told_are_remembered(cards):
    platform = MemoryPlatform({"c1": ["ann", "bob"]})
    note = ReminderNote(cards[0].deliberation)
    await platform.direct_message("T1", "ann", note)
    assert list(await platform.members("T1", "c1")) == ["ann", "bob"]
    assert list(await platform.members("T1", "c2")) == []
    assert platform.direct_messages == [("ann", note.text)]


def test_a_manual_clock_stands_still_until_it_is_moved():
    clock = ManualClock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.advance(timedelta(minutes=5))
    assert clock.now() == NOON + timedelta(minutes=5)
    clock.set(NOON)
    assert clock.now() == NOON


def test_the_system_clock_tells_the_time_with_its_zone():
    before = datetime.now(UTC)
    assert before <= SystemClock().now() <= datetime.now(UTC)
