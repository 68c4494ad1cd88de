"""What is kept of deliberations, shared by the ports of one state."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from bot.domain.deliberation import MOVED_ON_JUST_NOW, Deliberation, Opinion, Phase, Reason
from bot.domain.errors import (
    GivenElsewhereError,
    NameInUseError,
    TransitionError,
    UnknownDeliberationError,
    VersionConflictError,
)
from bot.domain.kept_mediation import KeptMediation
from bot.domain.likeness import look_alike
from bot.domain.points import MarksGiven, OwnPointsGiven, Point, PointChange, VotesGiven, VotesMap
from bot.domain.ratings import Rating
from bot.domain.rounds import Comparison
from bot.domain.study import RatedStatement
from bot.service.ports.state import SOMEBODY_LEFT, Answers

Contribution = TypeVar(
    "Contribution", Opinion, Rating, Reason, Comparison, VotesGiven, OwnPointsGiven, MarksGiven
)

MOVED_ON = "This question was opened again, or went on, while a statement was being drafted."


class Shelf(Generic[Contribution]):
    """Opinions, ratings, reasons or choices of one deliberation: the newest of each participant wins."""

    def __init__(self) -> None:
        self.values: dict[str, Contribution] = {}
        # Outlive the values: a late copy of what was withdrawn or erased stays out.
        self._last_act: dict[str, datetime] = {}
        self._taken_back: dict[tuple[str, int], datetime] = {}

    def put(self, contribution: Contribution) -> int:
        """Keep it unless something newer is known of this participant; how many there are now."""
        if self.is_newest(contribution):
            self.values[contribution.participant] = contribution
            self._last_act[contribution.participant] = contribution.given_at
        return len(self.values)

    def is_newest(self, contribution: Contribution) -> bool:
        """Whether nothing newer is known of this participant."""
        participant, at = contribution.participant, contribution.given_at
        value = contribution.value if isinstance(contribution, Rating) else 0
        taken_back = self._taken_back.get((participant, value))
        if taken_back is not None and at <= taken_back:
            return False
        last = self._last_act.get(participant)
        return last is None or at > last or (at == last and participant in self.values)

    def remove(self, participant: str, at: datetime) -> int:
        """Take it back under the same rule; how many are left."""
        last = self._last_act.get(participant)
        if last is None or at >= last:
            self.values.pop(participant, None)
            self._last_act[participant] = at
        return len(self.values)

    def remove_value(self, participant: str, at: datetime, value: int) -> int:
        """Take back exactly this rating, and keep exactly this one out when it comes late."""
        kept = self.values.get(participant)
        before = self._taken_back.get((participant, value))
        if before is None or at > before:
            self._taken_back[participant, value] = at
        if isinstance(kept, Rating) and kept.value == value:
            return self.remove(participant, at)
        return len(self.values)

    def erase(self, participant: str, at: datetime) -> bool:
        """Erase what was given up to `at`; whether there was any."""
        last = self._last_act.get(participant)
        if last is None or at < last:
            return False
        self._last_act[participant] = at
        return self.values.pop(participant, None) is not None

    def last_act(self, participant: str) -> datetime | None:
        """When this participant last gave or withdrew."""
        return self._last_act.get(participant)

    def ordered(self) -> list[Contribution]:
        """By participant."""
        return [self.values[participant] for participant in sorted(self.values)]


@dataclass
class Kept:
    """A deliberation with everything that belongs to it."""

    deliberation: Deliberation
    opinions: Shelf[Opinion] = field(default_factory=Shelf[Opinion])
    encoded: dict[str, bytes] = field(default_factory=dict)
    baselines: Shelf[Rating] = field(default_factory=Shelf[Rating])
    ratings: dict[tuple[int, str], Shelf[Rating]] = field(default_factory=lambda: defaultdict(Shelf[Rating]))
    reasons: dict[int, Shelf[Reason]] = field(default_factory=lambda: defaultdict(Shelf[Reason]))
    comparisons: dict[int, Shelf[Comparison]] = field(default_factory=lambda: defaultdict(Shelf[Comparison]))
    point_votes: Shelf[VotesGiven] = field(default_factory=Shelf[VotesGiven])
    own_points: Shelf[OwnPointsGiven] = field(default_factory=Shelf[OwnPointsGiven])
    spam_marks: Shelf[MarksGiven] = field(default_factory=Shelf[MarksGiven])
    split: dict[str, dict[str, str]] = field(default_factory=dict)
    split_again: set[str] = field(default_factory=set)
    also: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    points: dict[str, Point] = field(default_factory=dict)
    restored: set[str] = field(default_factory=set)
    turns: dict[str, tuple[int, int]] = field(default_factory=dict)
    point_changes: list[PointChange] = field(default_factory=list)
    point_map: VotesMap | None = None
    voters_since_map: set[str] = field(default_factory=set)
    statements: dict[int, Sequence[RatedStatement]] = field(default_factory=dict)
    mediations: dict[int, KeptMediation] = field(default_factory=dict)
    markers: set[str] = field(default_factory=set)
    givers: dict[str, str] = field(default_factory=dict)
    unheard: set[int] = field(default_factory=set)

    def giver(self, participant: str) -> str | None:
        """Who alone may change what this participant gave; None where that is nothing."""
        has_given = any(participant in shelf.values for shelf in self._shelves())
        return self.givers.get(participant, "") if has_given else None

    @contextmanager
    def changed_by(self, participant: str, giver: str) -> Iterator[None]:
        """Lets their giver change what a participant gave. Raises GivenElsewhereError for another one."""
        if giver and self.giver(participant) not in (None, giver):
            raise GivenElsewhereError
        yield
        if self.giver(participant) is None:
            self.givers.pop(participant, None)
        elif giver:
            self.givers[participant] = giver

    def require_own_name(self, opinion: Opinion) -> None:
        """Raises NameInUseError where another's looks like this one, unless it was this person's before."""
        before = self.opinions.values.get(opinion.participant)
        is_theirs = before is not None and before.signed == opinion.signed
        if is_theirs or not opinion.signed or not self.opinions.is_newest(opinion):
            return
        others = [each for each in self.opinions.values.values() if each is not before and each.signed]
        if any(look_alike(opinion.signed, each.signed) for each in others):
            raise NameInUseError

    def put_opinion(self, opinion: Opinion) -> Answers:
        """What was encoded goes with the opinion that it was made from."""
        before = self.opinions.values.get(opinion.participant)
        count = self.opinions.put(opinion)
        if self.opinions.values.get(opinion.participant) != before:
            self.encoded.pop(opinion.participant, None)
        if before is not None and self.opinions.values[opinion.participant].text != before.text:
            self.drop_split(opinion.participant)
        return Answers(count, count - len(self.encoded))

    def remove_opinion(self, participant: str, at: datetime) -> int:
        """So it does when the opinion is taken back; and so does the baseline, but not a vote in a poll.

        Such a vote is an act of its own (`Rating.collected`).
        """
        count = self.opinions.remove(participant, at)
        baseline = self.baselines.values.get(participant)
        if baseline is None or not baseline.collected:
            self.baselines.remove(participant, at)
        if participant not in self.opinions.values:
            self.encoded.pop(participant, None)
            self.drop_split(participant)
        return count

    def _uncount(self, said: VotesGiven | None) -> None:
        """Somebody who is forgotten no longer counts towards the next change of what is shown."""
        for id_, (_, _, counted_in) in said.votes.items() if said else ():
            turn, new = self.turns.get(id_, (0, 0))
            if id_ in self.points and counted_in == turn:
                self.turns[id_] = turn, max(0, new - 1)

    def drop_split(self, participant: str) -> None:
        """What an opinion was split into goes with its words."""
        self._drop_points(self.split.pop(participant, {}))
        self.split_again.discard(participant)
        for others in self.also.values():
            others.discard(participant)

    def _drop_points(self, ids: Iterable[str]) -> None:
        """Opinions that share one of them are split again."""
        for id_ in ids:
            self.points.pop(id_, None)
            self.turns.pop(id_, None)
            self.split_again |= self.also.pop(id_, set()) & set(self.split)

    def erase(self, participant: str, at: datetime) -> bool:
        """What one participant gave up to `at`, and what was predicted of them; whether they gave any."""
        own, said = self.own_points.values.get(participant), self.point_votes.values.get(participant)
        with self.changed_by(participant, ""):
            erased = [shelf.erase(participant, at) for shelf in self._shelves()]
        if participant not in self.point_votes.values:
            self.voters_since_map.discard(participant)
            self._uncount(said)
        if own is not None and participant not in self.own_points.values:
            self._drop_points(each.id for each in own.points)
        if any(erased) and self.deliberation.phase is not Phase.OPINIONS:
            self.markers.add(SOMEBODY_LEFT)
        if participant not in self.opinions.values:
            self.encoded.pop(participant, None)
            self.drop_split(participant)
            for round_, mediation in self.mediations.items():
                self.mediations[round_] = mediation.without(participant)
            for round_, statements in self.statements.items():
                self.statements[round_] = [statement.without(participant) for statement in statements]
        return any(erased)

    def _shelves(self) -> Iterator["Shelf[Any]"]:
        """Every shelf there is: a new field that is one, or holds some, is forgotten with the others."""
        for kept in vars(self).values():
            for each in kept.values() if isinstance(kept, dict) else (kept,):
                if isinstance(each, Shelf):
                    yield each


class State:
    """Every deliberation by its id."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}

    def get(self, deliberation_id: str) -> Kept | None:
        """A deliberation with everything that belongs to it, if there is one."""
        return self.kept.get(deliberation_id)

    def of(self, deliberation_id: str) -> Kept:
        """The same. Raises UnknownDeliberationError."""
        try:
            return self.kept[deliberation_id]
        except KeyError:
            raise UnknownDeliberationError from None

    def drafted(self, deliberation_id: str, closed_at: datetime | None) -> Kept:
        """The same, while it is drafted from what it closed with then, if that is asked.

        Raises VersionConflictError too.
        """
        kept = self.of(deliberation_id)
        if closed_at is not None and not kept.deliberation.is_drafted_since(closed_at):
            raise VersionConflictError(MOVED_ON)
        return kept

    # The phase alone decides here; it is for the handlers to look at deadlines.

    def opinions_open(self, deliberation_id: str, at: datetime) -> Kept:
        """The same, while opinions are open. Raises TransitionError too."""
        kept = self.of(deliberation_id)
        if kept.deliberation.phase is not Phase.OPINIONS:
            kept.deliberation.require_open_for_opinions(at)
        return kept

    def ratings_open(self, deliberation_id: str, round_: int, at: datetime) -> Kept:
        """The same, while this round's statement is rated. Raises as `opinions_open` does."""
        kept = self.of(deliberation_id)
        if kept.deliberation.phase is not Phase.RATING:
            kept.deliberation.require_open_for_ratings(at)
        if round_ != kept.deliberation.round:
            raise TransitionError(MOVED_ON_JUST_NOW)
        return kept
