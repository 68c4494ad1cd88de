"""Groups of members by what they would agree with, and what a statement is to each of them.

Reads:  ratings, shape (members, drafts), predicted by a reward model; ratings that were given do as well.
Gives:  who is in a group with whom (`groups_of`), by which `engine.welfare` may count groups rather than
        people; and what `engine.mediator` tells of them (`told_of_groups`).
Refrains from reading opinions: kinds of opinions (`opinion_kinds`) tell what members speak of, groups tell
what they would go along with. What a reward model makes of opinions is in its ratings of the drafts already,
in one unit for every family of models.
Pure numpy: no I/O, no torch. The same ratings and seed give the same groups.

Two members are near each other when they would rate the drafts alike: in height too, since a round's drafts
often say much the same, and then those who are against all of them differ from the others in height alone.
Ratings are put into the two directions that explain most of them, as Polis does. The number of groups is the
one of 1 to `MOST_GROUPS` with the highest silhouette; it is 1 unless that is above `CLEAR`, and unless some
draft's mean rating differs by `APART` between two groups.
Source: silhouettes by Rousseeuw 1987; groups of members with similar votes by Small et al. 2021, "Polis:
Scaling deliberation by mapping high dimensional opinion spaces".
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine.arrays import Floats
from engine.groups.k_means import Integers, by_distance, clustered, without_small_ones
from engine.groups.two_directions import DIRECTIONS, two_directions
from engine.types import MIDPOINT, OpinionGroup

FEWEST_MEMBERS = 8
"""Members from which groups are looked for."""
SMALLEST_GROUP = 3
"""So many that a group's mean gives nobody away; a smaller one joins the group that is most like it."""
MOST_GROUPS = 5
CLEAR = 0.5
"""Silhouette, in [-1, 1], above which groups are told apart: Kaufman and Rousseeuw 1990 call that a
reasonable structure. Of rounds of 12 members who rate at random about 1 in 8 have it."""
APART = 0.5
"""Rating points by which two groups' means differ on some draft, at least; predictions keep to the middle."""
STAND_FOR_IT = 2
"""Opinions that stand for a group: those of the members nearest to its middle."""

_MEASURED = 500  # members of whom silhouettes are taken: every pair of them is looked at

Places = tuple[tuple[int, ...], ...]
"""Members' places by group, the largest group first; each member once."""


def groups_of(ratings: Floats, seed: int = 0) -> Places:
    """Who is in a group with whom.

    Args:
        ratings: shape (members, drafts), complete, in rating points.

    Returns:
        No group where there are fewer than `FEWEST_MEMBERS` members, or no draft. One of everybody where no
        groups can be told apart. Else groups of `SMALLEST_GROUP` or more; of equal ones the one with the
        first member comes first.
    """
    members, drafts = ratings.shape
    if members < FEWEST_MEMBERS or not drafts:
        return ()
    return groups_on_a_map(_in_two_directions(ratings), lambda found: _apart(ratings, found), seed)


