"""Points to vote on, in dictionaries."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.memory.state.kept import Kept, Shelf, State
from bot.domain.deliberation import Opinion, Phase
from bot.domain.errors import OpinionError
from bot.domain.points import (
    FEWEST_NEW,
    MOST_POINTS,
    OWN_POINTS,
    POINT_GONE,
    SPAM_MARKS,
    Counts,
    MarksGiven,
    OwnPoint,
    OwnPointsGiven,
    Point,
    PointChange,
    PointVote,
    Side,
    VotesGiven,
    VotesMap,
)
from bot.service.ports.state import Voters


class MemoryPoints:
    """`Points` in dictionaries."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def waiting(self, deliberation_id: str, *, limit: int) -> Sequence[Opinion]:
        """Some of the opinions that wait to be split."""
        kept = self._state.get(deliberation_id)
        opinions = kept.opinions.ordered() if kept else []
        return [opinion for opinion in opinions if kept and _waits(opinion.participant, kept)][:limit]

    async def keep_split(
        self,
        deliberation_id: str,
        opinion: Opinion,
        points: Mapping[str, str],
        *,
        also: Mapping[str, str] | None = None,
    ) -> bool:
        """Keep what is new in an opinion while it has these words, and whose points it shares."""
        kept, who = self._open(deliberation_id), opinion.participant
        there = kept.opinions.values.get(who) if kept else None
        if kept is None or there is None or there.text != opinion.text:
            return False
        if not _waits(who, kept):
            return True
        unshown = await self.unshown(deliberation_id)
        shared = also or {}
        if any(id_ not in kept.points and id_ not in unshown.get(shared[id_], {}) for id_ in shared):
            return False
        theirs = kept.split.setdefault(who, {})
        theirs.update(points)
        kept.split_again.discard(who)
        for id_ in shared.keys() - theirs.keys():
            kept.also[id_].add(who)
        return True

    async def unshown(self, deliberation_id: str) -> Mapping[str, Mapping[str, str]]:
        """The points that are not shown yet, by participant."""
        kept = self._state.get(deliberation_id)
        if kept is None:
            return {}
        found = {who: dict(points) for who, points in kept.split.items()}
        for own in kept.own_points.ordered():
            found.setdefault(own.participant, {}).update({each.id: each.text for each in own.points})
        waiting = {
            who: {id_: text for id_, text in points.items() if id_ not in kept.points}
            for who, points in found.items()
        }
        return {who: points for who, points in waiting.items() if points}

    async def show(
        self, deliberation_id: str, points: Mapping[str, Mapping[str, str]], *, fewest: int = FEWEST_NEW
    ) -> None:
        """Show these points from now on, all or none."""
        kept, there = self._open(deliberation_id), await self.unshown(deliberation_id)
        found = [
            (participant, Point(id=id_, text=text))
            for participant, theirs in points.items()
            for id_, text in theirs.items()
            if id_ in there.get(participant, {})
        ]
        people = {participant for participant, _ in found}
        if kept and len(people) >= fewest and len(kept.points) + len(found) <= MOST_POINTS:
            kept.points |= {each.id: each for _, each in found}

    async def put_own(self, deliberation_id: str, point: OwnPoint, *, giver: str = "") -> bool:
        """Keep a member's own point, unless they have too many."""
        kept, shelf = (
            self._points_open(deliberation_id, point.given_at),
            self._state.of(deliberation_id).own_points,
        )
        with kept.changed_by(point.participant, giver):
            own = shelf.values.get(point.participant) or OwnPointsGiven(
                **_anew(shelf, point.participant, point.given_at)
            )
            if any(each.text == point.text for each in own.points):
                return True
            if len(own.points) >= OWN_POINTS:
                return False
            if _is_late(own, point.given_at):
                return True
            at = max(own.given_at, point.given_at)
            shelf.put(own.model_copy(update={"points": (*own.points, point), "given_at": at}))
        return True

    async def own(self, deliberation_id: str, participant: str) -> Sequence[OwnPoint]:
        """Points that this participant added."""
        kept = self._state.get(deliberation_id)
        own = kept.own_points.values.get(participant) if kept else None
        return list(own.points) if own else []

    async def all_own(self, deliberation_id: str) -> Sequence[OwnPoint]:
        """Points that members added, by participant."""
        kept = self._state.get(deliberation_id)
        return [each for own in kept.own_points.ordered() for each in own.points] if kept else []

    async def vote(self, deliberation_id: str, vote: PointVote, *, giver: str = "") -> Voters:
        """Keep a vote; how many have voted."""
        kept = self._points_open(deliberation_id, vote.given_at)
        with kept.changed_by(vote.participant, giver):
            if vote.point not in kept.points or kept.points[vote.point].hidden:
                raise OpinionError(POINT_GONE)
            shelf = kept.point_votes
            given = shelf.values.get(vote.participant) or VotesGiven(
                **_anew(shelf, vote.participant, vote.given_at)
            )
            before = given.votes.get(vote.point)
            is_old = before is not None and vote.given_at < before[1]
            if before is not None and before[0] is vote.side:
                votes = {**given.votes, vote.point: (vote.side, max(before[1], vote.given_at), before[2])}
                latest = max(given.given_at, vote.given_at)
                shelf.put(given.model_copy(update={"votes": votes, "given_at": latest}))
            elif not is_old and not _is_late(given, vote.given_at):
                _count(kept, given, vote)
        return Voters(len(kept.point_votes.values), len(kept.voters_since_map))

    async def votes_of(self, deliberation_id: str, participant: str) -> Mapping[str, Side]:
        """What one participant said."""
        kept = self._state.get(deliberation_id)
        given = kept.point_votes.values.get(participant) if kept else None
        return {} if given is None else {id_: vote[0] for id_, vote in sorted(given.votes.items())}

    async def votes(self, deliberation_id: str) -> Mapping[str, Mapping[str, Side]]:
        """What everybody said."""
        kept = self._state.get(deliberation_id)
        given = kept.point_votes.ordered() if kept else []
        return {
            each.participant: {id_: vote[0] for id_, vote in sorted(each.votes.items())} for each in given
        }

    async def mark_spam(
        self, deliberation_id: str, participant: str, point: str, at: datetime, *, giver: str = ""
    ) -> None:
        """Keep a mark; enough of them hide the point."""
        kept = self._points_open(deliberation_id, at)
        with kept.changed_by(participant, giver):
            shelf = kept.spam_marks
            given = shelf.values.get(participant) or MarksGiven(**_anew(shelf, participant, at))
            if point not in kept.points or point in given.marks or _is_late(given, at):
                return
            latest = max(given.given_at, at)
            shelf.put(given.model_copy(update={"marks": given.marks | {point}, "given_at": latest}))
            there = kept.points[point]
            marks = sum(point in each.marks for each in shelf.values.values())
            if marks >= SPAM_MARKS and not there.hidden and point not in kept.restored:
                kept.points[point] = there.model_copy(update={"hidden": True, "by_members": True})
                kept.point_changes.insert(0, PointChange(point=point, hidden=True, at=at))

    async def marks_of(self, deliberation_id: str, participant: str) -> frozenset[str]:
        """The points that this participant marked."""
        kept = self._state.get(deliberation_id)
        given = kept.spam_marks.values.get(participant) if kept else None
        return given.marks if given else frozenset()

    async def change(self, deliberation_id: str, change: PointChange) -> bool:
        """Hide or show a point, with its note."""
        kept = self._state.of(deliberation_id)
        kept.deliberation.require_points_change()
        there = kept.points.get(change.point)
        if there is None or there.hidden is change.hidden:
            return False
        kept.points[change.point] = there.model_copy(update={"hidden": change.hidden, "by_members": False})
        kept.restored = kept.restored - {change.point} if change.hidden else kept.restored | {change.point}
        kept.point_changes.insert(0, change)
        return True

    async def changes(self, deliberation_id: str) -> Sequence[PointChange]:
        """What was hidden and shown, newest first."""
        kept = self._state.get(deliberation_id)
        return list(kept.point_changes) if kept else []

    async def forget_changer(self, deliberation_id: str, user: str) -> bool:
        """Take who this user is out of what they hid and showed."""
        kept = self._state.get(deliberation_id)
        if kept is None:
            return False
        before, kept.point_changes = kept.point_changes, [each.without(user) for each in kept.point_changes]
        return before != kept.point_changes

    async def all(self, deliberation_id: str) -> Sequence[Point]:
        """The points with their counts, by id."""
        kept = self._state.get(deliberation_id)
        return [_counted(kept.points[id_], kept) for id_ in sorted(kept.points)] if kept else []

    async def keep_map(self, deliberation_id: str, votes: VotesMap) -> None:
        """Put a map in the place of the one before."""
        kept = self._state.get(deliberation_id)
        if kept is not None and kept.deliberation.phase in (Phase.OPINIONS, Phase.MEDIATING):
            kept.point_map, kept.voters_since_map = votes, set()

    async def map(self, deliberation_id: str) -> VotesMap | None:
        """What the votes said when that was last made."""
        kept = self._state.get(deliberation_id)
        return kept.point_map if kept else None

    def _open(self, deliberation_id: str) -> Kept | None:
        kept = self._state.get(deliberation_id)
        return kept if kept is not None and kept.deliberation.phase is Phase.OPINIONS else None

    def _points_open(self, deliberation_id: str, at: datetime) -> Kept:
        kept = self._state.of(deliberation_id)
        if kept.deliberation.phase is not Phase.OPINIONS:
            kept.deliberation.require_open_for_points(at)
        return kept


