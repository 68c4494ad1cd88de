"""Who is reminded of answering or rating, who is not, and what becomes of those who cannot be written to."""

from datetime import timedelta

import pytest

from bot.domain.actors import Actor
from bot.domain.commands import CloseOpinions, CloseRating, Extend, RemindNow, SetReminders
from bot.domain.deliberation import REMIND_EVERY, Step
from bot.domain.errors import PlatformError, RateLimitedError, UnreachableError
from bot.domain.ratings import RatingBy
from bot.service.dispatch import dispatch
from bot.wording.cards import NudgeCard, StatementCard
from bot.worker.reminding import REMINDING_TRIES

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def reminded(room):
    return sorted(user for user, _ in room.platform.direct_messages)


def nudges(room):
    return [cards for cards in room.platform.shown.values() if isinstance(cards[0], NudgeCard)]


def members_fail(room, error, times=1_000):
    """The platform does not say who is in a channel, so many times."""
    told, errors = room.platform.members, [error] * times

    async def members(team, channel):
        if errors:
            raise errors.pop()
        return await told(team, channel)

    room.platform.members = members


@pytest.fixture
async def asked(room):
    """Ann has answered; bob and cem have not; the reminder is due."""
    await room.asked(closes_in=4 * HOUR, answers=["ann"], reminder_before=HOUR)
    await room.all_due()
    return room


async def test_whoever_wants_no_reminders_gets_none(asked):
    await asked.say(SetReminders(Actor("T1", "bob"), on=False, at=asked.clock.now()))
    await asked.later(3 * HOUR)
    assert reminded(asked) == ["cem"]


async def test_a_team_without_reminders_reminds_nobody(asked):
    team = await asked.ports.teams.team("T1")
    await asked.ports.teams.save_team(team.model_copy(update={"reminders": False}))
    await asked.later(3 * HOUR)
    assert reminded(asked) == []
    assert (await asked.now()).reminded


async def test_a_question_without_reminders_reminds_nobody(room):
    await room.asked(closes_in=4 * HOUR, reminder_before=None)
    await room.later(3 * HOUR)
    assert reminded(room) == []


@pytest.mark.parametrize(
    ("anonymous", "deaf", "told"),
    [(False, ["bob"], 1), (True, ["bob"], 0), (True, ["bob", "dee"], 0), (True, ["bob", "dee", "eva"], 1)],
)
async def test_for_those_who_cannot_be_written_to_the_channel_is_reminded_once_unless_it_tells_of_one(
    room, anonymous, deaf, told
):
    room.platform.channel_members["C1"] = ("ann", "cem", *deaf)
    room.platform.deaf = {user: [UnreachableError("Takes no messages.")] for user in deaf}
    await room.asked(closes_in=4 * HOUR, answers=["ann"], reminder_before=HOUR, anonymous=anonymous)
    await room.later(3 * HOUR)
    await room.run(Step.REMIND, Step.REMIND)
    assert len(nudges(room)) == told
    assert reminded(room) == ["cem"]


async def test_a_platform_that_fails_for_some_minutes_is_asked_again_whom_to_remind(asked, down):
    members_fail(asked, down, times=REMINDING_TRIES)
    await asked.later(3 * HOUR)
    for _ in range(REMINDING_TRIES):
        await asked.later(timedelta(minutes=5))
    assert reminded(asked) == ["bob", "cem"]


async def test_a_permission_that_is_missing_for_good_ends_reminding_after_some_tries(asked, caplog):
    members_fail(asked, PlatformError("A permission is missing."))
    await asked.later(3 * HOUR)
    for _ in range(REMINDING_TRIES):
        assert not (await asked.now()).reminded
        await asked.later(timedelta(minutes=5))
    saved = await asked.now()
    assert (saved.reminded, saved.setbacks, saved.wait_until) == (True, 0, None)
    assert "not everybody could be reminded" in caplog.text


