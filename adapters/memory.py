"""In-memory twins of every port, for tests and development; nothing outlives the process.

They run the real rules, not canned answers: the same contract suites (tests/contract) pass over them and
over Redis. No method waits between reading and writing, so on one event loop each is one atomic step.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from adapters.clock import SystemClock
from bot.cards import Card, Note
from bot.domain.deliberation import Deliberation, MessageRef, Opinion, Phase, Step
from bot.domain.library import BankQuestion, Schedule, Template, bank_order
from bot.domain.ratings import CHOSEN, Rating
from bot.domain.study import RatedStatement
from bot.domain.team import CHANGES_KEPT, SettingsChange, Team
from bot.errors import PlatformError, TransitionError, UnknownDeliberationError, VersionConflictError
from bot.ports import Answers, AnyLiveEvent, SeenReactions, Wanted
from engine.feedback import FeedbackRecord
from engine.types import Mediation

Contribution = TypeVar("Contribution", Opinion, Rating)
# A worker that has been silent for so long does not come back under its name.
FORGOTTEN_AFTER = timedelta(days=1)

# -- time ----------------------------------------------------------------------------------------


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
        # Outlive the values: a late copy of what was withdrawn or erased stays out.
        self._last_act: dict[str, datetime] = {}
        self._taken_back: dict[tuple[str, int], datetime] = {}

    def put(self, contribution: Contribution) -> int:
        participant, at = contribution.participant, contribution.given_at
        value = contribution.value if isinstance(contribution, Rating) else 0
        taken_back = self._taken_back.get((participant, value))
        if taken_back is not None and at <= taken_back:
            return len(self.values)
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

    def remove_value(self, participant: str, at: datetime, value: int) -> int:
        kept = self.values.get(participant)
        before = self._taken_back.get((participant, value))
        if before is None or at > before:
            self._taken_back[participant, value] = at
        if isinstance(kept, Rating) and kept.value == value:
            return self.remove(participant, at)
        return len(self.values)

    def erase(self, participant: str, at: datetime) -> bool:
        last = self._last_act.get(participant)
        if last is None or at < last:
            return False
        self._last_act[participant] = at
        return self.values.pop(participant, None) is not None

    def ordered(self) -> list[Contribution]:
        return [self.values[participant] for participant in sorted(self.values)]


@dataclass
class _Kept:
    """A deliberation with everything that belongs to it."""

    deliberation: Deliberation
    opinions: _Shelf[Opinion] = field(default_factory=_Shelf[Opinion])
    encoded: dict[str, bytes] = field(default_factory=dict)
    baselines: _Shelf[Rating] = field(default_factory=_Shelf[Rating])
    ratings: dict[tuple[int, str], _Shelf[Rating]] = field(
        default_factory=lambda: defaultdict(_Shelf[Rating])
    )
    statements: dict[int, Sequence[RatedStatement]] = field(default_factory=dict)
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

    def erase(self, participant: str, at: datetime) -> bool:
        shelves: list[_Shelf[Opinion] | _Shelf[Rating]] = [self.opinions, self.baselines]
        shelves += self.ratings.values()
        erased = [shelf.erase(participant, at) for shelf in shelves]
        if participant not in self.opinions.values:
            self.encoded.pop(participant, None)
        return any(erased)


class MemoryStore:
    """`DeliberationStore` in dictionaries."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._teams: dict[str, Team] = {}
        self._changes: dict[str, list[SettingsChange]] = defaultdict(list)
        self._beats: dict[str, datetime] = {}
        self._reminders: dict[tuple[str, str], tuple[datetime, bool]] = {}
        self._learning: dict[tuple[str, str], tuple[datetime, bool]] = {}

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

    async def withhold_opinion(self, deliberation_id: str, participant: str) -> bool:
        """Note that this opinion may not be learnt from."""
        kept = self._kept.get(deliberation_id)
        opinion = kept.opinions.values.get(participant) if kept else None
        if kept is None or opinion is None:
            return False
        kept.opinions.values[participant] = opinion.model_copy(update={"consent": False})
        return True

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
        return self._ratings_open(deliberation_id, round_, rating.given_at, rating.statement_id).put(rating)

    async def remove_rating(
        self,
        deliberation_id: str,
        round_: int,
        participant: str,
        at: datetime,
        *,
        value: int | None = None,
        statement_id: str = CHOSEN,
    ) -> int:
        """Take a rating back while this round's statement is rated."""
        shelf = self._ratings_open(deliberation_id, round_, at, statement_id)
        return shelf.remove(participant, at) if value is None else shelf.remove_value(participant, at, value)

    async def rating(
        self, deliberation_id: str, round_: int, participant: str, statement_id: str = CHOSEN
    ) -> Rating | None:
        """One participant's rating of one of a round's statements."""
        kept = self._kept.get(deliberation_id)
        return kept.ratings[round_, statement_id].values.get(participant) if kept else None

    async def ratings(
        self, deliberation_id: str, round_: int, statement_id: str = CHOSEN
    ) -> Sequence[Rating]:
        """All ratings of one of a round's statements, by participant."""
        kept = self._kept.get(deliberation_id)
        return kept.ratings[round_, statement_id].ordered() if kept else []

    async def put_baseline(self, deliberation_id: str, rating: Rating, *, collected: bool = False) -> int:
        """Keep agreement with the position statement while opinions are open, or `collected` after that."""
        if collected:
            kept = self._of(deliberation_id)
            kept.deliberation.require_drafting(rating.given_at)
            return kept.baselines.put(rating)
        return self._opinions_open(deliberation_id, rating.given_at).baselines.put(rating)

    async def baselines(self, deliberation_id: str) -> Sequence[Rating]:
        """Everybody's agreement with the position statement, by participant."""
        kept = self._kept.get(deliberation_id)
        return kept.baselines.ordered() if kept else []

    async def baseline(self, deliberation_id: str, participant: str) -> Rating | None:
        """One participant's agreement with the position statement."""
        kept = self._kept.get(deliberation_id)
        return kept.baselines.values.get(participant) if kept else None

    async def keep_statements(
        self, deliberation_id: str, round_: int, statements: Sequence[RatedStatement]
    ) -> Sequence[RatedStatement]:
        """Keep a round's first statements; give the kept ones."""
        return self._of(deliberation_id).statements.setdefault(round_, list(statements))

    async def statements(self, deliberation_id: str, round_: int) -> Sequence[RatedStatement]:
        """The statements that a study has rated in a round."""
        kept = self._kept.get(deliberation_id)
        return kept.statements.get(round_, []) if kept else []

    async def keep_mediation(self, deliberation_id: str, round_: int, mediation: Mediation) -> Mediation:
        """Keep a round's first mediation; give the kept one."""
        return self._of(deliberation_id).mediations.setdefault(round_, mediation)

    async def drop_mediation(self, deliberation_id: str, round_: int) -> None:
        """Erase a round's mediation, and the statements of a study with it."""
        self._of(deliberation_id).mediations.pop(round_, None)
        self._of(deliberation_id).statements.pop(round_, None)

    async def mediation(self, deliberation_id: str, round_: int) -> Mediation | None:
        """A round's mediation."""
        kept = self._kept.get(deliberation_id)
        return kept.mediations.get(round_) if kept else None

    async def erase_participant(self, deliberation_id: str, participant: str, at: datetime) -> bool:
        """Erase what one participant gave up to `at`, and what was predicted of them."""
        kept = self._kept.get(deliberation_id)
        if kept is None:
            return False
        erased = kept.erase(participant, at)
        if participant not in kept.opinions.values:
            for round_, mediation in kept.mediations.items():
                kept.mediations[round_] = mediation.without(participant)
            for round_, statements in kept.statements.items():
                kept.statements[round_] = [statement.without(participant) for statement in statements]
        return erased

    async def of_message(self, platform: str, message: MessageRef) -> Deliberation | None:
        """The deliberation that a platform's message belongs to."""
        for kept in self._kept.values():
            there = kept.deliberation
            if there.platform == platform and message in (there.message, *there.ballots.values()):
                return there
        return None

    async def mark(self, deliberation_id: str, marker: str) -> bool:
        """Set a marker once; True for the one who set it."""
        markers = self._of(deliberation_id).markers
        is_new = marker not in markers
        markers.add(marker)
        return is_new

    async def is_marked(self, deliberation_id: str, marker: str) -> bool:
        """Whether somebody set a marker."""
        kept = self._kept.get(deliberation_id)
        return kept is not None and marker in kept.markers

    async def team(self, team: str) -> Team:
        """A team's settings, or the defaults."""
        return self._teams.get(team, Team(id=team))

    async def save_team(self, team: Team, change: SettingsChange | None = None) -> Team:
        """Keep a team's settings and who changed what: compare-and-set."""
        if (await self.team(team.id)).version != team.version:
            raise VersionConflictError("Somebody else changed the settings at the same moment.")
        self._teams[team.id] = team.model_copy(update={"version": team.version + 1})
        if change is not None:
            self._changes[team.id] = [change, *self._changes[team.id]][:CHANGES_KEPT]
        return self._teams[team.id]

    async def settings_changes(self, team: str, *, limit: int = 50) -> Sequence[SettingsChange]:
        """Who changed what, newest first."""
        return self._changes[team][:limit]

    async def set_reminders(self, team: str, member: str, on: bool, at: datetime) -> None:
        """Whether a member wants to be reminded; the newest wish counts."""
        kept = self._reminders.get((team, member))
        if kept is None or at >= kept[0]:
            self._reminders[team, member] = (at, on)

    async def wants_reminders(self, team: str, members: Sequence[str]) -> Sequence[bool]:
        """For each of these members."""
        kept = [self._reminders.get((team, member)) for member in members]
        return [True if wish is None else wish[1] for wish in kept]

    async def beat(self, worker: str, at: datetime) -> None:
        """A worker's sign of life."""
        self._beats = {name: seen for name, seen in self._beats.items() if at - seen < FORGOTTEN_AFTER}
        self._beats[worker] = max(at, self._beats.get(worker, at))

    async def workers(self, since: datetime) -> int:
        """How many workers have given a sign of life since then."""
        return sum(seen >= since for seen in self._beats.values())

    async def set_learning(self, team: str, member: str, on: bool, at: datetime) -> None:
        """Whether a member's opinions may be learnt from; the newest wish counts."""
        kept = self._learning.get((team, member))
        if kept is None or at >= kept[0]:
            self._learning[team, member] = (at, on)

    async def may_learn_from(self, team: str, member: str) -> bool:
        """True for those who never said anything."""
        wish = self._learning.get((team, member))
        return wish is None or wish[1]

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

    def _ratings_open(
        self, deliberation_id: str, round_: int, at: datetime, statement_id: str
    ) -> _Shelf[Rating]:
        kept = self._of(deliberation_id)
        if kept.deliberation.phase is not Phase.RATING:
            kept.deliberation.require_open_for_ratings(at)
        if round_ != kept.deliberation.round:
            raise TransitionError("This question moved on at this very moment. Look at it again.")
        return kept.ratings[round_, statement_id]


