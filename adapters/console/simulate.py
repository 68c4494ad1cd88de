"""Simulated raters: what members might have answered, for the demo and for dry runs.

Reads:  a mediation's predicted agreement with its chosen statement, and a seed.
Gives:  a rating 1..7 per participant. No person gave it: whoever shows it says so (`SIMULATED`).
Pure: the same mediation and seed give the same ratings, and one participant's does not depend on another's.
"""

import random

from adapters.console.terminal import level
from engine.types import MIDPOINT, Mediation

SIMULATED = "Simulated ratings: drawn from the predictions with random noise. No person gave them."
NOISE = 0.8  # standard deviation, in rating points


def simulated_ratings(mediation: Mediation, *, seed: int) -> dict[str, int]:
    """A rating per participant: the predicted one with seeded Gaussian noise, rounded onto the scale.

    Where nobody's agreement was predicted, the noise is around the scale's middle.
    """
    people = mediation.participants
    predicted = mediation.candidates[mediation.winner].rewards or (MIDPOINT,) * len(people)
    return {
        participant: level(reward + _noise(seed, participant))
        for participant, reward in zip(people, predicted, strict=True)
    }


def _noise(seed: int, participant: str) -> float:
    return random.Random(f"{seed}:{participant}").gauss(0.0, NOISE)  # noqa: S311 - not for secrets
