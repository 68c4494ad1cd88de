"""Beginning a study in a team that does not let Accord learn."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import DomainError
from bot.service.studies import start_study
from engine.study.plan import StudyQuestion, plan_study

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
