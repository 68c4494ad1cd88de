"""Two models on the same ratings: worked by hand, and paired where that counts."""

import numpy as np
import pytest

from engine.evaluation.accuracy.comparison import compare, paired, scorer_of
from engine.evaluation.accuracy.suites import RatedRound
from engine.reward.lexical.model import LexicalRewardModel


class Scores:
    """Gives the same row to everybody."""

    def __init__(self, *row):
        self.row = row

    def raw_scores(self, question, opinions, candidates):
        return np.array([self.row[: len(candidates)] for _ in opinions])


ROUND = RatedRound("?", ("yes", "no"), ("a", "b", "c"), np.array([[7.0, 4.0, 1.0], [6.0, 6.0, np.nan]]))


def test_accuracy_counts_pairs_that_a_person_rated_differently():
    found = compare(Scores(3, 2, 1), Scores(1, 3, 2), [ROUND, ROUND], ["g", "h"])

    # the first person has three pairs; the second one none: 6 = 6, and c is not rated
    assert found.candidate.value == pytest.approx(1.0)
    assert found.current.value == pytest.approx(1 / 3, abs=1e-6)
    assert found.difference.value == pytest.approx(2 / 3, abs=1e-6)
    assert found.candidate.ratings == 6
    assert found.better
    assert found.apart


def test_a_model_is_not_better_than_itself():
    found = compare(Scores(3, 2, 1), Scores(3, 2, 1), [ROUND, ROUND], ["g", "h"])

    assert found.difference.value == 0
    assert not found.better


def test_one_group_tells_no_spread_so_nothing_is_better():
    assert not compare(Scores(3, 2, 1), Scores(1, 2, 3), [ROUND], ["g"]).better


def test_a_small_steady_gain_is_seen_though_groups_differ_widely():
    rng = np.random.default_rng(0)
    base = rng.uniform(0, 1, size=40)

    found = paired("x", base + 0.02, base, [str(n) for n in range(40)])

    assert found.better
    assert not found.apart


def test_people_of_one_group_are_no_independent_witnesses():
    gains = np.repeat([0.3, -0.2, 0.25, -0.25], 50)
    alone = [str(n) for n in range(200)]
    together = [str(n // 50) for n in range(200)]

    wide, narrow = (paired("x", gains, np.zeros(200), groups).difference for groups in (together, alone))

    assert wide.high - wide.low > 3 * (narrow.high - narrow.low)


def test_without_a_pair_nothing_can_be_compared():
    with pytest.raises(ValueError, match="no person rated two statements differently"):
        compare(Scores(1, 2), Scores(2, 1), [RatedRound("?", ("yes",), ("a",), np.array([[5.0]]))], ["g"])


def test_a_model_that_gives_ratings_only_can_be_judged():
    found = scorer_of(LexicalRewardModel()).raw_scores(
        "Ban cats?", ["ban cats"], ["we ban cats", "we keep cats"]
    )

    assert found.shape == (1, 2)
