"""A study: begun in a team that does not let Accord learn; what a member rates in one of its questions."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.deliberation import Phase
from bot.domain.errors import DomainError
from bot.domain.study import RatedStatement, Study
from bot.service.studies import StepsGiven, rate_statements, start_study
from bot.wording import texts
from engine.study.plan import StudyQuestion, plan_study
from engine.types import Arm, ModelsUsed

PLACE = ("T1", "web", "C1")
ASKED = StudyQuestion(question="Ban bags?", affirming="Ban them.", negating="Keep them.")
WEEK = timedelta(days=7)


@pytest.fixture
def plan():
    return plan_study([ASKED], id="s1", people=4, questions_each=1)


async def test_nothing_is_switched_on_unless_that_is_asked_for(room, plan):
    with pytest.raises(DomainError, match="--keep-ratings"):
        await start_study(plan, PLACE, room.ports, open_for=WEEK)

    assert not (await room.ports.teams.team("T1")).keep_feedback
    assert list(await room.ports.deliberations.of_team("T1")) == []


async def test_it_is_switched_on_with_a_record_of_who_did(room, plan):
    ((_, asked),) = await start_study(plan, PLACE, room.ports, open_for=WEEK, keep_ratings=True)

    assert asked.terms.keep_feedback
    (change,) = await room.ports.teams.settings_changes("T1")
    assert change.user == "study"
    assert [(each.field, each.after) for each in change.changes] == [("keep_feedback", "on")]


async def test_each_member_is_asked_all_the_same_and_what_was_given_before_stays_out(room, plan):
    before = await room.asked()
    early = replace(room.giving(before, "ann"), consent=True)
    assert (await room.say(early)).ok

    ((_, asked),) = await start_study(plan, PLACE, room.ports, open_for=WEEK, keep_ratings=True)
    for user, consent in (("ann", True), ("bob", False), ("cem", None)):
        assert (await room.say(replace(room.giving(asked, user), consent=consent))).ok

    kept = [await room.ports.contributions.opinion(before.id, room.key("ann", before))]
    kept += [
        await room.ports.contributions.opinion(asked.id, room.key(user, asked))
        for user in ("ann", "bob", "cem")
    ]
    assert [opinion.consent for opinion in kept] == [False, True, False, False]


async def test_a_team_that_learns_already_is_left_as_it_is(room, plan):
    team = await room.ports.teams.team("T1")
    await room.ports.teams.save_team(team.model_copy(update={"keep_feedback": True}))

    await start_study(plan, PLACE, room.ports, open_for=WEEK, keep_ratings=True)

    assert list(await room.ports.teams.settings_changes("T1")) == []


# -- rating several statements -------------------------------------------------------------------

ALL = {"a": StepsGiven(6, 2), "b": StepsGiven(3, 5)}


async def voting(room):
    """A question of a study for two people, with two statements to rate."""
    study = Study(id="s1", group="g1", arms=(Arm.ZERO_SHOT, Arm.FEW_SHOT), seed=3)
    deliberation = await room.voting(study=study, ask_quality=True, quorum=2)
    models = ModelsUsed(generator="g", reward="r", prompt="p")
    statements = [
        RatedStatement(id=id_, arm=arm, text=f"{id_}.", models=models)
        for id_, arm in zip(ALL, study.arms, strict=True)
    ]
    await room.ports.mediations.keep_statements(deliberation.id, 1, statements)
    return deliberation


async def rate(room, deliberation, given, user="ann"):
    return await rate_statements(room.person(user), deliberation.id, given, room.clock.now(), room.ports)


async def kept(room, deliberation):
    """Every rating of both statements, with when it was given."""
    return [await room.ports.contributions.ratings(deliberation.id, 1, each) for each in ALL]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"b": StepsGiven(8)}, "one of 1, 2, 3"),
        ({"b": StepsGiven(5, 8)}, "from 1 to 7"),
        ({"c": StepsGiven(5)}, "no such statement"),
    ],
    ids=["agreement", "quality", "statement"],
)
async def test_what_is_wrong_with_one_statement_keeps_none_of_the_others(room, wrong, sentence):
    deliberation = await voting(room)
    with pytest.raises(DomainError, match=sentence):
        await rate(room, deliberation, {"a": StepsGiven(6, 2), **wrong})
    assert await kept(room, deliberation) == [[], []]


async def test_statements_are_rated_a_few_at_a_time_and_a_second_copy_changes_nothing(room):
    deliberation = await voting(room)
    first = await rate(room, deliberation, {"a": StepsGiven(6, 2)})
    assert first.text == texts.statements_rated(1, 2)
    await rate(room, deliberation, ALL, "bob")
    for given in (ALL, {"a": StepsGiven(6)}, ALL):
        room.clock.advance(timedelta(seconds=1))
        reply = await rate(room, deliberation, given)
        # Whoever was the last has ended the vote; so are they told, whatever comes again.
        assert (reply.ok, reply.text) == (True, f"{texts.statements_rated(2, 2)} {texts.STUDY_ENDED}")
    assert (await room.saved(deliberation)).phase is Phase.SETTLED
    after = await kept(room, deliberation)
    assert sorted((each.value, each.quality) for ratings in after for each in ratings) == [
        (3, 5),
        (3, 5),
        (6, 2),
        (6, 2),
    ]
    with pytest.raises(DomainError, match="closed"):
        await rate(room, deliberation, {"a": StepsGiven(1)})
    assert await kept(room, deliberation) == after


async def test_what_the_store_did_not_take_is_kept_by_the_same_again(room):
    deliberation = await voting(room)
    reply = await rate(room.failing("put_rating", times=1), deliberation, ALL)
    assert (reply.ok, reply.retryable) == (False, True)
    assert (await rate(room, deliberation, ALL)).text == texts.statements_rated(2, 2)
