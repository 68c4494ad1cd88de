"""Groups by what members would agree with: found where there are camps, and never so small as to name one."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.groups.opinion_groups import (
    APART,
    FEWEST_MEMBERS,
    MOST_GROUPS,
    SMALLEST_GROUP,
    STAND_FOR_IT,
    groups_of,
    silhouette,
    told_of_groups,
)

RATINGS = st.tuples(st.integers(1, 30), st.integers(0, 6)).flatmap(
    lambda shape: arrays(np.float64, shape, elements=st.floats(1, 7))
)


def camps(*sizes, seed=0, width=0.3):
    """Members of each camp in a row, who rate drafts alike but for a little."""
    random = np.random.default_rng(seed)
    middles = np.array([[6.0, 6, 2, 2, 4], [2, 2, 6, 6, 4], [6, 2, 6, 2, 2]])[: len(sizes)]
    rows = [middle + random.normal(0, width, (size, 5)) for middle, size in zip(middles, sizes, strict=True)]
    return np.clip(np.concatenate(rows), 1, 7)


@pytest.mark.parametrize("sizes", [(5, 3), (12, 6), (7, 6, 4), (40, 30, 20), (900, 400)])
def test_camps_are_found_the_largest_first(sizes):
    ends = np.cumsum([0, *sizes]).tolist()

    found = groups_of(camps(*sizes))

    assert found == tuple(tuple(range(a, b)) for a, b in pairwise(ends))


def test_those_who_would_like_no_draft_are_a_group_too():
    height = np.array([6.0] * 6 + [2.0] * 4)[:, None] + np.random.default_rng(1).normal(0, 0.3, (10, 4))

    assert groups_of(height) == ((0, 1, 2, 3, 4, 5), (6, 7, 8, 9))


def test_fewer_than_eight_members_are_in_no_groups_however_far_apart():
    assert FEWEST_MEMBERS == 8
    assert groups_of(camps(4, 3)) == ()
    assert len(groups_of(camps(4, 4))) == 2


def test_two_of_another_mind_are_not_told_from_the_others():
    assert groups_of(camps(8, 2)) == (tuple(range(10)),)


def test_two_join_those_whose_ratings_are_nearest_to_theirs():
    sizes, rated = (3, 2, 3, 5, 5), [[3.0, 2], [4, 5], [2, 3], [7, 6], [6, 4]]  # the two: 2.2 from the last

    found = groups_of(np.repeat(rated, sizes, axis=0))

    assert found == ((3, 4, 13, 14, 15, 16, 17), (8, 9, 10, 11, 12), (0, 1, 2), (5, 6, 7))


def test_members_who_would_rate_much_alike_are_one_group_however_neatly_they_part():
    near = 4 + (camps(6, 5) - 4) * (APART / 5)

    assert groups_of(near) == (tuple(range(11)),)


def test_members_who_rate_at_random_are_mostly_one_group():
    random = np.random.default_rng(3)

    found = [groups_of(random.normal(4, 1, (12, 8))) for _ in range(40)]

    assert sum(len(each) > 1 for each in found) <= 10


@settings(max_examples=60, deadline=None)
@given(ratings=RATINGS, seed=st.integers(0, 3))
def test_everybody_is_in_one_group_of_three_or_more_and_the_same_again(ratings, seed):
    found = groups_of(ratings, seed)

    assert found == groups_of(ratings, seed)
    if len(ratings) < FEWEST_MEMBERS or not ratings.shape[1]:
        assert found == ()
        return
    assert sorted(at for group in found for at in group) == list(range(len(ratings)))
    assert 1 <= len(found) <= MOST_GROUPS
    assert [len(group) for group in found] == sorted(map(len, found), reverse=True)
    assert min(map(len, found)) >= SMALLEST_GROUP


def test_the_silhouette_is_the_published_formula():
    points, group = np.array([[0.0], [1.0], [4.0], [6.0]]), np.array([7, 7, 9, 9])

    # A member's own distance a, and b to the others: (1, 5), (1, 4), (2, 3.5) and (2, 5.5).
    assert silhouette(points, group) == pytest.approx(np.mean([4 / 5, 3 / 4, 1.5 / 3.5, 3.5 / 5.5]))
    assert silhouette(points, np.zeros(4, dtype=int)) == -1
    assert silhouette(points[:3], np.array([0, 0, 1])) == pytest.approx((3 / 4 + 2 / 3) / 3)


def test_what_is_told_of_groups_is_how_each_takes_the_statement_and_what_unites_and_divides():
    ratings = np.array([[5.0, 4, 6.5]] * 5 + [[3, 4, 1.5]] * 2 + [[4.5, 4, 1.5]])
    ratings[0] += 0.4

    told = told_of_groups(((0, 1, 2, 3, 4), (5, 6, 7)), ratings, [f"p{at}" for at in range(8)])

    first, second = told["groups"]
    assert (first.size, first.agree, second.size, second.agree) == (5, 5, 3, 1)
    assert (first.welfare, second.welfare) == (pytest.approx(5.08), 3.5)
    assert second.participants == ("p5", "p6", "p7")
    assert (first.opinions, second.opinions) == (("p1", "p2"), ("p5", "p6"))
    assert len(first.opinions) == STAND_FOR_IT
    assert (told["unites"], told["divides"], told["left_out"]) == (1, 2, ("p5", "p6"))


def test_on_the_map_members_are_as_far_apart_as_their_ratings_and_who_likes_the_statement_is_on_the_right():
    # All that differs lies in two directions, so that nothing of it is lost.
    ratings = np.array([[6.0, 4, 2.0]] * 4 + [[2.0, 4, 6.0]] * 4) + [
        [0, 0.25 * (at % 2), 0] for at in range(8)
    ]
    names = [f"p{at}" for at in range(8)]

    first, second = told_of_groups(((0, 1, 2, 3), (4, 5, 6, 7)), ratings, names)["groups"]
    points = np.array([*first.points, *second.points])

    apart = [np.linalg.norm(of[:, None] - of[None], axis=2) for of in (points, ratings)]
    assert apart[0] == pytest.approx(apart[1], abs=0.01)
    assert points[:4, 0].min() > points[4:, 0].max()
    (flat, _) = told_of_groups(((0, 1, 2, 3), (4, 5, 6, 7)), ratings[:, :1], names)["groups"]
    assert flat.points == ((2.0, 0.0),) * 4
    (alone,) = told_of_groups((tuple(range(8)),), ratings, names)["groups"]
    assert alone.points == ()


def test_of_one_group_nothing_unites_and_nothing_divides_and_where_nobody_is_predicted_nothing_is_told():
    told = told_of_groups((tuple(range(8)),), np.full((8, 2), 5.0), [str(at) for at in range(8)])

    assert (told["unites"], told["divides"], told["left_out"]) == (None, None, ())
    assert told_of_groups((), np.empty((0, 2)), ["a", "b"]) == {}
