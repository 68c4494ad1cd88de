"""What the statement's card says of those who may disagree, and when it must not."""

from datetime import UTC, datetime

import pytest

from bot.domain.deliberation import Deliberation, Phase
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import tally
from bot.domain.study import Study
from bot.domain.terms import Terms
from bot.wording.cards import Prediction, other_side, prediction, result_card, statement_card
from engine.digest import DIFFER, Digest, Group, Point, Section, as_text
from engine.types import (
    Arm,
    Candidate,
    Mediation,
    ModelsUsed,
    OpenPoint,
    OpinionGroup,
    Timings,
    WelfareFunction,
)


def mediation(*rewards, **about):
    """The first row of rewards is the chosen candidate's."""
    return Mediation(
        **{
            "question": "Ban plastics?",
            "seed": 1,
            "statement": "Statement 0",
            "winner": 0,
            "welfare_function": WelfareFunction(),
            "participants": tuple(f"p{n}" for n in range(len(rewards[0]))),
            "candidates": tuple(
                Candidate(text=f"Statement {n}", source="s", seed=n, rewards=row, welfare=4.0)
                for n, row in enumerate(rewards)
            ),
            "models": ModelsUsed(generator="g", reward="r", prompt="p"),
            "timings_s": Timings(draft=0, score=0, total=0),
            "model_used": True,
        }
        | about
    )


def question(**about):
    return Deliberation(
        id="d1",
        team="t",
        platform="p",
        channel="c",
        facilitator="f",
        question="Ban plastics?",
        created_at=datetime(2026, 11, 23, 12, tzinfo=UTC),
        **about,
    )


def card(made):
    return statement_card(question(), made)


def test_the_card_to_rate_says_who_wrote_the_statement_and_nothing_of_what_is_predicted():
    made = mediation((6, 6, 6, 2, 2), (7, 7, 7, 3, 3), (1, 1, 1, 7, 7))
    shown = statement_card(question(drafter=ModelNotice(drafter="m-1 on ai.example.org")), made)

    assert shown.drafted == "Drafted from 5 opinions, chosen to be best on average."
    assert shown.made == "Drafted by an AI model (m-1 on ai.example.org)."
    assert "4.4" not in repr(shown)
    assert "Statement 2" not in repr(shown)


def test_the_result_says_what_was_predicted_and_who_wrote_the_statement():
    made = mediation((6, 6, 6, 2, 2), (7, 7, 7, 3, 3), (1, 1, 1, 7, 7))
    shown = result_card(question(drafter=ModelNotice(drafter="m-1 on ai.example.org")), made, tally([]))

    assert shown.prediction == Prediction(4.4, 2, 5, "Statement 2")
    assert shown.prediction.text == (
        "Likely agreement ▰▰▰▰▱▱▱ 4.4 of 7 · Neutral; 2 members are likely to disagree."
    )
    assert shown.made == "Drafted by an AI model (m-1 on ai.example.org)."


def test_the_result_of_a_study_says_nothing_of_what_was_predicted():
    study = Terms(study=Study(id="s", group="g", arms=(Arm.BEST_OPINION,), seed=1))
    assert result_card(question(terms=study), mediation((6, 6)), tally([])).prediction is None


OPEN = (
    OpenPoint(text="exemptions for islands", asked_by=("p0", "p2")),
    OpenPoint(text="a later start", asked_by=("p0", "p1", "p3")),
)


@pytest.mark.parametrize("of", [card, lambda made: result_card(question(), made, tally([]))])
def test_what_the_statement_leaves_open_is_one_line_of_points_and_numbers(of):
    shown = of(mediation((6, 6, 6, 2, 2), leaves_open=OPEN))
    assert shown.leaves_open == (
        "Leaves open: exemptions for islands (asked for by 2) and a later start (asked for by 3)"
    )
    assert of(mediation((6, 6, 6, 2, 2))).leaves_open == ""


@pytest.mark.parametrize(
    ("terms", "made", "shown"),
    [
        ({}, mediation((6, 6), leaves_open=OPEN), False),
        ({"anonymous": False}, mediation((6, 6), leaves_open=OPEN), True),
        ({}, mediation((6, 6, 6), leaves_open=OPEN, forgotten=1), False),
        ({"anonymous": False}, mediation((6, 6, 6), leaves_open=OPEN, forgotten=1), True),
        (
            {"study": Study(id="s", group="g", arms=(Arm.BEST_OPINION,), seed=1)},
            mediation((6, 6, 6), leaves_open=OPEN),
            False,
        ),
    ],
    ids=["anonymous-and-few", "named-and-few", "anonymous-and-left", "named-and-left", "study"],
)
def test_nothing_is_told_as_open_where_it_could_be_somebody_s_or_steer_a_study(terms, made, shown):
    assert bool(statement_card(question(terms=Terms(**terms)), made).leaves_open) is shown