class MemoryLibrary:
    """`LibraryStore` in dictionaries."""

    def __init__(self) -> None:
        self._templates: dict[str, dict[str, Template]] = defaultdict(dict)
        self._bank: dict[str, dict[str, BankQuestion]] = defaultdict(dict)
        self._schedules: dict[str, dict[str, Schedule]] = defaultdict(dict)

    async def templates(self, team: str) -> Sequence[Template]:
        """By name."""
        return sorted(self._templates[team].values(), key=lambda template: template.name)

    async def put_template(self, team: str, template: Template) -> None:
        """Keep it in place of the one of that name."""
        self._templates[team][template.name] = template

    async def remove_template(self, team: str, name: str) -> None:
        """Harmless when it is gone."""
        self._templates[team].pop(name, None)

    async def bank(self, team: str) -> Sequence[BankQuestion]:
        """In the order in which they were added."""
        return sorted(self._bank[team].values(), key=bank_order)

    async def add_to_bank(self, team: str, questions: Sequence[BankQuestion]) -> None:
        """Add all; one that is there stays as it is."""
        for question in questions:
            self._bank[team].setdefault(question.id, question)

    async def remove_from_bank(self, team: str, question_id: str) -> None:
        """Harmless when it is gone."""
        self._bank[team].pop(question_id, None)

    async def schedules(self, team: str) -> Sequence[Schedule]:
        """By id."""
        return sorted(self._schedules[team].values(), key=lambda schedule: schedule.id)

    async def save_schedule(self, schedule: Schedule) -> Schedule:
        """Compare-and-set."""
        kept = self._schedules[schedule.team].get(schedule.id)
        if (kept.version if kept else 0) != schedule.version:
            raise VersionConflictError("Somebody else changed this schedule at the same moment.")
        saved = schedule.model_copy(update={"version": schedule.version + 1})
        self._schedules[schedule.team][schedule.id] = saved
        return saved

    async def remove_schedule(self, team: str, schedule_id: str) -> None:
        """Harmless when it is gone."""
        self._schedules[team].pop(schedule_id, None)

    async def due_schedules(self, now: datetime) -> Sequence[Schedule]:
        """Every team's schedules whose next occurrence has come."""
        every = [schedule for theirs in self._schedules.values() for schedule in theirs.values()]
        return [schedule for schedule in every if schedule.is_due(now)]


