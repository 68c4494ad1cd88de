"""What people are told, and what is kept, when the store, the queue or our own code fails."""

import asyncio
from dataclasses import replace
from datetime import time, timedelta
from typing import get_args

import pytest

from bot.domain.commands import (
    AddPoint,
    AddSchedule,
    AddWebhook,
    Cancel,
    ChangeQuestion,
    ChangeResultLink,
    ChangeTeam,
    CloseOpinions,
    CloseRating,
    Command,
    Compare,
    EndStudyVote,
    Extend,
    ForgetMe,
    GiveReason,
    HidePoint,
    ImportQuestions,
    KeepStatement,
    MarkPointSpam,
    RateBaseline,
    RecordOutcome,
    RemindNow,
    RemoveQuestion,
    RemoveSchedule,
    RemoveTemplate,
    RemoveWebhook,
    Reopen,
    ReplayDeliveries,
    RetryMediation,
    Revise,
    SaveTemplate,
    SetReminders,
    ShowPoint,
    StopLearning,
    SwitchOnWebhook,
    VoteOnPoint,
    WithdrawReason,
)
from bot.domain.deliberation import Phase
from bot.domain.errors import StoreError, VersionConflictError
from bot.domain.events import EventKind
from bot.domain.library import Template, Weekly
from bot.domain.points import Side
from bot.domain.rounds import Preference
from bot.domain.team import Team
from bot.domain.webhooks import Problem
from bot.service.handlers import HANDLERS
from bot.wording import texts
from tests.bot.service.test_exports import foretold

HOUR = timedelta(hours=1)


class Quoting(Exception):
    """As a foreign library raises it: with the data that it choked on."""


async def every_command(room):
    """One of each kind, all of them possible; with what the room is made of, in order."""
    failed = await room.drafting(key="failed")
    await room.ports.deliberations.save(failed.failed("No draft was usable.", room.clock.now()))
    unusable = await room.drafting(key="unusable")
    await room.ports.deliberations.save(unusable.failed("No draft was usable.", room.clock.now()))
    asked, voting = await room.asked(position_statement="Plastics are bad."), await room.voting(key="voting")
    await room.answered(asked, "ann", "bob")
    await room.say(room.rating(voting, 3, "bob"))
    over = await room.settled(key="over")
    for user in ("bob", "cem", "dan"):
        await room.say(GiveReason(room.person(user), voting.id, "Too dear.", room.clock.now()))
    first = await room.voting(key="again")
    again = await room.ports.deliberations.save(first.critiqued())
    again = again.chosen("Let us repair.").published(room.clock.now())
    await room.ports.deliberations.save(again)
    closing, stuck = await room.voting(key="closing"), await room.voting(key="stuck")
    await room.ports.mediations.keep_mediation(stuck.id, 1, foretold(("p", "q")))
    stuck = await room.ports.deliberations.save(stuck.critiqued())
    await room.ports.deliberations.save(stuck.failed("No draft was usable.", room.clock.now()))
    quiet = await room.asked(key="quiet")
    points = await room.with_points()
    fay, ann, soon = room.person("fay"), room.person("ann"), room.clock.now() + HOUR
    ada = room.person("ada", admin=True)
    there = AddWebhook(ada, "https://example.org/", frozenset({EventKind.OPENED}), "there")
    await room.say(there)
    (hook,) = await room.ports.webhooks.webhooks("T1")
    await room.asked(key="heard")
    (heard,) = await room.ports.webhooks.waiting("T1")
    await room.ports.webhooks.replace(heard, heard.dead(Problem.TIMED_OUT, room.clock.now()))
    return [
        room.asking(key="another"),
        room.giving(asked, "eve"),
        room.withdrawing(asked, "ann"),
        RateBaseline(ann, asked.id, 4, room.clock.now()),
        CloseOpinions(fay, asked.id),
        RetryMediation(fay, failed.id),
        room.rating(voting, 6),
        room.unrating(voting, "bob"),
        GiveReason(ann, voting.id, "Too dear.", room.clock.now()),
        WithdrawReason(ann, voting.id, room.clock.now()),
        Compare(ann, again.id, Preference.REVISED, room.clock.now()),
        Revise(fay, voting.id, round=1),
        CloseRating(fay, closing.id),
        KeepStatement(fay, stuck.id, round=2),
        EndStudyVote(fay, voting.id),
        Extend(fay, asked.id, soon),
        RemindNow(fay, quiet.id),
        ChangeQuestion(fay, quiet.id, "Ban plastic bags?"),
        Reopen(fay, unusable.id, soon),
        Cancel(fay, asked.id),
        ChangeResultLink(fay, voting.id, "another"),
        RecordOutcome(fay, over.id, room.clock.now(), decided="No bags from May on."),
        VoteOnPoint(ann, points.id, "p1", Side.AGREE, room.clock.now()),
        AddPoint(ann, points.id, "Tax them.", room.clock.now()),
        MarkPointSpam(ann, points.id, "p1", room.clock.now()),
        HidePoint(fay, points.id, "p1"),
        ShowPoint(fay, points.id, "p2"),
        ForgetMe(ann, room.clock.now()),
        ChangeTeam(ada, Team(id="T1", retention_days=7), sure=True),
        SetReminders(ann, on=False, at=room.clock.now()),
        StopLearning(ann),
        SaveTemplate(ada, Template(name="Retrospective", question="What should we change?")),
        RemoveTemplate(ada, "Lunch"),
        ImportQuestions(ada, "question\nWhere shall we go?\n"),
        RemoveQuestion(ada, "a question"),
        AddSchedule(ada, "web", "C1", "a schedule", weekly=MONDAYS),
        RemoveSchedule(ada, "another schedule"),
        replace(there, idempotency_key="new"),
        RemoveWebhook(ada, "another webhook"),
        SwitchOnWebhook(ada, hook.id),
        ReplayDeliveries(ada),
    ]


