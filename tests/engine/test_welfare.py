"""The laws of social welfare, and the worked example of the paper's talk."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from engine.errors import ScoringError
from engine.types import MIDPOINT, WelfareFunction, WelfareName
from engine.welfare import (
    bernoulli_nash,
    group_informed,
    group_rawlsian,
    isoelastic,
    part_ties,
    rank,
    rawlsian,
    utilitarian,
    welfare,
)

SHAPES = array_shapes(min_dims=2, max_dims=2, max_side=6)
REWARDS = arrays(np.float64, SHAPES, elements=st.floats(1, 7))
RAW_SCORES = arrays(np.float64, SHAPES, elements=st.floats(-100, 100))
ALPHAS = st.one_of(
    st.floats(0, 1e6),
    st.floats(0.999, 1.001),
    st.sampled_from([0.0, 1.0, math.nextafter(1, 0), 1e308, math.inf]),
)
IN_POINTS = set(WelfareName) - {WelfareName.ISOELASTIC, WelfareName.GROUP_INFORMED}
FUNCTIONS = st.one_of(
    st.sampled_from([WelfareFunction(name=name) for name in sorted(IN_POINTS)]),
    ALPHAS.filter(math.isfinite).map(lambda alpha: WelfareFunction(name=WelfareName.ISOELASTIC, alpha=alpha)),
)

OVER_GROUPS = st.sampled_from([group_rawlsian, group_informed])


@st.composite
def grouped(draw):
    """Rewards, and everybody in one of a few groups."""
    rewards = draw(REWARDS)
    names = draw(st.lists(st.integers(0, 2), min_size=len(rewards), max_size=len(rewards)))
    return rewards, [[at for at, name in enumerate(names) if name == each] for each in sorted(set(names))]


# The talk's example: three participants, candidates A and B.
TALK = np.array([[-10.0, 0.0], [9.0, 3.0], [10.0, 5.0]])


@given(rewards=REWARDS, function=FUNCTIONS)
def test_welfare_lies_between_worst_and_best_off(rewards, function):
    values = welfare(rewards, function)

    assert values.shape == (rewards.shape[1],)
    assert (values >= rewards.min(axis=0) - 1e-9).all()
    assert (values <= rewards.max(axis=0) + 1e-9).all()


@given(rewards=REWARDS, function=FUNCTIONS, data=st.data())
def test_who_is_who_does_not_matter(rewards, function, data):
    order = data.draw(st.permutations(range(rewards.shape[0])))

    np.testing.assert_allclose(welfare(rewards[order], function), welfare(rewards, function), rtol=1e-9)


@given(rewards=REWARDS, function=FUNCTIONS, data=st.data())
def test_nobody_s_gain_lowers_welfare(rewards, function, data):
    gains = data.draw(arrays(np.float64, rewards.shape, elements=st.floats(0, 3)))

    assert (welfare(rewards + gains, function) >= welfare(rewards, function) - 1e-9).all()


@given(rewards=REWARDS, alphas=st.tuples(ALPHAS, ALPHAS).map(sorted))
def test_welfare_does_not_rise_with_inequality_aversion(rewards, alphas):
    tolerant, averse = alphas

    assert (isoelastic(rewards, alpha=averse) <= isoelastic(rewards, alpha=tolerant) + 1e-9).all()


@given(rewards=REWARDS, distance=st.floats(1e-15, 1e-6), sign=st.sampled_from([-1, 1]))
def test_isoelastic_welfare_is_continuous_at_alpha_one(rewards, distance, sign):
    near = isoelastic(rewards, alpha=1 + sign * distance)

    np.testing.assert_allclose(near, bernoulli_nash(rewards), atol=1e-4)
    np.testing.assert_allclose(near, np.exp(np.log(rewards).mean(axis=0)), atol=1e-4)


@given(reward=st.floats(1, 7), people=st.integers(1, 8), function=FUNCTIONS)
def test_a_group_that_agrees_has_the_welfare_of_each(reward, people, function):
    np.testing.assert_allclose(welfare(np.full((people, 1), reward), function), [reward], rtol=1e-12)


@given(rewards=REWARDS, function=FUNCTIONS, scale=st.floats(0.1, 10))
def test_scaling_all_rewards_scales_welfare(rewards, function, scale):
    np.testing.assert_allclose(
        welfare(scale * rewards, function), scale * welfare(rewards, function), rtol=1e-9
    )


@given(rewards=REWARDS)
def test_isoelastic_welfare_tends_to_mean_and_minimum(rewards):
    np.testing.assert_allclose(isoelastic(rewards, alpha=0), utilitarian(rewards), rtol=1e-12)
    np.testing.assert_allclose(isoelastic(rewards, alpha=1e-9), utilitarian(rewards), rtol=1e-6)
    np.testing.assert_allclose(isoelastic(rewards, alpha=1e9), rawlsian(rewards), rtol=1e-6)
    np.testing.assert_array_equal(isoelastic(rewards, alpha=math.inf), rawlsian(rewards))


@pytest.mark.parametrize("alpha", [0.5, 2.0, 3.7])
def test_isoelastic_welfare_is_the_published_formula(alpha):
    rewards = np.array([[2.0, 6.5], [5.0, 1.5], [7.0, 3.0]])

    expected = (rewards ** (1 - alpha)).mean(axis=0) ** (1 / (1 - alpha))

    np.testing.assert_allclose(isoelastic(rewards, alpha=alpha), expected, rtol=1e-12)


def test_welfare_of_tiny_and_huge_rewards_neither_overflows_nor_vanishes():
    rewards = np.array([[1e-300, 1e300], [1e-299, 1e299]])

    for alpha in (0.0, 0.5, 1.0, 30.0, 1e308):
        values = isoelastic(rewards, alpha=alpha)
        assert (values >= rewards.min(axis=0)).all()
        assert (values <= rewards.max(axis=0)).all()


@pytest.mark.parametrize(
    ("name", "winner"),
    [(WelfareName.UTILITARIAN, 0), (WelfareName.RAWLSIAN, 1)],
    ids=["utilitarian-A", "rawlsian-B"],
)
def test_the_talk_s_example_has_a_different_winner_for_each_function(name, winner):
    assert rank(TALK, welfare(TALK, WelfareFunction(name=name)))[0] == winner


@given(scores=RAW_SCORES)
def test_utilitarian_and_rawlsian_welfare_take_raw_scores(scores):
    np.testing.assert_allclose(utilitarian(scores), scores.mean(axis=0))
    np.testing.assert_array_equal(rawlsian(scores), scores.min(axis=0))


@pytest.mark.parametrize(
    "rewards",
    [np.empty((0, 3)), np.empty((3, 0)), np.ones(3), np.array([[1.0, np.nan]]), np.array([[np.inf]])],
    ids=["nobody", "no-candidate", "one-dimension", "nan", "infinite"],
)
@pytest.mark.parametrize("function", [utilitarian, rawlsian, bernoulli_nash])
def test_rewards_that_are_no_matrix_of_numbers_are_refused(rewards, function):
    with pytest.raises(ScoringError):
        function(rewards)


@pytest.mark.parametrize("reward", [0.0, -1.0])
def test_isoelastic_welfare_refuses_rewards_that_are_not_positive(reward):
    with pytest.raises(ScoringError, match="above zero"):
        isoelastic(np.array([[reward], [3.0]]), alpha=2)


@pytest.mark.parametrize("alpha", [-0.1, math.nan])
def test_a_senseless_alpha_is_the_caller_s_mistake(alpha):
    with pytest.raises(ValueError, match="alpha"):
        isoelastic(np.ones((2, 2)), alpha=alpha)


def test_among_candidates_of_equal_welfare_the_better_for_the_worst_off_goes_first():
    rewards = np.array([[1.0, 3.0], [7.0, 5.0]])

    assert rank(rewards, utilitarian(rewards)) == [1, 0]


def test_among_candidates_equal_in_all_the_earlier_draft_goes_first():
    rewards = np.array([[3.0, 5.0, 3.0], [5.0, 3.0, 6.0]])

    assert rank(rewards, utilitarian(rewards)) == [2, 0, 1]


def test_a_difference_of_rounding_is_a_tie():
    rewards = np.array([[2.0, 4.0], [6.0, 4.0]])

    assert rank(rewards, np.array([4.0 + 1e-12, 4.0])) == [1, 0]
    assert rank(rewards, np.array([4.0 + 1e-6, 4.0])) == [0, 1]


@given(rewards=RAW_SCORES)
def test_a_ranking_names_each_candidate_once_and_never_rises(rewards):
    values = utilitarian(rewards)

    order = rank(rewards, values)

    assert sorted(order) == list(range(rewards.shape[1]))
    assert (np.diff(values[order]) <= 1e-8).all()


def test_a_ranking_refuses_welfare_of_other_candidates():
    with pytest.raises(ScoringError, match="2 candidates"):
        rank(np.ones((3, 2)), np.ones(3))


def test_candidates_within_the_uncertainty_are_parted_by_closeness_and_the_others_stay():
    values, close = np.array([5.0, 4.9, 4.0, 4.85, 3.9]), np.array([0.1, 0.3, 0.9, 0.2, 0.95])

    assert part_ties([0, 1, 3, 2, 4], values, close, within=0.16) == ([1, 3, 0, 2, 4], 3)
    assert part_ties([0, 1, 3, 2, 4], values, close, within=0.05) == ([0, 1, 3, 2, 4], 0)


@given(rewards=REWARDS, within=st.floats(0, 6), close=st.randoms())
def test_parting_ties_loses_no_candidate_and_raises_none_from_below(rewards, within, close):
    values = utilitarian(rewards)
    order = rank(rewards, values)
    closeness = np.array([close.random() for _ in order])

    parted, tied = part_ties(order, values, closeness, within=within)

    assert sorted(parted) == sorted(order)
    assert values[parted[0]] >= values.max() - within - 1e-9
    assert parted[tied:] == order[tied:]


@given(case=grouped(), over_groups=OVER_GROUPS, data=st.data())
def test_nobody_s_gain_lowers_the_welfare_of_groups(case, over_groups, data):
    rewards, groups = case
    gains = data.draw(arrays(np.float64, rewards.shape, elements=st.floats(0, 3)))

    assert (over_groups(rewards + gains, groups) >= over_groups(rewards, groups) - 1e-9).all()


@given(case=grouped(), over_groups=OVER_GROUPS, data=st.data())
def test_neither_the_order_of_groups_nor_of_their_members_matters(case, over_groups, data):
    rewards, groups = case
    turned = [data.draw(st.permutations(group)) for group in data.draw(st.permutations(groups))]

    np.testing.assert_allclose(over_groups(rewards, turned), over_groups(rewards, groups), rtol=1e-9)


@given(case=grouped())
def test_no_group_is_left_behind_the_worst_one_s_mean(case):
    rewards, groups = case
    values = group_rawlsian(rewards, groups)

    means = np.stack([rewards[group].mean(axis=0) for group in groups])
    np.testing.assert_allclose(values, means.min(axis=0), rtol=1e-12)
    assert (rawlsian(rewards) <= values + 1e-9).all()
    assert (values <= utilitarian(rewards) + 1e-9).all()


@given(rewards=REWARDS)
def test_of_groups_of_one_and_of_none_group_rawlsian_makes_rawlsian_and_of_one_group_the_mean(rewards):
    people = range(len(rewards))

    np.testing.assert_array_equal(group_rawlsian(rewards), rawlsian(rewards))
    np.testing.assert_array_equal(group_rawlsian(rewards, [[at] for at in people]), rawlsian(rewards))
    np.testing.assert_allclose(group_rawlsian(rewards, [list(people)]), utilitarian(rewards), rtol=1e-12)


@given(case=grouped())
def test_the_share_that_agrees_is_highest_where_all_do_and_lowest_where_nobody_does(case):
    rewards, groups = case
    values = group_informed(rewards, groups)

    assert (group_informed(np.full_like(rewards, 1), groups) <= values + 1e-12).all()
    assert (values <= group_informed(np.full_like(rewards, 7), groups) + 1e-12).all()
    assert ((values > 0) & (values < 1)).all()


@given(rewards=REWARDS)
def test_without_groups_group_informed_counts_who_agrees_as_it_would_were_each_a_group(rewards):
    agree = (rewards > MIDPOINT).sum(axis=0)

    np.testing.assert_allclose(group_informed(rewards), (agree + 1) / (len(rewards) + 2))
    each = group_informed(rewards, [[at] for at in range(len(rewards))])
    np.testing.assert_allclose(np.argsort(each, kind="stable"), np.argsort(agree, kind="stable"))


def test_groups_choose_what_no_group_is_against_where_the_mean_chooses_what_most_want():
    rewards = np.array([[7, 5], [7, 5], [7, 5], [7, 5], [7, 5], [2, 5], [2, 5], [2, 5]], dtype=float)
    groups = [[0, 1, 2, 3, 4], [5, 6, 7]]

    assert rank(rewards, utilitarian(rewards))[0] == 0
    assert welfare(rewards, WelfareFunction(name=WelfareName.GROUP_RAWLSIAN), groups).tolist() == [2, 5]
    informed = welfare(rewards, WelfareFunction(name=WelfareName.GROUP_INFORMED), groups)
    np.testing.assert_allclose(informed, [6 / 7 * 1 / 5, 6 / 7 * 4 / 5])


@pytest.mark.parametrize(
    "groups", [[[0]], [[0, 1], [1]], [[0, 1, 2]]], ids=["left out", "in two", "nobody's"]
)
@pytest.mark.parametrize("over_groups", [group_rawlsian, group_informed])
def test_groups_that_are_not_everybody_once_are_the_caller_s_mistake(over_groups, groups):
    with pytest.raises(ValueError, match="one group"):
        over_groups(np.ones((2, 1)), groups)


def test_a_function_without_a_branch_is_taken_for_no_other():
    function = WelfareFunction().model_copy(update={"name": "majority"})

    with pytest.raises(AssertionError, match="majority"):
        welfare(TALK, function)
