"""Which point a member sees next: those that tell most, and those that few have seen.

Reads:  how many voted how on each point, and which points the member has voted on.
Gives:  the other points, the next one first.
Refrains from deciding for sure: points are drawn, so that members see different ones. No numpy and no I/O:
this is asked for every page, of thousands of points.

A point's weight is Polis' priority, (importance * newness) ** 2. Importance is (1 - p) * (1 + E) * a: high
for a point that people agree with (a = (agree + 1) / (seen + 2)), few pass on (p = (passed + 1) / (seen + 2))
and that sets members apart (E, its extremity on the map). Newness, 1 + 8 * 2 ** (-seen / 5), lets a point
that few have seen come first; until `FEWEST_SEEN` have, its weight is at least that of one nobody has seen.
Source: Small et al. 2021, "Polis: Scaling deliberation by mapping high dimensional opinion spaces", and
compdemocracy.org/comment-routing; the numbers are those of Polis' own program (`priority-metric` in
math/conversation.clj). The floor is ours.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from random import Random
from types import MappingProxyType

from engine.types import PointTally

FEWEST_SEEN = 5
"""Votes up to which a point is new: what the first few say of it does not put it back."""
NOTHING_KNOWN: Mapping[str, float] = MappingProxyType({})


def next_points(
    tallies: Sequence[PointTally],
    seen_by_member: Collection[str],
    random: Random,
    extremity: Mapping[str, float] = NOTHING_KNOWN,
    most: int | None = None,
) -> list[str]:
    """The points that a member has not voted on, the next one first.

    Args:
        tallies: of all points.
        seen_by_member: ids of those that are not to be shown: voted on, or the member's own.
        random: draws; the same state and order of tallies give the same points.
        extremity: by id, from the last `PointMap`; 0 where nothing is known.
        most: how many are wanted; all by default.
    """
    seen = frozenset(seen_by_member)
    # Drawn without replacement: the least of waiting times, each exponential with the point's weight
    # (Efraimidis and Spirakis 2006).
    drawn = [
        (random.expovariate(priority(tally, extremity.get(tally.point, 0.0))), at)
        for at, tally in enumerate(tallies)
        if tally.point not in seen
    ]
    return [tallies[at].point for _, at in sorted(drawn)[:most]]


def priority(tally: PointTally, extremity: float = 0.0) -> float:
    """A point's weight among the others, above 0, no unit."""
    if tally.seen >= FEWEST_SEEN:
        return _weight(tally.agree, tally.passed, tally.seen, extremity)
    return max(_weight(tally.agree, tally.passed, tally.seen, extremity), _UNSEEN)


def _weight(agree: int, passed: int, seen: int, extremity: float) -> float:
    share, share_passed = (agree + 1) / (seen + 2), (passed + 1) / (seen + 2)
    importance = (1 - share_passed) * (1 + max(extremity, 0.0)) * share
    return math.pow(importance * (1 + 8 * 2 ** (-seen / 5)), 2)


_UNSEEN = _weight(0, 0, 0, 0.0)