def _waits(participant: str, kept: Kept) -> bool:
    return participant not in kept.split or participant in kept.split_again


Given = VotesGiven | OwnPointsGiven | MarksGiven


def _anew(
    shelf: Shelf[VotesGiven] | Shelf[OwnPointsGiven] | Shelf[MarksGiven], participant: str, at: datetime
) -> dict[str, object]:
    return {"participant": participant, "given_at": at, "since": shelf.last_act(participant)}


def _is_late(given: Given, at: datetime) -> bool:
    return given.since is not None and at <= given.since


def _count(kept: Kept, given: VotesGiven, vote: PointVote) -> None:
    """With what is shown, once so many others voted that it tells of none of them."""
    turn, new = kept.turns.get(vote.point, (0, 0))
    before = given.votes.get(vote.point)
    new += before is None or before[2] < turn
    votes = {**given.votes, vote.point: (vote.side, vote.given_at, turn)}
    latest = max(given.given_at, vote.given_at)
    kept.point_votes.put(given.model_copy(update={"votes": votes, "given_at": latest}))
    kept.voters_since_map.add(vote.participant)
    if new >= FEWEST_NEW:
        there = kept.points[vote.point]
        kept.points[vote.point] = there.model_copy(update={"shown": _counts(vote.point, kept)})
        turn, new = turn + 1, 0
    kept.turns[vote.point] = turn, new


def _counts(point: str, kept: Kept) -> Counts:
    found = Counter(each.votes[point][0] for each in kept.point_votes.values.values() if point in each.votes)
    return Counts(agree=found[Side.AGREE], disagree=found[Side.DISAGREE], passed=found[Side.PASS])


def _counted(point: Point, kept: Kept) -> Point:
    marks = sum(point.id in each.marks for each in kept.spam_marks.values.values())
    return point.model_copy(update={"counts": _counts(point.id, kept), "marks": marks})
