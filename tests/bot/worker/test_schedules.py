"""Schedules post each occurrence once, whoever runs, however often, and whatever the clocks do."""

import asyncio
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.memory import (
    ManualClock,
    MemoryFeedbackLog,
    MemoryJobQueue,
    MemoryLibrary,
    MemoryLiveFeed,
    MemoryPlatform,
    memory_state,
)
from bot.domain.actors import Actor, Pseudonyms
from bot.domain.commands import AddSchedule, ImportQuestions, SaveTemplate
from bot.domain.library import Schedule, Template, Weekly
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.wording import texts
from bot.wording.language import PSEUDO, reading
from bot.wording.library_lines import NOT_RUNNING_THEN, why_not_posted
from bot.worker.schedules import post_due_schedules
from tests.messages import untranslated

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
ADA = Actor("T1", "ada", admin=True)
WEEKLY = Weekly(weekday=0, at=time(12), zone="UTC")
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


@pytest.fixture
def ports():
    return Ports(
        **memory_state(),
        feedback=MemoryFeedbackLog(),
        library=MemoryLibrary(),
        jobs=MemoryJobQueue(),
        clock=ManualClock(MONDAY),
        live=MemoryLiveFeed(),
        pseudonyms=Pseudonyms("a secret"),
        platforms={"web": MemoryPlatform()},
    )


async def said(command, ports):
    reply = await dispatch(command, ports)
    assert reply.ok, reply.text
    return reply


def schedule(**how):
    return AddSchedule(ADA, "web", "C1", "key", **({"weekly": WEEKLY} | how))


async def questions(ports):
    return [d.question for d in reversed(await ports.deliberations.of_team("T1"))]


async def test_the_bank_is_posted_week_by_week_in_turn(ports):
    await said(ImportQuestions(ADA, "question\nFirst?\nSecond?\n"), ports)
    await said(schedule(), ports)
    ports.clock.advance(4 * HOUR)
    for _ in range(3):
        await post_due_schedules(ports)
        await post_due_schedules(ports)
        ports.clock.advance(WEEK)
    assert await questions(ports) == ["First?", "Second?", "First?"]


async def test_many_workers_post_an_occurrence_once(ports):
    await said(ImportQuestions(ADA, "question\nFirst?\nSecond?\n"), ports)
    await said(schedule(), ports)
    ports.clock.advance(4 * HOUR)
    await asyncio.gather(*(post_due_schedules(ports) for _ in range(8)))
    assert await questions(ports) == ["First?"]


async def test_a_worker_that_died_after_posting_leaves_one_question(ports):
    await said(ImportQuestions(ADA, "question\nFirst?\nSecond?\n"), ports)
    await said(schedule(), ports)
    ports.clock.advance(4 * HOUR)
    [before] = await ports.library.schedules("T1")
    await post_due_schedules(ports)
    [after] = await ports.library.schedules("T1")
    # As if the schedule had not been moved on.
    await ports.library.save_schedule(before.model_copy(update={"version": after.version}))
    await post_due_schedules(ports)
    assert await questions(ports) == ["First?"]


async def test_a_template_is_posted_once_with_its_terms(ports):
    template = Template(name="Lunch", question="Where?", terms={"quorum": 5}, closes_after=HOUR)
    await said(SaveTemplate(ADA, template), ports)
    await said(schedule(weekly=None, template="Lunch", once=MONDAY + HOUR), ports)
    ports.clock.advance(2 * HOUR)
    await post_due_schedules(ports)
    await post_due_schedules(ports)
    [posted] = await ports.deliberations.of_team("T1")
    assert (posted.terms.quorum, posted.closes_at) == (5, MONDAY + 3 * HOUR)


async def test_what_cannot_be_posted_is_told_and_tried_again_next_week(ports):
    await said(schedule(), ports)
    ports.clock.advance(4 * HOUR)
    await post_due_schedules(ports)
    [kept] = await ports.library.schedules("T1")
    assert "bank is empty" in kept.problem
    assert kept.next_at == MONDAY + 3 * HOUR + WEEK