async def test_a_platform_that_asks_to_wait_is_asked_until_the_deadline(asked):
    members_fail(asked, RateLimitedError("Slower.", retry_after_s=1.0))
    await asked.later(3 * HOUR)
    for _ in range(REMINDING_TRIES + 2):
        await asked.later(timedelta(minutes=5))
    assert not (await asked.now()).reminded


# -- by hand ---------------------------------------------------------------------------------------

FAY = Actor("T1", "fay", admin=True)


async def have_reminded(room):
    return await dispatch(RemindNow(FAY, room.deliberation_id), room.ports)


async def test_those_who_run_it_have_people_reminded_who_have_not_answered_and_want_it(room):
    await room.asked(answers=["ann"], reminder_before=None)
    await room.say(SetReminders(Actor("T1", "bob"), on=False, at=room.clock.now()))
    assert (await have_reminded(room)).ok
    await room.all_due()
    await room.run(Step.REMIND_NOW)
    assert reminded(room) == ["cem"]
    assert "You have not answered yet: “Ban plastics?”." in room.platform.direct_messages[0][1]
    # Not again within some hours; then whoever has answered meanwhile is left in peace.
    again = await have_reminded(room)
    assert (again.ok, "once every 6 hours" in again.text) == (False, True)
    await room.answer("cem")
    await room.say(SetReminders(Actor("T1", "bob"), on=True, at=room.clock.now()))
    await room.later(REMIND_EVERY)
    assert (await have_reminded(room)).ok
    await room.all_due()
    assert reminded(room) == ["bob", "cem"]


async def test_a_worker_that_died_while_reminding_by_hand_reminds_nobody_twice(room):
    await room.asked(answers=["ann"], closes_in=4 * HOUR, reminder_before=HOUR)
    await room.all_due()
    assert (await have_reminded(room)).ok
    assert (await have_reminded(room)).ok  # a copy, before a worker has begun
    before = await room.now()
    await room.run(Step.REMIND_NOW)
    await room.ports.deliberations.save(before.model_copy(update={"version": (await room.now()).version}))
    await room.run(Step.REMIND_NOW)
    assert reminded(room) == ["bob", "cem"]
    # The automatic one comes all the same.
    await room.later(3 * HOUR)
    assert reminded(room) == ["bob", "bob", "cem", "cem"]


@pytest.mark.parametrize(("anonymous", "told"), [(True, 0), (False, 1)])
async def test_by_hand_a_channel_hears_of_those_who_cannot_be_written_to_in_named_questions_only(
    room, anonymous, told
):
    deaf = ["bob", "dee", "eva"]
    room.platform.channel_members["C1"] = ("ann", "cem", *deaf)
    room.platform.deaf = {user: [UnreachableError("Takes no messages.")] for user in deaf}
    await room.asked(answers=["ann"], reminder_before=None, anonymous=anonymous)
    assert (await have_reminded(room)).ok
    await room.all_due()
    assert (reminded(room), len(nudges(room))) == (["cem"], told)


async def test_nobody_is_reminded_by_hand_of_what_is_over_or_where_the_team_wants_none(room):
    await room.asked(answers=["ann", "bob"], reminder_before=None)
    team = await room.ports.teams.team("T1")
    off = await room.ports.teams.save_team(team.model_copy(update={"reminders": False}))
    assert "switched off" in (await have_reminded(room)).text
    await room.ports.teams.save_team(off.model_copy(update={"reminders": True}))
    assert (await have_reminded(room)).ok
    # It closes before a worker has come to it.
    await room.say(CloseOpinions(FAY, room.deliberation_id))
    await room.all_due()
    assert reminded(room) == []
    room.clock.advance(REMIND_EVERY)
    assert (await have_reminded(room)).ok
    await room.all_due()
    assert reminded(room) == ["ann", "bob"]


# -- of rating -------------------------------------------------------------------------------------


@pytest.fixture
async def voting(room):
    """Ann and bob have answered, cem has not; the vote runs for a day."""
    await room.voting(reminder_before=HOUR)
    return room


