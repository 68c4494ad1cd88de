"""A question of a study: an arm each is drafted, kept before it is shown, and rated blind."""

from datetime import timedelta

import pytest

from bot.domain import commands
from bot.domain.actors import Actor
from bot.domain.deliberation import Phase, Step
from bot.domain.model_notice import ModelNotice
from bot.domain.study import Study
from bot.service import queries
from bot.service.dispatch import dispatch
from bot.service.ports.engine import Drafting
from bot.wording import texts
from bot.worker.study_arms import require_told
from engine.errors import EngineError, GenerationError
from engine.types import Arm, ArmStatement, BestOpinion, ModelsUsed, arm_named

ARMS = (Arm.ZERO_SHOT, Arm.BEST_OPINION, Arm.LEAVE_ONE_OUT)
STUDY = Study(id="s1", group="g7", arms=ARMS, seed=3)
PEOPLE = ("ann", "bob", "cem")


class Arms:
    """Drafts a sentence that names the arm; notes what it was asked."""

    def __init__(self):
        self.asked = []
        self.errors = []
        self.meanwhile = None

    async def draft(self, arm, request, left_out=None):
        self.asked.append((arm, request, left_out))
        if self.errors:
            raise self.errors.pop(0)
        if self.meanwhile is not None:
            await self.meanwhile()
        revised = "" if request.revision is None else " revised"
        return ArmStatement(
            text=f"A{revised} statement, {arm}.",
            rewards={opinion.participant: 4.5 for opinion in request.opinions},
            welfare_function=request.welfare,
            models=ModelsUsed(generator="d", reward="r", prompt=f"{arm}/1"),
        )


@pytest.fixture
def arms():
    return Arms()


@pytest.fixture
def studied(room, arms):
    """A room whose worker drafts arms, and whose mediator knows the best opinion: Ann's."""
    mediate = room.drafter.mediate

    async def with_best_opinion(request, on_progress):
        mediation = await mediate(request, on_progress)
        rewards = tuple(3.5 for _ in request.opinions)
        best = BestOpinion(participant=room.key("ann"), rewards=rewards, welfare=3.5, scored=3)
        return mediation.model_copy(update={"best_opinion": best})

    room.drafter.mediate = with_best_opinion
    room.arms = arms
    return room


async def statements(room):
    return {each.arm: each for each in await room.ports.mediations.statements(room.deliberation_id, 1)}


async def test_an_arm_each_is_kept_before_anything_is_shown(studied, arms):
    await studied.closed(study=STUDY, answers=PEOPLE)
    await studied.run(Step.MEDIATE)

    kept = await statements(studied)
    assert (await studied.now()).phase is Phase.MEDIATING
    assert tuple(kept) == ARMS
    assert kept[Arm.ZERO_SHOT].text == "A statement, zero-shot."
    assert kept[Arm.ZERO_SHOT].rewards == {studied.key(who): 4.5 for who in PEOPLE}
    assert len({each.id for each in kept.values()}) == len(ARMS)
    assert not any(arm in each.id for each in kept.values() for arm in ARMS)
    assert len({request.seed for _, request, _ in arms.asked}) == 2
    assert (await studied.mediation()).statement == "Statement 1."


async def test_a_model_that_members_were_not_told_of_drafts_nothing_for_a_study(studied, arms):
    arm, told = arm_named("model:m"), ModelNotice(drafter="m on a.example", drafter_at=("a.example",))
    study = STUDY.model_copy(update={"arms": (Arm.ZERO_SHOT, arm), "models": {"m": told}})
    there = ModelNotice(drafter="m on b.example", drafter_at=("b.example",))
    await studied.closed(study=study, answers=PEOPLE)
    drafting = Drafting(studied.drafter, arms, None, lambda name: there)
    with pytest.raises(EngineError, match="weren't told"):
        await require_told(await studied.now(), drafting, studied.ports)

    await require_told(await studied.now(), drafting._replace(of_model=lambda name: told), studied.ports)
    with pytest.raises(ValueError, match="told of every model"):
        Study(id="s1", group="g", arms=(arm,), seed=1)


