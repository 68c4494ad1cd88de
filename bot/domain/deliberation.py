"""A deliberation: one question from its posting to the settled result, and every phase change.

    SCHEDULED → OPINIONS → MEDIATING → RATING → SETTLED
                               ↑__________|  (a critique round)
    Each phase before SETTLED can also end in CANCELLED.

Pure: methods take the time as an argument, return a new object and raise `TransitionError` otherwise.
Opinions and ratings live beside the deliberation, not in it: ten thousand members must not make it big.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Self

from pydantic import AwareDatetime, Field

from bot.domain.ratings import Rating, Scale
from bot.domain.terms import POSITION_LIMIT, ResultsShown, Terms
from bot.errors import OpinionError, QuestionError, TransitionError
from engine.types import Frozen

QUESTION_LIMIT = 500
CONTEXT_LIMIT = 2_000
OPINION_LIMIT = 3_000

COUNT_EVERY = timedelta(minutes=1)
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 300.0
MOST_DOUBLINGS = 10  # by then the pause is at its longest; without a bound 2**setbacks overflows one day


class Phase(StrEnum):
    """Where a deliberation stands."""

    SCHEDULED = "scheduled"
    OPINIONS = "opinions"
    MEDIATING = "mediating"
    RATING = "rating"
    SETTLED = "settled"
    CANCELLED = "cancelled"


NEXT: dict[Phase, frozenset[Phase]] = {
    Phase.SCHEDULED: frozenset({Phase.OPINIONS, Phase.CANCELLED}),
    Phase.OPINIONS: frozenset({Phase.MEDIATING, Phase.CANCELLED}),
    Phase.MEDIATING: frozenset({Phase.RATING, Phase.CANCELLED}),
    Phase.RATING: frozenset({Phase.SETTLED, Phase.MEDIATING, Phase.CANCELLED}),
    Phase.SETTLED: frozenset(),
    Phase.CANCELLED: frozenset(),
}


# How a refusal describes the phase that forbids something.
STANDING: dict[Phase, str] = {
    Phase.SCHEDULED: "has not opened yet",
    Phase.OPINIONS: "is still collecting opinions",
    Phase.MEDIATING: "is closed and its statement is being drafted",
    Phase.RATING: "is closed and its statement is being rated",
    Phase.SETTLED: "is settled",
    Phase.CANCELLED: "is cancelled",
}


class Step(StrEnum):
    """What time does to a deliberation; one job each, safe to run twice.

    ENCODE alone is never due: opinions ask for it as they are given, and whatever it leaves MEDIATE does.
    """

    OPEN = "open"
    ANNOUNCE = "announce"
    ENCODE = "encode"
    REMIND = "remind"
    COUNT = "count"
    CLOSE = "close"
    MEDIATE = "mediate"
    PUBLISH = "publish"
    SETTLE = "settle"
    PURGE = "purge"


class Due(NamedTuple):
    """A step and the time from which it may be taken."""

    at: datetime
    step: Step


class MessageRef(Frozen):
    """Where on its platform the deliberation's own message stands."""

    channel: str
    message: str


class Author(Frozen):
    """Who wrote an opinion; kept in named mode only."""

    user: str
    name: str


class Opinion(Frozen):
    """One participant's opinion in their own words; `given_at` orders late deliveries.

    consent: whether it may be learnt from.
    """

    participant: str
    text: str
    given_at: AwareDatetime
    author: Author | None = None
    consent: bool = True


