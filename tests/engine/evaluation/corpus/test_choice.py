"""Suite choice: laws that hold for any round, and one worked by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.corpus.choice import (
    BEST,
    CENTROID,
    CHOOSERS,
    FUNCTIONS,
    LONGEST,
    LOT,
    SIMILARITY,
    by_centroid,
    by_length,
    by_similarity,
    picked,
    picks,
    share_gained,
    worth,
)
from engine.evaluation.corpus.reading import Sort
from engine.evaluation.intervals import Bootstrap
from engine.names import WelfareName
from engine.types import WelfareFunction
from engine.welfare import welfare
from tests.engine.evaluation.corpus.rounds import CAKE, HALL, a_round

UTILITARIAN, RAWLSIAN = (WelfareFunction(name=name) for name in ("utilitarian", "rawlsian"))
FUNCTION = st.sampled_from(FUNCTIONS)


def table(people, statements):
    row = st.lists(st.integers(1, 7), min_size=statements, max_size=statements)
    return st.lists(row, min_size=people, max_size=people).map(lambda rows: np.array(rows, dtype=float))


TABLE = st.tuples(st.integers(1, 5), st.integers(2, 7)).flatmap(lambda shape: table(*shape))
TABLES = st.lists(TABLE, min_size=1, max_size=6)


def gained(tables, scores, function, draws=50):
    found = worth(tables, scores, function)
    return share_gained(found, Bootstrap(len(tables), seed=0, draws=draws), sum(each.size for each in tables))


@given(tables=TABLES, function=FUNCTION)
def test_who_knows_the_ratings_gains_all_that_can_be_gained(tables, function):
    gain = gained(tables, [welfare(each, function) for each in tables], function)

    varied = any(np.ptp(welfare(each, function)) > 1e-6 for each in tables)
    assert (gain is not None) == varied
    assert gain is None or gain.value == pytest.approx(1)


@given(tables=TABLES, function=FUNCTION, score=st.floats(-5, 5))
def test_who_scores_all_alike_gains_nothing(tables, function, score):
    gain = gained(tables, [np.full(each.shape[1], score) for each in tables], function)

    assert gain is None or gain.value == pytest.approx(0, abs=1e-6)


@given(tables=TABLES, function=FUNCTION, seed=st.integers(0, 99))
def test_nobody_gains_more_than_there_is(tables, function, seed):
    rng = np.random.default_rng(seed)

    gain = gained(tables, [rng.normal(size=each.shape[1]) for each in tables], function)

    assert gain is None or gain.value <= 1 + 1e-6


@given(tables=TABLES, function=FUNCTION, seed=st.integers(0, 99), levels=st.integers(1, 3))
def test_the_order_of_statements_changes_nothing(tables, function, seed, levels):
    rng = np.random.default_rng(seed)
    scores = [rng.integers(levels, size=each.shape[1]).astype(float) for each in tables]  # with ties
    orders = [rng.permutation(each.shape[1]) for each in tables]

    there = worth(tables, scores, function)
    moved = worth(
        [each[:, order] for each, order in zip(tables, orders, strict=True)],
        [each[order] for each, order in zip(scores, orders, strict=True)],
        function,
    )

    for name in ("gained", "possible", "mean", "lowest"):
        assert getattr(there, name) == pytest.approx(getattr(moved, name))


def test_a_round_worked_by_hand():
    cake = a_round(CAKE).table  # means 6, 3, 4, 6; least happy 5, 2, 3, 5

    found = worth([cake], [np.array([0.0, 2.0, 1.0, 2.0])], UTILITARIAN)

    assert found.gained[0] == pytest.approx((3 + 6) / 2 - 4.75)
    assert found.possible[0] == pytest.approx(6 - 4.75)
    assert (found.mean[0], found.lowest[0]) == (4.5, 3.5)
    rawls = worth([cake], [np.array([0.0, 0.0, 1.0, 0.0])], RAWLSIAN)
    assert (rawls.gained[0], rawls.possible[0]) == pytest.approx((3 - 3.75, 5 - 3.75))


def test_the_share_is_of_the_sums_over_rounds():
    tables = [a_round(CAKE).table, a_round(HALL).table]  # means 6, 3, 4, 6 and 5, 4, 2.5

    gain = gained(tables, [np.array([1.0, 0, 0, 0]), np.array([0, 1.0, 0])], UTILITARIAN)

    top = (6 - 4.75) + (4 - 11.5 / 3)
    assert gain.value == pytest.approx(top / ((6 - 4.75) + (5 - 11.5 / 3)), abs=1e-6)
    assert (gain.groups, gain.cases, gain.ratings) == (2, 2, 18)


def test_a_round_in_which_all_is_as_good_counts_for_nothing():
    tables = [a_round(CAKE).table, np.full((3, 4), 5.0)]

    alone, beside = (gained(tables[:n], [np.array([0.0, 1, 0, 0])] * n, UTILITARIAN) for n in (1, 2))

    assert beside.value == alone.value
    assert beside.cases == 1
    assert gained(tables[1:], [np.zeros(4)], UTILITARIAN) is None


def test_the_interval_draws_whole_rounds():
    rng = np.random.default_rng(3)
    tables = [rng.integers(1, 8, size=(4, 5)).astype(float) for _ in range(30)]
    noisy = [each.mean(axis=0) + rng.normal(size=5) for each in tables]

    gain = gained(tables, noisy, UTILITARIAN, draws=500)

    assert gain.low < gain.value < gain.high
    assert gain.groups == 30
    assert gain == gained(tables, noisy, UTILITARIAN, draws=500)


def test_the_highest_share_the_pick():
    assert picked(np.array([1.0, 2.0, 2.0 + 1e-12])).tolist() == [0, 0.5, 0.5]


def test_choosers_that_know_less_read_what_their_names_say():
    cake = a_round(CAKE)

    assert by_length(cake).argmax() == 3
    assert by_similarity(cake).argmax() == 1  # the collage, as it quotes everybody
    odd = a_round(
        CAKE, statements=[*CAKE["statements"][:3], {"text": "Zebra crossings!", "kind": "off_topic"}]
    )
    assert by_centroid(odd).argmin() == 3
    assert set(CHOOSERS) == {LOT, LONGEST, CENTROID, SIMILARITY}


def test_picks_say_what_people_make_of_them_for_each_chooser():
    rounds = [a_round(CAKE)]
    chosen = {LOT: [np.zeros(4)], BEST: [rounds[0].table.mean(axis=0)]}
    function = WelfareFunction(name=WelfareName.UTILITARIAN)

    lot, best = picks(rounds, Sort.KINDS, chosen, function, Bootstrap(1, seed=0, draws=20))

    assert (lot.by, lot.gain.value, lot.mean.value, lot.lowest.value) == (LOT, 0, 4.75, 3.75)
    assert (best.by, best.gain.value, best.mean.value, best.lowest.value) == (BEST, 1, 6, 5)
    assert best.mean.low is None  # one round: no spread can be told