async def test_the_best_opinion_is_shown_as_it_was_written(studied):
    await studied.closed(study=STUDY, answers=PEOPLE)
    await studied.run(Step.MEDIATE)

    best = (await statements(studied))[Arm.BEST_OPINION]
    assert best.text.startswith("Ban them.")
    assert (best.author, best.rewards[studied.key("bob")]) == (studied.key("ann"), 3.5)
    assert (best.models.generator, best.models.prompt) == ("none", "none")


async def test_the_seed_says_who_is_left_out(studied, arms):
    await studied.closed(study=STUDY, answers=PEOPLE)
    await studied.run(Step.MEDIATE)

    (left_out,) = [who for arm, _, who in arms.asked if arm is Arm.LEAVE_ONE_OUT]
    kept = (await statements(studied))[Arm.LEAVE_ONE_OUT]
    assert left_out == kept.left_out
    assert left_out in {studied.key(who) for who in PEOPLE}
    assert [who for arm, _, who in arms.asked if arm is not Arm.LEAVE_ONE_OUT] == [None]


async def test_everyday_questions_have_no_arms(studied, arms):
    await studied.voting(answers=PEOPLE)

    assert not arms.asked
    assert await statements(studied) == {}


async def test_statements_that_are_kept_are_not_drafted_again(studied, arms):
    await studied.closed(study=STUDY, answers=PEOPLE)
    await studied.run(Step.MEDIATE)
    asked = len(arms.asked)
    await studied.run(Step.MEDIATE, Step.MEDIATE)

    assert len(arms.asked) == asked


async def test_whoever_is_forgotten_changes_nobody_elses_order(studied):
    async def seen():
        asked = {
            who: await queries.to_rate(Actor("T1", who), studied.deliberation_id, studied.ports)
            for who in PEOPLE
        }
        return {who: [each.statement_id for each in found] for who, found in asked.items()}

    await studied.closed(study=STUDY, answers=PEOPLE)
    await studied.run(Step.MEDIATE)
    await studied.run(Step.PUBLISH)
    before = await seen()
    own = (await statements(studied))[Arm.BEST_OPINION].id

    await studied.forget("ann")

    after = await seen()
    for who in ("bob", "cem"):
        assert after[who] == [id_ for id_ in before[who] if id_ != own]


async def test_an_arm_that_fails_can_be_tried_again_without_another_mediation(studied, arms):
    arms.errors = [GenerationError("The generator gave nothing.")]
    await studied.closed(study=STUDY, answers=PEOPLE)
    await studied.all_due()

    stopped = await studied.now()
    assert stopped.phase is Phase.MEDIATING
    assert "The generator gave nothing." in stopped.failure
    assert await statements(studied) == {}
    await studied.say(commands.RetryMediation(Actor("T1", "fay"), studied.deliberation_id))
    await studied.all_due()
    assert (await studied.now()).phase is Phase.RATING
    assert tuple(await statements(studied)) == ARMS
    assert len(studied.drafter.requests) == 1


async def test_after_an_arm_failed_what_is_said_once_it_is_open_again_is_heard(studied, arms):
    arms.errors = [GenerationError("The generator gave nothing.")]
    await studied.closed(study=STUDY, answers=("ann", "bob"))
    await studied.all_due()
    assert await studied.mediation() is not None

    await studied.reopen()
    await studied.answer("cem")
    await studied.answer("bob", "Keep them.")
    await studied.close()
    await studied.all_due()

    assert (await studied.now()).phase is Phase.RATING
    assert {o.participant for o in studied.drafter.requests[-1].opinions} == {
        studied.key(who) for who in PEOPLE
    }
    assert any(o.text.startswith("Keep them.") for o in studied.drafter.requests[-1].opinions)
    assert (await studied.now()).statement == "Statement 2."


async def test_a_late_worker_keeps_no_arms_of_a_question_that_was_opened_again(studied, arms):
    await studied.closed(study=STUDY, answers=("ann", "bob"))

    async def it_is_opened_again():
        arms.meanwhile = None
        deliberation = await studied.now()
        await studied.ports.deliberations.save(deliberation.failed("No.", studied.clock.now()))
        await studied.reopen()

    arms.meanwhile = it_is_opened_again
    await studied.run(Step.MEDIATE)

    assert (await statements(studied), await studied.mediation()) == ({}, None)


