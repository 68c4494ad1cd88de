"""In-memory twins of every port, for tests and development; nothing outlives the process.

They run the real rules, not canned answers: the same contract suites (tests/contract) pass over them and
over Redis. No method waits between reading and writing, so on one event loop each is one atomic step.
`SystemClock` is here too: it is the one clock that production uses.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from bot.cards import Card
from bot.domain.deliberation import Deliberation, MessageRef, Opinion, Phase, Step
from bot.domain.feedback import FeedbackRecord
from bot.domain.ratings import Rating
from bot.domain.team import Team
from bot.errors import PlatformError, TransitionError, UnknownDeliberationError, VersionConflictError
from bot.ports import Answers, AnyLiveEvent
from engine.types import Mediation

Contribution = TypeVar("Contribution", Opinion, Rating)

# -- time ----------------------------------------------------------------------------------------


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time now, in UTC."""
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """The time that was set."""
        return self._now

    def set(self, now: datetime) -> None:
        """Jump to a time."""
        self._now = now

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._now += by


# -- state ---------------------------------------------------------------------------------------


class _Shelf(Generic[Contribution]):
    """Opinions or ratings of one deliberation: the newest of each participant wins."""

    def __init__(self) -> None:
        self.values: dict[str, Contribution] = {}
        # Outlives the values: a late copy of what was withdrawn or erased stays out.
        self._last_act: dict[str, datetime] = {}

    def put(self, contribution: Contribution) -> int:
        participant, at = contribution.participant, contribution.given_at
        last = self._last_act.get(participant)
        if last is None or at > last or (at == last and participant in self.values):
            self.values[participant] = contribution
            self._last_act[participant] = at
        return len(self.values)

    def remove(self, participant: str, at: datetime) -> int:
        last = self._last_act.get(participant)
        if last is None or at >= last:
            self.values.pop(participant, None)
            self._last_act[participant] = at
        return len(self.values)

    def erase(self, participant: str) -> bool:
        return self.values.pop(participant, None) is not None

    def ordered(self) -> list[Contribution]:
        return [self.values[participant] for participant in sorted(self.values)]


@dataclass
class _Kept:
    """A deliberation with everything that belongs to it."""

    deliberation: Deliberation
    opinions: _Shelf[Opinion] = field(default_factory=_Shelf[Opinion])
    encoded: dict[str, bytes] = field(default_factory=dict)
    ratings: dict[int, _Shelf[Rating]] = field(default_factory=lambda: defaultdict(_Shelf[Rating]))
    mediations: dict[int, Mediation] = field(default_factory=dict)
    markers: set[str] = field(default_factory=set)

    def put_opinion(self, opinion: Opinion) -> Answers:
        before = self.opinions.values.get(opinion.participant)
        count = self.opinions.put(opinion)
        if self.opinions.values.get(opinion.participant) != before:
            self.encoded.pop(opinion.participant, None)
        return Answers(count, count - len(self.encoded))

    def remove_opinion(self, participant: str, at: datetime) -> int:
        count = self.opinions.remove(participant, at)
        if participant not in self.opinions.values:
            self.encoded.pop(participant, None)
        return count

    def erase(self, participant: str) -> bool:
        self.encoded.pop(participant, None)
        shelves: list[_Shelf[Opinion] | _Shelf[Rating]] = [self.opinions, *self.ratings.values()]
        erased = [shelf.erase(participant) for shelf in shelves]
        return any(erased)


