"""Somebody whom a digest quotes asks to be forgotten: their words are gone wherever the statement is kept."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain import commands
from bot.domain.actors import Actor
from bot.domain.deliberation import Phase, Step
from bot.domain.errors import PlatformError
from bot.domain.ratings import RatingBy
from bot.wording.cards import BallotCard
from engine.digest import REMOVED, read_digest
from engine.drafting.digest.drafter import DigestGenerator
from engine.mediator import Mediator
from engine.reward.lexical.model import LexicalRewardModel
from tests.quoting import quoting

DAY = timedelta(days=1)
PUBLIC = {"anonymous": False, "rating_by": RatingBy.REACTIONS}
SAID = {
    "ann": "Paper bags tear in the rain, so I keep mine of cloth at hand.",
    "bob": "My shop sells four hundred plastic bags a week and lives on it.",
    "cem": "Let every store take a deposit for each bag.",
}


@pytest.fixture
def digest_room(room):
    """A room without a language model: statements are members' own words."""
    return replace(room, drafter=Mediator(DigestGenerator(), LexicalRewardModel(), minimum_usable=1))


async def voting(room, **terms):
    """A digest of what three said is being rated."""
    await room.asked(quorum=3, candidates=2, **terms)
    for user, text in SAID.items():
        await room.answer(user, text)
    await room.all_due()
    assert (await room.now()).phase is Phase.RATING
    for user in SAID:
        await room.rate(user, 6)


async def everything(room) -> str:
    """All that is kept of the question, and all that a card would be made from."""
    return f"{await room.now()} {await room.mediation()} {await room.feedback()}"


async def test_of_a_statement_that_is_being_rated_their_words_are_removed_and_the_others_stay(digest_room):
    await voting(digest_room)
    before = (await digest_room.now()).statement
    assert [text for text in SAID.values() if text not in before] == []

    await digest_room.forget("bob")

    kept = await everything(digest_room)
    assert SAID["bob"] not in kept
    statement = (await digest_room.now()).statement
    assert statement == (await digest_room.mediation()).statement
    assert SAID["ann"] in statement
    assert SAID["cem"] in statement
    assert [point.text for point in read_digest(statement).points].count(REMOVED) == 1


async def test_the_result_and_what_is_learnt_from_it_do_not_quote_them(digest_room):
    await voting(digest_room)
    await digest_room.forget("bob")
    await digest_room.later(DAY)

    result = digest_room.platform.now_showing(digest_room.deliberation_id)
    assert SAID["bob"] not in repr(result)
    assert REMOVED in result.statement
    assert SAID["bob"] not in await everything(digest_room)
    assert len(await digest_room.feedback()) == 2


async def test_after_the_end_their_words_are_removed_from_the_statement_and_from_what_was_learnt(digest_room):
    await voting(digest_room)
    await digest_room.later(DAY)
    assert SAID["bob"] in str(await digest_room.feedback())

    await digest_room.forget("bob")

    assert SAID["bob"] not in await everything(digest_room)
    assert {REMOVED in record.statement for record in await digest_room.feedback()} == {True}


async def test_somebody_who_asks_between_the_reading_and_the_writing_is_not_quoted_in_what_is_learnt(
    digest_room,
):
    await voting(digest_room)

    class ForgetsMeanwhile(type(digest_room.ports.feedback)):
        async def append(self, records):
            if SAID["bob"] in str(records):
                await settling.forget("bob")
            await super().append(records)

    settling = digest_room.broken(feedback=ForgetsMeanwhile())
    await settling.later(DAY)

    assert {record.participant for record in await settling.feedback()} == {
        settling.key("ann"),
        settling.key("cem"),
    }
    assert SAID["bob"] not in await everything(settling)
    assert SAID["bob"] not in repr(settling.platform.now_showing(settling.deliberation_id))