class MemoryFeedbackLog:
    """`FeedbackLog` in a dictionary."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str, int, str, str], FeedbackRecord] = {}

    async def append(self, records: Sequence[FeedbackRecord]) -> None:
        """Keep records once each."""
        for record in records:
            of = record.team, record.deliberation_id
            key = (*of, record.round, record.participant, record.statement_id)
            self._records.setdefault(key, record)

    async def read(self, team: str) -> AsyncIterator[FeedbackRecord]:
        """A team's records, oldest deliberation first."""
        theirs = [record for record in self._records.values() if record.team == team]
        for record in sorted(theirs, key=_feedback_order):
            yield record

    async def export(self, wanted: Wanted) -> AsyncIterator[FeedbackRecord]:
        """The records that are wanted, by team."""
        records = sorted(self._records.values(), key=lambda record: (record.team, *_feedback_order(record)))
        for record in records:
            if wanted.includes(record):
                yield record

    async def erase(self, team: str, deliberation_id: str, participant: str | None = None) -> None:
        """Erase one participant's records of a deliberation, or all of it."""
        self._records = {
            key: record
            for key, record in self._records.items()
            if (record.team, record.deliberation_id) != (team, deliberation_id)
            or participant not in (None, record.participant)
        }


def _feedback_order(record: FeedbackRecord) -> tuple[datetime, str, int, str, str]:
    of = record.settled_at, record.deliberation_id
    return *of, record.round, record.participant, record.statement_id


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
    reacted: what people reacted with, by message; set it to have reactions.
    polled: what people voted in a question's poll on its position statement, by deliberation.
    """

    def __init__(self, channel_members: Mapping[str, Sequence[str]] | None = None) -> None:
        self.channel_members = dict(channel_members or {})
        self.shown: dict[MessageRef, list[Card]] = {}
        self.direct_messages: list[tuple[str, str]] = []
        self.reacted: dict[MessageRef, list[SeenReactions]] = {}
        self.polled: dict[str, list[SeenReactions]] = {}
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

    async def members(self, team: str, channel: str) -> Sequence[str]:
        """User ids of the people in a channel."""
        return self.channel_members.get(channel, ())

    async def direct_message(self, team: str, user: str, note: Note) -> None:
        """Write to one person."""
        self.direct_messages.append((user, note.text))

    async def reactions(self, deliberation: Deliberation) -> Sequence[SeenReactions]:
        """What people reacted with on the ballot."""
        return self.reacted.get(deliberation.ballot, ()) if deliberation.ballot else ()

    async def baselines(self, deliberation: Deliberation) -> Sequence[SeenReactions]:
        """What people voted in the poll on the position statement."""
        return self.polled.get(deliberation.id, ())

    def now_showing(self, key: str) -> Card:
        """The card that the message posted under this key shows now."""
        return self.shown[self._by_key[key]][-1]


# -- what platform adapters remember -------------------------------------------------------------


class MemoryNotes:
    """Small texts under names; they end when the clock says so."""

    def __init__(self, clock: "SystemClock | ManualClock | None" = None) -> None:
        self._clock = clock or SystemClock()
        self._texts: dict[str, tuple[str, datetime | None]] = {}
        self._sets: dict[str, set[str]] = defaultdict(set)

    async def get(self, name: str) -> str | None:
        """What is kept under a name."""
        text, until = self._texts.get(name, ("", self._clock.now()))
        return text if until is None or until > self._clock.now() else None

    async def put(self, name: str, text: str, *, for_s: float | None) -> None:
        """Keep a text for a while; None: until it is removed."""
        until = None if for_s is None else self._clock.now() + timedelta(seconds=for_s)
        self._texts[name] = (text, until)

    async def first(self, name: str, text: str, *, for_s: float) -> str:
        """Keep a text unless there is one; the one that is there now."""
        there = await self.get(name)
        if there is None:
            await self.put(name, text, for_s=for_s)
        return text if there is None else there

    async def take(self, name: str) -> str | None:
        """What is kept, and keep it no longer."""
        there = await self.get(name)
        self._texts.pop(name, None)
        return there

    async def remove(self, *names: str) -> None:
        """Keep these no longer."""
        for name in names:
            self._texts.pop(name, None)

    async def add_to(self, name: str, member: str) -> None:
        """Put a member into a set."""
        self._sets[name].add(member)

    async def remove_from(self, name: str, member: str) -> None:
        """Take a member out of a set."""
        self._sets[name].discard(member)

    async def members(self, name: str) -> Sequence[str]:
        """A set's members, sorted."""
        return sorted(self._sets[name])
