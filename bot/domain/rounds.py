"""Two rounds beside each other: which statement a member prefers, and how ratings moved from one to the next.

Gives:  one member's choice as it is kept, and counts, which say nothing of anybody.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from pydantic import AwareDatetime, Field

from engine.types import Frozen

FIRST_ROUND = 1
# No question has as many rounds, and no longer number is read: Python refuses very long ones with an error.
MOST_DIGITS = 6


def round_named(name: str, unsaid: int = FIRST_ROUND) -> int:
    """The round that a button, a window or a form says that it is about; 0, which is none, for nonsense.

    unsaid: what is meant where it says nothing. Only what is shown from the second round on has to say it.
    """
    if not name:
        return unsaid
    return int(name) if name.isascii() and name.isdigit() and len(name) <= MOST_DIGITS else 0


def name_of_round(round_: int) -> str:
    """How a button says which round it is about: the first by saying nothing, as buttons always have."""
    return "" if round_ == FIRST_ROUND else str(round_)


class Preference(StrEnum):
    """Which of two statements: the one before, the revised one, or neither."""

    FIRST = "first"
    REVISED = "revised"
    NEITHER = "neither"


class Comparison(Frozen):
    """What one participant prefers; `round` is the revised statement's, `given_at` orders late deliveries."""

    participant: str
    choice: Preference
    given_at: AwareDatetime
    round: int = Field(ge=2)


class Preferences(Frozen):
    """Choices counted."""

    first: int
    revised: int
    neither: int


class Movement(Frozen):
    """Of those who rated both statements, how many agree more with the later one, less, or as much."""

    more: int
    less: int
    same: int

    @property
    def rated_both(self) -> int:
        """How many these are."""
        return self.more + self.less + self.same


class RoundChange(Frozen):
    """What came of a further round, as it was counted when its vote settled.

    None where those who chose, or rated both, were too few to be shown.
    """

    movement: Movement | None = None
    preferences: Preferences | None = None


def preferences(comparisons: Iterable[Comparison], *, fewest: int) -> Preferences | None:
    """Choices counted; None of fewer than so many, or of none at all."""
    chosen = [each.choice for each in comparisons]
    if len(chosen) < max(1, fewest):
        return None
    return Preferences(**{each.value: chosen.count(each) for each in Preference})


def movement(before: Mapping[str, int], after: Mapping[str, int], *, fewest: int) -> Movement | None:
    """How ratings moved, both by participant; None where fewer than so many rated both, or nobody did."""
    steps = [after[who] - before[who] for who in before.keys() & after.keys()]
    if len(steps) < max(1, fewest):
        return None
    more, less = sum(step > 0 for step in steps), sum(step < 0 for step in steps)
    return Movement(more=more, less=less, same=len(steps) - more - less)