class Deliberation(Frozen):
    """One question and where it stands.

    version: counts saves; a save with an old version is refused.
    round: 1, and one more for each critique round.
    statement: chosen and saved, published as soon as the phase is RATING.
    failure: why the last mediation gave nothing, in a sentence for the facilitator; cleared by a retry.
    message: the platform message that shows this deliberation, once it has been posted.
    ballots: by round, the message on which the statement is rated by reactions or a poll. It is another one
        than `message`, so that a reaction to the question or to an earlier statement is never a rating.
    recorded: the end has been shown and what was learnt has been written to the feedback log.
    setbacks, wait_until: how often the next step failed in a row, and when to try it again.
    """

    id: str
    team: str
    platform: str
    channel: str
    facilitator: str
    question: str
    context: str = ""
    terms: Terms = Field(default_factory=Terms)
    phase: Phase = Phase.OPINIONS
    round: int = 1
    version: int = 0
    created_at: AwareDatetime
    opens_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None
    rating_closes_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    reminded: bool = False
    counted_at: AwareDatetime | None = None
    message: MessageRef | None = None
    ballots: dict[int, MessageRef] = Field(default_factory=dict)
    statement: str | None = None
    failure: str | None = None
    cancelled_because: str | None = None
    recorded: bool = False
    setbacks: int = 0
    wait_until: AwareDatetime | None = None

    # -- phase changes ---------------------------------------------------------------------------

    def opened(self) -> Self:
        """Start collecting opinions on a scheduled question."""
        return self._to(Phase.OPINIONS)

    def closed(self, now: datetime) -> Self:
        """Take no more opinions; what was accepted is mediated."""
        self._require(Phase.OPINIONS)
        return self._to(Phase.MEDIATING, closes_at=now)

    def chosen(self, statement: str) -> Self:
        """Keep the chosen statement, before anything is posted."""
        self._require(Phase.MEDIATING, "A statement can be chosen only while one is being drafted.")
        return self._with(statement=statement)

    def unchosen(self) -> Self:
        """Give up a statement before it is out: somebody whom it may quote asked to be forgotten."""
        self._require(Phase.MEDIATING)
        return self._with(statement=None)

    def published(self, now: datetime) -> Self:
        """The statement is out: open the vote."""
        if self.statement is None:
            raise TransitionError("There is no statement to publish yet.")
        return self._to(Phase.RATING, rating_closes_at=now + self.terms.rating_period)

    def vote_ended(self, now: datetime) -> Self:
        """Take no more ratings; what the platform collected is counted when the vote settles."""
        self._require(Phase.RATING)
        return self._with(rating_closes_at=min(now, self.rating_closes_at or now))

    def settled(self, now: datetime) -> Self:
        """Close the vote: the result stands."""
        return self._to(Phase.SETTLED, rating_closes_at=now, ended_at=now)

    def critiqued(self) -> Self:
        """Begin another round on the same question."""
        self._require(Phase.RATING)
        return self._to(Phase.MEDIATING, round=self.round + 1, statement=None, rating_closes_at=None)

    def cancelled(self, because: str, now: datetime) -> Self:
        """End without a result, with a sentence that says why."""
        return self._to(Phase.CANCELLED, cancelled_because=because, ended_at=now)

    # -- changes within a phase ------------------------------------------------------------------

    def failed(self, because: str) -> Self:
        """Wait for the facilitator: the last mediation gave nothing."""
        self._require(Phase.MEDIATING, "Only drafting can fail.")
        return self._with(failure=because)

    def retried(self) -> Self:
        """Mediate once more after a failure."""
        self._require(Phase.MEDIATING, "There is nothing to try again: no statement is being drafted.")
        return self._with()

    def extended(self, closes_at: datetime, now: datetime) -> Self:
        """Move the deadline of the phase that is running."""
        closes_at = checked_deadline(closes_at, self.opens_at, now)
        if self.phase is Phase.RATING:
            return self._with(rating_closes_at=closes_at)
        if self.phase not in (Phase.SCHEDULED, Phase.OPINIONS):
            raise TransitionError("This question is closed; its deadline cannot be moved any more.")
        return self._with(closes_at=closes_at, reminded=False)

    def announced(self, message: MessageRef) -> Self:
        """Remember the message that shows this deliberation; a failure that it shows still stands."""
        return self._with(message=message, failure=self.failure)

    def balloted(self, ballot: MessageRef) -> Self:
        """Remember the message on which this round's statement is rated."""
        return self._with(ballots={**self.ballots, self.round: ballot})

    @property
    def ballot(self) -> MessageRef | None:
        """The message on which this round's statement is rated, where the platform collects ratings."""
        return self.ballots.get(self.round)

    def round_of(self, message: MessageRef) -> int | None:
        """The round whose statement is rated on this message; None for any other message."""
        return next((round_ for round_, ballot in self.ballots.items() if ballot == message), None)

    def was_counted(self, now: datetime) -> Self:
        """The quorum is not reached yet; count again after a while. No step forward: pauses go on."""
        return self.model_copy(update={"counted_at": now})

    def was_reminded(self) -> Self:
        """Do not remind again before this deadline."""
        return self._with(reminded=True)

    def was_recorded(self) -> Self:
        """Nothing is left to do but to purge, when retention ends."""
        return self._with(recorded=True)

    def set_back(self, now: datetime, at_least_s: float = 0.0) -> Self:
        """Try the next step later: a pause that doubles with every failure in a row."""
        doubled = FIRST_PAUSE_S * 2 ** min(self.setbacks, MOST_DOUBLINGS)
        pause = max(min(doubled, LONGEST_PAUSE_S), at_least_s)
        return self.model_copy(
            update={"setbacks": self.setbacks + 1, "wait_until": now + timedelta(seconds=pause)}
        )

    def taken_up_again(self) -> Self:
        """What held the next step up is over: it need not wait any longer."""
        return self.model_copy(update={"setbacks": 0, "wait_until": None})

    def unseen(self) -> Self:
        """It has ended, and nobody saw that: settle once more, which shows it."""
        if self.ended_at is None:
            raise TransitionError(self._not_now())
        return self._with(recorded=False)

    # -- rules -----------------------------------------------------------------------------------

    def opinion(
        self,
        participant: str,
        text: str,
        at: datetime,
        author: Author | None = None,
        *,
        consent: bool = True,
    ) -> Opinion:
        """An opinion as it may be kept, or the sentence that says why not."""
        self.require_open_for_opinions(at)
        text = clean(text)
        if is_blank(text):
            raise OpinionError("Your opinion is empty. Write at least a few words.")
        if len(text) > OPINION_LIMIT:
            raise OpinionError(
                f"Your opinion has {len(text):,} characters; {OPINION_LIMIT:,} are possible. Shorten it."
            )
        kept_author = None if self.terms.anonymous else author
        return Opinion(participant=participant, text=text, given_at=at, author=kept_author, consent=consent)

    def baseline(self, participant: str, value: int, at: datetime) -> Rating:
        """Agreement with the position statement as it may be kept, or the sentence that says why not."""
        if self.terms.position_statement is None:
            raise TransitionError("This question asks for no agreement beforehand.")
        self.require_open_for_opinions(at)
        return Rating(participant=participant, value=Scale.SEVEN.check(value), given_at=at)

    def require_open_for_opinions(self, at: datetime) -> None:
        """Opinions are given, edited and withdrawn only while the question is open.

        The deadline counts also before somebody has come round to closing.
        """
        closed = "This question is closed; opinions can no longer be given or changed."
        if self.phase is Phase.SCHEDULED:
            raise TransitionError("This question has not opened yet.")
        self._require(Phase.OPINIONS, closed)
        if self.closes_at is not None and at >= self.closes_at:
            raise TransitionError(closed)

    def require_drafting(self, at: datetime) -> None:
        """What a platform's own poll collected is kept once opinions are closed, whenever it was given."""
        self._require(Phase.MEDIATING, "What the poll collected comes too late, or too early.")

    def require_open_for_ratings(self, at: datetime) -> None:
        """Ratings are given, changed and withdrawn only while the vote is open."""
        closed = "The vote on this question is closed."
        if self.phase in (Phase.SETTLED, Phase.CANCELLED):
            raise TransitionError(closed)
        self._require(Phase.RATING, "There is no statement to rate yet.")
        if self.rating_closes_at is not None and at >= self.rating_closes_at:
            raise TransitionError(closed)

    def require_round(self, round_: int | None) -> None:
        """A rating is for the newest statement; None is whoever rates on a page that shows no other."""
        if round_ not in (None, self.round):
            raise TransitionError("There is a newer statement on this question. Rate that one.")

    def has_quorum(self, opinions: int) -> bool:
        """Whether this many opinions close the question."""
        return self.terms.quorum is not None and opinions >= self.terms.quorum

    def shows_results(self, *, has_rated: bool) -> bool:
        """Whether a member may see how the others rated."""
        if self.phase is Phase.SETTLED:
            return True
        if self.phase is not Phase.RATING:
            return False
        shown = self.terms.results_shown
        return shown is ResultsShown.ALWAYS or (shown is ResultsShown.AFTER_RATING and has_rated)

    # -- time ------------------------------------------------------------------------------------

    def next_due(self) -> Due | None:
        """The next step and its time; None while only a person can move it on."""
        steps = sorted(self._steps())
        if not steps or self.wait_until is None:
            return steps[0] if steps else None
        # Of the steps that the same pause holds up, the latest goes first: a channel that cannot be
        # reached keeps failing ANNOUNCE, and must not keep the question from closing.
        held_up = [step for step in steps if step.at <= self.wait_until]
        return held_up[-1]._replace(at=self.wait_until) if held_up else steps[0]

    def may_take(self, step: Step, now: datetime) -> bool:
        """Whether this step may be taken now; a job for one that may not is stale."""
        if step is Step.ENCODE:
            return self.phase is Phase.OPINIONS
        due = self.next_due()
        return due is not None and due.step is step and due.at <= now

    def _steps(self) -> Iterator[Due]:
        if self.phase is Phase.SCHEDULED:
            yield Due(self.opens_at or self.created_at, Step.OPEN)
        elif self.phase is Phase.OPINIONS:
            yield from self._steps_while_open()
        elif self.phase is Phase.MEDIATING:
            yield from self._steps_while_mediating()
        elif self.phase is Phase.RATING and self.rating_closes_at is not None:
            yield Due(self.rating_closes_at, Step.SETTLE)
        elif self.ended_at is not None and not self.recorded:
            yield Due(self.ended_at, Step.SETTLE)
        elif self.ended_at is not None:
            yield Due(self.ended_at + self._retention(), Step.PURGE)

    def _steps_while_mediating(self) -> Iterator[Due]:
        closed_at = self.closes_at or self.created_at
        if self.statement is not None:
            yield Due(closed_at, Step.PUBLISH)
        elif self.failure is None:
            yield Due(closed_at, Step.MEDIATE)
        # What has failed for good, or has nowhere to be posted, is not kept longer than what has ended.
        yield Due(closed_at + self._retention(), Step.PURGE)

    def _retention(self) -> timedelta:
        return timedelta(days=self.terms.retention_days)

    def _steps_while_open(self) -> Iterator[Due]:
        if self.message is None:
            yield Due(self.opens_at or self.created_at, Step.ANNOUNCE)
        if self.terms.quorum is not None:
            # Whoever completes the quorum closes; this is for when they could not.
            yield Due((self.counted_at or self.opens_at or self.created_at) + COUNT_EVERY, Step.COUNT)
        if self.closes_at is None:
            return
        yield Due(self.closes_at, Step.CLOSE)
        before = self.terms.reminder_before
        if before is None or self.reminded:
            return
        remind_at = self.closes_at - before
        # A question that is shorter than the notice needs no reminder.
        if remind_at > (self.opens_at or self.created_at):
            yield Due(remind_at, Step.REMIND)

    # -- inside ----------------------------------------------------------------------------------

    def _to(self, phase: Phase, **update: object) -> Self:
        if phase not in NEXT[self.phase]:
            raise TransitionError(self._not_now())
        return self._with(phase=phase, **update)

    def _with(self, **update: object) -> Self:
        """A step forward: what held it up before no longer counts."""
        return self.model_copy(update={"failure": None, "setbacks": 0, "wait_until": None, **update})

    def _require(self, phase: Phase, otherwise: str | None = None) -> None:
        if self.phase is not phase:
            raise TransitionError(otherwise or self._not_now())

    def _not_now(self) -> str:
        return f"This question {STANDING[self.phase]}; that cannot be done now."


