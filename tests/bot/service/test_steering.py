"""Closing, extending, retrying, cancelling and settling: by whom, when, and any number of times."""

import asyncio
from datetime import timedelta

import pytest

from bot.domain import commands
from bot.domain.actors import Actor
from bot.domain.deliberation import Phase, Step
from bot.service.ports.live import DeadlineMoved, PhaseChanged
from bot.wording import texts

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def close(by, deliberation, room):
    return commands.CloseOpinions(by, deliberation.id)


def retry(by, deliberation, room):
    return commands.RetryMediation(by, deliberation.id)


def close_rating(by, deliberation, room):
    return commands.CloseRating(by, deliberation.id)


def extend(by, deliberation, room):
    return commands.Extend(by, deliberation.id, room.clock.now() + 9 * HOUR)


def reopen(by, deliberation, room):
    return commands.Reopen(by, deliberation.id, room.clock.now() + 9 * HOUR)


def cancel(by, deliberation, room):
    return commands.Cancel(by, deliberation.id)


async def an_open_question(room):
    deliberation = await room.asked(closes_in=HOUR)
    await room.answered(deliberation, "ann", "bob")
    return await room.saved(deliberation)


async def a_failed_mediation(room):
    deliberation = await room.drafting()
    return await room.ports.deliberations.save(deliberation.failed("No draft was usable.", room.clock.now()))


async def a_vote(room):
    return await room.voting()


# Each steering command, where it makes sense, and the phase after.
STEERING = {
    "close": (close, an_open_question, Phase.MEDIATING),
    "extend": (extend, an_open_question, Phase.OPINIONS),
    "extend the vote": (extend, a_vote, Phase.RATING),
    "retry": (retry, a_failed_mediation, Phase.MEDIATING),
    "close the vote": (close_rating, a_vote, Phase.SETTLED),
    "open again": (reopen, a_failed_mediation, Phase.OPINIONS),
    "cancel": (cancel, an_open_question, Phase.CANCELLED),
    "cancel while drafting": (cancel, a_failed_mediation, Phase.CANCELLED),
    "cancel while rating": (cancel, a_vote, Phase.CANCELLED),
}
each_steering_command = pytest.mark.parametrize(
    ("command", "prepared", "phase"), STEERING.values(), ids=STEERING
)


@each_steering_command
@pytest.mark.parametrize("who", ["facilitator", "admin"])
async def test_the_facilitator_and_admins_may_steer(room, command, prepared, phase, who):
    deliberation = await prepared(room)
    by = room.person("fay") if who == "facilitator" else room.person("ada", admin=True)
    reply = await room.say(command(by, deliberation, room))
    assert reply.ok, reply.text
    assert (await room.saved(deliberation)).phase is phase


@each_steering_command
async def test_members_may_not_steer(room, command, prepared, phase):
    deliberation = await prepared(room)
    reply = await room.say(command(room.person("ann"), deliberation, room))
    assert (reply.ok, "Only the person who asked" in reply.text) == (False, True)
    assert await room.saved(deliberation) == deliberation


@each_steering_command
async def test_steering_twice_is_as_good_as_once(room, command, prepared, phase):
    deliberation = await prepared(room)
    steer = command(room.person("fay"), deliberation, room)
    replies = [await room.say(steer), await room.say(steer)]
    assert [reply.ok for reply in replies] == [True, True]
    after = (await room.saved(deliberation)).model_copy(update={"version": 0})
    assert after.phase is phase
    assert after == replies[0].deliberation.model_copy(update={"version": 0})


@each_steering_command
async def test_two_stewards_at_once_are_both_answered_kindly(room, command, prepared, phase):
    deliberation = await prepared(room)
    racing = room.racing()
    stewards = (room.person("fay"), room.person("ada", admin=True))
    replies = await asyncio.gather(*(racing.say(command(by, deliberation, room)) for by in stewards))
    assert [reply.ok for reply in replies] == [True, True], replies
    assert (await room.saved(deliberation)).phase is phase


def give(by, deliberation, room):
    return commands.GiveOpinion(by, deliberation.id, "Ban them.", room.clock.now())


def withdraw(by, deliberation, room):
    return commands.WithdrawOpinion(by, deliberation.id, room.clock.now())


def rate(by, deliberation, room):
    return commands.CastRating(by, deliberation.id, 6, room.clock.now())


def unrate(by, deliberation, room):
    return commands.WithdrawRating(by, deliberation.id, room.clock.now())


EVERY_COMMAND = [close, retry, close_rating, extend, cancel, give, withdraw, rate, unrate]


