"""What votes on points say: who votes with whom, what all groups share, and what divides them.

Reads:  votes, shape (members, points), most of them missing in a long list.
Gives:  a `PointMap`, to whoever shows results, and extremities to `engine.points.routing`.
Refrains from reading points: only votes count.
Pure numpy: no I/O, no torch, no clock. The same votes and seed give the same map, in whatever order members
and points come. Its time grows with members times points.

Members are put on a map as in Polis: a missing vote is the point's mean, the two directions that explain most
are taken, and who voted on few points is moved out by the root of points over votes, since means hold them
near the middle. Groups are found there by the rule of `engine.groups.opinion_groups`, for which nobody is
farther out than `FARTHEST`: else one or two who are against everything would decide what the groups are.
A point is shared where more than half of every group agrees with it, by (agree + 1) / (seen + 2); it divides
where those shares of two groups differ by `APART` and for certain. A group is told by the points that it is
more for, or against, than all others. Nothing is said of a point before `FEWEST_SEEN` have voted on it.
Source: Small et al. 2021, "Polis: Scaling deliberation by mapping high dimensional opinion spaces"; what it
leaves open is as in Polis' own program (github.com/compdemocracy/polis, math), whose test of two proportions
is replaced by the usual one with one vote of each kind added.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Floats
from engine.groups.k_means import Integers
from engine.groups.opinion_groups import CLEAR, FEWEST_MEMBERS, SMALLEST_GROUP, Places, groups_on_a_map
from engine.groups.two_directions import DIRECTIONS, two_directions
from engine.types import PointGroup, PointMap, PointTally, Vote
from engine.welfare import shared_agreement

UNSEEN = -128
"""In an array of votes: this member has not voted on this point."""
FEWEST_VOTES = 7
"""Votes from which a member has a place on the map, or votes on all points where there are fewer; Polis'."""
FEWEST_SEEN = 5
"""Votes on a point from which it may be called shared, dividing or typical."""
FEW, MANY, CLEAR_OF_MANY = 40, 100, 0.42
"""Silhouette above which groups of `MANY` members or more are told apart; of `FEW` or fewer it is
`engine.groups.opinion_groups.CLEAR`, and evenly between in between. Members who vote at random seldom have
more (95th percentile of 100 members on 30 points; 40 on 20 points: 0.48), and real groups have little more,
since votes hold much chance: 0.43 to 0.52 in six conversations of Polis of that size."""
FARTHEST = 4.0
"""Times the median distance from the middle that a member counts as away from it, at most."""
APART = 0.25
"""Shares of agreement by which two groups differ on a point that divides them, at least."""
CERTAIN = 1.2816
"""Standard deviations that a proportion is off by where 9 in 10 of such findings hold; Polis'."""
TYPICAL = 5
"""Points that tell a group, at most; Polis'."""

Votes = NDArray[np.int8]
"""Shape (members, points): 1 agree, 0 pass, -1 disagree (`engine.types.Vote`), `UNSEEN`."""


@dataclass(frozen=True)
class _Counts:
    """Votes on each point by group, shape (groups, points) each. seen: those who passed too."""

    agree: Integers
    disagree: Integers
    seen: Integers

    @property
    def others(self) -> "_Counts":
        """For each group the votes of all others."""
        return _Counts(*(each.sum(axis=0) - each for each in (self.agree, self.disagree, self.seen)))


def read_map(votes: Votes, participants: Sequence[str], points: Sequence[str], seed: int = 0) -> PointMap:
    """What the votes say.

    Args:
        votes: shape (members, points).
        participants: ids of the members, each once, in the order of the rows.
        points: ids of the points, each once, in the order of the columns.

    Returns:
        Tallies in the order of `points`. No group where fewer than `FEWEST_MEMBERS` of `engine.groups` have a
        place; agreement is everybody's then.

    Raises:
        ValueError: the shapes do not belong together, or an id comes twice (the caller's mistake).
    """
    if votes.shape != (len(participants), len(points)):
        raise ValueError("votes need a row for each participant and a column for each point")
    if len(set(participants)) < len(participants) or len(set(points)) < len(points):
        raise ValueError("a participant or a point comes twice")
    # By id, so that nothing depends on the order in which they came.
    rows, columns = _order(participants), _order(points)
    mapped = _map(votes[np.ix_(rows, columns)], [participants[at] for at in rows], seed)
    return mapped.told([points[at] for at in columns], points)


def map_of(cast: Mapping[str, Mapping[str, int]], points: Sequence[str], seed: int = 0) -> PointMap:
    """What votes say that are kept by member and point.

    Args:
        cast: each member's votes by the point's id; those on other points than `points` are left out.
    """
    column = {point: at for at, point in enumerate(points)}
    votes = np.full((len(cast), len(points)), UNSEEN, dtype=np.int8)
    for row, own in zip(votes, cast.values(), strict=True):
        for point in own.keys() & column.keys():
            row[column[point]] = own[point]
    return read_map(votes, list(cast), points, seed)


