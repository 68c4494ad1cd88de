"""Calibration: from a model's raw score to the rating it stands for.

Reads:  raw scores with the ratings that people gave, once, when a model is made.
Gives:  `Calibration`, stored with the checkpoint: expected rating in (1, 7), strictly rising with the score,
        so that calibrating never changes who prefers what (an isotonic fit would make ties).
Pure numpy: no I/O, no torch, no randomness.
Source: Platt 1999, "Probabilistic outputs for support vector machines", with ratings in place of labels.
"""

import numpy as np
from pydantic import Field

from engine.arrays import Floats
from engine.errors import ScoringError
from engine.types import HIGHEST_RATING, LOWEST_RATING, Frozen

SPAN = HIGHEST_RATING - LOWEST_RATING
NEWTON_STEPS = 50
RIDGE = 1e-3
"""Keeps the slope finite where scores separate the ratings perfectly; far below the weight of one rating."""


class Calibration(Frozen):
    """rating = 1 + 6 sigmoid(slope * score + offset); `slope` > 0, both without unit."""

    slope: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    offset: float = Field(default=0.0, allow_inf_nan=False)

    def ratings(self, scores: Floats) -> Floats:
        """Expected ratings in [1, 7], of the shape of `scores`; NaN stays NaN."""
        # tanh saturates quietly where exp would overflow
        share: Floats = 0.5 * (1 + np.tanh(0.5 * (self.slope * scores + self.offset)))
        return LOWEST_RATING + SPAN * share


def fit_calibration(scores: Floats, ratings: Floats) -> Calibration:
    """Fit slope and offset by Newton's method on the cross-entropy of (rating - 1) / 6.

    Args:
        scores: shape (pairs,), raw and finite.
        ratings: shape (pairs,), 1..7.

    Raises:
        ScoringError: scores that fall as ratings rise, or that are not finite: such a model cannot be used.
    """
    if scores.shape != ratings.shape or not np.isfinite(scores).all():
        raise ScoringError("calibration needs one finite score for each rating")
    share = (ratings - LOWEST_RATING) / SPAN
    inputs = np.stack([scores, np.ones_like(scores)], axis=1)  # (pairs, 2)
    weights = np.zeros(2)
    for _ in range(NEWTON_STEPS):
        predicted = 0.5 * (1 + np.tanh(0.5 * (inputs @ weights)))
        gradient = inputs.T @ (predicted - share) + RIDGE * weights
        curvature = (inputs.T * (predicted * (1 - predicted))) @ inputs + RIDGE * np.eye(2)
        weights = weights - np.linalg.solve(curvature, gradient)
    slope, offset = float(weights[0]), float(weights[1])
    if not np.isfinite(weights).all() or slope <= 0:
        raise ScoringError("the scores do not rise with the ratings, so they cannot be calibrated")
    return Calibration(slope=slope, offset=offset)
