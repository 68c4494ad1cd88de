"""Where the bars of a picture go.

Reads:  counts and welfare numbers, and the points of a map.
Gives:  rectangles and marks in the units of a picture `WIDTH` wide, with their numbers as text. Pages draw
them as SVG, and `drawing` for chats.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.wording import group_lines, page_lines
from bot.wording.language import decimals, percent
from engine.types import HIGHEST_RATING, LOWEST_RATING, Mediation, OpinionGroup

WIDTH = 300.0
PLOT = 120.0
ROW = 22.0
# Room for the candidate's label on the left and its number on the right.
LEFT, RIGHT = 80.0, 34.0
LOWEST_MAP, HIGHEST_MAP = 60.0, 200.0
# Half of a mark for one member, and of the mark for all of the largest group.
ONE, ALL = 4.5, 18.0
# What a group's marks look like, by its place: corners around 0, about 2 apart; of a circle none.
CORNERS: tuple[tuple[tuple[float, float], ...], ...] = (
    (),
    ((-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)),
    ((0, -1.2), (1.15, 0.85), (-1.15, 0.85)),
    ((0, -1.25), (1.25, 0), (0, 1.25), (-1.25, 0)),
    (
        *((-0.4, -1.1), (0.4, -1.1), (0.4, -0.4), (1.1, -0.4), (1.1, 0.4), (0.4, 0.4)),
        *((0.4, 1.1), (-0.4, 1.1), (-0.4, 0.4), (-1.1, 0.4), (-1.1, -0.4), (-0.4, -0.4)),
    ),
)
CIRCLE = "M-1 0a1 1 0 1 0 2 0a1 1 0 1 0-2 0z"
# The same as paths for SVG.
SHAPES = tuple(f"M{' '.join(f'{x} {y}' for x, y in each)}z" if each else CIRCLE for each in CORNERS)


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


def group_rows(groups: Sequence[OpinionGroup]) -> list[Bar]:
    """One lying bar per opinion group, from 1 to 7: how far it is likely to agree with the statement."""
    room = WIDTH - LEFT - RIGHT
    steps = HIGHEST_RATING - LOWEST_RATING
    return [
        Bar(
            x=LEFT,
            y=ROW * i,
            width=room * max((group.welfare - LOWEST_RATING) / steps, 0.01),
            height=ROW - 6,
            middle=ROW * i + (ROW - 6) / 2,
            label=group_lines.group(i + 1),
            shown=decimals(group.welfare, 1),
        )
        for i, group in enumerate(groups)
    ]


@dataclass(frozen=True)
class Mark:
    """One mark on a map: where its middle is, half its size, and its group's number from 1."""

    x: float
    y: float
    half: float
    group: int


@dataclass(frozen=True)
class Map:
    """Marks near each other where drafts would be rated alike; both directions have one scale."""

    marks: list[Mark]
    height: float


def group_map(groups: Sequence[OpinionGroup], *, members: bool) -> Map | None:
    """Opinion groups on a map: a mark for each of the `members`, or else one for each whole group.

    None where not every group has points, as in what was stored before there were maps.
    """
    if not all(group.points for group in groups):
        return None
    if members:
        return _fitted([Mark(x, y, ONE, at) for at, group in enumerate(groups, 1) for x, y in group.points])
    largest = max(group.size for group in groups)
    return _fitted(
        [Mark(*group.middle, ALL * math.sqrt(group.size / largest), at) for at, group in enumerate(groups, 1)]
    )


def _fitted(marks: Sequence[Mark]) -> Map:
    margin = 1.5 * max(mark.half for mark in marks)
    left, right = min(mark.x for mark in marks), max(mark.x for mark in marks)
    low, high = min(mark.y for mark in marks), max(mark.y for mark in marks)
    wide, tall = WIDTH - 2 * margin, HIGHEST_MAP - 2 * margin
    scale = min(wide / (right - left or 1), tall / (high - low or 1))
    height = max((high - low) * scale + 2 * margin, LOWEST_MAP)
    placed = [
        replace(
            mark,
            x=WIDTH / 2 + (mark.x - (left + right) / 2) * scale,
            y=height / 2 - (mark.y - (low + high) / 2) * scale,
        )
        for mark in marks
    ]
    return Map(placed, height)


def shares(counts: Sequence[int]) -> list[float]:
    """Counts as parts of one; all 0 without any."""
    total = sum(counts)
    return [count / total if total else 0.0 for count in counts]