def _order(ids: Sequence[str]) -> list[int]:
    return sorted(range(len(ids)), key=ids.__getitem__)


@dataclass(frozen=True)
class _Mapped:
    """counts: by group, or of everybody in one row; all_: of everybody, in one row."""

    participants: Sequence[str]
    places: Floats
    groups: Places
    counts: _Counts
    everybody: _Counts
    far: Floats

    def told(self, columns: Sequence[str], points: Sequence[str]) -> PointMap:
        """The map in ids; `columns`: of the columns; `points`: the same in the order that is wanted."""
        column = {point: at for at, point in enumerate(columns)}
        order = [column[point] for point in points]
        agreement = shared_agreement(self.counts.agree, self.counts.seen)
        return PointMap(
            tallies=_tallies(self.everybody, 0, order, columns),
            groups=tuple(self._group(at, order, columns) for at in range(len(self.groups))),
            agreement=tuple(agreement[order].round(9).tolist()),
            extremity=tuple(self.far[order].round(9).tolist()),
            consensus=tuple(columns[at] for at in self._shared(agreement)),
            divides=tuple(columns[at] for at in self._dividing()),
        )

    def _group(self, at: int, order: Sequence[int], columns: Sequence[str]) -> PointGroup:
        own = self.groups[at]
        return PointGroup(
            participants=tuple(self.participants[member] for member in own),
            size=len(own),
            tallies=_tallies(self.counts, at, order, columns),
            typical=tuple(columns[point] for point in self._typical(at)),
            places=tuple((x, y) for x, y in self.places[list(own)].round(3).tolist()),
        )

    def _shared(self, agreement: Floats) -> list[int]:
        """The points with which every group agrees, the most agreed first."""
        every = ((self.counts.agree + 1) / (self.counts.seen + 2) > 0.5).all(axis=0)
        enough = (self.counts.seen >= SMALLEST_GROUP).all(axis=0) & self._told
        return _first(np.flatnonzero(every & enough), agreement, self.everybody.seen[0])

    def _dividing(self) -> list[int]:
        """The points on which two groups differ for certain, the farthest apart first."""
        if len(self.groups) < 2:
            return []
        apart, sure = np.zeros(len(self.far)), np.zeros(len(self.far), dtype=bool)
        enough = (self.counts.seen >= SMALLEST_GROUP) & self._told
        shares = (self.counts.agree + 1) / (self.counts.seen + 2)
        for one in range(len(self.groups)):
            for other in range(one):
                off = _off(self.counts.agree[one], self.counts.seen[one], *_row(self.counts, other))
                both = enough[one] & enough[other] & (np.abs(off) >= CERTAIN)
                far = np.where(both, np.abs(shares[one] - shares[other]), 0)
                apart, sure = np.maximum(apart, far), sure | (far >= APART)
        return _first(np.flatnonzero(sure), apart, self.everybody.seen[0])

    def _typical(self, at: int) -> list[int]:
        """The points that a group is more for, or more against, than all others, the clearest first."""
        if len(self.groups) < 2:
            return []
        own, others = self.counts, self.counts.others
        seen, seen_by_others = own.seen[at], others.seen[at]
        clearest = np.maximum(
            _representative(own.agree[at], seen, others.agree[at], seen_by_others),
            _representative(own.disagree[at], seen, others.disagree[at], seen_by_others),
        )
        enough = (seen >= SMALLEST_GROUP) & (seen_by_others > 0) & self._told
        return _first(np.flatnonzero((clearest > 0) & enough), clearest, seen)[:TYPICAL]

    @property
    def _told(self) -> NDArray[np.bool_]:
        told: NDArray[np.bool_] = self.everybody.seen[0] >= FEWEST_SEEN
        return told


def _map(votes: Votes, participants: Sequence[str], seed: int) -> _Mapped:
    places, far = _places(votes)
    placed = _placed(votes)
    everybody = _counted(votes, [np.arange(len(votes))])
    found: Places = ()
    if len(placed) >= FEWEST_MEMBERS and votes.shape[1]:
        own, clear = votes[placed], float(np.interp(len(placed), (FEW, MANY), (CLEAR, CLEAR_OF_MANY)))
        found = groups_on_a_map(_drawn_in(places[placed]), lambda group: _apart(own, group), seed, clear)
    groups = tuple(tuple(placed[list(group)].tolist()) for group in found)
    counts = _counted(votes, [np.array(group) for group in groups]) if groups else everybody
    return _Mapped(participants, places, groups, counts, everybody, far)


