"""How divided groups are: over a position statement before they deliberate, over statements afterwards.

Reads:  `Ratings` with baselines.
Gives:  group internal agreement, which questions are divisive, and both sides of the deliberation compared.
Refrains from texts.
Source: Bakker et al. 2022 (arXiv:2211.15006), group internal agreement.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from pydantic import Field

from engine.arrays import Floats
from engine.evaluation.feedback.ratings import Mask, Ratings
from engine.evaluation.intervals import Bootstrap, Estimate, Integers
from engine.types import MIDPOINT, AnyArm, Frozen

DIVIDED = 0.5
"""A group whose internal agreement is no further from 0 is divided: at least a quarter of those who take a
side stand against the others (2 : 2 and 3 : 1 of four, 3 : 2 of five)."""


class Side(StrEnum):
    """Where a group stands, by its internal agreement."""

    ALL_FOR = "all in favour"
    MOST_FOR = "most in favour"
    DIVIDED = "divided"
    MOST_AGAINST = "most against"
    ALL_AGAINST = "all against"


class Standing(Frozen):
    """Groups' views of one kind of statement.

    divisiveness: 1 - |internal agreement|, averaged: 0 all take one side, 1 the sides are of equal size.
    sides: how many groups stand where. neutral: groups of which nobody took a side; they count nowhere else.
    """

    divisiveness: Estimate
    sides: dict[Side, int]
    neutral: int = Field(ge=0)


class ArmStanding(Frozen):
    """Groups' views of an arm's statements; change: how much less divided (negative) they are than before."""

    arm: AnyArm
    after: Standing
    change: Estimate


class Divisiveness(Frozen):
    """before: over position statements. questions: those with a baseline, by group; divisive: the divided."""

    questions: int = Field(ge=1)
    divisive: int = Field(ge=0)
    before: Standing
    arms: tuple[ArmStanding, ...]


def internal_agreement(ratings: Floats) -> float | None:
    """(1/2 - n(r > 4) / (n(r > 4) + n(r < 4))) x 2, in [-1, 1]; None when nobody takes a side.

    Args:
        ratings: shape (raters,), 1..7, of one statement. All above the midpoint gives -1, all below it 1.
    """
    above, below = int((ratings > MIDPOINT).sum()), int((ratings < MIDPOINT).sum())
    return None if above + below == 0 else (0.5 - above / (above + below)) * 2


@dataclass(frozen=True)
class Views:
    """Internal agreement of groups: one view for each statement that a group rated.

    agreement: shape (views,), NaN when nobody took a side. meeting, group, ratings: of the same shape.
    """

    agreement: Floats
    meeting: Integers
    group: Integers
    ratings: Integers


def baseline_views(ratings: Ratings) -> Views | None:
    """What groups thought of position statements, each member counted once; None without baselines.

    A statement that one person alone rated says nothing of a group and is left out.
    """
    rated: dict[tuple[int, str], dict[str, int]] = {}
    group: dict[int, int] = {}
    for row, record in enumerate(ratings.records):
        if record.baseline is not None:
            meeting = int(ratings.meeting[row])
            key = meeting, record.position_statement or ""
            rated.setdefault(key, {})[record.participant] = record.baseline
            group[meeting] = int(ratings.group[row])
    shared = [(meeting, list(said.values())) for (meeting, _), said in rated.items() if len(said) > 1]
    return _views((np.array(said, dtype=np.float64), meeting, group[meeting]) for meeting, said in shared)


def statement_views(ratings: Ratings) -> Views | None:
    """What groups thought of the statements that two members or more rated; None where there is none."""
    shared = [rows for rows in ratings.by(ratings.statement) if rows.size > 1]
    return _views(
        (ratings.agreement[rows], int(ratings.meeting[rows[0]]), int(ratings.group[rows[0]]))
        for rows in shared
    )


def divisive_meetings(views: Views) -> set[int]:
    """The deliberations whose group was divided over (one of) their position statements."""
    return set(views.meeting[np.abs(views.agreement) <= DIVIDED].tolist())


def on_divisive(ratings: Ratings, views: Views) -> Mask:
    """Which ratings belong to a divisive question."""
    return np.isin(ratings.meeting, sorted(divisive_meetings(views)))


def divisiveness(ratings: Ratings, before: Views, bootstrap: Bootstrap) -> Divisiveness | None:
    """Before against after, by arm; None when no group took sides before."""
    standing = _standing(before, bootstrap)
    if standing is None:
        return None
    known = before.meeting[np.isfinite(before.agreement)]
    arms = (_arm_standing(arm, ratings.of_arm(arm), before, bootstrap) for arm in ratings.arms())
    return Divisiveness(
        questions=len(np.unique(known)),
        divisive=len(divisive_meetings(before)),
        before=standing,
        arms=tuple(each for each in arms if each is not None),
    )


def side(agreement: float) -> Side:
    """Where a group with this internal agreement stands."""
    if abs(agreement) <= DIVIDED:
        return Side.DIVIDED
    if agreement < 0:
        return Side.ALL_FOR if agreement == -1 else Side.MOST_FOR
    return Side.ALL_AGAINST if agreement == 1 else Side.MOST_AGAINST


def _views(found: Iterable[tuple[Floats, int, int]]) -> Views | None:
    rows = [(_or_nan(internal_agreement(said)), meeting, group, said.size) for said, meeting, group in found]
    if not rows:
        return None
    agreement, meeting, group, sizes = zip(*rows, strict=True)
    return Views(np.array(agreement), np.array(meeting), np.array(group), np.array(sizes))


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else value


def _standing(views: Views, bootstrap: Bootstrap) -> Standing | None:
    known = np.isfinite(views.agreement)
    if not known.any():
        return None
    agreement = views.agreement[known]
    taken = [side(each) for each in agreement]
    return Standing(
        divisiveness=bootstrap.mean(
            1 - np.abs(agreement), views.group[known], ratings=int(views.ratings[known].sum())
        ),
        sides={each: taken.count(each) for each in Side},
        neutral=int((~known).sum()),
    )


def _arm_standing(arm: AnyArm, ratings: Ratings, before: Views, bootstrap: Bootstrap) -> ArmStanding | None:
    """Of the deliberations that have both; the change is within a deliberation."""
    earlier = _by_meeting(before)
    after = statement_views(ratings.where(np.isin(ratings.meeting, sorted(earlier))))
    standing = None if after is None else _standing(after, bootstrap)
    if after is None or standing is None:
        return None
    known = np.isfinite(after.agreement)
    divided = 1 - np.abs(after.agreement[known])
    change = divided - np.array([earlier[meeting] for meeting in after.meeting[known].tolist()])
    rated = int(after.ratings[known].sum())
    return ArmStanding(
        arm=arm, after=standing, change=bootstrap.mean(change, after.group[known], ratings=rated)
    )


def _by_meeting(views: Views) -> dict[int, float]:
    """Divisiveness by deliberation, where it is known: the mean over its position statements."""
    found: dict[int, list[float]] = {}
    for meeting, agreement in zip(views.meeting.tolist(), views.agreement.tolist(), strict=True):
        if np.isfinite(agreement):
            found.setdefault(meeting, []).append(1 - abs(agreement))
    return {meeting: float(np.mean(values)) for meeting, values in found.items()}
