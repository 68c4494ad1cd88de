"""Which point comes next: what tells most, what is new, and never what the member has voted on."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.points.routing import FEWEST_SEEN, next_points, priority
from engine.types import PointTally

COUNTS = st.integers(0, 300)
TALLIES = st.lists(st.tuples(COUNTS, COUNTS, COUNTS), max_size=20).map(
    lambda counts: [
        PointTally(point=str(at), agree=agree, disagree=disagree, passed=passed)
        for at, (agree, disagree, passed) in enumerate(counts)
    ]
)


def tally(agree=0, disagree=0, passed=0, point="p"):
    return PointTally(point=point, agree=agree, disagree=disagree, passed=passed)


def firsts(tallies, extremity=None, times=2_000):
    random = Random(4)
    return Counter(next_points(tallies, (), random, extremity or {}, most=1)[0] for _ in range(times))


@given(TALLIES, st.sets(st.integers(0, 25).map(str)), st.integers())
def test_each_other_point_comes_once(tallies, seen, seed):
    order = next_points(tallies, seen, Random(seed))

    assert sorted(order) == sorted({each.point for each in tallies} - seen)
    assert order == next_points(tallies, seen, Random(seed))
    assert order[:3] == next_points(tallies, seen, Random(seed), most=3)


@pytest.mark.parametrize(
    ("agree", "passed", "seen", "extremity", "value"),
    [
        (0, 0, 0, 0.0, (1 / 2 * 1 / 2 * 9) ** 2),
        (18, 2, 20, 0.0, (19 / 22 * 19 / 22 * 1.5) ** 2),
        (18, 2, 20, 1.0, (19 / 22 * 2 * 19 / 22 * 1.5) ** 2),
    ],
)
def test_the_weight_is_polis_priority(agree, passed, seen, extremity, value):
    assert priority(tally(agree, seen - agree - passed, passed), extremity) == pytest.approx(value)


def test_new_points_come_before_those_that_many_have_seen():
    counts = firsts([tally(agree=100, point="old"), tally(point="new")])

    assert counts["new"] > 2 * counts["old"] > 0


def test_a_new_point_is_not_put_back_by_those_who_saw_it_first():
    assert priority(tally(disagree=FEWEST_SEEN - 1)) == priority(tally())
    assert priority(tally(disagree=FEWEST_SEEN)) < priority(tally())


def test_what_sets_members_apart_comes_first_and_what_they_pass_on_last():
    counts = firsts(
        [
            tally(30, 30, 5, point="plain"),
            tally(30, 30, 5, point="apart"),
            tally(30, 0, 35, point="unclear"),
        ],
        {"apart": 2.0},
    )

    assert counts["apart"] > 3 * counts["plain"] > 3 * counts["unclear"]