async def test_a_worker_that_dies_after_writing_what_was_out_of_date_leaves_it_to_the_next(digest_room):
    await voting(digest_room)

    class DiesAfterwards(type(digest_room.ports.feedback)):
        async def append(self, records):
            self.append = super().append
            await settling.forget("bob")
            await super().append(records)
            raise asyncio.CancelledError

    settling = digest_room.broken(feedback=DiesAfterwards())
    settling.clock.advance(DAY)
    with pytest.raises(asyncio.CancelledError):
        await settling.run(Step.REMIND_TO_RATE, Step.SETTLE)
    assert SAID["bob"] in str(await settling.feedback())

    await settling.all_due()

    assert {record.participant for record in await settling.feedback()} == {
        settling.key("ann"),
        settling.key("cem"),
    }
    assert SAID["bob"] not in await everything(settling)


async def test_one_after_the_other_may_ask(digest_room):
    await voting(digest_room)
    for user in SAID:
        await digest_room.forget(user)
        await digest_room.forget(user)
    kept = await everything(digest_room)
    assert not any(text in kept for text in SAID.values())
    points = read_digest((await digest_room.now()).statement).points
    assert {point.text for point in points} == {REMOVED}


def ballots(room):
    """What each ballot shows now, in the order in which they were put up."""
    last = [cards[-1] for cards in room.platform.shown.values()]
    return [card for card in last if isinstance(card, BallotCard)]


async def test_a_ballot_of_a_question_that_was_cancelled_does_not_quote_them(digest_room):
    await voting(digest_room, **PUBLIC)
    await digest_room.say(commands.Cancel(Actor("T1", "fay"), digest_room.deliberation_id))
    await digest_room.all_due()
    assert SAID["bob"] in repr(ballots(digest_room))

    await digest_room.forget("bob")
    await digest_room.all_due()

    (ballot,) = ballots(digest_room)
    assert ballot.closed
    assert REMOVED in ballot.statement
    assert SAID["bob"] not in repr(ballot)


async def test_a_ballot_of_an_earlier_round_does_not_quote_them_and_stays_closed(digest_room):
    await voting(digest_room, **PUBLIC)
    digest_room.drafter = quoting()
    ann, now = Actor("T1", "ann"), digest_room.clock.now()
    await digest_room.say(commands.GiveReason(ann, digest_room.deliberation_id, "It is too long.", now))
    await digest_room.say(commands.Revise(Actor("T1", "fay"), digest_room.deliberation_id, 1))
    await digest_room.all_due()
    assert [SAID["bob"] in ballot.statement for ballot in ballots(digest_room)] == [True, True]

    await digest_room.forget("bob")
    await digest_room.all_due()

    shown = ballots(digest_room)
    assert [(SAID["bob"] in ballot.statement, ballot.closed) for ballot in shown] == [
        (False, True),
        (False, False),
    ]
    assert [ballot.deliberation.round for ballot in shown] == [1, 2]


async def test_a_ballot_that_cannot_be_shown_again_keeps_no_other_from_it(digest_room):
    await voting(digest_room, **PUBLIC)
    digest_room.platform.errors = [PlatformError("Down.")]
    await digest_room.forget("bob")
    await digest_room.all_due()
    assert SAID["bob"] not in repr(ballots(digest_room))


async def test_a_ballot_that_was_put_up_before_they_asked_shows_what_was_drafted_without_them(digest_room):
    room = digest_room
    await room.asked(candidates=2, answers=(), **PUBLIC)
    for user, text in SAID.items():
        await room.answer(user, text)
    await room.say(commands.CloseOpinions(Actor("T1", "fay"), room.deliberation_id))
    await room.run(Step.MEDIATE)

    class DiesBeforeTheVote(type(room.ports.deliberations)):
        async def save(self, deliberation, **needed):
            if deliberation.phase is Phase.RATING:
                raise asyncio.CancelledError
            return await super().save(deliberation, **needed)

    dying = DiesBeforeTheVote(None)
    dying.__dict__ = room.ports.deliberations.__dict__
    with pytest.raises(asyncio.CancelledError):
        await room.broken(deliberations=dying).run(Step.PUBLISH)
    await room.forget("bob")
    await room.all_due()

    (ballot,) = ballots(room)
    assert (await room.now()).phase is Phase.RATING
    assert ballot.statement == (await room.now()).statement
    assert SAID["bob"] not in ballot.statement
    assert not ballot.closed


async def test_a_statement_of_a_model_stays_word_for_word(room):
    await room.voting()
    before = (await room.now()).statement
    await room.forget("ann")
    assert (await room.now()).statement == before == "Statement 1."
