"""How well predicted agreement ranks statements for each person, with its uncertainty.

Reads:  per person, predicted scores and the ratings they gave to the same statements.
Gives:  pairwise accuracy within person, with a bootstrap interval that draws whole people.
Pure numpy: no I/O, no torch.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats

DRAWS = 1000


@dataclass(frozen=True)
class Judgement:
    """accuracy in [0, 1] (0.5 is chance), its 95 % interval, and what it rests on."""

    accuracy: float
    low: float
    high: float
    pairs: int
    people: int


@dataclass(frozen=True)
class Tally:
    """One person's pairs of differently rated statements: how many, and how many the model ranks alike."""

    right: float
    pairs: int


def tally(scores: Floats, ratings: Floats) -> Tally:
    """Count one person's pairs; both of shape (candidates,). A tie of scores counts half."""
    above = ratings[:, None] > ratings[None, :]
    gap = (scores[:, None] - scores[None, :])[above]
    return Tally(float((gap > 0).sum() + 0.5 * (gap == 0).sum()), int(above.sum()))


def within_person(tallies: Iterable[Tally], *, seed: int = 0) -> Judgement:
    """Pairwise accuracy over all people's pairs, and a percentile bootstrap over people.

    Raises:
        ValueError: nobody rated two statements differently.
    """
    kept = [each for each in tallies if each.pairs]
    if not kept:
        raise ValueError("no person rated two statements differently")
    right, pairs = np.array([t.right for t in kept]), np.array([t.pairs for t in kept])
    drawn = np.random.default_rng(seed).integers(len(kept), size=(DRAWS, len(kept)))
    spread = right[drawn].sum(axis=1) / pairs[drawn].sum(axis=1)
    low, high = np.quantile(spread, (0.025, 0.975))
    return Judgement(float(right.sum() / pairs.sum()), float(low), float(high), int(pairs.sum()), len(kept))
