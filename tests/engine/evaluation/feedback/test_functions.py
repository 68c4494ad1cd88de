"""Welfare functions compared: what each would have chosen, and what people then gave."""

import math

import numpy as np
import pytest

from engine.evaluation.feedback.functions import FUNCTIONS, compare_functions
from engine.evaluation.feedback.ratings import Ratings
from engine.evaluation.intervals import Bootstrap
from engine.types import FIXED_ALPHA, WelfareName
from tests.engine.evaluation.simulated import record

# Two people, statements A and B. Predicted: A has the higher mean, B the higher minimum.
PREDICTED, RATED = {"A": (7.0, 2.0), "B": (4.0, 4.0)}, {"A": (7, 2), "B": (4, 5)}


def both(**said):
    return [
        record(
            participant=person,
            statement_id=name,
            agreement=RATED[name][at],
            **{"predicted_reward": PREDICTED[name][at], **said},
        )
        for name in PREDICTED
        for at, person in enumerate(("ann", "bob"))
    ]


def test_each_function_chooses_by_prediction_and_is_judged_by_ratings():
    found = compare_functions(Ratings.of(both()), Bootstrap(1, seed=0))
    utilitarian, nash, rawlsian = (
        next(each for each in found.choices if each.function.alpha == alpha) for alpha in (0, 1, math.inf)
    )

    assert found.rounds == 1
    assert (utilitarian.predicted.value, utilitarian.rated.value, utilitarian.lowest.value) == (4.5, 4.5, 2)
    assert utilitarian.best.value == 4.5
    assert nash.predicted.value == 4  # of B: A's is the root of 14
    assert nash.rated.value == pytest.approx(math.sqrt(20))
    assert (rawlsian.predicted.value, rawlsian.rated.value, rawlsian.mean.value) == (4, 4, 4.5)
    assert (rawlsian.chance.value, rawlsian.like_utilitarian.value) == (3, 0)


def test_the_welfare_of_an_arm_falls_from_its_mean_to_its_minimum():
    (arm,) = compare_functions(Ratings.of(both()), Bootstrap(1, seed=0)).arms
    values = [each.value for each in arm.by_function]

    assert values[0] == 4.5
    assert values[-1] == 3
    assert values == sorted(values, reverse=True)
    assert [each.alpha for each in FUNCTIONS] == sorted(each.alpha for each in FUNCTIONS)


def test_every_function_with_an_alpha_of_its_own_is_compared_under_its_own_name():
    named = [each.name for each in FUNCTIONS if each.name is not WelfareName.ISOELASTIC]

    assert sorted(named) == sorted(FIXED_ALPHA)


def test_a_report_can_tell_functions_apart_by_alpha():
    alphas = [each.alpha for each in FUNCTIONS]

    assert len(set(alphas)) == len(alphas), "two welfare functions have the same fixed alpha"


@pytest.mark.parametrize(
    "records",
    [both(predicted_reward=None), both()[:2], [each for each in both() if each.participant == "ann"]],
    ids=["no predictions", "one statement", "one person"],
)
def test_where_nothing_could_be_chosen_no_choice_is_reported(records):
    found = compare_functions(Ratings.of(records), Bootstrap(1, seed=0))

    assert (found.rounds, found.choices) == (0, ())


def test_a_person_who_skipped_a_statement_has_no_part_in_the_choice():
    skipped = record(participant="cid", statement_id="A", agreement=1, predicted_reward=1.0)
    with_them, without = (
        compare_functions(Ratings.of(each), Bootstrap(1, seed=0)).choices
        for each in ([*both(), skipped], both())
    )

    assert with_them == without
    assert np.isfinite([each.rated.value for each in without]).all()
