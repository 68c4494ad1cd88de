"""What a run on a corpus of deliberations is judged by while it trains: what the model would pick.

Reads:  the rounds of a corpus that are for choosing by, and a scorer.
Gives:  one number, the mean of the share of what choosing by mean can gain, in rounds of either sort, and of
        how often a good compromise stands above another statement; and pairs to calibrate by.
Refrains from intervals: those are for a report (`engine.evaluation.corpus.exam`).
"""

from collections.abc import Sequence

import numpy as np

from engine.arrays import Floats
from engine.closeness import standing
from engine.evaluation.accuracy.suites import Scorer, scored_and_rated
from engine.evaluation.corpus.choice import FUNCTIONS, worth
from engine.evaluation.corpus.exam import Answers
from engine.evaluation.corpus.kinds import OTHERS, above
from engine.evaluation.corpus.predictions import Calibrated
from engine.evaluation.corpus.reading import CorpusRound, Sort
from engine.reward.model_info.calibration import Calibration

BY_MEAN = FUNCTIONS[0]


class CorpusExam:
    """An `Exam` on rounds of a corpus, which nothing was learnt from."""

    def __init__(self, rounds: Sequence[CorpusRound]) -> None:
        """Raises ValueError where there are none."""
        if not rounds:
            raise ValueError("corpus: it has no rounds to choose by (split dev)")
        self._rounds = list(rounds)

    def examined(self, model: Scorer) -> tuple[float, dict[str, float]]:
        """The number to choose by, and what it is the mean of; raw scores are taken as logits of ratings."""
        answers = Answers.of(Calibrated(model, Calibration()), self._rounds)
        found = {f"gain-{sort}": _gain(answers.of_sort(sort)) for sort in Sort}
        kinds = answers.of_sort(Sort.KINDS)
        if kinds.rounds:
            found["good-above"] = float(above(kinds.rounds, kinds.means(), OTHERS)[0].mean())
        known = {name: value for name, value in found.items() if np.isfinite(value)}
        return float(np.mean(list(known.values()))), known

    def calibration_pairs(self, model: Scorer) -> tuple[Floats, Floats]:
        """Raw scores and ratings of all pairs, each of shape (pairs,)."""
        return scored_and_rated(model, [each.rated() for each in self._rounds])

    def company(self) -> Floats:
        """Of the same pairs: how the statement stands among those of its round (`standing`)."""
        found = []
        for each in self._rounds:
            told = each.rated()
            found.append(np.tile(standing(told.candidates, told.opinions), len(told.opinions)))
        return np.concatenate(found)


def _gain(answers: Answers) -> float:
    """The share of what choosing can gain; NaN where there is nothing to gain."""
    if not answers.rounds:
        return np.nan
    what = worth([each.table for each in answers.rounds], answers.welfare(BY_MEAN), BY_MEAN)
    shares, counts = what.shares
    return float(np.average(shares, weights=counts)) if counts.any() else np.nan