async def test_a_worker_that_cannot_draft_arms_says_so(room):
    await room.closed(study=STUDY, answers=PEOPLE)
    await room.all_due()

    assert "can't draft for a study" in (await room.now()).failure


async def test_whoever_is_forgotten_meanwhile_is_in_no_statement(studied, arms):
    await studied.closed(study=STUDY, answers=PEOPLE)

    async def bob_leaves():
        arms.meanwhile = None
        await studied.forget("bob")

    arms.meanwhile = bob_leaves
    await studied.all_due()

    kept = await statements(studied)
    assert (await studied.now()).phase is Phase.RATING
    assert kept
    assert all(studied.key("bob") not in each.rewards for each in kept.values())
    assert all(each.left_out != studied.key("bob") for each in kept.values())
    last = [request for _, request, _ in arms.asked][-2:]
    assert {len(request.opinions) for request in last} == {2}


async def test_what_was_rated_is_in_the_log_with_its_arm(studied):
    await studied.voting(study=STUDY, ask_quality=True, answers=PEOPLE)
    kept = await statements(studied)
    for who in PEOPLE:
        seen = await queries.to_rate(Actor("T1", who), studied.deliberation_id, studied.ports)
        for each in seen:
            rating = commands.CastRating(
                Actor("T1", who),
                studied.deliberation_id,
                6,
                studied.clock.now(),
                quality=3,
                statement_id=each.statement_id,
            )
            await studied.say(rating)
    await studied.later(timedelta(days=1))

    found = await studied.feedback()
    assert sorted((each.arm, each.participant) for each in found) == sorted(
        (arm, studied.key(who)) for arm in ARMS for who in PEOPLE
    )
    outside = [(each.arm, each.participant) for each in found if not each.included]
    assert outside == [(Arm.LEAVE_ONE_OUT, kept[Arm.LEAVE_ONE_OUT].left_out)]
    assert {(each.study, each.group, each.agreement, each.quality) for each in found} == {("s1", "g7", 6, 3)}


# -- a second vote, on what members would change ---------------------------------------------------

TWO_VOTES = STUDY.model_copy(update={"arms": (Arm.BEST_OPINION, Arm.REVISED, Arm.ZERO_SHOT)})
CRITICS = ("ann", "bob", "dee")


async def critiqued(studied, critics=CRITICS):
    """The first vote of a study with two; dee has given no opinion, and says what she would change."""
    await studied.voting(study=TWO_VOTES, ask_quality=True, answers=PEOPLE)
    for who in critics:
        now, said = studied.clock.now(), f"{who} misses the shops."
        await studied.say(
            commands.GiveReason(Actor("T1", who), studied.deliberation_id, said, now, consent=True)
        )


async def of_round(studied, round_):
    return await studied.ports.mediations.statements(studied.deliberation_id, round_)


async def test_a_first_vote_has_all_but_the_revised_statement_and_asks_about_the_one_it_revises(studied):
    await critiqued(studied)
    seen = await queries.to_rate(Actor("T1", "ann"), studied.deliberation_id, studied.ports)

    assert [each.arm for each in await of_round(studied, 1)] == [Arm.BEST_OPINION, Arm.ZERO_SHOT]
    assert [each.text for each in seen if each.asks_why] == ["A statement, zero-shot."]