@pytest.mark.parametrize("command", EVERY_COMMAND)
async def test_another_team_cannot_tell_our_question_from_none(room, command):
    deliberation = await an_open_question(room)
    stranger = Actor("T2", "fay", admin=True)
    ours = await room.say(command(stranger, deliberation, room))
    nowhere = deliberation.model_copy(update={"id": "nosuchquestion"})
    none = await room.say(command(stranger, nowhere, room))
    assert (ours.ok, ours.text, ours.deliberation) == (False, none.text, None)
    assert "no such question" in ours.text
    assert await room.saved(deliberation) == deliberation
    assert set(await room.opinions(deliberation)) == {"ann", "bob"}


# -- closing -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("givers", "missing"), [([], 3), (["ann"], 2), (["ann", "bob"], 1)], ids=["none", "one", "two"]
)
async def test_with_too_few_opinions_closing_by_hand_leaves_the_question_open(room, givers, missing):
    deliberation = await room.asked(minimum_opinions=3)
    await room.answered(deliberation, *givers)
    reply = await room.say(close(room.person("fay"), deliberation, room))
    assert not reply.ok
    assert f"it has {len(givers)} of the 3 opinions" in reply.text
    assert f"Wait for {missing} more, move the deadline, or cancel" in reply.text
    assert await room.saved(deliberation) == deliberation


async def test_an_opinion_withdrawn_while_the_question_is_being_closed_ends_nothing(room):
    deliberation = await room.asked()
    await room.answered(deliberation, "ann", "bob")
    counting = room.ports.contributions.opinion_count

    async def count_then_withdraw(id_):
        count = await counting(id_)
        room.ports.contributions.opinion_count = counting  # open pages are told a count, too
        await room.say(room.withdrawing(deliberation, "bob"))
        return count

    room.ports.contributions.opinion_count = count_then_withdraw
    reply = await room.say(close(room.person("fay"), deliberation, room))
    assert (reply.ok, "it has 1 of the 2 opinions" in reply.text) == (False, True)
    assert (await room.saved(deliberation)).phase is Phase.OPINIONS


async def test_enough_opinions_are_mediated(room):
    deliberation = await room.asked(minimum_opinions=3)
    await room.answered(deliberation, "ann", "bob", "cem")
    reply = await room.say(close(room.person("fay"), deliberation, room))
    assert (reply.text, reply.deliberation.phase) == (texts.CLOSED, Phase.MEDIATING)
    assert (Step.MEDIATE, deliberation.id) in room.ports.jobs.waiting


async def test_no_opinion_is_accepted_after_the_close_and_none_accepted_is_lost(room):
    deliberation = await room.asked()
    users, racing = ["ann", "bob", "cem", "dan", "eve"], room.racing()
    steer = close(room.person("fay"), deliberation, room)
    commands_ = [room.giving(deliberation, user) for user in users]
    commands_.insert(3, steer)
    replies = await asyncio.gather(*map(racing.say, commands_))
    del replies[3]
    told_kept = {user for user, reply in zip(users, replies, strict=True) if reply.ok}
    assert told_kept == set(await room.opinions(deliberation))


async def test_a_question_that_has_not_opened_cannot_be_closed(room):
    deliberation = await room.asked(opens_in=HOUR)
    reply = await room.say(close(room.person("fay"), deliberation, room))
    assert (reply.ok, "has not opened yet" in reply.text) == (False, True)


@pytest.mark.parametrize("prepared", [a_failed_mediation, a_vote])
async def test_closing_what_is_closed_says_so(room, prepared):
    deliberation = await prepared(room)
    reply = await room.say(close(room.person("fay"), deliberation, room))
    assert (reply.ok, reply.text) == (True, texts.ALREADY_CLOSED)
    assert await room.saved(deliberation) == deliberation


# -- retrying ------------------------------------------------------------------------------------


async def test_a_retry_clears_the_failure_and_drafts_at_once(room):
    deliberation = await a_failed_mediation(room)
    async with room.ports.live.subscribe(deliberation.id) as events:
        reply = await room.say(retry(room.person("fay"), deliberation, room))
        assert await anext(events) == PhaseChanged(phase=Phase.MEDIATING, failed=False)
    assert (reply.text, reply.deliberation.failure) == (texts.RETRYING, None)
    assert (Step.MEDIATE, deliberation.id) in room.ports.jobs.waiting


async def test_a_retry_asks_nothing_first_since_it_loses_nothing(room):
    deliberation = await a_failed_mediation(room)

    async def given():
        id_, contributions = deliberation.id, room.ports.contributions
        return [await contributions.opinions(id_), await contributions.baselines(id_)]

    before = await given()
    reply = await room.say(retry(room.person("fay"), deliberation, room))
    assert before[0]
    assert await given() == before
    same = {"failure": None, "untold_since": None, "version": deliberation.version + 1}
    assert reply.deliberation == deliberation.model_copy(update=same)