async def test_why_nothing_was_posted_is_said_to_whoever_reads_it(ports):
    await ports.library.put_template("T1", Template(name="Lunch", question="x" * 501))
    await said(schedule(template="Lunch"), ports)
    ports.clock.advance(4 * HOUR)
    await post_due_schedules(ports)
    [kept] = await ports.library.schedules("T1")
    kept = Schedule.model_validate_json(kept.model_dump_json())
    assert why_not_posted(kept) == kept.problem == "The question has 501 characters; the limit is 500."
    with reading("de"):
        assert why_not_posted(kept) == "Die Frage hat 501 Zeichen; möglich sind 500."
    earlier = kept.model_copy(update={"problem": str.__str__(NOT_RUNNING_THEN), "reason": None})
    with reading(PSEUDO):
        assert untranslated(why_not_posted(earlier)) == ""


async def test_weeks_that_were_missed_are_not_made_up_for(ports):
    await said(ImportQuestions(ADA, "question\nFirst?\nSecond?\n"), ports)
    await said(schedule(), ports)
    ports.clock.advance(3 * WEEK + 4 * HOUR)
    await post_due_schedules(ports)
    ports.clock.advance(timedelta(days=1))
    await post_due_schedules(ports)
    assert len(await questions(ports)) == 1


async def test_a_repeated_command_makes_one_schedule(ports):
    await said(schedule(), ports)
    await said(schedule(), ports)
    assert len(await ports.library.schedules("T1")) == 1


async def test_a_schedule_that_has_nothing_to_post_says_what_to_do(ports):
    assert "Import questions" in (await said(schedule(), ports)).text
    await said(ImportQuestions(ADA, "question\nFirst?\n"), ports)
    assert (await said(schedule(), ports)).text == texts.SCHEDULED_POSTS


async def test_members_who_are_no_admins_schedule_nothing(ports):
    reply = await dispatch(AddSchedule(Actor("T1", "ann"), "web", "C1", "key", weekly=WEEKLY), ports)
    assert not reply.ok
    assert await ports.library.schedules("T1") == []


@given(
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    weekday=st.integers(0, 6),
    at=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "UTC", "Australia/Lord_Howe"]),
)
def test_the_next_week_day_is_ahead_and_at_most_a_week_and_an_hour_away(moment, weekday, at, zone):
    found = Weekly(weekday=weekday, at=at, zone=zone).after(moment)
    assert moment < found <= moment + WEEK + timedelta(hours=1)


def test_an_hour_that_clocks_skip_or_repeat_has_one_occurrence():
    weekly = Weekly(weekday=6, at=time(2, 30), zone="Europe/Berlin")
    spring = weekly.after(datetime(2027, 3, 27, tzinfo=UTC))
    assert spring == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    autumn = weekly.after(datetime(2027, 10, 30, tzinfo=UTC))
    assert autumn == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert weekly.after(autumn) == datetime(2027, 11, 7, 1, 30, tzinfo=UTC)


async def test_nothing_is_posted_into_a_channel_that_its_maker_does_not_see_any_more(ports):
    await said(ImportQuestions(ADA, "question\nWhy?"), ports)
    await said(schedule(), ports)
    ports.platforms["web"].private["C1"] = {"ann"}
    ports.clock.advance(3 * HOUR)
    await post_due_schedules(ports)
    (kept,) = await ports.library.schedules("T1")
    assert kept.problem == texts.NOT_IN_CHANNEL
    assert await ports.deliberations.of_team("T1") == []


async def test_a_schedule_waits_while_the_platform_does_not_say_who_sees_the_channel(ports):
    await said(ImportQuestions(ADA, "question\nWhy?"), ports)
    await said(schedule(), ports)
    ports.platforms["web"].silent = True
    ports.clock.advance(3 * HOUR)
    await post_due_schedules(ports)
    assert await ports.deliberations.of_team("T1") == []
    ports.platforms["web"].silent = False
    await post_due_schedules(ports)
    assert [d.question for d in await ports.deliberations.of_team("T1")] == ["Why?"]