def _places(votes: Votes) -> tuple[Floats, Floats]:
    """Members as points on the map, shape (members, 2), and how far each point sets them apart, (points,)."""
    seen = votes != UNSEEN
    given = np.where(seen, votes, 0).astype(np.float64)
    means = given.sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    around = np.where(seen, given - means, 0)
    directions = _facing(two_directions(around)[:, ::-1]) if votes.size else np.zeros((votes.shape[1], 0))
    directions = np.pad(directions, ((0, 0), (0, DIRECTIONS - directions.shape[1])))
    out = np.sqrt(votes.shape[1] / np.maximum(seen.sum(axis=1, keepdims=True), 1))
    lengths = np.linalg.norm(directions, axis=1)
    far = np.where(seen.any(axis=0), (int(Vote.AGREE) - means) * lengths * np.sqrt(votes.shape[1]), 0)
    return around @ directions * out, far


def _drawn_in(places: Floats) -> Floats:
    """The same places, none farther from the middle than `FARTHEST` medians; where most are in the very
    middle, as they are."""
    far = np.linalg.norm(places, axis=1, keepdims=True)
    most = FARTHEST * np.median(far) or np.inf
    drawn_in: Floats = places * np.minimum(1, most / np.maximum(far, 1e-12))
    return drawn_in


def _facing(directions: Floats) -> Floats:
    """Each direction turned so that its largest number is positive: either way explains as much."""
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=0, keepdims=True), axis=0)
    turned: Floats = directions * np.where(largest < 0, -1, 1)
    return turned


def _placed(votes: Votes) -> Integers:
    """The rows of those who voted enough to have a place on the map."""
    seen = votes != UNSEEN
    wanted = min(FEWEST_VOTES, int(seen.any(axis=0).sum()))
    return np.flatnonzero(seen.sum(axis=1) >= max(wanted, 1))


def _counted(votes: Votes, groups: Sequence[Integers]) -> _Counts:
    owns = [votes[group] for group in groups]
    return _Counts(
        agree=np.stack([(own == Vote.AGREE).sum(axis=0) for own in owns]),
        disagree=np.stack([(own == Vote.DISAGREE).sum(axis=0) for own in owns]),
        seen=np.stack([(own != UNSEEN).sum(axis=0) for own in owns]),
    )


def _apart(votes: Votes, group: Integers) -> bool:
    """Whether every two groups differ on some point for certain."""
    counts = _counted(votes, [np.flatnonzero(group == name) for name in np.unique(group)])
    shares = (counts.agree + 1) / (counts.seen + 2)
    return all(
        (
            (np.abs(_off(*_row(counts, one), *_row(counts, other))) >= CERTAIN)
            & (np.abs(shares[one] - shares[other]) >= APART)
        ).any()
        for one in range(len(counts.agree))
        for other in range(one)
    )


def _row(counts: _Counts, at: int) -> tuple[Integers, Integers]:
    return counts.agree[at], counts.seen[at]


def _representative(own: Integers, seen: Integers, theirs: Integers, seen_by_them: Integers) -> Floats:
    """How far votes on each point tell a group from the others, no unit, as Polis orders them.

    0 where the group does not vote so for certain, or not for certain more than the others.
    """
    share, their_share = (own + 1) / (seen + 2), (theirs + 1) / (seen_by_them + 2)
    off, off_half = _off(own, seen, theirs, seen_by_them), _off_half(own, seen)
    certain = (off >= CERTAIN) & (off_half >= CERTAIN)
    clear: Floats = np.where(certain, share / their_share * off * share * off_half, 0)
    return clear


def _off(own: Integers, seen: Integers, theirs: Integers, seen_by_them: Integers) -> Floats:
    """How far one share of votes is above another, in standard deviations (z of two proportions)."""
    own, seen, theirs, seen_by_them = own + 1, seen + 2, theirs + 1, seen_by_them + 2
    both = (own + theirs) / (seen + seen_by_them)
    off: Floats = (own / seen - theirs / seen_by_them) / np.sqrt(
        both * (1 - both) * (1 / seen + 1 / seen_by_them)
    )
    return off


def _off_half(own: Integers, seen: Integers) -> Floats:
    """How far a share of votes is above one half, in standard deviations."""
    off: Floats = 2 * np.sqrt(seen + 2) * ((own + 1) / (seen + 2) - 0.5)
    return off


def _first(places: Integers, value: Floats, seen: Integers) -> list[int]:
    """The places by their value, the highest first; of equals those with more votes, then the earlier."""
    return sorted(places.tolist(), key=lambda at: (-round(float(value[at]), 9), -int(seen[at]), at))


def _tallies(
    counts: _Counts, row: int, order: Sequence[int], columns: Sequence[str]
) -> tuple[PointTally, ...]:
    agree, disagree, seen = (each[row].tolist() for each in (counts.agree, counts.disagree, counts.seen))
    return tuple(
        PointTally(
            point=columns[at],
            agree=agree[at],
            disagree=disagree[at],
            passed=seen[at] - agree[at] - disagree[at],
        )
        for at in order
    )
