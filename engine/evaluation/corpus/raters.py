"""How far those who rated the corpus agree: no model can be held to more than that.

Reads:  the rounds that two raters rated, who did not see each other's numbers.
Gives:  Krippendorff's alpha, Pearson's correlation, and what one's choice gains by the other's ratings.
Source: Krippendorff 2011, "Computing Krippendorff's alpha-reliability"; computed by the package of that name.
"""

from collections.abc import Sequence

import numpy as np

from engine.arrays import Floats
from engine.evaluation.corpus.choice import FUNCTIONS, Worth, share_gained, worth
from engine.evaluation.corpus.reading import CorpusRound, SecondRating
from engine.evaluation.feedback.prediction import pearson
from engine.evaluation.feedback.reliability import SCALE, alpha_of
from engine.evaluation.intervals import Bootstrap, Estimate, Integers
from engine.types import Frozen, WelfareFunction
from engine.welfare import welfare


class OtherGain(Frozen):
    """What one rater's choice by a welfare function gains of what can be gained by the other's ratings."""

    function: WelfareFunction
    gain: Estimate | None


class Raters(Frozen):
    """rounds: those that were rated twice. alpha, correlation, quality_alpha: None where nothing varies."""

    rounds: int
    alpha: Estimate | None
    correlation: Estimate | None
    quality_alpha: Estimate | None
    gains: tuple[OtherGain, ...]


def raters(rounds: Sequence[CorpusRound], *, seed: int, draws: int) -> Raters | None:
    """None where no round was rated twice. Intervals draw whole rounds."""
    twice = [(each, each.second) for each in rounds if each.second is not None]
    if not twice:
        return None
    bootstrap = Bootstrap(len(twice), seed=seed, draws=draws)
    one, other = [each.table for each, _ in twice], [_table(second) for _, second in twice]
    quality = [np.array([each.quality, second.quality]) for each, second in twice]
    return Raters(
        rounds=len(twice),
        alpha=_alpha([np.array([a.ravel(), b.ravel()]) for a, b in zip(one, other, strict=True)], bootstrap),
        correlation=_correlation(one, other, bootstrap),
        quality_alpha=_alpha(quality, bootstrap),
        gains=tuple(_gain(function, one, other, bootstrap) for function in FUNCTIONS),
    )


def _table(second: SecondRating) -> Floats:
    return np.array(second.ratings, dtype=np.float64)


def _alpha(pairs: Sequence[Floats], bootstrap: Bootstrap) -> Estimate | None:
    """pairs: the numbers of both raters, shape (2, units) for each round."""
    counts = (np.concatenate(pairs, axis=1)[:, :, None] == SCALE).sum(axis=0)  # (units, 7)
    return alpha_of(counts, _group(pairs), bootstrap)


def _correlation(one: Sequence[Floats], other: Sequence[Floats], bootstrap: Bootstrap) -> Estimate | None:
    first, second = (np.concatenate([table.ravel() for table in tables]) for tables in (one, other))
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return None
    group = _group([table.reshape(1, -1) for table in one])
    return bootstrap.of(lambda rows: pearson(first[rows], second[rows]), group, ratings=2 * first.size)


def _group(tables: Sequence[Floats]) -> Integers:
    """The round of each column."""
    return np.repeat(np.arange(len(tables)), [table.shape[1] for table in tables])


def _gain(
    function: WelfareFunction, one: Sequence[Floats], other: Sequence[Floats], bootstrap: Bootstrap
) -> OtherGain:
    """Both ways, as one round: either's pick by the other's ratings."""
    there = worth(other, [welfare(table, function) for table in one], function)
    back = worth(one, [welfare(table, function) for table in other], function)
    both = Worth(
        there.gained + back.gained, there.possible + back.possible, there.mean + back.mean,
        there.lowest + back.lowest,
    )  # fmt: skip
    held = sum(table.size for table in (*one, *other))
    return OtherGain(function=function, gain=share_gained(both, bootstrap, held))
