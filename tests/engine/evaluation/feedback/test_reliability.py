"""Krippendorff's alpha against the example that its author computes."""

import numpy as np
import pytest

from engine.evaluation.feedback.ratings import Ratings
from engine.evaluation.feedback.reliability import reliability
from engine.evaluation.intervals import Bootstrap
from tests.engine.evaluation.simulated import record

# Four observers, twelve units (Krippendorff 2011, section "any metric"); 0 is not rated. Ordinal alpha 0.815.
PUBLISHED = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
    [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
]


def ratings_of(table, groups=1):
    return Ratings.of(
        record(participant=f"p{rater}", statement_id=f"s{unit:02}", agreement=value,
               group=f"g{unit % groups}", deliberation_id=f"d{unit % groups}")
        for rater, row in enumerate(table)
        for unit, value in enumerate(row)
        if value
    )  # fmt: skip


def test_the_published_example():
    ratings = ratings_of(PUBLISHED)
    found = reliability(ratings, ratings.agreement, Bootstrap(1, seed=0))

    assert found.value == pytest.approx(0.815, abs=5e-4)
    assert (found.cases, found.ratings) == (11, 40)  # one unit has a single rating


def test_the_interval_draws_whole_groups():
    ratings = ratings_of(PUBLISHED, groups=4)
    found = reliability(ratings, ratings.agreement, Bootstrap(4, seed=0, draws=200))

    assert found.low < found.value < found.high
    assert found.groups == 4


@pytest.mark.parametrize("table", [[[5, 5], [5, 5]], [[1, 7]]], ids=["no variation", "one rater"])
def test_where_alpha_is_not_defined_there_is_none(table):
    ratings = ratings_of(table)

    assert reliability(ratings, ratings.agreement, Bootstrap(1, seed=0)) is None
    assert reliability(ratings, np.full(len(ratings), np.nan), Bootstrap(1, seed=0)) is None
