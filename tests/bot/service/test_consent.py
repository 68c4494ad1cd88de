"""What members say so that it can be learnt from: a baseline, quality, and that they stay out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.commands import (
    CastRating,
    ChangeTeam,
    ForgetMe,
    GiveOpinion,
    RateBaseline,
    StopLearning,
    WithdrawRating,
)
from bot.domain.deliberation import Phase
from bot.domain.study import RatedStatement, Study
from bot.domain.team import Team
from bot.service import queries
from bot.wording import texts
from engine.types import Arm, ModelsUsed

SECOND = timedelta(seconds=1)
POSITION = "Single-use plastics should be banned."
STUDY = Study(id="s", group="g", arms=(Arm.ZERO_SHOT, Arm.SELECTED), seed=3)


def baseline(room, deliberation, value, user="ann", at=None):
    return RateBaseline(room.person(user), deliberation.id, value, at or room.clock.now())


async def baselines(room, deliberation):
    return [kept.value for kept in await room.ports.contributions.baselines(deliberation.id)]


async def consent(room, deliberation, user="ann"):
    return (await room.ports.contributions.opinion(deliberation.id, room.key(user, deliberation))).consent


def test_a_team_is_not_learnt_from_unless_it_wants_to():
    assert not Team(id="T1").keep_feedback


# -- the baseline --------------------------------------------------------------------------------


async def test_a_baseline_is_kept_and_can_be_changed(room):
    deliberation = await room.asked(position_statement=f"  {POSITION}\u0000 ")
    assert deliberation.terms.position_statement == POSITION
    first = baseline(room, deliberation, 2)
    room.clock.advance(SECOND)
    for command in (first, baseline(room, deliberation, 5), first):
        assert (await room.say(command)).text == texts.BASELINE_KEPT
    assert await baselines(room, deliberation) == [5]
    assert (await queries.own_answer("ann", deliberation, room.ports)).baseline == 5


async def test_a_baseline_counts_seven_steps_on_any_scale_and_nothing_else(room):
    deliberation = await room.asked(position_statement=POSITION, scale="three")
    assert (await room.say(baseline(room, deliberation, 7))).ok
    for value in (0, 8):
        refused = await room.say(baseline(room, deliberation, value))
        assert (refused.ok, "one of" in refused.text) == (False, True)
    assert await baselines(room, deliberation) == [7]


async def test_a_question_without_a_position_statement_takes_no_baseline(room):
    deliberation = await room.asked(position_statement=" ".join("\u200b"))
    assert deliberation.terms.position_statement is None
    assert not (await room.say(baseline(room, deliberation, 4))).ok


async def test_a_position_statement_that_is_too_long_is_refused(room):
    command = room.asking()
    long = command.terms.model_copy(update={"position_statement": "x" * 501})
    refused = await room.say(type(command)(**{**vars(command), "terms": long}))
    assert (refused.ok, "500" in refused.text) == (False, True)


async def test_after_the_close_a_late_copy_is_no_refusal_and_a_new_baseline_is(room):
    deliberation = await room.drafting(position_statement=POSITION)
    assert not (await room.say(baseline(room, deliberation, 4, "bob"))).ok
    another = await room.asked(key="another", position_statement=POSITION)
    given = baseline(room, another, 4)
    await room.say(given)
    await room.ports.deliberations.save((await room.saved(another)).closed(room.clock.now()))
    assert (await room.say(given)).text == texts.BASELINE_KEPT_AND_CLOSED
    assert not (await room.say(baseline(room, another, 5))).ok


def both(room, deliberation, text="Ban them.", value=2, consent=None):
    at = room.clock.now()
    return GiveOpinion(room.person("ann"), deliberation.id, text, at, consent, value)


async def test_an_opinion_is_kept_with_its_baseline(room):
    deliberation = await room.asked(position_statement=POSITION)
    assert (await room.say(both(room, deliberation))).text == texts.OPINION_KEPT
    assert await baselines(room, deliberation) == [2]
    assert await room.ports.contributions.opinion_count(deliberation.id) == 1


@pytest.mark.parametrize("wrong", [{"text": " "}, {"text": "x" * 3_001}, {"value": 8}])
async def test_an_opinion_with_its_baseline_is_saved_whole_or_not_at_all(room, wrong):
    deliberation = await room.asked(position_statement=POSITION)
    refused = await room.say(both(room, deliberation, **wrong))
    assert (refused.ok, await baselines(room, deliberation)) == (False, [])
    assert await room.ports.contributions.opinion_count(deliberation.id) == 0


async def test_an_opinion_with_a_baseline_that_nobody_asked_for_is_refused(room):
    deliberation = await room.asked()
    refused = await room.say(both(room, deliberation))
    assert (refused.ok, "doesn't ask how far you agree" in refused.text) == (False, True)
    assert await room.ports.contributions.opinion_count(deliberation.id) == 0


async def closed_after(room, command):
    """The question of a command, closed once that was kept."""
    assert (await room.say(command)).ok
    kept = await room.ports.deliberations.load(command.deliberation_id)
    await room.ports.deliberations.save(kept.closed(room.clock.now()))
    room.clock.advance(SECOND)


async def test_after_the_close_a_copy_is_no_refusal_and_another_baseline_or_consent_is(room):
    await learning(room)
    deliberation = await room.asked(position_statement=POSITION)
    given = both(room, deliberation, consent=True)
    await closed_after(room, given)
    assert (await room.say(given)).text == texts.OPINION_KEPT_AND_CLOSED
    for changed in ({"value": 5}, {"value": None, "consent": False}):
        assert not (await room.say(both(room, deliberation, **changed))).ok
    assert (await baselines(room, deliberation), await consent(room, deliberation)) == ([2], True)


@pytest.mark.parametrize("about", [{"member": False}, {"guest": True}], ids=["stranger", "guest"])
async def test_a_baseline_is_for_those_who_take_part(room, about):
    await room.ports.teams.save_team(Team(id="T1", exclude_guests=True))
    deliberation = await room.asked(position_statement=POSITION)
    command = RateBaseline(room.person("ann", **about), deliberation.id, 4, room.clock.now())
    assert not (await room.say(command)).ok
    assert await baselines(room, deliberation) == []


async def test_forgetting_reaches_the_baseline(room):
    deliberation = await room.asked(position_statement=POSITION)
    await room.say(baseline(room, deliberation, 4))
    assert "in one question" in (await room.say(ForgetMe(room.person("ann"), room.clock.now()))).text
    assert await baselines(room, deliberation) == []


# -- quality and several statements --------------------------------------------------------------


async def test_quality_is_kept_where_it_is_asked_and_a_changed_agreement_leaves_it(room):
    deliberation = await room.voting(ask_quality=True)
    ann, now = room.person("ann"), room.clock.now()
    await room.say(CastRating(ann, deliberation.id, 6, now, quality=3))
    await room.say(CastRating(ann, deliberation.id, 2, now + SECOND))
    room.clock.advance(SECOND)
    participant = room.key("ann", deliberation)
    kept = await room.ports.contributions.rating(deliberation.id, 1, participant)
    assert (kept.value, kept.quality) == (2, 3)
    refused = await room.say(CastRating(ann, deliberation.id, 6, now, quality=8))
    assert (refused.ok, "from 1 to 7" in refused.text) == (False, True)


async def test_quality_is_refused_where_it_is_not_asked(room):
    deliberation = await room.voting()
    command = CastRating(room.person("ann"), deliberation.id, 6, room.clock.now(), quality=3)
    assert not (await room.say(command)).ok
    assert await room.ratings(deliberation) == {}


async def studied(room):
    """A question of which two statements are rated."""
    deliberation = await room.drafting(study=STUDY)
    models = ModelsUsed(generator="g", reward="r", prompt="p")
    statements = [
        RatedStatement(id=id_, arm=arm, text=f"Statement {id_}.", models=models)
        for id_, arm in zip("ab", STUDY.arms, strict=True)
    ]
    await room.ports.mediations.keep_statements(deliberation.id, 1, statements)
    chosen = await room.ports.deliberations.save(deliberation.chosen("Statement b."))
    return await room.ports.deliberations.save(chosen.published(room.clock.now()))


async def test_in_a_study_each_member_rates_every_statement_blind(room):
    deliberation = await studied(room)
    assert deliberation.phase is Phase.RATING
    ann, now = room.person("ann"), room.clock.now()
    for value, id_ in ((2, "a"), (6, "b")):
        assert (await room.say(CastRating(ann, deliberation.id, value, now, statement_id=id_))).ok
    for id_ in ("chosen", "c"):
        assert not (await room.say(CastRating(ann, deliberation.id, 4, now, statement_id=id_))).ok
    await room.say(WithdrawRating(ann, deliberation.id, now + SECOND, statement_id="b"))
    seen = await queries.to_rate(ann, deliberation.id, room.ports)
    assert {each.statement_id: each.rating and each.rating.value for each in seen} == {"a": 2, "b": None}
    assert {each.text for each in seen} == {"Statement a.", "Statement b."}
    assert not any(arm in str(seen) for arm in STUDY.arms)


async def test_whoever_is_forgotten_rated_no_statement_of_a_study(room):
    deliberation = await studied(room)
    ann = room.person("ann")
    await room.say(CastRating(ann, deliberation.id, 6, room.clock.now(), statement_id="b"))
    await room.ports.feedback.append([room.record(deliberation, "ann")])
    assert (await room.say(ForgetMe(ann, room.clock.now()))).ok
    assert await room.ports.contributions.ratings(deliberation.id, 1, "b") == []
    assert [record async for record in room.ports.feedback.read("T1")] == []


async def test_an_everyday_question_has_no_list_of_statements(room):
    deliberation = await room.voting()
    assert await queries.to_rate(room.person("ann"), deliberation.id, room.ports) == ()


# -- consent -------------------------------------------------------------------------------------


async def learning(room):
    """A team that asks its members whether Accord may learn from them."""
    await room.ports.teams.save_team(Team(id="T1", keep_feedback=True))


async def give(room, deliberation, consent, text="Ban them."):
    room.clock.advance(SECOND)
    at = room.clock.now()
    assert (await room.say(GiveOpinion(room.person("ann"), deliberation.id, text, at, consent))).ok


async def test_silence_is_no_and_what_was_said_with_an_opinion_counts_until_something_else_is_said(room):
    await learning(room)
    deliberation = await room.asked()
    said = [None, True, None, False, None]
    found = []
    for wish in said:
        await give(room, deliberation, wish)
        found.append(await consent(room, deliberation))
    assert found == [False, True, True, False, False]


async def test_a_yes_to_one_question_is_no_yes_to_the_next(room):
    await learning(room)
    first = await room.asked()
    await give(room, first, True)
    another = await room.asked(key="another")
    assert not (await queries.own_answer("ann", another, room.ports)).may_learn
    await give(room, another, None)
    assert [await consent(room, each) for each in (first, another)] == [True, False]


async def test_what_was_given_before_the_team_asked_is_never_consented(room):
    deliberation = await room.asked()
    await give(room, deliberation, True)
    team = await room.ports.teams.team("T1")
    switched_on = ChangeTeam(room.person("ada", admin=True), team.model_copy(update={"keep_feedback": True}))
    assert (await room.say(switched_on)).ok
    assert (await room.saved(deliberation)).terms.keep_feedback
    assert not await consent(room, deliberation)
    await give(room, deliberation, True)
    assert await consent(room, deliberation)


async def test_a_no_holds_for_what_was_given_before_and_erases_what_was_kept_of_it(room):
    await learning(room)
    deliberation, settled = await room.asked(), await room.settled(key="settled")
    for user in ("ann", "bob"):
        assert (await room.say(replace(room.giving(deliberation, user), consent=True))).ok
    room.clock.advance(SECOND)
    assert (await room.say(StopLearning(room.person("ann")))).ok
    assert not await consent(room, deliberation)
    assert await consent(room, deliberation, "bob")
    left = {record.participant async for record in room.ports.feedback.read("T1")}
    assert left == {room.key("bob", settled)}