class MemoryStore:
    """`DeliberationStore` in dictionaries."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._teams: dict[str, Team] = {}

    async def add(self, deliberation: Deliberation) -> Deliberation:
        """Keep a new deliberation, or give the one that is there."""
        return self._kept.setdefault(deliberation.id, _Kept(deliberation)).deliberation

    async def load(self, deliberation_id: str) -> Deliberation:
        """The deliberation as it is kept."""
        return self._of(deliberation_id).deliberation

    async def save(self, deliberation: Deliberation) -> Deliberation:
        """Compare-and-set."""
        kept = self._of(deliberation.id)
        if kept.deliberation.version != deliberation.version:
            raise VersionConflictError("Somebody else changed this question at the same moment.")
        kept.deliberation = deliberation.model_copy(update={"version": deliberation.version + 1})
        return kept.deliberation

    async def of_team(self, team: str, *, limit: int = 100, offset: int = 0) -> Sequence[Deliberation]:
        """A team's deliberations, newest first."""
        theirs = [kept.deliberation for kept in self._kept.values() if kept.deliberation.team == team]
        theirs.sort(key=lambda deliberation: (deliberation.created_at, deliberation.id), reverse=True)
        return theirs[offset : offset + limit]

    async def each_of_team(self, team: str) -> AsyncIterator[Deliberation]:
        """All of a team's deliberations."""
        for deliberation_id in list(self._kept):
            kept = self._kept.get(deliberation_id)
            if kept is not None and kept.deliberation.team == team:
                yield kept.deliberation

    async def delete(self, deliberation_id: str) -> None:
        """Erase everything of a deliberation."""
        self._kept.pop(deliberation_id, None)

    async def due(self, now: datetime, *, limit: int = 1_000) -> Sequence[Deliberation]:
        """Deliberations whose next step is due, longest waiting first."""
        waiting = [(kept.deliberation.next_due(), kept.deliberation) for kept in self._kept.values()]
        due = [(next_.at, deliberation) for next_, deliberation in waiting if next_ and next_.at <= now]
        return [deliberation for _, deliberation in sorted(due, key=lambda pair: pair[0])][:limit]

    async def put_opinion(self, deliberation_id: str, opinion: Opinion) -> Answers:
        """Keep an opinion while opinions are open."""
        return self._opinions_open(deliberation_id, opinion.given_at).put_opinion(opinion)

    async def remove_opinion(self, deliberation_id: str, participant: str, at: datetime) -> int:
        """Take an opinion back while opinions are open."""
        return self._opinions_open(deliberation_id, at).remove_opinion(participant, at)

    async def opinion(self, deliberation_id: str, participant: str) -> Opinion | None:
        """One participant's opinion."""
        kept = self._kept.get(deliberation_id)
        return kept.opinions.values.get(participant) if kept else None

    async def opinions(self, deliberation_id: str) -> Sequence[Opinion]:
        """All opinions, by participant."""
        kept = self._kept.get(deliberation_id)
        return kept.opinions.ordered() if kept else []

    async def opinion_count(self, deliberation_id: str) -> int:
        """How many opinions there are."""
        return len(await self.opinions(deliberation_id))

    async def unencoded(self, deliberation_id: str, *, limit: int) -> Sequence[Opinion]:
        """Some of the opinions that wait to be encoded."""
        kept = self._kept.get(deliberation_id)
        opinions = kept.opinions.ordered() if kept else []
        return [opinion for opinion in opinions if kept and opinion.participant not in kept.encoded][:limit]

    async def keep_encoded(self, deliberation_id: str, encoded: Sequence[tuple[Opinion, bytes]]) -> int:
        """Keep what a reward model made of opinions while these are open and the same."""
        kept = self._kept.get(deliberation_id)
        if kept is None or kept.deliberation.phase is not Phase.OPINIONS:
            return 0
        same = {
            opinion.participant: value
            for opinion, value in encoded
            if kept.opinions.values.get(opinion.participant) == opinion
        }
        kept.encoded |= same
        return len(same)

    async def encoded(self, deliberation_id: str, participants: Sequence[str]) -> Mapping[str, bytes]:
        """What is kept of these participants' opinions."""
        kept = self._kept.get(deliberation_id)
        there = kept.encoded if kept else {}
        return {participant: there[participant] for participant in participants if participant in there}

    async def put_rating(self, deliberation_id: str, round_: int, rating: Rating) -> int:
        """Keep a rating while this round's statement is rated."""
        return self._ratings_open(deliberation_id, round_, rating.given_at).put(rating)

    async def remove_rating(self, deliberation_id: str, round_: int, participant: str, at: datetime) -> int:
        """Take a rating back while this round's statement is rated."""
        return self._ratings_open(deliberation_id, round_, at).remove(participant, at)

    async def ratings(self, deliberation_id: str, round_: int) -> Sequence[Rating]:
        """All ratings of a round's statement, by participant."""
        kept = self._kept.get(deliberation_id)
        return kept.ratings[round_].ordered() if kept else []

    async def keep_mediation(self, deliberation_id: str, round_: int, mediation: Mediation) -> Mediation:
        """Keep a round's first mediation; give the kept one."""
        return self._of(deliberation_id).mediations.setdefault(round_, mediation)

    async def drop_mediation(self, deliberation_id: str, round_: int) -> None:
        """Erase a round's mediation."""
        self._of(deliberation_id).mediations.pop(round_, None)

    async def mediation(self, deliberation_id: str, round_: int) -> Mediation | None:
        """A round's mediation."""
        kept = self._kept.get(deliberation_id)
        return kept.mediations.get(round_) if kept else None

    async def erase_participant(self, deliberation_id: str, participant: str) -> bool:
        """Erase what one participant gave and what was predicted of them."""
        kept = self._kept.get(deliberation_id)
        if kept is None:
            return False
        for round_, mediation in kept.mediations.items():
            kept.mediations[round_] = mediation.without(participant)
        return kept.erase(participant)

    async def mark(self, deliberation_id: str, marker: str) -> bool:
        """Set a marker once; True for the one who set it."""
        markers = self._of(deliberation_id).markers
        is_new = marker not in markers
        markers.add(marker)
        return is_new

    async def team(self, team: str) -> Team:
        """A team's settings, or the defaults."""
        return self._teams.get(team, Team(id=team))

    async def save_team(self, team: Team) -> None:
        """Keep a team's settings."""
        self._teams[team.id] = team

    async def ping(self) -> None:
        """Memory always answers."""

    def _of(self, deliberation_id: str) -> _Kept:
        try:
            return self._kept[deliberation_id]
        except KeyError:
            raise UnknownDeliberationError from None

    # The phase alone decides here; it is for the handlers to look at deadlines.

    def _opinions_open(self, deliberation_id: str, at: datetime) -> _Kept:
        kept = self._of(deliberation_id)
        if kept.deliberation.phase is not Phase.OPINIONS:
            kept.deliberation.require_open_for_opinions(at)
        return kept

    def _ratings_open(self, deliberation_id: str, round_: int, at: datetime) -> _Shelf[Rating]:
        kept = self._of(deliberation_id)
        if kept.deliberation.phase is not Phase.RATING:
            kept.deliberation.require_open_for_ratings(at)
        if round_ != kept.deliberation.round:
            raise TransitionError("This question moved on at this very moment. Look at it again.")
        return kept.ratings[round_]


