"""What the application needs from outside, one small protocol each.

Adapters implement them; `adapters/memory.py` holds an in-memory twin of each, and one contract suite
per port (tests/contract) runs over all implementations. They speak domain types only.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable

from bot.cards import Card, Note
from bot.domain.actors import Actor, Pseudonyms
from bot.domain.deliberation import Deliberation, MessageRef, Opinion, Phase, Step
from bot.domain.library import BankQuestion, Schedule, Template
from bot.domain.ratings import CHOSEN, Rating
from bot.domain.study import RatedStatement
from bot.domain.team import SettingsChange, Team
from engine.feedback import Arm, FeedbackRecord
from engine.types import ArmStatement, Frozen, Mediation, MediationRequest, OnProgress


class Answers(NamedTuple):
    """How many opinions a deliberation has, and how many of these wait to be encoded."""

    total: int
    unencoded: int


@dataclass(frozen=True)
class Wanted:
    """Which feedback records are wanted; None is all of them.

    since, until: settled at or after the first and before the second.
    """

    team: str | None = None
    deliberation_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def includes(self, record: FeedbackRecord) -> bool:
        """Whether a record is wanted."""
        return (
            self.team in (None, record.team)
            and self.deliberation_id in (None, record.deliberation_id)
            and (self.since is None or record.settled_at >= self.since)
            and (self.until is None or record.settled_at < self.until)
        )


class DeliberationStore(Protocol):
    """Keeps deliberations, opinions, ratings, mediations and team settings.

    Every method raises `StoreError` when the store does not answer.
    """

    async def add(self, deliberation: Deliberation) -> Deliberation:
        """Keep a new deliberation; when its id is taken, give the one that is there (a repeated command)."""
        ...

    async def load(self, deliberation_id: str) -> Deliberation:
        """Raises UnknownDeliberationError."""
        ...

    async def save(self, deliberation: Deliberation) -> Deliberation:
        """Keep a change and give it back with its new version.

        Compare-and-set: raises VersionConflictError when the kept version is not `deliberation.version`.
        """
        ...

    async def of_team(self, team: str, *, limit: int = 100, offset: int = 0) -> Sequence[Deliberation]:
        """A team's deliberations, newest first."""
        ...

    def each_of_team(self, team: str) -> AsyncIterator[Deliberation]:
        """All of a team's deliberations, in any order; one that is deleted meanwhile hides no other."""
        ...

    async def delete(self, deliberation_id: str) -> None:
        """Erase a deliberation with everything that belongs to it; harmless when it is gone."""
        ...

    async def due(self, now: datetime, *, limit: int = 1_000) -> Sequence[Deliberation]:
        """Deliberations whose next step is due, longest waiting first; never misses one."""
        ...

    async def put_opinion(self, deliberation_id: str, opinion: Opinion) -> Answers:
        """Keep an opinion in place of an older one, only while opinions are open: one atomic step.

        An opinion older than what was last given or withdrawn by this participant changes nothing.

        Returns:
            How many opinions there are now; this one waits to be encoded, unless it was there before.

        Raises:
            TransitionError: the phase is not OPINIONS.
            UnknownDeliberationError: there is no such deliberation.
        """
        ...

    async def remove_opinion(self, deliberation_id: str, participant: str, at: datetime) -> int:
        """Take an opinion back, under the same rules; harmless when there is none."""
        ...

    async def withhold_opinion(self, deliberation_id: str, participant: str) -> bool:
        """Note in any phase that this opinion may not be learnt from (`consent`); it stays as it is.

        True when there is one.
        """
        ...

    async def opinion(self, deliberation_id: str, participant: str) -> Opinion | None:
        """One participant's opinion."""
        ...

    async def opinions(self, deliberation_id: str) -> Sequence[Opinion]:
        """All opinions, in a fixed order (by participant)."""
        ...

    async def opinion_count(self, deliberation_id: str) -> int:
        """How many opinions there are."""
        ...

    async def unencoded(self, deliberation_id: str, *, limit: int) -> Sequence[Opinion]:
        """Some of the opinions that wait to be encoded, which ones being left to chance."""
        ...

    async def keep_encoded(self, deliberation_id: str, encoded: Sequence[tuple[Opinion, bytes]]) -> int:
        """Keep what a reward model made of opinions, until these are replaced, withdrawn or erased.

        In one atomic step each is kept only where this very opinion is the one that is kept, and only while
        opinions are open.

        Returns:
            How many were kept.
        """
        ...

    async def encoded(self, deliberation_id: str, participants: Sequence[str]) -> Mapping[str, bytes]:
        """What is kept of these participants' opinions; those without are left out."""
        ...

    async def put_rating(self, deliberation_id: str, round_: int, rating: Rating) -> int:
        """Keep a rating as `put_opinion` does, only while the phase is RATING.

        One for each participant and statement; gives how many that statement has now.
        """
        ...

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
        """Take a rating back, under the same rules; with `value`, only while that is what is kept.

        Then a withdrawal that overtakes its rating keeps exactly that rating out, and no other.
        """
        ...

    async def rating(
        self, deliberation_id: str, round_: int, participant: str, statement_id: str = CHOSEN
    ) -> Rating | None:
        """One participant's rating of one of a round's statements."""
        ...

    async def ratings(
        self, deliberation_id: str, round_: int, statement_id: str = CHOSEN
    ) -> Sequence[Rating]:
        """All ratings of one of a round's statements, in a fixed order (by participant)."""
        ...

    async def put_baseline(self, deliberation_id: str, rating: Rating, *, collected: bool = False) -> int:
        """Keep agreement with the position statement as `put_opinion` does; how many there are now.

        collected: it stood in a platform's own poll when opinions closed, and is kept while the statement is
            drafted, and only then.
        """
        ...

    async def baselines(self, deliberation_id: str) -> Sequence[Rating]:
        """Everybody's agreement with the position statement, in a fixed order (by participant)."""
        ...

    async def baseline(self, deliberation_id: str, participant: str) -> Rating | None:
        """One participant's agreement with the position statement."""
        ...

    async def keep_statements(
        self, deliberation_id: str, round_: int, statements: Sequence[RatedStatement]
    ) -> Sequence[RatedStatement]:
        """Keep the statements that a study has rated in a round; the first ones stay, and are given back.

        Before the round is rated: erasing finds ratings by the statements that are kept.
        """
        ...

    async def statements(self, deliberation_id: str, round_: int) -> Sequence[RatedStatement]:
        """The statements that a study has rated in a round, in the order in which they were kept.

        Empty in everyday life, where the published statement is the only one.
        """
        ...

    async def keep_mediation(self, deliberation_id: str, round_: int, mediation: Mediation) -> Mediation:
        """Keep a round's mediation; the first one stays, and that one is given back."""
        ...

    async def mediation(self, deliberation_id: str, round_: int) -> Mediation | None:
        """A round's mediation."""
        ...

    async def drop_mediation(self, deliberation_id: str, round_: int) -> None:
        """Erase a round's mediation, so that another can be kept; harmless when there is none.

        A study's statements of that round go with it: they were drafted from the same opinions.
        """
        ...

    async def erase_participant(self, deliberation_id: str, participant: str, at: datetime) -> bool:
        """Erase one participant's opinion, baseline, ratings and predicted rewards, in any phase, for good.

        Only what was given up to `at`: a late copy of the wish does not erase what was given since.
        What was encoded of the opinion goes in the same step. Drafts that were not chosen may quote them,
        so those texts are erased too; and of a study's statements the one that is their own opinion.
        True when there was any of these.
        """
        ...

    async def of_message(self, platform: str, message: MessageRef) -> Deliberation | None:
        """The deliberation that a platform's message belongs to: shown there, or rated there."""
        ...

    async def mark(self, deliberation_id: str, marker: str) -> bool:
        """Set a marker once; True for the one who set it."""
        ...

    async def is_marked(self, deliberation_id: str, marker: str) -> bool:
        """Whether somebody set a marker; False too where the deliberation is gone."""
        ...

    async def team(self, team: str) -> Team:
        """A team's settings, or the defaults."""
        ...

    async def save_team(self, team: Team, change: SettingsChange | None = None) -> Team:
        """Keep a team's settings and, in the same step, who changed what; the oldest changes are dropped.

        Compare-and-set: raises VersionConflictError when the kept version is not `team.version`. Gives the
        settings back with their new version.
        """
        ...

    async def settings_changes(self, team: str, *, limit: int = 50) -> Sequence[SettingsChange]:
        """Who changed what, newest first."""
        ...

    async def set_reminders(self, team: str, member: str, on: bool, at: datetime) -> None:
        """Whether a member wants to be reminded; `member` names nobody (`Pseudonyms.of_member`).

        An older wish than the one that is kept changes nothing.
        """
        ...

    async def wants_reminders(self, team: str, members: Sequence[str]) -> Sequence[bool]:
        """For each of these members; True for those who never said anything."""
        ...

    async def beat(self, worker: str, at: datetime) -> None:
        """A worker's sign of life; those that have been silent for a day are forgotten."""
        ...

    async def workers(self, since: datetime) -> int:
        """How many workers have given a sign of life since then."""
        ...

    async def set_learning(self, team: str, member: str, on: bool, at: datetime) -> None:
        """Whether a member's opinions may be learnt from, as `set_reminders` keeps its wish."""
        ...

    async def may_learn_from(self, team: str, member: str) -> bool:
        """True for those who never said anything: a team opts in, and a member can stay out."""
        ...

    async def ping(self) -> None:
        """Raises StoreError when the store does not answer."""
        ...


