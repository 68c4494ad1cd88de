"""Where the bars of a picture go.

Reads:  counts and welfare numbers.
Gives:  rectangles in the units of the picture's viewBox, with their numbers as text. Templates draw them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.wording import page_lines
from bot.wording.language import decimals, percent
from engine.types import HIGHEST_RATING, LOWEST_RATING, Mediation

WIDTH = 300.0
PLOT = 120.0
ROW = 22.0
# Room for the candidate's label on the left and its number on the right.
LEFT, RIGHT = 80.0, 34.0


@dataclass(frozen=True)
class Bar:
    """One bar; `middle` is where its label stands, `shown` is its number in words."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    label: str
    shown: str
    marked: bool = False


def columns(
    values: Sequence[float],
    shown: Sequence[str],
    *,
    highest: float | None = None,
    mark: int | None = None,
    lane: int = 0,
    lanes: int = 1,
) -> list[Bar]:
    """Upright bars over 1..7; one of `highest` fills the plot; `lane` of `lanes` stand side by side."""
    full = highest or max(values, default=0) or 1
    slot = WIDTH / len(values)
    width = slot * 0.68 / lanes
    return [
        Bar(
            x=slot * i + slot * 0.16 + width * lane,
            y=PLOT - PLOT * value / full,
            width=width - (2 if lanes > 1 else 0),
            height=PLOT * value / full,
            middle=slot * i + slot / 2,
            label=str(LOWEST_RATING + i),
            shown=words,
            marked=mark == LOWEST_RATING + i,
        )
        for i, (value, words) in enumerate(zip(values, shown, strict=True))
    ]


def pair(predicted: Sequence[float], actual: Sequence[float]) -> tuple[list[Bar], list[Bar]]:
    """Two sets of columns of shares, side by side on one scale."""
    highest = max(*predicted, *actual)
    first = columns(predicted, [percent(v) for v in predicted], highest=highest, lanes=2)
    second = columns(actual, [percent(v) for v in actual], highest=highest, lane=1, lanes=2)
    return first, second


def rows(mediation: Mediation) -> list[Bar]:
    """One lying bar per candidate, best first; the chosen one is marked.

    From 1 to 7, or from 0 to 1 where nobody's agreement was predicted or welfare is a product of shares.
    """
    room = WIDTH - LEFT - RIGHT
    lowest, highest = (0, 1) if mediation.models.unpredicted else mediation.welfare_function.limits
    return [
        Bar(
            x=LEFT,
            y=ROW * i,
            width=room * min(max((candidate.welfare - lowest) / (highest - lowest), 0.01), 1.0),
            height=ROW - 6,
            middle=ROW * i + (ROW - 6) / 2,
            label=page_lines.candidate(i + 1),
            shown=decimals(candidate.welfare, 2),
            marked=i == mediation.winner,
        )
        for i, candidate in enumerate(mediation.candidates)
    ]


def shares(counts: Sequence[int]) -> list[float]:
    """Counts as parts of one; all 0 without any."""
    total = sum(counts)
    return [count / total if total else 0.0 for count in counts]


def predicted_counts(rewards: Sequence[float]) -> list[int]:
    """How many participants are expected at each step 1..7, nearest step each, by their expected ratings."""
    steps = [min(max(round(reward), LOWEST_RATING), HIGHEST_RATING) for reward in rewards]
    return [steps.count(value) for value in range(LOWEST_RATING, HIGHEST_RATING + 1)]
