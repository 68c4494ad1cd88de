"""Two models on the same held-out data: is one better, beyond what chance explains?

Reads:  two reward models and rounds of ratings that neither has learnt from; or two numbers for each case.
Gives:  `Comparison`: what each reached (accuracy within a person), and the difference, with 95 % intervals.
Refrains from deciding: that is `engine.training.promotion`'s.

Both are judged on the same draws of whole groups (a paired bootstrap, `engine.evaluation.intervals`), since
people who sat together are not independent, and since two models err on the same people.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import numpy as np
from pydantic import Field

from engine.arrays import Floats
from engine.evaluation.accuracy.agreement import tally
from engine.evaluation.accuracy.suites import RatedRound, Scorer
from engine.evaluation.intervals import Bootstrap, Estimate
from engine.ports import RewardModel
from engine.types import Frozen

DRAWS = 2000
ACCURACY = "accuracy within a person"
"""Share of pairs of statements that a model ranks as the person did; 0.5 is chance."""


class NothingToCompareError(ValueError):
    """Neither model is better or worse by this data: it holds nothing to tell them apart by."""


class Comparison(Frozen):
    """What both reached, and the `difference`: candidate less current.

    measure: what the numbers are.
    less_is_better: whether lower numbers are better; else higher ones are.
    among: how many measures share the 5 % that the interval of the difference leaves out.
    """

    measure: str
    candidate: Estimate
    current: Estimate
    difference: Estimate
    less_is_better: bool = False
    among: int = Field(1, ge=1)

    @property
    def better(self) -> bool:
        """Whether the difference's whole interval is on the better side of zero."""
        return self._below if self.less_is_better else self._above

    @property
    def worse(self) -> bool:
        """Whether the difference's whole interval is on the worse side of zero."""
        return self._above if self.less_is_better else self._below

    @property
    def _above(self) -> bool:
        return self.difference.low is not None and self.difference.low > 0

    @property
    def _below(self) -> bool:
        return self.difference.high is not None and self.difference.high < 0

    @property
    def apart(self) -> bool:
        """Whether the two own intervals do not touch, which asks for more."""
        low, high = self.candidate.low, self.current.high
        return low is not None and high is not None and low > high


class _AnyScorer:
    """A reward model that gives ratings only, as something that can be judged: ratings rank as scores do."""

    def __init__(self, model: RewardModel) -> None:
        self._model = model

    def raw_scores(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        return asyncio.run(self._model.score(question, opinions, candidates))


def scorer_of(model: Any) -> Scorer:
    """A reward model as something that can be judged."""
    return model if hasattr(model, "raw_scores") else _AnyScorer(model)


def compare(
    candidate: Scorer, current: Scorer, rounds: Sequence[RatedRound], groups: Sequence[str], *, seed: int = 0
) -> Comparison:
    """Judge both models on all pairs of differently rated statements of one person.

    Args:
        groups: of each round, who sat together.

    Raises:
        NothingToCompareError: nobody rated two statements differently.
    """
    group: list[str] = []
    found: list[tuple[float, float, int]] = []
    for each, name in zip(rounds, groups, strict=True):
        asked = each.question, each.opinions, each.candidates
        ours, theirs = candidate.raw_scores(*asked), current.raw_scores(*asked)
        for one, other, rated in zip(ours, theirs, each.ratings, strict=True):
            mine, yours = tally(one, rated), tally(other, rated)
            if mine.pairs:
                group.append(name)
                found.append((mine.right / mine.pairs, yours.right / yours.pairs, mine.pairs))
    if not found:
        raise NothingToCompareError(
            "no person rated two statements differently, so models cannot be compared by it"
        )
    shares = np.array(found)  # (people, 3)
    return paired(ACCURACY, shares[:, 0], shares[:, 1], group, weights=shares[:, 2], seed=seed)


def paired(
    measure: str,
    candidate: Floats,
    current: Floats,
    groups: Sequence[str],
    *,
    weights: Floats | None = None,
    seed: int = 0,
) -> Comparison:
    """Compare two numbers of each case: weighted means, on the same draws of whole groups.

    Args:
        candidate, current, groups, weights: shape (cases,), at least one.
    """
    numbers = {name: number for number, name in enumerate(dict.fromkeys(groups))}
    group = np.array([numbers[name] for name in groups], dtype=np.int64)
    bootstrap = Bootstrap(len(numbers), seed=seed, draws=DRAWS)
    ratings = None if weights is None else int(weights.sum())

    def mean(values: Floats) -> Estimate:
        return bootstrap.mean(values, group, ratings=ratings, weights=weights)

    return Comparison(
        measure=measure,
        candidate=mean(candidate),
        current=mean(current),
        difference=mean(candidate - current),
    )