class LibraryStore(Protocol):
    """Keeps each team's question templates, question bank and schedules. Raises `StoreError`."""

    async def templates(self, team: str) -> Sequence[Template]:
        """By name."""
        ...

    async def put_template(self, team: str, template: Template) -> None:
        """Keep it in place of the one of that name."""
        ...

    async def remove_template(self, team: str, name: str) -> None:
        """Harmless when it is gone."""
        ...

    async def bank(self, team: str) -> Sequence[BankQuestion]:
        """The questions in the order in which they were added."""
        ...

    async def add_to_bank(self, team: str, questions: Sequence[BankQuestion]) -> None:
        """Add all of them in one step; one that is there already stays as it is."""
        ...

    async def remove_from_bank(self, team: str, question_id: str) -> None:
        """Harmless when it is gone."""
        ...

    async def schedules(self, team: str) -> Sequence[Schedule]:
        """By id."""
        ...

    async def save_schedule(self, schedule: Schedule) -> Schedule:
        """Keep a new or a changed one and give it back with its new version.

        Compare-and-set: raises VersionConflictError when the kept version is not `schedule.version` (0: new).
        """
        ...

    async def remove_schedule(self, team: str, schedule_id: str) -> None:
        """Harmless when it is gone."""
        ...

    async def due_schedules(self, now: datetime) -> Sequence[Schedule]:
        """Every team's schedules whose next occurrence has come; never misses one."""
        ...


