"""What a second round changed: agreement with the first statement and with its revision.

Reads:  `Ratings`.
Gives:  mean agreement in both rounds of the deliberations that have both, and the difference.
Where a study has revised one of several statements, that statement and its revision are compared, each in the
vote that it was new in; beside the others in the same vote, `arms` compares it.
Refrains from texts. Who rates a second round has read more and may be fewer: the difference is of what people
in the same deliberations gave, and no experiment.
"""

import numpy as np
from pydantic import Field

from engine.evaluation.feedback.ratings import ARMS, Ratings
from engine.evaluation.intervals import Bootstrap, Estimate, Integers
from engine.types import Arm, Frozen, revised_from


class RoundsCompared(Frozen):
    """Deliberations in which both the first and the second round were rated.

    first, second: mean agreement, averaged over deliberations. difference: second less first, within each.
    same_people: the same difference, of those alone who rated both rounds; None where nobody did.
    """

    deliberations: int = Field(ge=1)
    first: Estimate
    second: Estimate
    difference: Estimate
    same_people: Estimate | None


def rounds_compared(ratings: Ratings, bootstrap: Bootstrap) -> RoundsCompared | None:
    """None where no deliberation has two rounds."""
    number = np.array([record.round for record in ratings.records])
    people = np.array([record.participant for record in ratings.records], dtype=np.object_)
    found: list[tuple[Integers, Integers]] = []
    alike: list[tuple[Integers, Integers]] = []
    for rows in ratings.by(ratings.meeting):
        first, second = _revised(ratings, rows[number[rows] == 1], rows[number[rows] == 2])
        if not (first.size and second.size):
            continue
        found.append((first, second))
        both = set(people[first]) & set(people[second])
        if both:
            kept = [part[np.isin(people[part], list(both))] for part in (first, second)]
            alike.append((kept[0], kept[1]))
    if not found:
        return None
    group = np.array([ratings.group[first[0]] for first, _ in found])
    before, after = (np.array([ratings.agreement[pair[at]].mean() for pair in found]) for at in (0, 1))
    counts = [sum(pair[at].size for pair in found) for at in (0, 1)]
    return RoundsCompared(
        deliberations=len(found),
        first=bootstrap.mean(before, group, ratings=counts[0]),
        second=bootstrap.mean(after, group, ratings=counts[1]),
        difference=bootstrap.mean(after - before, group, ratings=sum(counts)),
        same_people=_difference(ratings, alike, bootstrap) if alike else None,
    )


def _revised(ratings: Ratings, first: Integers, second: Integers) -> tuple[Integers, Integers]:
    """Of both rounds' rows those of what was revised and of its revision; all of them in everyday life."""
    before = revised_from([*(ratings.names[at] for at in ratings.arm[first]), Arm.REVISED])
    revised = ratings.arm[second] == ARMS.index(Arm.REVISED)
    if before is None or not revised.any():
        return first, second
    return first[ratings.arm[first] == ARMS.index(before)], second[revised]


def _difference(ratings: Ratings, pairs: list[tuple[Integers, Integers]], bootstrap: Bootstrap) -> Estimate:
    gaps = [ratings.agreement[second].mean() - ratings.agreement[first].mean() for first, second in pairs]
    group = np.array([ratings.group[first[0]] for first, _ in pairs])
    return bootstrap.mean(np.array(gaps), group, ratings=sum(part.size for pair in pairs for part in pair))
