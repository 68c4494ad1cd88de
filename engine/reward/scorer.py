"""Scoring: one complete, checked matrix of rewards from a reward model that may stumble.

Reads:  the reward model's answer for a batch of candidates.
Gives:  rewards that can be trusted in shape and range, to `engine.mediator`.
Refrains from guessing: a participant whose score cannot be had is asked for once more and then reported, as a
number of participants and never as a name.
"""

from collections.abc import Sequence

import numpy as np

from engine.arrays import Floats
from engine.errors import ScoringError
from engine.ports import RewardModel
from engine.types import HIGHEST_RATING, LOWEST_RATING

ROUNDING = 1e-6
"""How far (rating points) a model's arithmetic may step over the ends of the scale; it is then put back."""


async def score(
    model: RewardModel, question: str, opinions: Sequence[str], candidates: Sequence[str]
) -> Floats:
    """Predict every participant's rating of every candidate.

    Returns:
        shape (participants, candidates), expected ratings in [1, 7], none missing.

    Raises:
        ScoringError: wrong shape, infinite or out of the scale, or still missing after one more try.
    """
    rewards = await _asked(model, question, opinions, candidates)
    missing = np.isnan(rewards)
    if not missing.any():
        return rewards
    people, columns = (
        np.flatnonzero(missing.any(axis=1)).tolist(),
        np.flatnonzero(missing.any(axis=0)).tolist(),
    )
    again = [opinions[person] for person in people], [candidates[column] for column in columns]
    try:
        second = await _asked(model, question, *again)
    except ScoringError as error:
        raise _unscored(len(people), len(opinions)) from error
    block = np.ix_(people, columns)
    rewards[block] = np.where(missing[block], second, rewards[block])
    if unscored := int(np.isnan(rewards).any(axis=1).sum()):
        raise _unscored(unscored, len(opinions))
    return rewards


def _unscored(people: int, of: int) -> ScoringError:
    return ScoringError(f"The reward model gave no score for {people} of {of} participants, asked twice.")


async def _asked(
    model: RewardModel, question: str, opinions: Sequence[str], candidates: Sequence[str]
) -> Floats:
    """One answer of the model: right shape, each number on the scale or NaN."""
    rewards = np.array(await model.score(question, opinions, candidates), dtype=np.float64)
    shape = (len(opinions), len(candidates))
    if rewards.shape != shape:
        raise ScoringError(f"The reward model answered with shape {rewards.shape} instead of {shape}.")
    outside = (rewards < LOWEST_RATING - ROUNDING) | (rewards > HIGHEST_RATING + ROUNDING)
    if outside.any():
        raise ScoringError(
            f"The reward model gave {int(outside.sum())} of {rewards.size} scores outside "
            f"{LOWEST_RATING} to {HIGHEST_RATING}; it is not calibrated to ratings."
        )
    return np.clip(rewards, LOWEST_RATING, HIGHEST_RATING)