async def test_the_second_vote_is_on_the_same_statements_and_one_that_the_same_arm_revised(studied, arms):
    await critiqued(studied)
    await studied.later(timedelta(days=1))

    first, second = await of_round(studied, 1), await of_round(studied, 2)
    assert ((await studied.now()).phase, (await studied.now()).round) == (Phase.RATING, 2)
    assert [each.arm for each in second] == list(TWO_VOTES.arms)
    assert second[1].text == "A revised statement, zero-shot."
    assert [each.text for each in second if each.arm is not Arm.REVISED] == [each.text for each in first]
    assert not {each.id for each in first} & {each.id for each in second}
    _, request, _ = arms.asked[-1]
    assert request.revision.statement == "A statement, zero-shot."
    assert {each.text for each in request.revision.critiques} == {
        f"{who} misses the shops." for who in CRITICS
    }
    seen = await queries.to_rate(Actor("T1", "ann"), studied.deliberation_id, studied.ports)
    assert not any(each.asks_why for each in seen)
    reason = commands.GiveReason(Actor("T1", "ann"), studied.deliberation_id, "More.", studied.clock.now())
    assert not (await dispatch(reason, studied.ports)).ok
    await studied.later(timedelta(days=1))
    assert ((await studied.now()).phase, (await studied.now()).round) == (Phase.SETTLED, 2)


async def test_a_second_vote_is_drafted_once_wherever_a_worker_dies(studied, arms, monkeypatch):
    await critiqued(studied)
    studied.clock.advance(timedelta(days=1))
    # It dies once before, and once after, each time that it saves; and each step comes twice.
    for port, method in (("deliberations", "save"), ("mediations", "keep_statements")):
        real = getattr(getattr(studied.ports, port), method)
        for after in (False, True):

            async def dies(*given, real=real, after=after, **how):
                monkeypatch.undo()
                if after:
                    await real(*given, **how)
                raise RuntimeError("killed")

            monkeypatch.setattr(getattr(studied.ports, port), method, dies)
            await studied.all_due()
            await studied.run(Step.SETTLE, Step.MEDIATE, Step.MEDIATE, Step.PUBLISH)
            studied.clock.advance(timedelta(minutes=10))
            await studied.all_due()

    found = await studied.now()
    assert (found.phase, found.round, found.rounds_begun) == (Phase.RATING, 2, 2)
    assert [each.arm for each in await of_round(studied, 2)] == list(TWO_VOTES.arms)
    assert len(await of_round(studied, 1)) == 2


async def test_with_too_few_who_say_what_to_change_there_is_one_vote(studied, arms):
    await critiqued(studied, CRITICS[:2])
    asked = len(arms.asked)
    await studied.later(timedelta(days=1))

    found = await studied.now()
    assert (found.phase, found.round, len(arms.asked)) == (Phase.SETTLED, 1, asked)
    assert str(texts.STUDY_UNREVISED) in texts.study_thanks(found)


async def test_where_no_revision_can_be_drafted_the_first_vote_stands(studied, arms):
    await critiqued(studied)
    arms.errors = [GenerationError("The generator gave nothing.")] * 9
    await studied.later(timedelta(days=1))

    found = await studied.now()
    assert (found.phase, found.round, found.lacks_revision) == (Phase.SETTLED, 1, True)


async def test_who_is_forgotten_while_it_is_revised_is_not_heard(studied, arms):
    """Without her, too few have said what to change."""
    await critiqued(studied)

    async def dee_leaves():
        arms.meanwhile = None
        await studied.forget("dee")

    arms.meanwhile = dee_leaves
    await studied.later(timedelta(days=1))

    assert ((await studied.now()).phase, (await studied.now()).round) == (Phase.SETTLED, 1)
    assert await of_round(studied, 2) == []


async def test_a_critique_is_logged_with_the_statement_that_it_is_about(studied):
    await critiqued(studied, PEOPLE)
    for round_ in (1, 2):
        for who in PEOPLE:
            for each in await queries.to_rate(Actor("T1", who), studied.deliberation_id, studied.ports):
                about = {"quality": 3, "statement_id": each.statement_id, "round": round_}
                now = studied.clock.now()
                await studied.say(
                    commands.CastRating(Actor("T1", who), studied.deliberation_id, 5, now, **about)
                )
        await studied.later(timedelta(days=1))

    found = [record for record in await studied.feedback() if record.participant == studied.key("ann")]
    assert sorted((each.round, each.arm, each.critique) for each in found) == sorted(
        [(1, Arm.BEST_OPINION, None), (1, Arm.ZERO_SHOT, "ann misses the shops.")]
        + [(2, arm, None) for arm in TWO_VOTES.arms]
    )