def groups_on_a_map(
    points: Floats, apart: Callable[[Integers], bool], seed: int = 0, clear: float = CLEAR
) -> Places:
    """Who is near whom.

    Args:
        points: shape (members, dimensions): `FEWEST_MEMBERS` or more.
        apart: whether groups differ in what they were found by; shape (members,), the number of each one's.
        clear: silhouette above which groups are told apart.

    Returns:
        As `groups_of` does, for members who are enough.
    """
    members = len(points)
    random = np.random.default_rng(seed)
    some = random.permutation(members)[:_MEASURED]
    best, clearest = np.zeros(members, dtype=np.int64), clear
    for number in range(2, min(MOST_GROUPS, members // SMALLEST_GROUP) + 1):
        found = clustered(points, number, random)
        found = without_small_ones(points, found, SMALLEST_GROUP, by_distance)
        value = silhouette(points[some], found[some])
        if value > clearest and apart(found):
            best, clearest = found, value
    groups = [tuple(np.flatnonzero(best == name).tolist()) for name in np.unique(best)]
    return tuple(sorted(groups, key=lambda group: (-len(group), group)))


def silhouette(points: Floats, group: Integers) -> float:
    """How much nearer members are to their own group than to the next one, in the mean over members.

    Args:
        points: shape (members, dimensions); group: shape (members,), the number of each one's group.

    Returns:
        In [-1, 1]; -1 where there is one group alone. A member who is a group alone counts as 0.
    """
    names, own, sizes = np.unique(group, return_inverse=True, return_counts=True)
    if len(names) < 2:
        return -1.0
    distances = np.sqrt(np.maximum(_squares(points), 0))
    sums = np.stack([distances[:, own == at].sum(axis=1) for at in range(len(names))], axis=1)
    rows = np.arange(len(points))
    within = sums[rows, own] / np.maximum(sizes[own] - 1, 1)
    means = sums / sizes
    means[rows, own] = np.inf
    nearest = means.min(axis=1)
    widest = np.maximum(np.maximum(within, nearest), 1e-12)
    return float(np.where(sizes[own] > 1, (nearest - within) / widest, 0).mean())


def told_of_groups(groups: Places, ratings: Floats, participants: Sequence[str]) -> dict[str, Any]:
    """The fields of `Mediation` that tell of groups and of whom the statement leaves out.

    Args:
        groups: as `groups_of` gives them.
        ratings: shape (members, candidates), the statement first; (0, candidates) where nobody is predicted.
        participants: the members' ids, in the order of the rows.
    """
    if not ratings.size:
        return {}
    means = np.array([ratings[list(group)].mean(axis=0) for group in groups])
    apart = np.ptp(means, axis=0) if len(groups) > 1 else None
    points = [] if apart is None else _on_a_map(ratings)
    return {
        "groups": tuple(_group(group, ratings, participants, points) for group in groups),
        "unites": None if apart is None else int(means.min(axis=0).argmax()),
        "divides": None if apart is None else int(apart.argmax()),
        "left_out": tuple(
            who for who, rating in zip(participants, ratings[:, 0], strict=True) if rating < MIDPOINT
        ),
    }


def _group(
    group: Sequence[int],
    ratings: Floats,
    participants: Sequence[str],
    points: Sequence[tuple[float, float]],
) -> OpinionGroup:
    own = ratings[list(group)]
    far = ((own - own.mean(axis=0)) ** 2).sum(axis=1)
    nearest = np.argsort(far, kind="stable")[:STAND_FOR_IT]
    return OpinionGroup(
        participants=tuple(participants[at] for at in group),
        size=len(group),
        welfare=float(own[:, 0].mean()),
        agree=int((own[:, 0] > MIDPOINT).sum()),
        opinions=tuple(participants[group[at]] for at in nearest),
        points=tuple(points[at] for at in group) if points else (),
    )


def _on_a_map(ratings: Floats) -> list[tuple[float, float]]:
    """Members in the two directions, the one that explains most first: the more to the right, the better they
    like the statement."""
    points = _in_two_directions(ratings)[:, ::-1]
    points = points * np.where(ratings[:, 0] @ points < 0, -1, 1)
    flat = np.pad(points, ((0, 0), (0, DIRECTIONS - points.shape[1])))
    return [(float(x), float(y)) for x, y in flat.round(3)]


def _in_two_directions(ratings: Floats) -> Floats:
    """Members as points, shape (members, at most `DIRECTIONS`), in rating points, around 0."""
    around = ratings - ratings.mean(axis=0)
    points: Floats = around @ two_directions(around)
    return points


def _squares(points: Floats) -> Floats:
    """Squared distances, shape (members, members)."""
    lengths = (points**2).sum(axis=1)
    squares: Floats = lengths[:, None] + lengths[None] - 2 * points @ points.T
    return squares


def _apart(ratings: Floats, group: Integers) -> bool:
    """Whether every two groups are `APART` on some draft."""
    means = [ratings[group == name].mean(axis=0) for name in np.unique(group)]
    return all(
        np.abs(one - other).max() >= APART for at, one in enumerate(means) for other in means[at + 1 :]
    )