MONDAYS = Weekly(weekday=0, at=time(10), zone="Europe/Berlin")


WRITES = (
    "add",
    "save",
    "put_opinion",
    "remove_opinion",
    "put_rating",
    "remove_rating",
    "erase_participant",
    "save_team",
    "set_reminders",
    "put_baseline",
    "withhold_opinion",
    "put_reason",
    "remove_reason",
    "withhold_reason",
    "put_comparison",
    "put_own",
    "vote",
    "mark_spam",
    "change",
)
READS = ("load", "team", "each_of_team")
LIBRARY_WRITES = (
    "put_template",
    "remove_template",
    "add_to_bank",
    "remove_from_bank",
    "save_schedule",
    "remove_schedule",
)
WEBHOOK_WRITES = ("put_webhook", "change_webhook", "remove_webhook", "replace")


async def test_there_is_a_handler_for_every_command(room):
    assert {type(command) for command in await every_command(room)} == set(HANDLERS)
    assert set(HANDLERS) == set(get_args(Command))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (StoreError("It does not answer."), texts.STORE_UNREACHABLE),
        (Quoting("Ban them. zanzibar"), texts.UNEXPECTED),
    ],
    ids=["store down", "our own mistake"],
)
@pytest.mark.parametrize("methods", [WRITES, READS], ids=["writing", "reading"])
async def test_a_failure_changes_nothing_and_is_told_in_a_sentence(room, error, sentence, methods):
    possible = await every_command(room)
    before = await room.everything()
    failing = room.failing(*methods, error=error).failing(*LIBRARY_WRITES, port="library", error=error)
    failing = failing.failing(*WEBHOOK_WRITES, port="webhooks", error=error)
    for command in possible:
        if methods is READS and isinstance(command, SetReminders):
            continue  # reads nothing
        if methods is WRITES and isinstance(command, EndStudyVote):
            continue  # in everyday life it ends nothing
        reply = await failing.say(command)
        if methods is READS and isinstance(command, ChangeTeam):
            continue  # its settings are saved first: that it failed half-way is told below
        assert (reply.ok, reply.text) == (False, sentence), type(command)
    assert await room.everything() == before


async def test_settings_that_failed_half_way_are_whole_after_another_try(room):
    question = await room.asked()
    command = ChangeTeam(room.person("ada", admin=True), Team(id="T1", retention_days=7), sure=True)
    assert not (await room.failing("save").say(command)).ok
    assert (await room.say(command)).ok
    assert (await room.saved(question)).terms.retention_days == 7


