"""Ratings: one person's agreement with a statement, the scales they are given on, and counts.

The agreement scale is the human study's: 1 strongly disagree … 7 strongly agree
(Bakker et al. 2022, arXiv:2211.15006). A three-point scale is mapped onto it.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from pydantic import AwareDatetime, Field

from bot.errors import RatingError
from engine.types import HIGHEST_RATING, LOWEST_RATING, MIDPOINT, Frozen


class Level(NamedTuple):
    """One step of a scale: its value on the seven-point scale, its words and its emoji."""

    value: int
    label: str
    emoji: str


AGREEMENT_LEVELS = (
    Level(1, "Strongly disagree", "😡"),
    Level(2, "Disagree", "🙁"),
    Level(3, "Somewhat disagree", "😕"),
    Level(4, "Neutral", "😐"),
    Level(5, "Somewhat agree", "🙂"),
    Level(6, "Agree", "😊"),
    Level(7, "Strongly agree", "😍"),
)


class Scale(StrEnum):
    """Which steps members are offered."""

    SEVEN = "seven"
    THREE = "three"

    @property
    def levels(self) -> tuple[Level, ...]:
        """The steps, lowest first."""
        if self is Scale.SEVEN:
            return AGREEMENT_LEVELS
        return (Level(2, "Disagree", "👎"), Level(4, "Neutral", "🤷"), Level(6, "Agree", "👍"))

    def check(self, value: int) -> int:
        """Give the value back, or say which values the scale has."""
        offered = [level.value for level in self.levels]
        if value not in offered:
            raise RatingError(f"A rating here is one of {', '.join(map(str, offered))}. Choose one of those.")
        return value


class Rating(Frozen):
    """One participant's rating of the published statement; `given_at` orders late deliveries."""

    participant: str
    value: int = Field(ge=LOWEST_RATING, le=HIGHEST_RATING)
    given_at: AwareDatetime


class Tally(Frozen):
    """Ratings counted. `counts` has one entry for each of 1..7; `mean` is None without ratings."""

    counts: tuple[int, ...]
    total: int
    mean: float | None
    agree: int
    disagree: int


def tally(ratings: Iterable[Rating]) -> Tally:
    """Count ratings over the seven-point scale; above the midpoint agrees, below disagrees."""
    found = Counter(rating.value for rating in ratings)
    counts = tuple(found[value] for value in range(LOWEST_RATING, HIGHEST_RATING + 1))
    total = sum(counts)
    points = sum(value * found[value] for value in found)
    return Tally(
        counts=counts,
        total=total,
        mean=points / total if total else None,
        agree=sum(counts[MIDPOINT:]),
        disagree=sum(counts[: MIDPOINT - 1]),
    )
