"""Bootstrap intervals that draw whole groups: people who sat together are not independent of each other.

Reads:  numbers per case (a rating, a comparison, a statement) and the group of each.
Gives:  `Estimate`s: a value, its 95 % interval and what it rests on.
Pure numpy: no I/O. The draws depend on the seed and the number of groups alone, and all estimates of a report
share them, so that a difference of two is as certain as it should be.
Source: percentile bootstrap over clusters (Davison and Hinkley 1997, section 3.8), expanded for few of them
(Hesterberg 2015, arXiv:1411.5279, section 5.3).
"""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy import special  # type: ignore[import-untyped]

from engine.arrays import Floats
from engine.types import Frozen

DRAWS = 1000
OUTSIDE = 0.05
AT_ONCE = 50
FEW_GROUPS = 10
"""Below this many, intervals say little about how uncertain they are themselves."""

Integers = NDArray[np.int64]


class Estimate(Frozen):
    """low, high: the 95 % interval; None where it rests on one group, from which no spread can be told.

    cases: how many things were averaged or compared; `ratings` is how many ratings those hold.
    groups: how many groups they come from.
    """

    value: float
    low: float | None
    high: float | None
    groups: int = Field(ge=1)
    ratings: int = Field(ge=1)
    cases: int = Field(ge=1)


class Bootstrap:
    """`draws` times, as many groups as there are, drawn with replacement.

    Args:
        groups: how many there are; a case's group is its index, 0 .. groups - 1.
    """

    def __init__(self, groups: int, *, seed: int, draws: int = DRAWS) -> None:
        rng = np.random.default_rng(seed)
        self.groups, self.draws = groups, draws
        # How often each draw takes each group: shape (draws, groups). One byte each; 255 is never reached.
        self._taken = np.empty((draws, groups), dtype=np.uint8)
        for draw in range(draws):
            counts = np.bincount(rng.integers(groups, size=groups), minlength=groups)
            self._taken[draw] = np.minimum(counts, 255)

    def mean(
        self, values: Floats, group: Integers, *, ratings: int | None = None, weights: Floats | None = None
    ) -> Estimate:
        """The mean over cases; `ratings`, where a case is not one rating, says how many they hold.

        Args:
            values, group, weights: shape (cases,), at least one; weights are positive and default to one.
        """
        weight = np.ones_like(values) if weights is None else weights
        top = np.bincount(group, weights=values * weight, minlength=self.groups)
        bottom = np.bincount(group, weights=weight, minlength=self.groups)
        with np.errstate(invalid="ignore", divide="ignore"):  # a draw may hold no such case at all
            spread = self._summed(top) / self._summed(bottom)
        there = len(np.unique(group))
        return _estimate(float(top.sum() / bottom.sum()), spread, there, ratings or values.size, values.size)

    def of(
        self,
        statistic: Callable[[Integers], float],
        group: Integers,
        *,
        ratings: int,
        value: float | None = None,
    ) -> Estimate:
        """Any statistic of the cases whose indices it is given, some of them more than once.

        Args:
            statistic: NaN where it is not defined.
            value: of all cases, where it is known already.
        """
        everything = np.arange(group.size)
        drawn = (np.repeat(everything, taken[group]) for taken in self._taken)
        spread = np.array([statistic(rows) if rows.size else np.nan for rows in drawn])
        found = statistic(everything) if value is None else value
        return _estimate(found, spread, len(np.unique(group)), ratings, group.size)

    def _summed(self, per_group: Floats | Integers) -> Floats:
        blocks = range(0, self.draws, AT_ONCE)
        sums: Floats = np.concatenate(
            [self._taken[at : at + AT_ONCE].astype(np.float64) @ per_group for at in blocks]
        )
        return sums


def _estimate(value: float, spread: Floats, groups: int, ratings: int, cases: int) -> Estimate:
    known = spread[np.isfinite(spread)]
    low = high = None
    if groups > 1 and known.size:
        low, high = (rounded(float(edge)) for edge in np.quantile(known, _edges(groups)))
    return Estimate(value=rounded(value), low=low, high=high, groups=groups, ratings=ratings, cases=cases)


@cache
def _edges(groups: int) -> tuple[float, float]:
    """The quantiles to take: plain percentiles are too narrow for few groups, as z is beside Student's t."""
    reach = math.sqrt(groups / (groups - 1)) * float(special.stdtrit(groups - 1, 1 - OUTSIDE / 2))
    below = float(special.ndtr(-reach))
    return below, 1 - below


def rounded(value: float) -> float:
    """As reports hold numbers: the last digits differ from one processor to another."""
    return round(value, 6) + 0.0  # no minus before a zero
