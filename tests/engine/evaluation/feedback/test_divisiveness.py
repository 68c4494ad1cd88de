"""Group internal agreement, and what it says of questions before and statements after."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.feedback.divisiveness import (
    Side,
    baseline_views,
    divisiveness,
    internal_agreement,
    on_divisive,
    side,
)
from engine.evaluation.feedback.ratings import Ratings
from engine.evaluation.intervals import Bootstrap
from tests.engine.evaluation.simulated import record

RATINGS = st.lists(st.integers(1, 7), min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("ratings", "agreement", "standing"),
    [
        ([7, 6, 5, 5], -1, Side.ALL_FOR),
        ([7, 4], -1, Side.ALL_FOR),
        ([6, 6, 6, 6, 2], -0.6, Side.MOST_FOR),
        ([6, 6, 6, 2], -0.5, Side.DIVIDED),
        ([6, 2], 0, Side.DIVIDED),
        ([6, 6, 2, 4], -1 / 3, Side.DIVIDED),
        ([1, 1, 1, 1, 7], 0.6, Side.MOST_AGAINST),
        ([1, 3], 1, Side.ALL_AGAINST),
    ],
    ids=str,
)
def test_internal_agreement_worked_by_hand(ratings, agreement, standing):
    found = internal_agreement(np.array(ratings, dtype=float))

    assert found == pytest.approx(agreement)
    assert side(found) is standing


def test_a_group_in_which_nobody_takes_a_side_has_none():
    assert internal_agreement(np.array([4.0, 4.0])) is None


@given(ratings=RATINGS)
def test_the_opposite_statement_would_get_the_opposite_agreement(ratings):
    found = internal_agreement(np.array(ratings, dtype=float))
    mirrored = internal_agreement(8.0 - np.array(ratings))

    assert found is mirrored is None or found == pytest.approx(-mirrored)
    assert found is None or -1 <= found <= 1


def people(baselines, agreements, **said):
    return [
        record(
            participant=f"p{at}",
            position_statement="We should.",
            baseline=baseline,
            agreement=agreement,
            **said,
        )
        for at, (baseline, agreement) in enumerate(zip(baselines, agreements, strict=True))
    ]


def test_before_is_compared_with_after_and_divisive_questions_are_told_apart():
    ratings = Ratings.of(
        [
            *people((7, 6, 2, 1), (6, 6, 5, 3), group="g1", deliberation_id="split"),  # 1 -> 0.5
            *people((6, 6, 5, 7), (6, 6, 2, 2), group="g2", deliberation_id="at one"),  # 0 -> 1
            *people((4, 4, 4, 4), (6, 6, 6, 6), group="g3", deliberation_id="undecided"),
        ]
    )
    before = baseline_views(ratings)
    found = divisiveness(ratings, before, Bootstrap(3, seed=0))

    assert (found.questions, found.divisive, found.before.neutral) == (2, 1, 1)
    assert found.before.divisiveness.value == 0.5
    assert found.before.sides[Side.DIVIDED] == found.before.sides[Side.ALL_FOR] == 1
    (arm,) = found.arms
    assert arm.after.divisiveness.value == 0.75
    assert arm.change.value == 0.25
    divisive = ratings.where(on_divisive(ratings, before))
    assert {each.deliberation_id for each in divisive.records} == {"split"}


def test_a_member_who_rated_several_statements_is_counted_once_beforehand():
    twice = people((7, 7, 7, 1), (5, 5, 5, 5)) + people((7, 7, 7, 1), (5, 5, 5, 5), statement_id="other")[:1]

    assert baseline_views(Ratings.of(twice)).ratings.tolist() == [4]


def test_without_a_baseline_nothing_is_said():
    assert baseline_views(Ratings.of([record()])) is None