class FeedbackLog(Protocol):
    """Keeps what settled deliberations teach. Raises `StoreError` when it does not answer."""

    async def append(self, records: Sequence[FeedbackRecord]) -> None:
        """Keep records once each: keyed by deliberation, round, participant and statement."""
        ...

    def read(self, team: str) -> AsyncIterator[FeedbackRecord]:
        """A team's records, one deliberation at a time."""
        ...

    def export(self, wanted: Wanted) -> AsyncIterator[FeedbackRecord]:
        """The records that are wanted, of every team, by team and then in any order.

        However many there are, only a few hundred are in memory at a time.
        """
        ...

    async def erase(self, team: str, deliberation_id: str, participant: str | None = None) -> None:
        """Erase one participant's records of a deliberation, or all of it."""
        ...


class JobQueue(Protocol):
    """Runs steps in some worker, soon. A job is only a hint: the saved phase is the truth."""

    async def enqueue(self, step: Step, deliberation_id: str) -> None:
        """Ask for a step; asking again while it waits or runs changes nothing."""
        ...


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The time now, with a time zone."""
        ...


class LiveEvent(Frozen):
    """Something that an open page wants to know. Never holds opinions or names."""


class Answered(LiveEvent):
    """So many opinions have been given."""

    count: int


class Rated(LiveEvent):
    """So many ratings have been given."""

    count: int


class Drafting(LiveEvent):
    """The mediation has got so far."""

    stage: str
    done: int
    total: int


class PhaseChanged(LiveEvent):
    """The deliberation is in a new phase, or its mediation failed and waits for a retry."""

    phase: Phase
    failed: bool = False


AnyLiveEvent = Answered | Rated | Drafting | PhaseChanged


class LiveFeed(Protocol):
    """Carries live events from any process to any other; an event missed is no harm."""

    async def publish(self, deliberation_id: str, event: AnyLiveEvent) -> None:
        """Tell everyone who listens now."""
        ...

    def subscribe(self, deliberation_id: str) -> AbstractAsyncContextManager[AsyncIterator[AnyLiveEvent]]:
        """Listen: every event published after entering is given, in order."""
        ...


class ChatPlatform(Protocol):
    """Where members are. Raises `PlatformError`, or `RateLimitedError` with the time to wait.

    A card names its deliberation, and that its team: a platform with many teams finds its token there.
    """

    async def post(self, channel: str, card: Card, *, key: str) -> MessageRef:
        """Post a card. Posting again with the same key gives the message that is already there."""
        ...

    async def update(self, message: MessageRef, card: Card) -> None:
        """Show this card in place of the last one."""
        ...

    async def members(self, team: str, channel: str) -> Sequence[str]:
        """User ids of the people in a channel, bots left out; empty where nobody can be reached."""
        ...

    async def direct_message(self, team: str, user: str, note: Note) -> None:
        """Write to one person. Raises UnreachableError when this one takes no messages."""
        ...


@dataclass(frozen=True)
class SeenReactions:
    """One person's reactions or poll votes as they stand now: emoji or their names, or `1`…`7` of a poll.

    until: nothing of it was given later than this, where the platform took no more.
    """

    actor: Actor
    shown: tuple[str, ...]
    until: datetime | None = None


@runtime_checkable
class CollectsRatings(Protocol):
    """A `ChatPlatform` on which members can rate by reactions or a poll: it takes a `BallotCard`.

    A platform without this gets no ballot; its members rate by whatever its cards offer.
    """

    async def reactions(self, deliberation: Deliberation) -> Sequence[SeenReactions]:
        """Everybody's on `deliberation.ballot`, the bot's own left out.

        Raises `PlatformError` rather than giving a part of them: whoever is missing has taken theirs back.
        """
        ...


@runtime_checkable
class CollectsBaselines(Protocol):
    """A `ChatPlatform` that may ask in a poll of its own how far members agree with a position statement."""

    async def baselines(self, deliberation: Deliberation) -> Sequence[SeenReactions]:
        """End that poll and give everybody's vote in it, `1` to `7`; empty where there is none.

        Raises `PlatformError` rather than giving a part of them.
        """
        ...


@runtime_checkable
class KnowsSome(Protocol):
    """A `ChatPlatform` that may not be allowed to list everybody in a channel."""

    async def knows_all(self, team: str, channel: str) -> bool:
        """Whether `members` gives everybody; where it does not, the channel is reminded too."""
        ...


@runtime_checkable
class KnowsMembers(Protocol):
    """A `ChatPlatform` that can say of a member what may leave them out of a question: a guest, a role."""

    async def member(self, deliberation: Deliberation, user: str) -> Actor:
        """A member of the channel, with whatever the question's terms look at. Raises `PlatformError`."""
        ...


class Mediator(Protocol):
    """The engine: a question and opinions in, a mediation out. Raises `EngineError`."""

    async def mediate(self, request: MediationRequest, on_progress: OnProgress) -> Mediation:
        """Draft, score and choose."""
        ...


class ArmDrafter(Protocol):
    """The engine, for studies: one statement made as an arm says. Raises `EngineError`."""

    async def draft(self, arm: Arm, request: MediationRequest, left_out: str | None = None) -> ArmStatement:
        """Draft without the opinion of `left_out`, a participant, where one is named."""
        ...


class OpinionEncoder(Protocol):
    """The engine's reward model, reading opinions before the close. Raises `EngineError`."""

    async def encode(self, question: str, opinions: Sequence[str]) -> Sequence[bytes]:
        """One value for each opinion, for `MediationRequest.encoded`; it means nothing to anybody else."""
        ...


@dataclass(frozen=True)
class Ports:
    """Everything outside, as `bot.bootstrap` wired it."""

    store: DeliberationStore
    feedback: FeedbackLog
    library: LibraryStore
    jobs: JobQueue
    clock: Clock
    live: LiveFeed
    pseudonyms: Pseudonyms
    platforms: Mapping[str, ChatPlatform] = field(default_factory=dict)
