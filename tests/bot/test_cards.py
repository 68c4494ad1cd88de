"""What the statement's card says of those who may disagree, and when it must not."""

from datetime import UTC, datetime

import pytest

from bot.cards import other_side, statement_card
from bot.domain.deliberation import Deliberation
from bot.domain.terms import Terms
from engine.types import Candidate, Mediation, ModelsUsed, Timings, WelfareFunction


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


def card(made):
    asked = Deliberation(
        id="d1",
        team="t",
        platform="p",
        channel="c",
        facilitator="f",
        question="Ban plastics?",
        terms=Terms(),
        created_at=datetime(2026, 11, 23, 12, tzinfo=UTC),
    )
    return statement_card(asked, made)


def test_a_card_says_what_is_likely_of_how_many_opinions():
    shown = card(mediation((6, 6, 6, 2, 2), (7, 7, 7, 3, 3)))

    assert shown.drafted == "Drafted from 5 opinions, chosen to be best on average."
    assert shown.prediction == (
        "Likely agreement ▰▰▰▰▱▱▱ 4.4 of 7 · Neutral; 2 members are likely to disagree."
    )
    assert shown.made == ""


def test_a_card_of_what_was_not_predicted_says_why_and_predicts_nothing():
    why = "the reward model does not read German"
    models = ModelsUsed(generator="g", reward=f"closeness/1 ({why})", prompt="p", unpredicted=why)
    shown = card(mediation((), (), participants=("a", "b", "c", "d", "e"), models=models))

    assert shown.drafted == "Drafted from 5 opinions."
    assert shown.prediction == ""
    assert shown.made.startswith("The reward model does not read German, so nobody's agreement is predicted")
    assert shown.other_side is None


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