async def test_those_who_answered_and_have_not_rated_are_reminded_once_and_told_until_when(voting):
    await voting.rate("ann", 6)
    await voting.later(DAY - 2 * HOUR)
    assert reminded(voting) == []
    await voting.later(HOUR)
    await voting.run(Step.REMIND_TO_RATE, Step.REMIND_TO_RATE)

    assert reminded(voting) == ["bob"]
    told = voting.platform.direct_messages[0][1]
    assert "You have not rated the statement on “Ban plastics?” yet" in told
    assert "24 November 2026, 09:00 UTC" in told


async def test_whoever_wants_no_reminders_is_not_reminded_of_a_vote(voting):
    await voting.say(SetReminders(Actor("T1", "bob"), on=False, at=voting.clock.now()))
    await voting.later(DAY - HOUR)
    assert reminded(voting) == ["ann"]


async def test_a_team_without_reminders_reminds_nobody_of_a_vote(voting):
    team = await voting.ports.teams.team("T1")
    await voting.ports.teams.save_team(team.model_copy(update={"reminders": False}))
    await voting.later(DAY - HOUR)
    assert reminded(voting) == []


async def test_whoever_left_the_channel_is_not_reminded_of_its_vote(voting):
    voting.platform.channel_members["C1"] = ("ann", "cem")
    await voting.later(DAY - HOUR)
    assert reminded(voting) == ["ann"]


async def test_a_vote_that_a_person_ends_reminds_nobody(voting):
    await voting.say(CloseRating(Actor("T1", "fay"), voting.deliberation_id))
    await voting.later(DAY)
    assert reminded(voting) == []


async def test_a_worker_that_was_away_until_the_vote_closed_reminds_nobody(voting):
    await voting.later(2 * DAY)
    assert reminded(voting) == []
    assert (await voting.now()).recorded


async def test_after_a_vote_was_extended_its_new_end_is_reminded_of(voting):
    await voting.later(DAY - HOUR)
    ends = voting.clock.now() + DAY
    await voting.say(Extend(Actor("T1", "fay"), voting.deliberation_id, ends))
    await voting.later(DAY - HOUR)
    assert reminded(voting) == ["ann", "ann", "bob", "bob"]


@pytest.mark.parametrize(("anonymous", "told"), [(False, 1), (True, 0)])
async def test_for_those_who_cannot_be_told_of_a_vote_the_channel_is_reminded_once(room, anonymous, told):
    await room.voting(reminder_before=HOUR, anonymous=anonymous, rating_by=RatingBy.BUTTONS)
    room.platform.deaf = {"bob": [UnreachableError("Takes no messages.")]}
    await room.later(DAY - HOUR)
    await room.run(Step.REMIND_TO_RATE)
    assert len(nudges(room)) == told
    assert reminded(room) == ["ann"]


async def knows_some(team, channel):
    return False


@pytest.mark.parametrize(
    ("anonymous", "unknown_rated", "told"), [(False, False, 1), (False, True, 0), (True, False, 0)]
)
async def test_those_who_answered_and_are_not_known_any_more_are_reminded_in_the_channel(
    room, anonymous, unknown_rated, told
):
    voting = room
    await voting.voting(reminder_before=HOUR, anonymous=anonymous, rating_by=RatingBy.BUTTONS)
    voting.platform.knows_all = knows_some
    voting.platform.channel_members["C1"] = ("ann", "cem")
    if unknown_rated:
        await voting.rate("bob", 6)
    await voting.later(DAY - HOUR)
    await voting.run(Step.REMIND_TO_RATE)
    assert reminded(voting) == ["ann"]
    assert len(nudges(voting)) == told


async def test_a_statement_begins_with_nobody_who_rated_of_those_who_answered(voting):
    (cards,) = voting.platform.shown.values()
    assert isinstance(cards[-1], StatementCard)
    assert cards[-1].rated == "0 of 2 rated"
