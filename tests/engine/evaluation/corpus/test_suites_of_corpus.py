"""Kinds, options, conditions and raters, each worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.corpus.choice import FUNCTIONS
from engine.evaluation.corpus.kinds import placed
from engine.evaluation.corpus.options import conditions_told, options_told
from engine.evaluation.corpus.raters import raters
from engine.evaluation.corpus.reading import StatementKind
from engine.evaluation.intervals import Bootstrap
from engine.question_kinds import QuestionKind
from tests.engine.evaluation.corpus.rounds import CAKE, HALL, TRIP, a_round, conditions, options


def drawn(groups):
    return Bootstrap(groups, seed=0, draws=50)


def test_each_good_statement_is_set_against_each_other_kind_of_its_round():
    rounds = [a_round(CAKE), a_round(HALL)]
    scores = [np.array([4.0, 5.0, 4.0, 2.0]), np.array([3.0, 1.0, 2.0])]
    # cake: good 4 and 2, collage 5, pleasantry 4; hall: good 3, partisan 1, off topic 2

    found = {each.over: each.rate for each in placed("model", rounds, scores, drawn(2))}

    assert found[StatementKind.COLLAGE].value == 0
    assert found[StatementKind.PLEASANTRY].value == 0.25  # a tie and a loss
    assert found[StatementKind.PARTISAN].value == 1
    assert found[StatementKind.OFF_TOPIC].value == 1
    assert StatementKind.REFUSAL not in found
    assert found[None].value == pytest.approx(2.5 / 6, abs=1e-6)
    assert (found[None].cases, found[None].groups, found[None].ratings) == (6, 2, 18)
    assert (found[StatementKind.COLLAGE].cases, found[StatementKind.COLLAGE].groups) == (2, 1)


@given(scores=st.lists(st.integers(0, 3), min_size=4, max_size=4), order=st.permutations(range(4)))
def test_the_order_of_statements_changes_no_kinds(scores, order):
    moved = a_round(
        CAKE,
        statements=[CAKE["statements"][at] for at in order],
        ratings=[[row[at] for at in order] for row in CAKE["ratings"]],
        quality=[CAKE["quality"][at] for at in order],
    )
    score = np.array(scores, dtype=float)

    there = placed("m", [a_round(CAKE)], [score], drawn(1))

    assert placed("m", [moved], [score[list(order)]], drawn(1)) == there


def test_options_by_hand():
    days = np.array([[6.0, 5.0, 2.0], [4.0, 4.0, 3.0], [2.0, 4.5, 3.0]])
    drinks = np.array([[5.0, 1.0], [1.0, 7.0]])

    found = {
        each.form: each
        for each in options_told(options(), [days, drinks], calibrated=True, bootstrap=drawn(2))
    }

    assert set(found) == {None, QuestionKind.HOW_MANY, QuestionKind.WHICH}
    quantities = found[QuestionKind.HOW_MANY]
    assert quantities.own_first.value == 0.5  # yes, a tie of two, no
    assert quantities.own_above.value == pytest.approx(1 / 3, abs=1e-6)
    assert quantities.others_above.value == pytest.approx(2 / 6, abs=1e-6)  # 5 and 4.5; 4 is not above 4
    assert (quantities.others_above.cases, quantities.others_above.groups) == (6, 1)
    assert found[QuestionKind.WHICH].own_first.value == found[QuestionKind.WHICH].own_above.value == 1
    assert found[None].others_above.value == pytest.approx(2 / 8, abs=1e-6)
    assert (found[None].own_first.value, found[None].own_first.groups) == (pytest.approx(3.5 / 5), 2)


def test_raw_scores_are_not_set_against_four():
    (every, *_) = options_told(options(), [np.eye(3), np.eye(2)], calibrated=False, bootstrap=drawn(2))

    assert every.own_first.value == 1
    assert every.own_above is every.others_above is None
    assert options_told([], [], calibrated=True, bootstrap=drawn(1)) == ()


def test_conditions_by_hand():
    told = conditions_told(conditions(), [np.array([[6.0, 2.0, 4.0], [3.0, 3.0, 5.0]])], drawn(1))

    assert told.met_over_broken.value == 0.75
    assert told.met_over_silent.value == 0.5
    assert told.silent_over_broken.value == 1
    assert told.met_over_broken.cases == 2
    assert conditions_told([], [], drawn(1)) is None


def test_raters_who_agree_have_an_alpha_of_one_and_gain_all_by_each_other():
    same = a_round(CAKE, second={"rater": "r9", "ratings": CAKE["ratings"], "quality": CAKE["quality"]})

    found = raters([same, a_round(TRIP, second=None)], seed=0, draws=20)

    assert found.rounds == 1
    assert found.alpha.value == found.correlation.value == found.quality_alpha.value == 1
    assert [each.gain.value for each in found.gains] == [1, 1, 1]
    assert found.alpha.ratings == 24
    assert raters([a_round(CAKE)], seed=0, draws=20) is None


def test_what_one_rater_gains_by_the_other_is_worked_by_hand():
    rounds = [a_round(HALL), a_round(TRIP)]

    found = raters(rounds, seed=0, draws=20)
    mean = found.gains[0]

    # hall: means 5, 4, 2.5 and 5, 4, 2.5: both pick the first. trip: 5, 6.5, 3.5 and 5.5, 7, 3.5: the second.
    assert mean.function == FUNCTIONS[0]
    assert mean.gain.value == 1
    assert found.correlation.value == pytest.approx(
        np.corrcoef(
            [5, 7, 3, 5, 1, 2, 7, 6, 3, 3, 7, 4],
            [4, 7, 3, 6, 1, 2, 7, 7, 2, 4, 7, 5],
        )[0, 1],
        abs=1e-6,
    )
    assert 0.8 < found.alpha.value < 1


def test_raters_who_pick_apart_lose_both_ways():
    apart = a_round(HALL, second={"rater": "r9", "ratings": [[1, 7, 1], [1, 5, 3]], "quality": [1, 7, 1]})

    (mean, *_) = raters([apart], seed=0, draws=20).gains

    # means by the first rater: 5, 4, 2.5, who picks the first; by the second: 1, 6, 2, who picks the second
    there, back = 1 - 3, 4 - 11.5 / 3
    assert mean.gain.value == pytest.approx((there + back) / ((6 - 3) + (5 - 11.5 / 3)), abs=1e-6)
