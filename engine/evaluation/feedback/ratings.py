"""Feedback records as columns: who rated what how, with groups, rounds, raters and statements as numbers.

Reads:  `FeedbackRecord`s in any order.
Gives:  `Ratings`, to everything in this room that counts.
Refrains from counting, and drops only what is there twice.
"""

import math
import re
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Floats
from engine.evaluation.intervals import Integers
from engine.feedback.record import FeedbackRecord, Said
from engine.types import AnyArm, Arm, ModelArm

_SIZE = re.compile(r"(?<![a-zA-Z0-9.])(\d+(?:\.\d+)?)([mMbB])(?![a-zA-Z0-9])")
Mask = NDArray[np.bool_]
ARMS: tuple[Arm, ...] = tuple(Arm)
"""The arms that every study knows; the places of models come after theirs."""


@dataclass(frozen=True)
class Ratings:
    """One row for each rating; all columns of shape (ratings,).

    group:     0 .. groups - 1; a part of the ratings keeps the numbers of the whole.
    meeting:   a deliberation; `sitting` one round of it; `rater` one person in one round of it.
    statement: what was rated; two rounds share none.
    arm:       place in `names`: `ARMS`, and the models that arms are called after, smallest first.
    said:      what the rater had said by then (`engine.feedback.record.Said`); None without an opinion.
    agreement, quality, predicted: 1..7, NaN where there is none.
    doubles:   records left out because a later one holds the same person's rating of the same statement.
    """

    records: tuple[FeedbackRecord, ...]
    group: Integers
    meeting: Integers
    sitting: Integers
    rater: Integers
    statement: Integers
    arm: Integers
    included: Mask
    said: NDArray[np.object_]
    agreement: Floats
    quality: Floats
    predicted: Floats
    groups: int
    names: tuple[AnyArm, ...] = ARMS
    doubles: int = 0

    @classmethod
    def of(cls, records: Iterable[FeedbackRecord]) -> Self:
        """Take the records, in an order of their own; of two about the same rating the later one counts.

        Raises:
            ValueError: there is none.
        """
        given = list(records)
        kept = tuple(record for _, record in sorted({_rating(each): each for each in given}.items()))
        if not kept:
            raise ValueError("there are no ratings to evaluate; settle a deliberation and export it first")
        group = _numbered((r.team, r.group) for r in kept)
        said = Said(kept)
        names = _names(kept)
        return cls(
            records=kept,
            group=group,
            meeting=_numbered(map(_meeting, kept)),
            sitting=_numbered(map(_sitting, kept)),
            rater=_numbered((*_sitting(r), r.participant) for r in kept),
            statement=_numbered((*_sitting(r), r.statement_id) for r in kept),
            arm=np.array([names.index(r.arm) for r in kept], dtype=np.int64),
            included=np.array([r.included for r in kept]),
            said=np.array([said.text(r) for r in kept], dtype=np.object_),
            agreement=np.array([r.agreement for r in kept], dtype=np.float64),
            quality=_floats([r.quality for r in kept]),
            predicted=_floats([r.predicted_reward for r in kept]),
            groups=int(group.max()) + 1,
            names=names,
            doubles=len(given) - len(kept),
        )

    def __len__(self) -> int:
        return len(self.records)

    def where(self, mask: Mask) -> Self:
        """The rows for which `mask` is true."""
        rows = np.flatnonzero(mask)
        columns = {name: getattr(self, name)[rows] for name in _COLUMNS}
        return replace(self, records=tuple(self.records[row] for row in rows), **columns)

    def with_predicted(self, predicted: Floats) -> Self:
        """The same ratings with the predictions of another model, NaN where it has none."""
        return replace(self, predicted=predicted)

    def own(self) -> Mask:
        """Which ratings are of the rater's own opinion, shown to the group as its best.

        Its author knows it again, so that they are not blind to the arm. A statement whose author keeps their
        opinion out of learning is not in the feedback, so the words tell.
        """
        own = [r.arm is Arm.BEST_OPINION and r.opinion == r.statement for r in self.records]
        return np.array(own, dtype=np.bool_)

    def arms(self) -> list[AnyArm]:
        """The arms that are there, in the order of `names`."""
        return [self.names[at] for at in np.unique(self.arm)]

    def of_arm(self, arm: AnyArm) -> Self:
        """The ratings of one arm's statements."""
        return self.where(self.arm == self.names.index(arm))

    def by(self, column: Integers) -> Iterator[Integers]:
        """The rows of each value of a column, in the order of the values."""
        order = np.argsort(column, kind="stable")
        edges = np.flatnonzero(np.diff(column[order])) + 1
        yield from np.split(order, edges)


_COLUMNS = (
    "group", "meeting", "sitting", "rater", "statement", "arm",
    "included", "said", "agreement", "quality", "predicted",
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """One round as a table of raters and statements.

    rows: shape (raters, statements): the place of each rating in the `Ratings`, -1 where there is none.
    """

    rows: Integers

    def of(self, column: Floats) -> Floats:
        """A column of the ratings in the table's shape, NaN where nothing was rated."""
        values: Floats = np.where(self.rows >= 0, column[self.rows], np.nan)
        return values


def tables(ratings: Ratings) -> Iterator[Table]:
    """A table for each round of each deliberation."""
    for rows in ratings.by(ratings.sitting):
        raters, person = np.unique(ratings.rater[rows], return_inverse=True)
        statements, column = np.unique(ratings.statement[rows], return_inverse=True)
        found = np.full((raters.size, statements.size), -1, dtype=np.int64)
        found[person, column] = rows
        yield Table(found)


def _names(records: Iterable[FeedbackRecord]) -> tuple[AnyArm, ...]:
    models = {record.arm for record in records if not isinstance(record.arm, Arm)}
    return (*ARMS, *sorted(models, key=_by_size))


def _by_size(arm: ModelArm) -> tuple[float, str]:
    size = size_named(arm)
    return math.inf if size is None else size, arm


def size_named(model: str) -> float | None:
    """How many parameters a model's name says it has ("Qwen2.5-7B": 7e9); None where it does not."""
    found = _SIZE.findall(model)
    return float(found[-1][0]) * {"m": 1e6, "b": 1e9}[found[-1][1].lower()] if found else None


def _meeting(record: FeedbackRecord) -> tuple[str, str]:
    return record.team, record.deliberation_id


def _sitting(record: FeedbackRecord) -> tuple[str, str, int]:
    return (*_meeting(record), record.round)


def _rating(record: FeedbackRecord) -> tuple[str, str, int, str, str]:
    return (*_sitting(record), record.statement_id, record.participant)


def _numbered(keys: Iterable[Hashable]) -> Integers:
    """Numbers for keys, in the order in which they first come."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)


def _floats(values: Sequence[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
