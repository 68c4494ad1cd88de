"""Members after a change of the secret key, over every store: they find, change and erase what they gave."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from adapters.memory import (
    ManualClock,
    MemoryFeedbackLog,
    MemoryJobQueue,
    MemoryLibrary,
    MemoryLiveFeed,
    MemoryPlatform,
)
from bot.domain import commands
from bot.domain.actors import Actor, Pseudonyms
from bot.domain.deliberation import Phase
from bot.domain.errors import GivenElsewhereError
from bot.domain.terms import Terms
from bot.service import queries
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.wording import texts
from bot.wording.language import explained
from engine.types import Mediation

ANN, BOB, FAY = (Actor("t1", user, name=user.title()) for user in ("ann", "bob", "fay"))
FIRST, SECOND = "the first secret key", "the second secret key"
MINUTE = timedelta(minutes=1)


@dataclass
class Place:
    """A team whose processes are started again with other keys; at each command a minute passes."""

    ports: Ports
    clock: ManualClock
    mediation: Mediation

    def restarted(self, *secrets):
        """The same state, with these keys, the newest first."""
        return Place(replace(self.ports, pseudonyms=Pseudonyms(*secrets)), self.clock, self.mediation)

    async def say(self, kind, actor, *about, **more):
        self.clock.advance(MINUTE)
        return await dispatch(kind(actor, *about, at=self.clock.now(), **more), self.ports)

    async def asked(self, key="key"):
        asking = commands.PostQuestion(FAY, "web", "c1", "Ban plastics?", key, terms=Terms(anonymous=False))
        return (await dispatch(asking, self.ports)).deliberation

    async def opinions(self, question):
        return sorted(o.text for o in await self.ports.contributions.opinions(question.id))

    async def voting(self, question):
        """The question with its vote open."""
        closed = (await dispatch(commands.CloseOpinions(FAY, question.id), self.ports)).deliberation
        await self.ports.mediations.keep_mediation(question.id, 1, self.mediation)
        chosen = await self.ports.deliberations.save(closed.chosen("Let us reuse."))
        return await self.ports.deliberations.save(chosen.published(self.clock.now()))


@pytest.fixture
def place(state, sample):
    clock = ManualClock(sample.noon)
    kept = {
        **vars(state),
        "feedback": MemoryFeedbackLog(),
        "library": MemoryLibrary(),
        "jobs": MemoryJobQueue(),
    }
    platforms = {"web": MemoryPlatform()}
    ports = Ports(
        **kept, clock=clock, live=MemoryLiveFeed(), pseudonyms=Pseudonyms(FIRST), platforms=platforms
    )
    return Place(ports, clock, sample.mediation())


@pytest.fixture
async def question(place):
    """A question that began under the first key, with opinions of two."""
    asked = await place.asked()
    for actor in (ANN, BOB):
        assert (await place.say(commands.GiveOpinion, actor, asked.id, f"{actor.user} says")).ok
    return asked


async def test_an_opinion_is_found_and_replaced_and_not_doubled(place, question):
    now = place.restarted(SECOND, FIRST)
    assert (await queries.own_answer(ANN.user, question, now.ports)).text == "ann says"
    assert (await now.say(commands.GiveOpinion, ANN, question.id, "ann corrects")).ok
    assert await now.opinions(question) == ["ann corrects", "bob says"]


async def test_an_opinion_can_be_withdrawn(place, question):
    now = place.restarted("a third secret key", SECOND, FIRST)
    assert (await now.say(commands.WithdrawOpinion, ANN, question.id)).ok
    assert await now.opinions(question) == ["bob says"]


async def test_a_rating_is_changed_and_counts_once(place, question):
    await place.voting(question)
    await place.say(commands.CastRating, ANN, question.id, 2)
    now = place.restarted(SECOND, FIRST)
    assert (await now.say(commands.CastRating, ANN, question.id, 6)).ok
    ratings = await now.ports.contributions.ratings(question.id, 1)
    assert [rating.value for rating in ratings] == [6]
    assert (await queries.results(ANN, question.id, now.ports)).own == 6


async def test_a_reason_is_changed_forgotten_and_kept_once_under_a_new_key(place, question):
    await place.voting(question)
    await place.say(commands.GiveReason, ANN, question.id, "Too dear.")
    now = place.restarted(SECOND, FIRST)
    assert (await queries.own_reason(ANN.user, question, now.ports)).text == "Too dear."
    assert (await now.say(commands.GiveReason, ANN, question.id, "Too slow.")).ok
    reasons = await now.ports.contributions.reasons(question.id, 1)
    assert [reason.text for reason in reasons] == ["Too slow."]
    assert (await now.say(commands.ForgetMe, ANN)).ok
    assert not await now.ports.contributions.reasons(question.id, 1)


async def test_under_a_new_key_a_giver_is_the_same_and_any_other_is_refused_and_forgetting_reaches_it(
    place, question
):
    cem = Actor("t1", "cem")
    assert (await place.say(commands.GiveOpinion, cem, question.id, "cem says", giver="phone")).ok
    now = place.restarted(SECOND, FIRST)
    for kind, words in ((commands.GiveOpinion, ["cem too"]), (commands.WithdrawOpinion, [])):
        refused = await now.say(kind, cem, question.id, *words, giver="laptop")
        assert (refused.ok, refused.given_back) == (False, "")
        assert refused.text == explained(GivenElsewhereError())
    assert (await now.say(commands.GiveOpinion, cem, question.id, "cem corrects", giver="phone")).ok
    assert (await now.say(commands.ForgetMe, cem)).ok
    participant = now.ports.pseudonyms.of(question, "cem")
    assert await now.ports.contributions.giver(question.id, participant) is None
    assert (await now.say(commands.GiveOpinion, cem, question.id, "anew", giver="laptop")).ok


async def test_forgetting_reaches_questions_of_every_key(place, question):
    now = place.restarted(SECOND, FIRST)
    newer = await now.asked("newer")
    for actor in (ANN, BOB):
        await now.say(commands.GiveOpinion, actor, newer.id, f"{actor.user} says")
    reply = await now.say(commands.ForgetMe, ANN)
    assert (reply.ok, reply.text) == (True, texts.forgotten(2))
    assert await now.opinions(question) == await now.opinions(newer) == ["bob says"]
    assert (await now.say(commands.ForgetMe, ANN)).text == texts.forgotten(0)


async def test_somebody_who_is_in_a_question_twice_already_is_forgotten_twice(place, question, sample):
    # As earlier versions left it, after a change of the key.
    doubled = sample.opinion(
        Pseudonyms(SECOND).of(question.model_copy(update={"key_id": ""}), "ann"), at=60.0
    )
    await place.ports.contributions.put_opinion(question.id, doubled)
    place.clock.advance(timedelta(hours=2))
    now = place.restarted(SECOND, FIRST)
    assert (await now.say(commands.ForgetMe, ANN)).text == texts.forgotten(1)
    assert await now.opinions(question) == ["bob says"]


async def test_without_the_old_key_nobody_is_told_that_nothing_is_kept(place, question):
    now = place.restarted(SECOND)
    await now.asked("newer")
    reply = await now.say(commands.ForgetMe, ANN)
    assert (reply.ok, reply.text) == (False, texts.forgotten(0, out_of_reach=1))
    assert "couldn't look in one question" in reply.text
    assert await now.opinions(question) == ["ann says", "bob says"]
    assert (await place.restarted(SECOND, FIRST).say(commands.ForgetMe, ANN)).ok


@pytest.mark.parametrize("kind", [commands.GiveOpinion, commands.WithdrawOpinion])
async def test_without_the_old_key_nobody_takes_part_a_second_time(place, question, kind):
    now = place.restarted(SECOND)
    words = ["ann corrects"] if kind is commands.GiveOpinion else []
    reply = await now.say(kind, ANN, question.id, *words)
    assert (reply.ok, reply.text) == (False, texts.KEY_MISSING)
    assert await now.opinions(question) == ["ann says", "bob says"]


async def test_without_the_old_key_a_question_can_still_be_seen_and_closed(place, question):
    now = place.restarted(SECOND)
    assert (await queries.own_answer(ANN.user, question, now.ports)).opinion is None
    assert (await now.voting(question)).phase is Phase.RATING
    assert (await queries.results(FAY, question.id, now.ports)).statement.statement == "Let us reuse."


async def test_a_no_to_learning_withholds_what_was_given_under_the_old_key(place, question):
    now = place.restarted(SECOND, FIRST)
    assert (await dispatch(commands.StopLearning(ANN), now.ports)).ok
    consents = {o.text: o.consent for o in await now.ports.contributions.opinions(question.id)}
    assert consents["ann says"] is False