def test_a_card_of_what_was_not_predicted_says_why_and_predicts_nothing():
    why = "the reward model does not read German"
    models = ModelsUsed(generator="g", reward=f"closeness/1 ({why})", prompt="p", unpredicted=why)
    unpredicted = mediation((), (), participants=("a", "b", "c", "d", "e"), models=models)
    shown = card(unpredicted)

    assert shown.drafted == "Drafted from 5 opinions."
    assert "The reward model does not read German, so nobody's agreement is predicted" in shown.made
    assert prediction(question(), unpredicted) is None


def test_a_card_of_a_digest_that_is_no_statement_predicts_nothing():
    differ = Section(DIFFER, (Group((Point("Ban bags."), Point("Keep bags."))),))
    rewards = ((6, 6, 6, 6, 6), (7, 7, 7, 3, 3))

    apart = mediation(*rewards, statement=as_text(Digest((differ,), common=False)), model_used=False)
    together = mediation(*rewards, statement=as_text(Digest((differ,), common=True)), model_used=False)

    assert prediction(question(), apart) is None
    assert prediction(question(), together).text.startswith("Likely agreement")
    assert "members' own words" in card(apart).made


def test_it_is_what_those_who_disagree_would_agree_with_most():
    made = mediation((6, 6, 6, 2, 2), (7, 7, 7, 3, 3), (1, 1, 1, 6, 5), (1, 1, 1, 7, 1))
    assert other_side(made) == "Statement 2"


@pytest.mark.parametrize(
    ("rewards", "about"),
    [
        ([(6, 6, 6, 6, 2), (1, 1, 1, 1, 7)], {}),
        ([(6, 6, 2, 2), (1, 1, 7, 7)], {}),
        ([(6,) * 9 + (2, 2), (1,) * 9 + (7, 7)], {}),
        ([(6, 6, 6, 2, 2), (7, 7, 7, 1, 1)], {}),
        ([(6, 6, 6, 2, 2), (7, 7, 7, 2, 2)], {}),
        ([(6, 6, 6, 2, 2), (1, 1, 1, 7, 7)], {"forgotten": 1}),
        ([(6, 6, 6, 2, 2), (1, 1, 1, 7, 7)], {"model_used": False}),
        ([(), ()], {}),
    ],
    ids=[
        "one-alone",
        "a-small-group",
        "less-than-a-fifth",
        "nothing-better",
        "nothing-different",
        "somebody-forgotten",
        "members-own-sentences",
        "nobody-left",
    ],
)
def test_nothing_is_said_that_gives_somebody_away_or_means_nothing(rewards, about):
    assert other_side(mediation(*rewards, **about)) is None


# -- opinion groups --------------------------------------------------------------------------------

EIGHT = (6, 6, 6, 6, 6, 2, 2, 2)


def grouped(*sizes):
    """A mediation whose groups, the largest first, have these sizes; the last one is likely to disagree."""
    groups = [OpinionGroup(participants=(), size=size, welfare=6.25, agree=size) for size in sizes]
    groups[-1] = groups[-1].model_copy(update={"welfare": 2.0, "agree": 0})
    return mediation(EIGHT, groups=tuple(groups))


def result(made, phase=Phase.SETTLED, **terms):
    over = question(terms=Terms(**terms)).model_copy(update={"phase": phase})
    return result_card(over, made, tally([])).made.split("\n")[1:]


def test_a_result_tells_in_two_lines_how_opinion_groups_take_it():
    counted, means = result(grouped(5, 3))
    assert counted.startswith("There are 2 opinion groups.")
    assert counted.endswith("1 group is likely to disagree with the statement.")
    assert means == "Likely agreement, from 1 to 7: Group 1: 6.2; Group 2: 2.0."


@pytest.mark.parametrize(
    ("made", "about"),
    [
        (grouped(5, 3), {"phase": Phase.RATING}),
        (grouped(8), {}),
        (grouped(6, 2), {}),
        (grouped(5, 3).model_copy(update={"forgotten": 1}), {}),
        (grouped(5, 3), {"study": Study(id="s", group="g", arms=(Arm.ZERO_SHOT,), seed=1)}),
    ],
    ids=["before the vote is over", "one group", "too few to hide in", "somebody left", "study"],
)
def test_a_result_tells_nothing_of_groups(made, about):
    assert result(made, **about) == []


def test_in_a_named_question_a_group_of_two_is_told_of():
    assert len(result(grouped(6, 2), anonymous=False)) == 2