async def test_a_second_retry_does_not_disturb_the_drafting(room):
    deliberation = await a_failed_mediation(room)
    steer = retry(room.person("fay"), deliberation, room)
    first = await room.say(steer)
    await room.say(steer)
    assert (await room.saved(deliberation)).version == first.deliberation.version


async def test_a_retry_does_not_wait_for_the_pause_after_a_setback(room):
    deliberation = await room.drafting()
    await room.ports.deliberations.save(deliberation.set_back(room.clock.now(), at_least_s=300))
    await room.say(retry(room.person("fay"), deliberation, room))
    assert (await room.saved(deliberation)).next_due().at <= room.clock.now()


@pytest.mark.parametrize("prepared", [an_open_question, a_vote])
async def test_there_is_nothing_to_retry_but_drafting(room, prepared):
    deliberation = await prepared(room)
    reply = await room.say(retry(room.person("fay"), deliberation, room))
    assert (reply.ok, "nothing to try again" in reply.text) == (False, True)


async def test_a_retry_while_a_statement_is_on_its_way_says_so_and_loses_nothing(room):
    deliberation = await room.drafting()
    await room.ports.deliberations.save(deliberation.chosen("Let us reuse."))
    reply = await room.say(retry(room.person("fay"), deliberation, room))
    assert reply.text == texts.STATEMENT_ON_ITS_WAY
    assert (await room.saved(deliberation)).statement == "Let us reuse."


# -- opening again -------------------------------------------------------------------------------


async def test_a_question_that_is_opened_again_keeps_its_opinions_and_takes_more(room):
    deliberation = await a_failed_mediation(room)
    before = await room.ports.contributions.opinions(deliberation.id)
    reply = await room.say(reopen(room.person("fay"), deliberation, room))
    assert reply.text == texts.REOPENED
    assert await room.ports.contributions.opinions(deliberation.id) == before
    assert (await room.say(room.giving(deliberation, "eve"))).ok


async def test_opening_again_a_second_time_says_the_same(room):
    deliberation = await a_failed_mediation(room)
    again = reopen(room.person("fay"), deliberation, room)
    first = await room.say(again)
    second = await room.say(again)
    assert (second.ok, second.deliberation) == (True, first.deliberation)


# -- deadlines, cancelling, settling -------------------------------------------------------------


async def test_a_new_deadline_is_kept(room):
    deliberation = await an_open_question(room)
    reply = await room.say(extend(room.person("fay"), deliberation, room))
    assert (reply.ok, reply.text) == (True, texts.EXTENDED)
    assert (await room.saved(deliberation)).closes_at == room.clock.now() + 9 * HOUR


async def test_a_deadline_in_the_past_changes_nothing(room):
    deliberation = await an_open_question(room)
    command = commands.Extend(room.person("fay"), deliberation.id, room.clock.now() - SECOND)
    reply = await room.say(command)
    assert (reply.ok, "in the past" in reply.text) == (False, True)
    assert await room.saved(deliberation) == deliberation


async def test_cancelling_says_that_people_did_it(room):
    deliberation = await an_open_question(room)
    reply = await room.say(cancel(room.person("fay"), deliberation, room))
    assert reply.text == texts.CANCELLED
    assert (await room.saved(deliberation)).cancelled_because == texts.CANCELLED_BY_PERSON


async def test_a_scheduled_question_may_be_cancelled(room):
    deliberation = await room.asked(opens_in=HOUR)
    assert (await room.say(cancel(room.person("fay"), deliberation, room))).ok
    assert (await room.saved(deliberation)).phase is Phase.CANCELLED


async def test_what_is_settled_stays_settled(room):
    deliberation = await room.settled()
    reply = await room.say(cancel(room.person("fay"), deliberation, room))
    assert (reply.ok, "is settled" in reply.text) == (False, True)
    assert await room.saved(deliberation) == deliberation


async def test_a_vote_cannot_end_before_there_is_one(room):
    deliberation = await an_open_question(room)
    reply = await room.say(close_rating(room.person("fay"), deliberation, room))
    assert (reply.ok, "still collecting opinions" in reply.text) == (False, True)


async def test_pages_that_are_open_hear_of_a_moved_deadline(room):
    deliberation = await room.asked(closes_in=HOUR)
    async with room.ports.live.subscribe(deliberation.id) as events:
        await room.say(extend(room.person("fay"), deliberation, room))
        assert await anext(events) == DeadlineMoved(until=room.clock.now() + 9 * HOUR)
