"""How opinion groups rated the statement that was drafted for all of them, and where they stand on a map.

Reads:  `Ratings`, whose records say which group a rater is in and where that is on the map of their round.
Gives:  per group the agreement that it gave, how far apart a statement's groups are, and some maps.
Refrains from texts, from looking for groups, and from telling of a group that few of rated.
Which group somebody is in was worked out when the statement was chosen, from what a reward model predicted
of every draft (`engine.groups.opinion_groups`). The ratings were given later, by people, and are of the
statement alone. The records keep group and place, since the other drafts' predictions are not in them; both
are of those who agreed to be learnt from. In an anonymous question the place is the whole group's.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

import numpy as np
from pydantic import Field

from engine.arrays import Floats
from engine.evaluation.feedback.ratings import Ratings
from engine.evaluation.intervals import Bootstrap, Estimate, Integers
from engine.types import MIDPOINT, Frozen

FEWEST_RATERS = 3
"""Of a group, from which its mean is told: what pages tell of groups has the same floor."""
MOST_MAPS = 4
"""Maps of so many statements, of those that most people rated."""


class GroupAgreement(Frozen):
    """The groups of one size among those of their statements. place: 1 is the largest group of each.

    agreement: the groups' mean ratings, 1..7, averaged over statements.
    """

    place: int = Field(ge=1)
    agreement: Estimate


class MapMark(Frozen):
    """So many raters of one group, at one place: one in a named question, or the whole group."""

    x: float
    y: float
    place: int = Field(ge=1)
    raters: int = Field(ge=1)


class GroupMap(Frozen):
    """One statement's raters, in rating points around 0: those near each other would rate the drafts alike.

    agreement: by place of the group, the mean of the ratings that it gave.
    """

    marks: tuple[MapMark, ...]
    agreement: dict[int, float]


class OpinionGroups(Frozen):
    """Statements that two groups or more rated.

    gap: the highest group's mean less the lowest's, averaged over statements.
    united: the share of statements that every group's mean is above the midpoint of.
    """

    statements: int = Field(ge=1)
    places: tuple[GroupAgreement, ...]
    gap: Estimate
    united: Estimate
    maps: tuple[GroupMap, ...]


def opinion_groups(ratings: Ratings, bootstrap: Bootstrap) -> OpinionGroups | None:
    """None where no statement has two groups of `FEWEST_RATERS` or more."""
    place = np.array([record.opinion_group or 0 for record in ratings.records], dtype=np.int64)
    found = [kept for rows in ratings.by(ratings.statement) if (kept := _groups(rows, place))]
    if not found:
        return None
    means = [{at: _mean(ratings, rows) for at, rows in groups.items()} for groups in found]
    group = np.array([ratings.group[next(iter(groups.values()))[0]] for groups in found])
    sizes = [sum(map(len, groups.values())) for groups in found]

    def over_statements(values: list[float]) -> Estimate:
        return bootstrap.mean(np.array(values), group, ratings=sum(sizes))

    return OpinionGroups(
        statements=len(found),
        places=tuple(_places(found, means, group, bootstrap)),
        gap=over_statements([max(each.values()) - min(each.values()) for each in means]),
        united=over_statements([float(min(each.values()) > MIDPOINT) for each in means]),
        maps=tuple(islice(_maps(ratings, found, means, sizes), MOST_MAPS)),
    )


def _groups(rows: Integers, place: Integers) -> dict[int, Integers]:
    """One statement's rows by group; nothing where fewer than two are large enough."""
    by = {int(at): rows[place[rows] == at] for at in np.unique(place[rows]) if at}
    kept = {at: own for at, own in by.items() if own.size >= FEWEST_RATERS}
    return kept if len(kept) > 1 else {}


def _mean(ratings: Ratings, rows: Integers) -> float:
    return float(ratings.agreement[rows].mean())


def _places(
    found: list[dict[int, Integers]], means: list[dict[int, float]], group: Integers, bootstrap: Bootstrap
) -> Iterator[GroupAgreement]:
    for place in sorted({at for groups in found for at in groups}):
        there = [at for at, groups in enumerate(found) if place in groups]
        values: Floats = np.array([means[at][place] for at in there])
        given = sum(len(found[at][place]) for at in there)
        yield GroupAgreement(place=place, agreement=bootstrap.mean(values, group[there], ratings=given))


def _maps(
    ratings: Ratings, found: list[dict[int, Integers]], means: list[dict[int, float]], sizes: list[int]
) -> Iterator[GroupMap]:
    """The largest statements first; those whose records have no places are not drawn."""
    for at in sorted(range(len(found)), key=lambda at: (-sizes[at], at)):
        marks = Counter(
            (record.map_x, record.map_y, place)
            for place, rows in found[at].items()
            for record in (ratings.records[row] for row in rows)
        )
        drawn = [
            MapMark(x=x, y=y, place=place, raters=raters)
            for (x, y, place), raters in marks.items()
            if x is not None and y is not None
        ]
        if len(drawn) == len(marks):
            yield GroupMap(
                marks=tuple(drawn), agreement={place: round(mean, 6) for place, mean in means[at].items()}
            )
