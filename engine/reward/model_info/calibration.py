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
    return _fitted(_weights(np.stack([scores, np.ones_like(scores)], axis=1), ratings))


def fit_in_company(scores: Floats, company: Floats, ratings: Floats) -> tuple[Calibration, float]:
    """Fit slope, offset and what standing among the other candidates tells beyond the score.

    Args:
        scores, ratings: as `fit_calibration`.
        company: shape (pairs,), `engine.closeness.standing` of each pair's candidate.

    Returns:
        The calibration, and the weight that `engine.closeness.in_company` takes; never below 0, and
        0 where the score would tell nothing beside it.

    Raises:
        ScoringError: as `fit_calibration`.
    """
    if not scores.shape == company.shape == ratings.shape or not np.isfinite(scores).all():
        raise ScoringError("calibration needs one finite score for each rating")
    found = _weights(np.stack([scores, np.ones_like(scores), company], axis=1), ratings)
    if min(found[0], found[2]) <= 0:
        return fit_calibration(scores, ratings), 0.0
    return _fitted(found), float(found[2])


def _weights(inputs: Floats, ratings: Floats) -> Floats:
    """Weights of the inputs, shape (pairs, inputs), in the logit of (rating - 1) / 6."""
    share = (ratings - LOWEST_RATING) / SPAN
    weights = np.zeros(inputs.shape[1])
    for _ in range(NEWTON_STEPS):
        predicted = 0.5 * (1 + np.tanh(0.5 * (inputs @ weights)))
        gradient = inputs.T @ (predicted - share) + RIDGE * weights
        curvature = (inputs.T * (predicted * (1 - predicted))) @ inputs + RIDGE * np.eye(weights.size)
        weights = weights - np.linalg.solve(curvature, gradient)
    return weights


def _fitted(weights: Floats) -> Calibration:
    slope, offset = float(weights[0]), float(weights[1])
    if not np.isfinite(weights).all() or slope <= 0:
        raise ScoringError("the scores do not rise with the ratings, so they cannot be calibrated")
    return Calibration(slope=slope, offset=offset)
