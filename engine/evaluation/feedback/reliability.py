"""How far raters of the same statement agree with each other: Krippendorff's alpha.

Reads:  ratings and the statement that each is of.
Gives:  alpha for ordinal ratings, with an interval.
Source: Krippendorff 2011, "Computing Krippendorff's alpha-reliability". Computed here, in a few lines:
the package of that name is under the GPL, which asks more of people who pass Accord on than its own licence.
"""

import numpy as np

from engine.arrays import Floats
from engine.evaluation.feedback.ratings import Ratings
from engine.evaluation.intervals import Bootstrap, Estimate, Integers
from engine.types import HIGHEST_RATING, LOWEST_RATING

SCALE = np.arange(LOWEST_RATING, HIGHEST_RATING + 1)


def reliability(ratings: Ratings, values: Floats, bootstrap: Bootstrap) -> Estimate | None:
    """Alpha over statements: 1 raters agree fully, 0 as by chance; None where it is not defined.

    It is not where no two people rated the same statement, or where all gave the same rating.

    Args:
        values: shape (ratings,), agreement or quality, NaN where there is none.
    """
    there = np.isfinite(values)
    given, statement = values[there], ratings.statement[there]
    units, unit = np.unique(statement, return_inverse=True)
    table = np.zeros((units.size, SCALE.size), dtype=np.int64)  # (statements, how often each point was given)
    np.add.at(table, (unit, given.astype(np.int64) - LOWEST_RATING), 1)
    shared = table.sum(axis=1) > 1
    first = np.unique(statement, return_index=True)[1]
    return alpha_of(table[shared], ratings.group[there][first][shared], bootstrap)


def alpha_of(table: Integers, group: Integers, bootstrap: Bootstrap) -> Estimate | None:
    """Alpha over units with two ratings or more; None where nothing varies.

    Args:
        table: how often each point of the scale was given to each unit, shape (units, 7).
        group: of each unit, shape (units,).
    """
    value = _alpha(table)
    if np.isnan(value):
        return None
    return bootstrap.of(lambda rows: _alpha(table[rows]), group, ratings=int(table.sum()), value=value)


def _alpha(table: Integers) -> float:
    """NaN where nothing varies."""
    if (table.sum(axis=0) > 0).sum() < 2:
        return float("nan")
    # Pairs of ratings of one unit, by their points; each rating weighs the same, however many its unit has.
    pairs = table[:, :, None] * (table[:, None, :] - np.eye(SCALE.size))
    observed = (pairs / (table.sum(axis=1) - 1)[:, None, None]).sum(axis=0)
    given = observed.sum(axis=1)
    expected = np.outer(given, given) - np.diag(given)
    apart = _ordinal_distance(given)
    return float(1 - (given.sum() - 1) * (observed * apart).sum() / (expected * apart).sum())


def _ordinal_distance(given: Floats) -> Floats:
    """Between two points: how many ratings lie between their middles, squared; (points, points)."""
    middle = np.cumsum(given) - given / 2
    return np.square(np.subtract.outer(middle, middle))
