"""Bootstrap over groups: worked by hand, and covering a truth that is known."""

import numpy as np
import pytest

from engine.evaluation.intervals import Bootstrap


def test_a_mean_says_what_it_rests_on_and_its_interval_holds_it():
    found = Bootstrap(3, seed=0).mean(np.array([1.0, 3, 5, 7]), np.array([0, 0, 1, 2]))

    assert (found.value, found.groups, found.ratings, found.cases) == (4.0, 3, 4, 4)
    # Whole groups are drawn: the first gives 2 on average, and 7 is the most that three draws can give.
    assert (found.low, found.high) == (2.0, 7.0)


def test_weights_count_as_cases_do():
    bootstrap = Bootstrap(2, seed=0)
    weighted = bootstrap.mean(np.array([0.5, 1.0]), np.array([0, 1]), weights=np.array([4.0, 1]))
    spelt = bootstrap.mean(np.array([0.0, 1, 0, 1, 1]), np.array([0, 0, 0, 0, 1]))

    assert weighted.value == spelt.value == 0.6
    assert (weighted.low, weighted.high) == (spelt.low, spelt.high)


def test_one_group_has_no_interval():
    found = Bootstrap(1, seed=0).mean(np.array([1.0, 7]), np.array([0, 0]))

    assert found.value == 4
    assert found.low is found.high is None


def test_the_seed_decides_the_interval_and_nothing_else_does():
    values, group = np.random.default_rng(1).normal(size=40), np.arange(40) // 2
    one, again, other = (Bootstrap(20, seed=seed).mean(values, group) for seed in (3, 3, 4))

    assert one == again
    assert one.value == other.value
    assert one != other


def test_any_statistic_gets_the_interval_that_the_mean_has():
    values, group = np.arange(12.0), np.arange(12) // 3
    bootstrap = Bootstrap(4, seed=0)

    assert bootstrap.of(lambda rows: float(values[rows].mean()), group, ratings=12) == bootstrap.mean(
        values, group
    )


TRIALS = 200


@pytest.mark.parametrize("groups", [20, 60])
def test_intervals_cover_the_truth_about_as_often_as_they_say(groups):
    """Ratings within a group hang together: intervals that took them for independent would cover far less."""
    rng, size, covered = np.random.default_rng(0), 8, 0
    for trial in range(TRIALS):
        values = np.repeat(rng.normal(size=groups), size) + rng.normal(size=groups * size)
        found = Bootstrap(groups, seed=trial, draws=100).mean(values, np.repeat(np.arange(groups), size))
        covered += found.low <= 0 <= found.high

    assert 0.89 <= covered / TRIALS <= 0.99