async def test_forgetting_that_failed_half_way_is_whole_after_another_try(room):
    settled = await room.settled()
    command = ForgetMe(room.person("ann"), room.clock.now())
    reply = await room.failing("erase", port="feedback").say(command)
    assert (reply.ok, reply.text) == (False, texts.STORE_UNREACHABLE)
    assert (await room.say(command)).ok
    assert room.key("ann", settled) not in str(await room.everything())


@pytest.mark.parametrize(
    ("port", "method"), [("live", "publish"), ("jobs", "enqueue")], ids=["live feed", "job queue"]
)
async def test_what_may_be_lost_costs_nobody_anything(room, port, method):
    possible = await every_command(room)
    failing = room.failing(method, port=port)
    replies = [await failing.say(command) for command in possible[:8]]
    assert [reply.ok for reply in replies] == [True] * 8


async def test_a_quorum_closes_although_open_pages_cannot_be_told(room):
    deliberation = await room.asked(quorum=2)
    failing = room.failing("publish", port="live")
    await failing.answered(deliberation, "ann", "bob")
    assert (await room.saved(deliberation)).phase is Phase.MEDIATING


async def test_a_last_opinion_whose_close_failed_closes_when_it_comes_again(room):
    deliberation = await room.asked(quorum=2)
    await room.answered(deliberation, "ann")
    command = room.giving(deliberation, "bob")
    reply = await room.failing("save").say(command)
    assert (reply.ok, reply.text) == (False, texts.STORE_UNREACHABLE)
    assert (await room.say(command)).ok
    assert (await room.saved(deliberation)).phase is Phase.MEDIATING
    assert set(await room.opinions(deliberation)) == {"ann", "bob"}


# -- lost races ----------------------------------------------------------------------------------

LOST = VersionConflictError("Somebody else saved first.")


async def test_a_lost_race_is_decided_again_from_what_is_there_now(room):
    deliberation = await room.asked(closes_in=HOUR)
    contested = room.failing("save", error=LOST, times=3)
    later = room.clock.now() + 5 * HOUR
    assert (await contested.say(Extend(room.person("fay"), deliberation.id, later))).ok
    assert (await room.saved(deliberation)).closes_at == later


async def test_whoever_always_loses_is_told_that_it_is_busy(room, monkeypatch):
    monkeypatch.setattr("bot.service.dispatch.LONGEST_PAUSE_S", 0.0)
    deliberation = await room.asked()
    contested = room.failing("save", error=LOST)
    reply = await contested.say(Cancel(room.person("fay"), deliberation.id))
    assert (reply.ok, reply.text) == (False, texts.TOO_BUSY)
    assert await room.saved(deliberation) == deliberation


async def test_many_changes_at_once_are_all_made_one_after_the_other(room):
    deliberation, racing = await room.asked(closes_in=HOUR), room.racing()
    deadlines = [room.clock.now() + HOUR * hours for hours in range(2, 8)]
    replies = await asyncio.gather(
        *(racing.say(Extend(room.person("fay"), deliberation.id, at)) for at in deadlines)
    )
    assert all(reply.ok for reply in replies)
    saved = await room.saved(deliberation)
    assert saved.version == deliberation.version + len(deadlines)
    assert saved.closes_at in deadlines


async def test_a_cancelled_task_is_not_answered(room):
    async def never_ending(*args):
        await asyncio.Event().wait()

    deliberation = await room.asked()
    hanging = room.failing("load")
    hanging.ports.deliberations._fail = never_ending
    task = asyncio.create_task(hanging.say(room.giving(deliberation)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


# -- what is logged ------------------------------------------------------------------------------


async def test_a_failure_is_logged_with_its_question_and_without_what_was_said(room, log_lines):
    deliberation = await room.asked()
    failing = room.failing("put_opinion", error=Quoting("cannot store 'Ban them. zanzibar'"))
    await failing.say(room.giving(deliberation))
    line = log_lines()[-1]
    assert (line["level"], line["error"]) == ("error", "Quoting")
    assert line["deliberation_id"] == deliberation.id
    assert any("handlers.py" in place for place in line["at"])


async def test_each_phase_change_is_logged_once_with_its_question(room, log_lines):
    settled = await room.settled()
    told = [line for line in log_lines() if line["logger"] == "bot.service.transitions"]
    assert [line["message"] for line in told] == [
        "phase opinions",
        "phase opinions -> mediating",
        "phase rating -> settled",
    ]
    assert {line["deliberation_id"] for line in told} == {settled.id}