class MemoryFeedbackLog:
    """`FeedbackLog` in a dictionary."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str, int, str], FeedbackRecord] = {}

    async def append(self, records: Sequence[FeedbackRecord]) -> None:
        """Keep records once each."""
        for record in records:
            key = (record.team, record.deliberation_id, record.round, record.participant)
            self._records.setdefault(key, record)

    async def read(self, team: str) -> AsyncIterator[FeedbackRecord]:
        """A team's records, oldest deliberation first."""
        theirs = [record for record in self._records.values() if record.team == team]
        for record in sorted(theirs, key=_feedback_order):
            yield record

    async def erase(self, team: str, deliberation_id: str, participant: str | None = None) -> None:
        """Erase one participant's records of a deliberation, or all of it."""
        self._records = {
            key: record
            for key, record in self._records.items()
            if (record.team, record.deliberation_id) != (team, deliberation_id)
            or participant not in (None, record.participant)
        }


def _feedback_order(record: FeedbackRecord) -> tuple[datetime, str, int, str]:
    return record.settled_at, record.deliberation_id, record.round, record.participant


# -- jobs and live events ------------------------------------------------------------------------


class MemoryJobQueue:
    """`JobQueue` as a list that tests look at and take from.

    waiting: jobs that nobody has taken yet, in order.
    """

    def __init__(self) -> None:
        self.waiting: list[tuple[Step, str]] = []
        self._asked = asyncio.Event()

    async def enqueue(self, step: Step, deliberation_id: str) -> None:
        """Ask for a step; asking again while it waits changes nothing."""
        if (step, deliberation_id) not in self.waiting:
            self.waiting.append((step, deliberation_id))
            self._asked.set()

    async def take(self) -> tuple[Step, str]:
        """The job that waits longest; waits for one if there is none."""
        while not self.waiting:
            self._asked.clear()
            await self._asked.wait()
        return self.waiting.pop(0)


class MemoryLiveFeed:
    """`LiveFeed` within one process."""

    def __init__(self) -> None:
        self._pages: dict[str, list[asyncio.Queue[AnyLiveEvent]]] = defaultdict(list)

    async def publish(self, deliberation_id: str, event: AnyLiveEvent) -> None:
        """Tell everyone who listens now."""
        for page in self._pages[deliberation_id]:
            page.put_nowait(event)

    @asynccontextmanager
    async def subscribe(self, deliberation_id: str) -> AsyncIterator[AsyncIterator[AnyLiveEvent]]:
        """Listen to one deliberation."""
        page: asyncio.Queue[AnyLiveEvent] = asyncio.Queue()
        self._pages[deliberation_id].append(page)
        try:
            yield _events(page)
        finally:
            self._pages[deliberation_id].remove(page)


async def _events(page: asyncio.Queue[AnyLiveEvent]) -> AsyncIterator[AnyLiveEvent]:
    while True:
        yield await page.get()


# -- chat ----------------------------------------------------------------------------------------


class MemoryPlatform:
    """`ChatPlatform` that remembers what it was told.

    channel_members: user ids by channel; set them to have members.
    shown: every card that a message has shown, in order, the last one being there now.
    direct_messages: pairs of user and text, in order.
    """

    def __init__(self, channel_members: Mapping[str, Sequence[str]] | None = None) -> None:
        self.channel_members = dict(channel_members or {})
        self.shown: dict[MessageRef, list[Card]] = {}
        self.direct_messages: list[tuple[str, str]] = []
        self._by_key: dict[str, MessageRef] = {}

    async def post(self, channel: str, card: Card, *, key: str) -> MessageRef:
        """Post a card, or give the message that this key has posted already."""
        if key not in self._by_key:
            message = MessageRef(channel=channel, message=f"message-{len(self._by_key) + 1}")
            self._by_key[key] = message
            self.shown[message] = [card]
        return self._by_key[key]

    async def update(self, message: MessageRef, card: Card) -> None:
        """Show this card in place of the last one."""
        if message not in self.shown:
            raise PlatformError("There is no such message to update.")
        self.shown[message].append(card)

    async def members(self, channel: str) -> Sequence[str]:
        """User ids of the people in a channel."""
        return self.channel_members.get(channel, ())

    async def direct_message(self, user: str, text: str) -> None:
        """Write to one person."""
        self.direct_messages.append((user, text))

    def now_showing(self, key: str) -> Card:
        """The card that the message posted under this key shows now."""
        return self.shown[self._by_key[key]][-1]
