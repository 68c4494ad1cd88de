"""Opinions are encoded soon after they are given; whatever happens to that, nothing else is held up by it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from adapters.redis.connection import connect
from adapters.redis.state import redis_state
from bot.domain import commands
from bot.domain.actors import Actor
from bot.domain.deliberation import Phase, Step
from bot.domain.errors import StoreError
from bot.worker.steps import ENCODED_TOGETHER, ENCODING_TRIES
from engine.errors import ScoringError
from engine.mediator import Mediator
from engine.reward.scoring.stored import encoder_of
from tests.scripted_drafter import ScriptedGenerator

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
BAN = "Ban plastics? Ban them. zanzibar"
TAX = "Ban plastics? Tax them. zanzibar"


def encodings(room):
    """How often encoding has been asked for and not been done."""
    return room.ports.jobs.waiting.count((Step.ENCODE, room.deliberation_id))


async def test_an_opinion_is_encoded_soon_after_it_was_given(reading_room):
    room = reading_room
    await room.asked(answers=("ann", "bob"))
    await room.all_due()

    assert await room.encoded() == {"ann": BAN, "bob": BAN}
    assert (await room.now()).phase is Phase.OPINIONS


async def test_opinions_that_came_together_are_encoded_together_and_once_each(reading_room):
    room = reading_room
    await room.asked(answers=("ann", "bob", "cem"))
    assert encodings(room) == 1
    await room.all_due()
    await room.run(Step.ENCODE, Step.ENCODE)

    assert [len(batch) for batch in room.encoder.batches] == [3]


async def test_many_opinions_are_encoded_a_batch_at_a_time(reading_room):
    room = reading_room
    people = [f"p{number}" for number in range(2 * ENCODED_TOGETHER + 5)]
    await room.asked(answers=people)
    await room.all_due()

    assert [len(batch) for batch in room.encoder.batches] == [ENCODED_TOGETHER, ENCODED_TOGETHER, 5]


async def test_an_opinion_that_is_given_while_others_are_encoded_is_encoded_by_the_same_job(reading_room):
    room = reading_room
    await room.asked(answers=("ann",))

    async def bob_answers():
        room.encoder.meanwhile = None
        await room.answer("bob")

    room.encoder.meanwhile = bob_answers
    await room.run(Step.ENCODE)

    assert await room.encoded() == {"ann": BAN, "bob": BAN}


async def test_an_opinion_that_is_edited_while_it_is_encoded_is_encoded_anew(reading_room):
    room = reading_room
    await room.asked(answers=("ann",))

    async def ann_changes_her_mind():
        room.encoder.meanwhile = None
        room.clock.advance(SECOND)
        await room.answer("ann", "Tax them.")

    room.encoder.meanwhile = ann_changes_her_mind
    await room.run(Step.ENCODE)

    assert await room.encoded() == {"ann": TAX}


async def test_an_opinion_that_is_withdrawn_while_it_is_encoded_leaves_nothing_behind(reading_room):
    room = reading_room
    await room.asked(answers=("ann", "bob"))

    async def ann_withdraws():
        room.clock.advance(SECOND)
        await room.say(commands.WithdrawOpinion(Actor("T1", "ann"), room.deliberation_id, room.clock.now()))

    room.encoder.meanwhile = ann_withdraws
    await room.run(Step.ENCODE)

    assert await room.encoded() == {"bob": BAN}


async def test_whoever_is_forgotten_while_their_opinion_is_encoded_leaves_nothing_behind(reading_room):
    room = reading_room
    await room.asked(answers=("ann", "bob"))

    async def forget_ann():
        room.encoder.meanwhile = None
        await room.forget("ann")

    room.encoder.meanwhile = forget_ann
    await room.run(Step.ENCODE)

    assert await room.encoded() == {"bob": BAN}


async def test_an_edit_a_withdrawal_and_forgetting_erase_what_was_encoded_at_once(reading_room):
    room = reading_room
    await room.asked(answers=("ann", "bob", "cem"))
    await room.all_due()
    room.clock.advance(SECOND)

    await room.answer("ann", "Tax them.")
    await room.say(commands.WithdrawOpinion(Actor("T1", "bob"), room.deliberation_id, room.clock.now()))
    await room.forget("cem")

    assert await room.encoded() == {}
    await room.all_due()
    assert await room.encoded() == {"ann": TAX}


async def test_an_opinion_that_is_edited_again_and_again_under_the_encoder_is_left_in_the_end(reading_room):
    room = reading_room
    await room.asked(answers=("ann",))

    async def ann_changes_her_mind():
        room.clock.advance(SECOND)
        await room.answer("ann", f"Number {len(room.encoder.batches)}.")

    room.encoder.meanwhile = ann_changes_her_mind
    await room.run(Step.ENCODE)

    assert len(room.encoder.batches) == ENCODING_TRIES
    assert await room.encoded() == {}


# -- after the close ------------------------------------------------------------------------------


async def test_the_mediation_gets_what_was_encoded_and_only_that(reading_room):
    room = reading_room
    await room.asked(answers=("ann", "bob"))
    await room.run(Step.ENCODE)
    await room.answer("cem")  # whose job is lost
    room.ports.jobs.waiting.clear()
    await room.say(commands.CloseOpinions(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()

    (request,) = room.drafter.requests
    assert request.encoded == {room.key(user): BAN.encode() for user in ("ann", "bob")}
    assert len(request.opinions) == 3
    assert (await room.now()).phase is Phase.RATING


async def test_after_the_close_no_job_encodes_anything(reading_room):
    room = reading_room
    await room.closed()
    assert encodings(room) == 1
    await room.run(Step.ENCODE)
    await room.all_due()
    await room.run(Step.ENCODE)

    assert room.encoder.batches == []
    assert await room.encoded() == {}


async def test_a_question_that_closes_while_opinions_are_encoded_gets_no_further_batch(reading_room):
    room = reading_room
    await room.asked(answers=[f"p{number}" for number in range(ENCODED_TOGETHER + 1)])

    async def close():
        await room.say(commands.CloseOpinions(Actor("T1", "fay"), room.deliberation_id))

    room.encoder.meanwhile = close
    await room.run(Step.ENCODE)

    assert len(room.encoder.batches) == 1


async def test_a_retried_mediation_gets_what_was_encoded_too(reading_room):
    room = reading_room
    await room.asked(answers=("ann", "bob"))
    await room.all_due()
    room.drafter.errors = [ScoringError("No.")]
    await room.say(commands.CloseOpinions(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()
    await room.say(commands.RetryMediation(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()

    first, second = room.drafter.requests
    assert len(first.encoded) == len(second.encoded) == 2


# -- what must not happen -------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ScoringError("No."), RuntimeError("CUDA out of memory")])
async def test_an_encoder_that_fails_holds_nothing_up(reading_room, error):
    room = reading_room
    await room.asked(closes_in=HOUR, answers=("ann", "bob"))
    room.encoder.errors = [error] * 100
    before = await room.now()
    await room.run(Step.ENCODE)

    assert await room.now() == before  # no setback, no new version for others to stumble over
    await room.all_due()
    await room.later(HOUR)
    assert (await room.now()).phase is Phase.RATING
    assert room.drafter.requests[0].encoded == {}


async def test_a_store_that_fails_while_encoding_is_no_setback(reading_room):
    room = reading_room
    await room.asked(answers=("ann",))

    class Silent(type(room.ports.encodings)):
        async def keep(self, deliberation_id, encoded):
            raise StoreError("The store does not answer.")

    silent = Silent(None)
    silent.__dict__ = room.ports.encodings.__dict__
    await room.broken(encodings=silent).run(Step.ENCODE)

    assert (await room.now()).setbacks == 0
    await room.run(Step.ENCODE)
    assert await room.encoded() == {"ann": BAN}


async def test_a_queue_that_is_down_keeps_no_opinion_from_being_given(reading_room):
    room = reading_room
    await room.asked()

    class Down:
        async def enqueue(self, step, deliberation_id):
            raise StoreError("The job queue does not answer.")

    await room.broken(jobs=Down()).answer("ann")

    assert await room.opinions() == {room.key("ann")}


async def test_a_lost_job_is_made_up_for_when_twice_as_many_opinions_wait(reading_room):
    room = reading_room
    await room.asked()
    asked = []
    for number in range(1, 41):
        await room.answer(f"p{number}")
        if encodings(room):
            asked.append(number)
            room.ports.jobs.waiting.clear()  # lost

    assert asked == [1, 2, 4, 8, 16, 32]
    for number in range(41, 65):
        await room.answer(f"p{number}")
    await room.all_due()
    assert sum(map(len, room.encoder.batches)) == 64


async def test_where_opinions_cannot_be_encoded_nothing_happens(room):
    await room.asked(answers=("ann", "bob"))
    await room.all_due()
    before = await room.now()
    await room.run(Step.ENCODE)

    assert await room.now() == before
    assert await room.encoded() == {}
    await room.say(commands.CloseOpinions(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()
    assert room.drafter.requests[0].encoded == {}


async def test_the_opinion_that_completes_the_quorum_asks_for_no_encoding(reading_room):
    room = reading_room
    await room.asked(quorum=2, answers=("ann",))
    room.ports.jobs.waiting.clear()
    await room.answer("bob")

    assert encodings(room) == 0


# -- a real reward model, and a real store ----------------------------------------------------------


def towers(seed=0):
    """A tiny two-tower model that notes which opinions it encodes."""
    from engine.reward.towers.two_tower import TwoTower  # torch: only where it is needed
    from tests.engine.tiny import tiny_checkpoint

    class Towers(TwoTower):
        read = ()

        async def encode_opinions(self, question, opinions):
            self.read = [*self.read, *opinions]
            return await super().encode_opinions(question, opinions)

    return Towers(tiny_checkpoint(seed=seed), device="cpu")


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
async def stocked_room(room, request):
    """A room over either store."""
    if request.param == "memory":
        yield room
        return
    client = await connect(request.getfixturevalue("redis_url"))
    await client.flushall()
    room.ports = replace(room.ports, **redis_state(client))
    yield room
    await client.aclose()


def equip(room, model):
    room.encoder = encoder_of(model)
    room.drafter = Mediator(ScriptedGenerator(["We ban them.", "We tax them.", "We wait."]), model)


async def mediated(room):
    """Everything that was predicted once the question is closed."""
    await room.say(commands.CloseOpinions(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()
    mediation = await room.mediation()
    return np.array([candidate.rewards for candidate in mediation.candidates])


async def three_opinions(room):
    await room.asked(candidates=3)
    await room.answer("ann", "Ban them for everyone.")
    await room.answer("bob", "No, I think that we should keep them.")
    await room.answer("cem", "It is for the town to agree.")


async def test_scores_from_stored_vectors_equal_those_without(stocked_room, new_room):
    room, plain = stocked_room, new_room()
    model = towers()
    equip(room, model)
    await three_opinions(room)
    await room.all_due()
    assert len(model.read) == 3
    equip(plain, towers())
    await three_opinions(plain)

    scores = await mediated(room)

    assert len(model.read) == 3  # after the close only candidates were left to encode
    # Sums depend a little on which texts are read together.
    np.testing.assert_allclose(scores, await mediated(plain), rtol=1e-6)


async def test_a_worker_with_another_checkpoint_reads_no_vector_of_the_old_one(stocked_room, new_room):
    room, plain = stocked_room, new_room()
    equip(room, towers(seed=0))
    await three_opinions(room)
    await room.all_due()
    newer = towers(seed=1)
    equip(room, newer)
    equip(plain, towers(seed=1))
    await three_opinions(plain)

    scores = await mediated(room)

    assert len(newer.read) == 3
    np.testing.assert_array_equal(scores, await mediated(plain))


async def test_only_what_no_job_encoded_is_encoded_after_the_close(stocked_room):
    room = stocked_room
    model = towers()
    equip(room, model)
    await three_opinions(room)
    await room.all_due()
    room.clock.advance(SECOND)
    await room.answer("bob", "I agree with everyone.")
    room.ports.jobs.waiting.clear()  # a lost job
    model.read.clear()

    await mediated(room)

    assert model.read == ["I agree with everyone. zanzibar"]


async def test_two_workers_that_encode_at_once_leave_one_vector_each(stocked_room):
    room = stocked_room
    equip(room, towers())
    await three_opinions(room)
    await asyncio.gather(room.run(Step.ENCODE), room.run(Step.ENCODE))

    people = [room.key(user) for user in ("ann", "bob", "cem")]
    kept = await room.ports.encodings.of(room.deliberation_id, people)
    assert sorted(kept) == sorted(people)
    assert list(await room.ports.encodings.waiting(room.deliberation_id, limit=9)) == []
