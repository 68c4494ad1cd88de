"""What a question's message shows after somebody was forgotten: no count and no words of theirs."""

import asyncio
from datetime import timedelta

import pytest

from bot.chat.resuming import take_up_again
from bot.domain import commands
from bot.domain.actors import Actor
from bot.domain.deliberation import Step
from bot.domain.errors import PlatformError
from bot.service.transitions import refresh_from
from bot.wording.cards import FailedCard, ProgressCard, QuestionCard, ResultCard, StatementCard
from engine.errors import GeneratorUnavailableError

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def last(room):
    """The card that the question's message shows now."""
    return room.platform.now_showing(room.deliberation_id)


async def forget(room, user):
    room.clock.advance(SECOND)
    await room.forget(user)
    await room.all_due()


async def test_an_open_question_counts_one_answer_less(room):
    await room.asked(answers=("ann", "bob", "cem"))
    await room.all_due()
    await forget(room, "ann")
    assert isinstance(last(room), QuestionCard)
    assert last(room).answered == 2


async def test_a_vote_shows_the_prediction_of_those_who_are_left(room):
    await room.voting(answers=("ann", "bob", "cem"))
    before = last(room)
    await forget(room, "ann")
    assert isinstance(last(room), StatementCard)
    assert (before.opinions, last(room).opinions) == (3, 2)


async def settled(room, **terms):
    """The card of a result that three have rated."""
    await room.voting(answers=("ann", "bob", "cem"), **terms)
    for user, value in (("ann", 2), ("bob", 6), ("cem", 7)):
        await room.rate(user, value)
    await room.say(commands.CloseRating(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()
    assert isinstance(last(room), ResultCard)
    return last(room)


async def test_a_result_of_public_ratings_counts_one_less(room):
    before = await settled(room, anonymous=False)
    await forget(room, "ann")
    assert (before.tally.total, last(room).tally.total) == (3, 2)


async def test_a_result_of_private_ratings_does_not_tell_by_what_is_missing_what_it_was(room):
    before = await settled(room)
    await forget(room, "ann")
    assert before.tally.mean is not None
    assert last(room).tally == before.tally
    assert last(room).prediction is None


async def test_whoever_gave_nothing_changes_no_message(room):
    await room.asked(answers=("ann",))
    await room.all_due()
    shown = [[*cards] for cards in room.platform.shown.values()]
    await forget(room, "bob")
    assert [[*cards] for cards in room.platform.shown.values()] == shown


async def test_a_platform_that_fails_shows_it_later_and_holds_nothing_else_up(room):
    await room.asked(answers=("ann", "bob", "cem"), closes_in=HOUR, reminder_before=None)
    await room.all_due()
    room.platform.errors = [PlatformError("down")] * 3
    await forget(room, "ann")
    assert last(room).answered == 3
    assert (await room.now()).wait_until is None
    for _ in range(4):
        await room.later(timedelta(seconds=10))
    assert last(room).answered == 2
    assert (await room.now()).refresh_from is None


async def test_a_job_that_is_lost_is_found_by_the_sweep(room):
    await room.voting(answers=("ann", "bob", "cem"))
    room.clock.advance(SECOND)
    await room.forget("ann")
    while room.ports.jobs.waiting:
        await room.ports.jobs.take()
    await room.all_due()
    assert last(room).opinions == 2


async def test_a_process_that_dies_while_it_erases_leaves_word_of_it(room):
    await room.voting(answers=("ann", "bob", "cem"))
    room.clock.advance(SECOND)
    erase = room.ports.contributions.erase_participant

    async def dies(*given):
        await erase(*given)
        raise asyncio.CancelledError

    room.ports.contributions.erase_participant = dies
    with pytest.raises(asyncio.CancelledError):
        await room.forget("ann")
    assert last(room).opinions == 3
    await room.later(timedelta(minutes=1))
    assert last(room).opinions == 2


async def test_a_platform_that_comes_back_shows_it_at_once(room):
    await room.asked(answers=("ann", "bob"))
    await room.all_due()
    room.platform.errors = [PlatformError("down")] * 5
    await forget(room, "ann")
    for _ in range(4):
        await room.later(timedelta(minutes=1))
    assert last(room).answered == 2
    await take_up_again("T1", "web", room.ports)
    await room.all_due()
    assert last(room).answered == 1


async def test_a_question_that_closes_meanwhile_does_not_look_open_again(room):
    await room.asked(answers=("ann", "bob", "cem"))
    await room.all_due()
    shown = room.platform.update

    async def closes_meanwhile(message, card):
        room.platform.update = shown
        await room.say(commands.CloseOpinions(Actor("T1", "fay"), room.deliberation_id))
        await shown(message, card)

    room.platform.update = closes_meanwhile
    await refresh_from(room.clock.now(), await room.now(), room.ports)
    await room.run(Step.REFRESH)
    assert isinstance(last(room), ProgressCard)


@pytest.mark.parametrize("failure", ["It failed.", None])
async def test_while_drafting_it_shows_how_that_goes(room, failure):
    await room.asked(answers=("ann", "bob"))
    await room.all_due()
    await room.say(commands.CloseOpinions(Actor("T1", "fay"), room.deliberation_id))
    if failure:
        await room.ports.deliberations.save((await room.now()).failed(failure, room.clock.now()))
    await refresh_from(room.clock.now(), await room.now(), room.ports)
    await room.run(Step.REFRESH)
    assert isinstance(last(room), FailedCard if failure else ProgressCard)


async def test_while_the_model_is_away_it_goes_on_saying_so(room):
    await room.asked(answers=("ann", "bob", "cem"))
    await room.all_due()
    await room.say(commands.CloseOpinions(Actor("T1", "fay"), room.deliberation_id))
    room.drafter.errors = [GeneratorUnavailableError("Busy.")] * 9
    await room.all_due()
    await forget(room, "ann")
    assert last(room).waiting


async def test_a_question_that_was_never_posted_is_left_alone(room):
    await room.asked(answers=("ann",))
    await refresh_from(room.clock.now(), await room.now(), room.ports)
    await room.run(Step.REFRESH)
    assert room.platform.shown == {}