LINE_BREAK = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Null bytes, escapes and halves of surrogate pairs, which no store takes; and the marks that turn the
# direction of whatever comes after the text. Joiners, which emoji and many scripts are made with, stay.
UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """One Unicode form and one kind of line break, without characters that do harm and show nothing."""
    return unicodedata.normalize("NFC", UNWANTED.sub("", LINE_BREAK.sub("\n", text))).strip()


def is_blank(text: str) -> bool:
    """Whether there is nothing to read: only spaces, joiners and the like."""
    return not any(unicodedata.category(character)[0] in "LNPS" for character in text)


def checked_question(question: str) -> str:
    """A question as it may be posted, or the sentence that says why not."""
    question = clean(question)
    if is_blank(question):
        raise QuestionError("The question is empty. Write what the group should agree on.")
    if len(question) > QUESTION_LIMIT:
        raise QuestionError(f"The question has {len(question):,} characters; {QUESTION_LIMIT} are possible.")
    return question


def checked_deadline(closes_at: datetime, opens_at: datetime | None, now: datetime) -> datetime:
    """A deadline as it may be set, or the sentence that says why not."""
    if closes_at <= now:
        raise QuestionError("The deadline is in the past. Choose a later time.")
    if opens_at is not None and closes_at <= opens_at:
        raise QuestionError("The deadline is before the question opens. Choose a later time.")
    return closes_at


def checked_position(statement: str | None) -> str | None:
    """A position statement as it may be rated, or the sentence that says why not; None for a blank one."""
    statement = clean(statement or "")
    if len(statement) > POSITION_LIMIT:
        raise QuestionError(
            f"The position statement has {len(statement):,} characters; {POSITION_LIMIT} are possible."
        )
    return None if is_blank(statement) else statement


def checked_context(context: str) -> str:
    """Background to a question as it may be posted, or the sentence that says why not."""
    context = clean(context)
    if len(context) > CONTEXT_LIMIT:
        raise QuestionError(
            f"The background has {len(context):,} characters; {CONTEXT_LIMIT:,} are possible."
        )
    return context
