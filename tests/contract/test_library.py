"""`LibraryStore`: templates, the question bank and schedules."""

import asyncio
from datetime import time

import pytest

from bot.domain.errors import VersionConflictError
from bot.domain.library import BankQuestion, Schedule, Template, Weekly
from engine.sentence import Said

WEEKLY = Weekly(weekday=0, at=time(12), zone="Europe/Berlin")


@pytest.fixture
def library(libraries):
    return libraries[0]


def schedule(sample, id_="s1", *, next_at=5, team="t1"):
    return Schedule(
        id=id_, team=team, platform="web", channel="c1", by="ada", weekly=WEEKLY, next_at=sample.time(next_at)
    )


async def test_templates_are_kept_by_name(library):
    second, first = Template(name="b", question="Two?"), Template(name="a", question="One?")
    for template in (second, first, second.model_copy(update={"context": "New."})):
        await library.put_template("t1", template)
    assert [(t.name, t.context) for t in await library.templates("t1")] == [("a", ""), ("b", "New.")]
    assert list(await library.templates("t2")) == []
    await library.remove_template("t1", "a")
    await library.remove_template("t1", "a")
    assert [t.name for t in await library.templates("t1")] == ["b"]


async def test_the_bank_keeps_its_order_and_nothing_twice(library, sample):
    questions = [BankQuestion.of(f"Question {n}?", "", sample.time(0), n) for n in range(12)]
    await library.add_to_bank("t1", questions)
    again = questions[3].model_copy(update={"context": "Another."})
    await library.add_to_bank("t1", [again, BankQuestion.of("Earlier?", "", sample.time(-1))])
    kept = await library.bank("t1")
    assert [q.question for q in kept] == ["Earlier?", *(q.question for q in questions)]
    assert kept[4] == questions[3]
    await library.remove_from_bank("t1", questions[0].id)
    assert len(await library.bank("t1")) == 12
    assert list(await library.bank("t2")) == []


async def test_the_second_of_two_racing_saves_is_refused(libraries, sample):
    kept = await libraries[0].save_schedule(schedule(sample))
    assert kept.version == 1
    moved = await libraries[1].save_schedule(kept.done(sample.time(6)))
    with pytest.raises(VersionConflictError):
        await libraries[0].save_schedule(kept.done(sample.time(60), Said("A problem.")))
    assert list(await libraries[0].schedules("t1")) == [moved]


async def test_of_many_racing_saves_exactly_one_wins(libraries, sample):
    kept = await libraries[0].save_schedule(schedule(sample))
    done = [kept.done(sample.time(6), Said("Reason {n}.", {"n": n})) for n in range(10)]
    saves = [libraries[n % 2].save_schedule(each) for n, each in enumerate(done)]
    outcomes = await asyncio.gather(*saves, return_exceptions=True)
    won = [outcome for outcome in outcomes if not isinstance(outcome, VersionConflictError)]
    assert won == list(await libraries[0].schedules("t1"))


async def test_schedules_of_every_team_are_found_when_they_are_due(library, sample):
    await library.save_schedule(schedule(sample))
    await library.save_schedule(schedule(sample, "s2", team="t2", next_at=6))
    await library.save_schedule(schedule(sample, "s3", team="t2", next_at=90))
    assert [s.id for s in await library.due_schedules(sample.time(4))] == []
    assert {s.id for s in await library.due_schedules(sample.time(6))} == {"s1", "s2"}
    await library.remove_schedule("t1", "s1")
    assert {s.id for s in await library.due_schedules(sample.time(6))} == {"s2"}


async def test_a_removed_schedule_does_not_come_back_by_a_late_save(library, sample):
    kept = await library.save_schedule(schedule(sample))
    await library.remove_schedule("t1", "s1")
    with pytest.raises(VersionConflictError):
        await library.save_schedule(kept.done(sample.time(6)))
    assert list(await library.schedules("t1")) == []
