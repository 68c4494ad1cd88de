"""A deliberation: one question from its posting to the settled result, and every phase change.

    SCHEDULED → OPINIONS → MEDIATING → RATING → SETTLED
                    ↑__________|↑__________|  (a further round, from what members say of the statement)
                    (opened again, where no statement could be drafted)
    In a further round MEDIATING can also end in SETTLED: the statement that there is stays, with its vote.
    Each phase before SETTLED can also end in CANCELLED.

Pure: methods take the time as an argument, return a new object and raise `TransitionError` otherwise.
Opinions and ratings live beside the deliberation, not in it: ten thousand members must not make it big.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, Self

from pydantic import AwareDatetime, Field

from bot.domain.clean_text import clean, is_blank
from bot.domain.decision import Decision
from bot.domain.errors import OpinionError, QuestionError, RatingError, TransitionError, sentence
from bot.domain.events import Event
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import Rating, Scale, Tally
from bot.domain.rounds import Comparison, Preference, RoundChange
from bot.domain.team import Team
from bot.domain.terms import POSITION_LIMIT, ResultsShown, Terms
from engine.sentence import Said
from engine.types import Frozen

QUESTION_LIMIT = 500
CONTEXT_LIMIT = 2_000
OPINION_LIMIT = 3_000
"""A text field takes no more on Slack, and 4,000 on Discord: what is longer fits into the web alone."""
REASON_LIMIT = 1_000
FEWEST_REASONS = 1
"""From so many on a named question's statement can be revised: there has to be something to revise it by."""
# How far ahead a question may open or close.
LONGEST_AHEAD = timedelta(days=366)
TOO_FAR = sentence("That is more than a year away. Choose an earlier time.")

REMIND_EVERY = timedelta(hours=6)
"""How long it takes until whoever runs a question can have people reminded again."""
COUNT_EVERY = timedelta(minutes=1)
FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 300.0
# For a message that cannot be shown again: its channel may be gone for good, and holds nothing else up.
LONGEST_REFRESH_PAUSE_S = 3_600.0
MOST_DOUBLINGS = 11  # by then each pause is at its longest; without a bound 2**setbacks overflows one day


# Of somebody who left out all that can be asked about them.
NOTHING_KNOWN: Mapping[str, str] = MappingProxyType({})
# Nothing holds the next step up.
UNHINDERED: Mapping[str, object] = {"setbacks": 0, "failing_since": None, "wait_until": None}


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
    Phase.MEDIATING: frozenset({Phase.RATING, Phase.OPINIONS, Phase.SETTLED, Phase.CANCELLED}),
    Phase.RATING: frozenset({Phase.SETTLED, Phase.MEDIATING, Phase.CANCELLED}),
    Phase.SETTLED: frozenset(),
    Phase.CANCELLED: frozenset(),
}


# By the phase that forbids something.
NOT_NOW: dict[Phase, str] = {
    Phase.SCHEDULED: sentence("This question has not opened yet, so that can't be done now."),
    Phase.OPINIONS: sentence("This question is still collecting opinions, so that can't be done now."),
    Phase.MEDIATING: sentence(
        "This question is closed and its statement is being drafted, so that can't be done now."
    ),
    Phase.RATING: sentence(
        "This question is closed and its statement is being rated, so that can't be done now."
    ),
    Phase.SETTLED: sentence("This question is settled, so that can't be done now."),
    Phase.CANCELLED: sentence("This question is cancelled, so that can't be done now."),
}
# By the phase that nobody had seen when they cancelled.
NOT_CANCELLED: dict[Phase, str] = {
    Phase.SCHEDULED: sentence(
        "The question has changed since you looked, so it was not cancelled: it has not opened yet. Look "
        "again, then cancel it."
    ),
    Phase.OPINIONS: sentence(
        "The question has changed since you looked, so it was not cancelled: it is collecting opinions. "
        "Look again, then cancel it."
    ),
    Phase.MEDIATING: sentence(
        "The question has changed since you looked, so it was not cancelled: its statement is being "
        "drafted. Look again, then cancel it."
    ),
    Phase.RATING: sentence(
        "The question has changed since you looked, so it was not cancelled: its statement is being rated. "
        "Look again, then cancel it."
    ),
}
RESULT_LINK_CHANGED = sentence(
    "The result has another link by now, which stays as it is. Look at it again first."
)
DEADLINE_CHANGED = sentence(
    "The deadline has changed since you looked, so it was not moved. Look again, then move it."
)
OPINION_EMPTY = sentence("Your opinion is empty. Write at least a few words.")
OPINION_TOO_LONG = sentence("Your opinion has {length} characters; the limit is {limit}. Shorten it.")
REASON_EMPTY = sentence("Your reason is empty. Write at least a few words.")
REASON_TOO_LONG = sentence("Your reason has {length} characters; the limit is {limit}. Shorten it.")
OPINIONS_OVER = sentence("This question is closed, so you can no longer give or change an opinion.")
VOTE_OVER = sentence("The vote on this question is closed.")
NO_POINTS = sentence("There are no points to vote on in this question.")
POINTS_STAY = sentence("This question is closed, so its points can no longer be hidden or shown again.")
POINTS_OVER = sentence("This question is closed, so you can no longer vote on its points.")
NEWER_STATEMENT = sentence("There is a newer statement by now. Look at it again first.")
QUESTION_CHANGED = sentence(
    "The question has changed since you opened it, so your opinion was not saved. Read it again, then send "
    "it."
)
CHANGED_MEANWHILE = sentence(
    "The question has changed since you looked, so nothing was saved. Look again, then change it."
)
ANSWERED_ALREADY = sentence(
    "Somebody has answered already, so the question can't be changed any more. You can cancel it and ask "
    "again."
)
REMINDED_JUST_NOW = sentence(
    "People were reminded already. You can have them reminded once every {hours} hours."
)
# For stores, which see what came in between.
MOVED_ON_JUST_NOW = sentence("This question just changed. Look at it again.")


class Step(StrEnum):
    """What time does to a deliberation; one job each, safe to run twice.

    ENCODE is never due: opinions ask for it as they are given, and whatever it leaves MEDIATE does. So it is
    with SPLIT, for points to vote on, and with MAP, which votes on these ask for. KEEP is for a further round
    that failed and that nobody took up again: the statement before it stays. REFRESH
    is due beside whatever else is, and holds up nothing: forgetting a member asks for it, so that the
    question's messages no longer show what was theirs, and so does moving a deadline, which they show.
    """

    OPEN = "open"
    ANNOUNCE = "announce"
    ENCODE = "encode"
    SPLIT = "split"
    MAP = "map"
    REMIND = "remind"
    REMIND_TO_RATE = "remind-to-rate"
    REMIND_NOW = "remind-now"
    COUNT = "count"
    CLOSE = "close"
    MEDIATE = "mediate"
    TELL = "tell"
    PUBLISH = "publish"
    KEEP = "keep"
    SETTLE = "settle"
    ASK_HOW = "ask-how"
    PURGE = "purge"
    REFRESH = "refresh"


class Due(NamedTuple):
    """A step and the time from which it may be taken."""

    at: datetime
    step: Step


class MessageRef(Frozen):
    """Where on its platform the deliberation's own message stands."""

    channel: str
    message: str


class Author(Frozen):
    """Who wrote an opinion or a reason; kept in named mode only."""

    user: str
    name: str


class Written(Frozen):
    """What one participant wrote in their own words; `given_at` orders late deliveries.

    consent: whether its author said that it may be learnt from, in a team that asks.
    """

    participant: str
    text: str
    given_at: AwareDatetime
    author: Author | None = None
    consent: bool = False

    @property
    def signed(self) -> str:
        """Its author's name, or their id where the platform told none; empty where no author is kept."""
        return self.author.name or self.author.user if self.author else ""


class Opinion(Written):
    """One participant's opinion.

    attributes: what is known of its author by attribute (`bot.domain.juries`); shown to them alone.
    """

    attributes: dict[str, str] = Field(default_factory=dict)


class Reason(Written):
    """Why a participant rates a round's statement as they do, or what would make them agree."""

    round: int = Field(default=1, ge=1)


class Deliberation(Frozen):
    """One question and where it stands.

    version: counts saves; a save with an old version is refused.
    edition: 1, and one more for each time that its words or terms were changed before anybody answered.
    round: 1, and one more for each further round; that of the statement that stays, where none was better.
    rounds_begun: how many rounds something may be kept of.
    revising: the vote has ended so that another round begins.
    stands: somebody has closed the vote, so that what it gave is the result and begins no round.
    round_began_at: when this round began; None in the first.
    unrevised: a further round was drafted, and nothing in it was predicted to do better than this statement.
    statement: chosen and saved, published as soon as the phase is RATING.
    told: what members were told of the models before they wrote, which holds to its end; None where nothing
        was known of them, or it was begun before that was kept.
    drafter: what the models were that drafted the statement; None where nothing was kept of it.
    failure: why the last mediation gave nothing, in a sentence for the facilitator, never for the channel;
        cleared by a retry. reason: what it was, to be said in the language of whoever reads it.
    untold_since: since when the facilitator and the channel are to be told of the failure; None once they
        are.
    message: the platform message that shows this deliberation, once it has been posted.
    ballots: by round, the message on which the statement is rated by reactions or a poll. It is another one
        than `message`, so that a reaction to the question or to an earlier statement is never a rating.
    outcome: the last round's private ratings as they were counted when the vote settled. It stays as it is:
        were it counted again once somebody is forgotten, the difference would tell how they had rated.
    change: how the last of several rounds compares with the one before, as it was counted then; kept for the
        same reason.
    published_at: when this round's vote opened; None in a vote that was opened before that was noted.
    reminded, reminded_to_rate: nobody needs to be reminded any more before this deadline.
    asked_to_remind, reminding: when whoever runs it last had people reminded, and whether that is still to be
        done.
    recorded: the end has been shown and what was learnt has been written to the feedback log.
    setbacks, failing_since, wait_until: how often the next step failed in a row, since when, and when to try
        it again.
    refresh_from, refresh_setbacks: from when the question's messages are to be shown again, and how often
        that failed in a row; None while they show what is true.
    key_id: which secret key its participants' keys are made with (`bot.domain.actors.Pseudonyms`); empty in
        one that was begun before that was noted.
    result_link: what tells the link to its result from earlier ones; empty for the first; None: it has none.
    decision: what came of it once the vote was closed; None until somebody has recorded that.
    events: the last things that happened to it of those that webhooks are told, each noted with its change.
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
    edition: int = 1
    round: int = 1
    rounds_begun: int = 1
    revising: bool = False
    stands: bool = False
    round_began_at: AwareDatetime | None = None
    unrevised: bool = False
    version: int = 0
    created_at: AwareDatetime
    opens_at: AwareDatetime | None = None
    closes_at: AwareDatetime | None = None
    rating_closes_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    reminded: bool = False
    published_at: AwareDatetime | None = None
    reminded_to_rate: bool = False
    asked_to_remind: AwareDatetime | None = None
    reminding: bool = False
    counted_at: AwareDatetime | None = None
    message: MessageRef | None = None
    ballots: dict[int, MessageRef] = Field(default_factory=dict)
    statement: str | None = None
    told: ModelNotice | None = None
    drafter: ModelNotice | None = None
    failure: str | None = None
    reason: Said | None = None
    untold_since: AwareDatetime | None = None
    cancelled_because: str | None = None
    outcome: Tally | None = None
    change: RoundChange | None = None
    recorded: bool = False
    setbacks: int = 0
    failing_since: AwareDatetime | None = None
    wait_until: AwareDatetime | None = None
    refresh_from: AwareDatetime | None = None
    refresh_setbacks: int = 0
    key_id: str = ""
    result_link: str | None = ""
    decision: Decision | None = None
    events: tuple[Event, ...] = ()

    def under(self, team: Team) -> Self:
        """With what the team's settings decide now, which never goes against what held when members gave it.

        It is kept no longer than they were told before writing, and fewer ratings than held then show none.
        """
        terms = self.terms.under(team)
        if self.phase is not Phase.SCHEDULED:
            fewest = max(terms.fewest_ratings, self.terms.fewest_ratings)
            if self.phase in (Phase.SETTLED, Phase.CANCELLED):
                fewest = self.terms.fewest_ratings
            days = min(terms.retention_days, self.terms.retention_days)
            terms = terms.model_copy(update={"retention_days": days, "fewest_ratings": fewest})
        return self.model_copy(update={"terms": terms})

    # -- phase changes ---------------------------------------------------------------------------

    def opened(self) -> Self:
        """Start collecting opinions on a scheduled question."""
        self._require(Phase.SCHEDULED)
        return self._to(Phase.OPINIONS)

    def closed(self, now: datetime) -> Self:
        """Take no more opinions; what was accepted is mediated."""
        self._require(Phase.OPINIONS)
        return self._to(Phase.MEDIATING, closes_at=now)

    def closed_by_hand(self, opinions: int, now: datetime) -> Self:
        """The same for a person, while there are enough opinions: with too few the question stays open."""
        closed = self.closed(now)
        needed = self.terms.minimum_opinions
        if opinions < needed:
            raise TransitionError(
                "The question stays open: it has {opinions} of the {needed} opinions it needs. Wait for "
                "{more} more, move the deadline, or cancel the question.",
                opinions=opinions,
                needed=needed,
                more=needed - opinions,
            )
        return closed

    def chosen(self, statement: str, drafter: ModelNotice | None = None) -> Self:
        """Keep the chosen statement, and what drafted it, before anything is posted."""
        self._require(Phase.MEDIATING, sentence("A statement can be chosen only while one is being drafted."))
        return self._with(statement=statement, drafter=drafter)

    def reworded(self, statement: str) -> Self:
        """The same statement without a quote of somebody who asked to be forgotten. No step forward."""
        return self.model_copy(update={"statement": statement})

    def unchosen(self) -> Self:
        """Give up a statement before it is out: somebody whom it may quote asked to be forgotten."""
        self._require(Phase.MEDIATING)
        return self._with(statement=None)

    def published(self, now: datetime) -> Self:
        """The statement is out: open the vote."""
        if self.statement is None:
            raise TransitionError("There is no statement to publish yet.")
        return self._to(
            Phase.RATING,
            published_at=now,
            rating_closes_at=now + self.terms.rating_period,
            reminded_to_rate=False,
        )

    def vote_is_over(self, now: datetime) -> bool:
        """Whether its time has come, though nobody may have come round to settling it."""
        return self.rating_closes_at is not None and now >= self.rating_closes_at

    def vote_ended(self, now: datetime) -> Self:
        """Take no more ratings; what the platform collected is counted when the vote settles."""
        self._require(Phase.RATING)
        ends = min(now, self.rating_closes_at or now)
        return self._with(rating_closes_at=ends, reminded_to_rate=True)

    def settled(self, now: datetime) -> Self:
        """Close the vote: the result stands."""
        self._require(Phase.RATING)
        return self._to(Phase.SETTLED, rating_closes_at=now, ended_at=now, revising=False, stands=False)

    def vote_closed(self, round_: int | None, now: datetime) -> Self:
        """End the vote by hand: its result stands, also where its deadline would have begun another round.

        Where the platform collects the ratings, they are counted before it settles. A revision that was asked
        for before is not undone. round_: the one whose statement was seen; None where none was.
        """
        self._require(Phase.RATING)
        if round_ not in (None, self.round):
            raise TransitionError(NEWER_STATEMENT)
        if self.revising:
            return self
        if self.ballot is None:
            return self.settled(now)
        return self.vote_ended(now).model_copy(update={"stands": True})

    def revision_asked(self, round_: int, reasons: int, now: datetime) -> Self:
        """End the vote so that another round begins; votes on the platform are counted before it does.

        round_: the one whose statement was seen. reasons: how many members have said why they rate it so.
        """
        if self.terms.study is not None:
            raise TransitionError("This question is part of a study, whose plan says what is revised.")
        self._require(Phase.RATING)
        if round_ != self.round:
            raise TransitionError(NEWER_STATEMENT)
        if self.stands:
            raise TransitionError(VOTE_OVER)
        if self.round >= self.terms.most_rounds:
            raise TransitionError("This question has had as many rounds as its settings allow.")
        if reasons < self.fewest_reasons and self.terms.anonymous:
            raise TransitionError(
                "A revision needs reasons from at least {needed} members.", needed=self.fewest_reasons
            )
        if reasons < self.fewest_reasons:
            raise TransitionError(
                "Nobody has said yet why they rate the statement so. A revision is drafted from such reasons."
            )
        return self.vote_ended(now).model_copy(update={"revising": True})

    @property
    def fewest_reasons(self) -> int:
        """From how many reasons on the statement can be revised.

        In an anonymous question from as many as are shown at all: a revision may quote them, and what it
        makes of fewer would tell who gave them.
        """
        return self.terms.fewest_ratings if self.terms.anonymous else FEWEST_REASONS

    @property
    def may_be_revised(self) -> bool:
        """Whether another round can begin now, given reasons."""
        left = self.terms.study is None and self.round < self.terms.most_rounds
        return left and self.phase is Phase.RATING and not (self.revising or self.stands)

    def is_revised(self, reasons: int, counted: Tally) -> bool:
        """Whether the vote's end begins another round: somebody asked for it, or the terms do by its count.

        A vote that somebody has closed begins none: the terms are for one whose deadline has come.
        Of private ratings that are too few to be shown, what is done next must not tell anything either.
        A study's plan alone says so: without enough reasons its question has no revised statement.
        """
        if reasons < self.fewest_reasons:
            return False
        if self.terms.study is not None:
            return self.has_second_vote
        if self.round >= self.terms.most_rounds:
            return False
        below = self.terms.revise_below
        if self.revising or self.stands or below is None:
            return self.revising
        return (
            counted.total >= max(1, self.terms.fewest_shown) and 100 * counted.agree < below * counted.total
        )

    @property
    def has_second_vote(self) -> bool:
        """Whether a study's plan has another vote after this one, if enough say what they would change."""
        return self.terms.study is not None and self.terms.study.asks_why(self.round)

    @property
    def lacks_revision(self) -> bool:
        """Whether a study's question ended without the revised statement that its plan has."""
        return self.phase is Phase.SETTLED and self.has_second_vote

    def critiqued(self) -> Self:
        """Begin another round on the same question."""
        self._require(Phase.RATING)
        return self._to(
            Phase.MEDIATING,
            round=self.round + 1,
            rounds_begun=max(self.rounds_begun, self.round + 1),
            round_began_at=self.rating_closes_at,
            revising=False,
            statement=None,
            drafter=None,
            rating_closes_at=None,
        )

    @property
    def runs(self) -> Phase:
        """The phase that can be ended by hand: for a further round that failed, the vote before it."""
        failed = self.phase is Phase.MEDIATING and self.round > 1 and self.failure is not None
        return Phase.RATING if failed else self.phase

    def require_failed_round(self, round_: int | None) -> None:
        """A round is given up by hand only once it could not be drafted. round_: as for `vote_closed`."""
        self._require(Phase.MEDIATING)
        if self.runs is not Phase.RATING:
            raise TransitionError(self._not_now())
        if round_ not in (None, self.round):
            raise TransitionError(MOVED_ON_JUST_NOW)

    def has_given_up(self, round_: int | None) -> bool:
        """Whether this round was given up and the statement before it stayed: a copy finds that."""
        return (
            self.phase is Phase.SETTLED
            and self.round < self.rounds_begun
            and round_ in (None, self.round + 1)
        )

    def has_begun_after(self, round_: int) -> bool:
        """Whether the round after this one is being drafted: a copy of what began it finds that."""
        return self.phase is Phase.MEDIATING and self.round == round_ + 1

    def kept_as_it_was(
        self, statement: str, drafter: ModelNotice | None, now: datetime, *, is_best: bool = False
    ) -> Self:
        """Give up a further round: the statement before it stays, and its vote is the result.

        is_best: no draft was predicted to do better.
        """
        self._require(Phase.MEDIATING)
        if self.round == 1:
            raise TransitionError("There is no statement yet that could stay.")
        if self.statement is not None:
            raise TransitionError("A new statement is on its way, so that can't be done now.")
        return self._to(
            Phase.SETTLED,
            round=self.round - 1,
            statement=statement,
            drafter=drafter,
            unrevised=is_best,
            rating_closes_at=self.round_began_at,
            ended_at=now,
        )

    @property
    def rounds(self) -> range:
        """Every round that something may be kept of, those that were given up too."""
        return range(1, max(self.round, self.rounds_begun) + 1)

    def reopened(self, closes_at: datetime, now: datetime) -> Self:
        """Collect opinions again where no statement could be drafted from those that there are.

        It closes at its deadline then: as many as its quorum may be there already.
        """
        self.require_reopenable()
        checked = checked_deadline(closes_at, self.opens_at, now)
        terms = self.terms.model_copy(update={"quorum": None})
        again = self._to(Phase.OPINIONS, closes_at=checked, reminded=False, counted_at=None, terms=terms)
        return again.to_be_refreshed(now)

    def cancelled(self, because: str, now: datetime, seen: str = "") -> Self:
        """End without a result, with a sentence that says why.

        seen: the phase that was confirmed to be ended; in another one there is something else to lose.
        """
        ended = self._to(Phase.CANCELLED, cancelled_because=because, ended_at=now)
        if seen not in ("", self.phase):
            raise TransitionError(NOT_CANCELLED[self.phase])
        return ended

    # -- changes within a phase ------------------------------------------------------------------

    def failed(self, because: str, now: datetime, reason: Said | None = None) -> Self:
        """Wait for the facilitator, who is to be told: the last mediation gave nothing."""
        self._require(Phase.MEDIATING, sentence("Only drafting can fail."))
        return self._with(failure=because, reason=reason, untold_since=now)

    def was_told(self) -> Self:
        """The facilitator knows of the failure. No step forward: it still stands."""
        return self.model_copy(update={"untold_since": None, **UNHINDERED})

    def retried(self) -> Self:
        """Mediate once more after a failure."""
        self._require(
            Phase.MEDIATING, sentence("There is nothing to try again: no statement is being drafted.")
        )
        return self._with()

    def extended(self, closes_at: datetime, now: datetime, instead_of: str = "") -> Self:
        """Move the deadline of the phase that is running.

        instead_of: `deadline_shown` as it was where this one was chosen. An old form that was to give more
            time for opinions does not move the end of the vote, and none undoes what was moved since.
        """
        closes_at = checked_deadline(closes_at, self.opens_at, now)
        if self.phase not in (Phase.SCHEDULED, Phase.OPINIONS, Phase.RATING):
            raise TransitionError("This question is closed, so its deadline can't be moved.")
        if instead_of not in ("", self.deadline_shown) and closes_at != self.open_until:
            raise TransitionError(DEADLINE_CHANGED)
        if self.phase is Phase.RATING:
            # Its message says until when.
            moved = self._with(
                rating_closes_at=closes_at, reminded_to_rate=False, revising=False, stands=False
            )
            return moved.to_be_refreshed(now)
        return self._with(closes_at=closes_at, reminded=False).to_be_refreshed(now)

    def asked_anew(
        self, question: str, context: str, terms: Terms, opinions: int, now: datetime, seen: int | None = None
    ) -> Self:
        """With other words, background and terms, while nobody has answered; the same where nothing changes.

        What was said of it before anybody wrote holds then as well: whoever was writing meanwhile is refused
        by its `edition`. A study's terms stay, and so does the position statement once it can be rated.
        seen: the edition that was shown where this was typed, so that an old form undoes no newer change.
        """
        if not self.may_be_changed:
            raise TransitionError(self._not_now())
        if self.phase is Phase.OPINIONS:
            terms = terms.model_copy(update={"position_statement": self.terms.position_statement})
        asked = {
            "question": checked_question(question),
            "context": checked_context(context),
            "terms": terms if self.terms.study is None else self.terms,
        }
        changed = self.model_copy(update=asked)
        if changed == self:
            return self
        if seen not in (None, self.edition):
            raise TransitionError(CHANGED_MEANWHILE)
        if opinions:
            raise TransitionError(ANSWERED_ALREADY)
        return changed.model_copy(update={"edition": self.edition + 1}).to_be_refreshed(now)

    @property
    def may_be_changed(self) -> bool:
        """Whether its words can be changed now, if nobody has answered."""
        return self.phase in (Phase.SCHEDULED, Phase.OPINIONS)

    def require_edition(self, edition: int) -> None:
        """An opinion is on the question as its author read it."""
        if edition != self.edition:
            raise TransitionError(QUESTION_CHANGED)

    @property
    def deadline_shown(self) -> str:
        """What a form that moves the deadline carries, to say which deadline it showed."""
        until = self.open_until
        of = "vote" if self.phase is Phase.RATING else "opinions"
        return f"{of}:{until.isoformat() if until else 'open'}"

    @property
    def open_until(self) -> datetime | None:
        """When what runs now closes, opinions or the vote; None once both are over."""
        if self.phase is Phase.RATING:
            return self.rating_closes_at
        return self.closes_at if self.phase in (Phase.SCHEDULED, Phase.OPINIONS) else None

    def relinked(self, link: str | None, now: datetime, *, replaces: bool = True, seen: str = "") -> Self:
        """With another link to its result, or none; the same where nothing is to be changed.

        replaces: False makes one only where there is none, so that a second copy changes nothing.
        seen: `result_link_shown` as it was where this was chosen. An old button ends no newer link.
        """
        is_there = self.result_link is not None and link is not None
        if self.result_link == link or (is_there and not replaces):
            return self
        if self.result_link is not None and seen not in ("", self.result_link_shown):
            raise TransitionError(RESULT_LINK_CHANGED)
        # Its message in a channel has the link too.
        return self.model_copy(update={"result_link": link}).to_be_refreshed(now)

    @property
    def result_link_shown(self) -> str:
        """What a button that changes the link to the result carries, to say which link was there."""
        if self.result_link is None:
            return "none"
        return hashlib.sha256(f"{self.id}:{self.result_link}".encode()).hexdigest()[:12]

    def announced(self, message: MessageRef) -> Self:
        """Remember the message that shows this deliberation; a failure that it shows still stands."""
        return self._with(
            message=message, failure=self.failure, reason=self.reason, untold_since=self.untold_since
        )

    def telling(self, notice: ModelNotice) -> Self:
        """Keep what its members are told of the models; what they were told first stays. No step forward."""
        return self if self.told is not None else self.model_copy(update={"told": notice})

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
        """Do not remind again before this deadline, of answering or of rating."""
        return self._with(**{"reminded_to_rate" if self.phase is Phase.RATING else "reminded": True})

    def reminder_asked(self, now: datetime) -> Self:
        """Remind those who have not answered, or in a vote those who answered and have not rated: now.

        Not more often than every so many hours, whoever asks for it. A copy of the wish comes too soon.
        """
        if self.phase not in (Phase.OPINIONS, Phase.RATING):
            raise TransitionError(self._not_now())
        if self.next_reminder_from is not None and now < self.next_reminder_from:
            raise TransitionError(REMINDED_JUST_NOW, hours=round(REMIND_EVERY / timedelta(hours=1)))
        return self.model_copy(update={"asked_to_remind": now, "reminding": True})

    @property
    def next_reminder_from(self) -> datetime | None:
        """From when people may be reminded by hand again; None while nobody has had them reminded."""
        return None if self.asked_to_remind is None else self.asked_to_remind + REMIND_EVERY

    def was_reminded_by_hand(self) -> Self:
        """Those who run it had people reminded, and that is done."""
        return self._with(reminding=False)

    def with_outcome(self, outcome: Tally) -> Self:
        """Keep how the ratings were counted when the vote settled. No step forward: pauses go on."""
        self._require(Phase.SETTLED)
        return self.model_copy(update={"outcome": outcome})

    def with_decision(self, decision: Decision, now: datetime) -> Self:
        """Keep what was decided, in the place of what was kept before; its message shows it. No step forward.

        A late copy of what was recorded before changes nothing.
        """
        self.require_settled()
        before = self.decision
        if before is not None and before.recorded_at >= decision.recorded_at:
            return self
        if before is not None and before.by == decision.by:
            # Nobody is asked twice about the same day.
            same = {"ask_at": before.ask_at, "asked_how": before.asked_how}
            decision = decision.model_copy(update=same)
        return self.model_copy(update={"decision": decision}).to_be_refreshed(now)

    def without_person(self, user: str, names: Collection[str], at: datetime, now: datetime) -> Self:
        """With nothing in what was decided that says who somebody is; the same where nothing does.

        names: what they are called here. at: when they asked for it; what was recorded since stays.
        """
        decision = self.decision
        if decision is None or decision.recorded_at > at:
            return self
        left = decision.without_person(user, names)
        if left == decision:
            return self
        return self.model_copy(update={"decision": left}).to_be_refreshed(now)

    def was_asked_how(self) -> Self:
        """Nobody needs to be asked any more how this decision went."""
        decision = self.decision and self.decision.model_copy(update={"asked_how": True})
        return self._with(decision=decision)

    def with_change(self, change: RoundChange) -> Self:
        """Keep how it compares with the round before. No step forward: pauses go on."""
        self._require(Phase.SETTLED)
        return self.model_copy(update={"change": change})

    def was_recorded(self) -> Self:
        """Nothing is left to do but to purge, when retention ends."""
        return self._with(recorded=True)

    def set_back(self, now: datetime, at_least_s: float = 0.0) -> Self:
        """Try the next step later: a pause that doubles with every failure in a row."""
        over = self.open_until is not None and now >= self.open_until
        before = self.setbacks_at_end if over else self.setbacks
        since = self.failing_since if before else None
        failing = self.model_copy(update={"setbacks": before + 1, "failing_since": since or now})
        pause = timedelta(seconds=max(failing._pause_s(now), at_least_s))
        return failing.model_copy(update={"wait_until": now + pause})

    @property
    def setbacks_at_end(self) -> int:
        """How often ending what runs now has failed in a row; before its deadline another step did."""
        began, ends = self.failing_since, self.open_until
        return 0 if began is not None and ends is not None and began < ends else self.setbacks

    def _pause_s(self, now: datetime) -> float:
        pause = _doubled(self.setbacks - 1, LONGEST_PAUSE_S)
        until = self.tries_until
        # The last try comes when members were told that trying ends.
        return pause if until is None or until <= now else min(pause, (until - now).total_seconds())

    @property
    def tries_until(self) -> datetime | None:
        """Until when drafting that fails is tried again by itself; None while it has not failed."""
        if self.failing_since is None or self.phase is not Phase.MEDIATING or self.statement is not None:
            return None
        return self.failing_since + self.terms.retry_for

    def tries_again(self, now: datetime) -> bool:
        """Whether drafting that has just failed is tried again by itself."""
        return now < (self.tries_until or now + self.terms.retry_for)

    def taken_up_again(self, now: datetime) -> Self:
        """What held the next step up is over: it need not wait any longer."""
        free = self.model_copy(update=UNHINDERED)
        return free if self.refresh_from is None else free.to_be_refreshed(now)

    @property
    def is_held_up(self) -> bool:
        """Whether something that failed waits for another try."""
        return self.wait_until is not None or self.refresh_setbacks > 0

    def to_be_refreshed(self, at: datetime) -> Self:
        """What its messages show is no longer true, or will not be. No step forward: pauses go on."""
        if self.message is None:
            return self
        return self.model_copy(update={"refresh_from": at, "refresh_setbacks": 0})

    def refreshed(self) -> Self:
        """Its messages show what is true."""
        return self.model_copy(update={"refresh_from": None, "refresh_setbacks": 0})

    def not_refreshed(self, now: datetime, at_least_s: float = 0.0) -> Self:
        """Show its messages again later, with pauses of their own: nothing else waits for that."""
        pause = timedelta(seconds=max(_doubled(self.refresh_setbacks, LONGEST_REFRESH_PAUSE_S), at_least_s))
        return self.model_copy(
            update={"refresh_from": now + pause, "refresh_setbacks": self.refresh_setbacks + 1}
        )

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
        consent: bool = False,
        attributes: Mapping[str, str] = NOTHING_KNOWN,
    ) -> Opinion:
        """An opinion as it may be kept, or the sentence that says why not.

        consent: counts only where learning is asked about: what is given before that is never learnt from.
        """
        self.require_open_for_opinions(at)
        return Opinion(
            participant=participant,
            text=_checked(text, OPINION_LIMIT, empty=OPINION_EMPTY, too_long=OPINION_TOO_LONG),
            given_at=at,
            author=None if self.terms.anonymous else author,
            consent=consent and self.terms.keep_feedback,
            attributes=dict(attributes),
        )

    def reason_given(
        self,
        participant: str,
        text: str,
        at: datetime,
        author: Author | None = None,
        *,
        consent: bool = False,
    ) -> Reason:
        """A reason as it may be kept, or the sentence that says why not; no rating has to come first.

        consent: as for an opinion.
        """
        self.require_open_for_reasons(at)
        return Reason(
            participant=participant,
            text=_checked(text, REASON_LIMIT, empty=REASON_EMPTY, too_long=REASON_TOO_LONG),
            given_at=at,
            author=None if self.terms.anonymous else author,
            consent=consent and self.terms.keep_feedback,
            round=self.round,
        )

    def comparison(self, participant: str, choice: Preference, at: datetime) -> Comparison:
        """What somebody prefers as it may be kept, or the sentence that says why not."""
        self.require_open_for_ratings(at)
        if self.round == 1:
            raise TransitionError("There is one statement only, so there is nothing to compare.")
        if self.terms.study is not None:
            raise TransitionError("This question is part of a study, which compares statements by ratings.")
        return Comparison(participant=participant, choice=choice, given_at=at, round=self.round)

    def baseline(self, participant: str, value: int, at: datetime) -> Rating:
        """Agreement with the position statement as it may be kept, or the sentence that says why not."""
        if self.terms.position_statement is None:
            raise RatingError("This question doesn't ask how far you agree before you answer.")
        self.require_open_for_opinions(at)
        return Rating(participant=participant, value=Scale.SEVEN.check(value), given_at=at)

    def require_reopenable(self) -> None:
        """Only a question that got no statement is opened for opinions again, and only once that failed."""
        self._require(Phase.MEDIATING)
        if self.failure is None:
            raise TransitionError("A statement is being drafted. If that fails, you can open it again.")
        if self.round > 1:
            raise TransitionError("This question has had a statement already; it can't be opened again.")

    def require_open_for_opinions(self, at: datetime) -> None:
        """Opinions are given, edited and withdrawn only while the question is open.

        The deadline counts also before somebody has come round to closing.
        """
        if self.phase is Phase.SCHEDULED:
            raise TransitionError("This question has not opened yet.")
        self._require(Phase.OPINIONS, OPINIONS_OVER)
        if self.closes_at is not None and at >= self.closes_at:
            raise TransitionError(OPINIONS_OVER)

    def require_open_for_points(self, at: datetime) -> None:
        """Points are voted on, added and marked as long as opinions are given."""
        if not self.terms.points:
            raise TransitionError(NO_POINTS)
        if self.phase is Phase.SCHEDULED:
            raise TransitionError("This question has not opened yet.")
        self._require(Phase.OPINIONS, POINTS_OVER)
        if self.closes_at is not None and at >= self.closes_at:
            raise TransitionError(POINTS_OVER)

    def require_points_change(self) -> None:
        """Points are hidden and shown until the close: nobody chooses afterwards what the result shows."""
        self._require(Phase.OPINIONS, POINTS_STAY)

    def require_settled(self) -> None:
        """What was decided is recorded once the vote is closed, and not of what ended without a result."""
        if self.phase is Phase.CANCELLED:
            raise TransitionError("This question was cancelled, so there is nothing to record.")
        self._require(Phase.SETTLED, sentence("You can record what was decided once the vote is closed."))

    def require_drafting(self, at: datetime) -> None:
        """What a platform's own poll collected is kept once opinions are closed, whenever it was given."""
        self._require(Phase.MEDIATING, sentence("The poll's votes came too late or too early to count."))

    def require_open_for_ratings(self, at: datetime) -> None:
        """Ratings are given, changed and withdrawn only while the vote is open."""
        if self.phase in (Phase.SETTLED, Phase.CANCELLED):
            raise TransitionError(VOTE_OVER)
        self._require(Phase.RATING, sentence("There is no statement to rate yet."))
        if self.vote_is_over(at):
            raise TransitionError(VOTE_OVER)

    def require_open_for_reasons(self, at: datetime) -> None:
        """Reasons are given, changed and withdrawn while ratings are; in a study only where its plan asks."""
        if self.terms.study is not None and not self.has_second_vote:
            raise TransitionError("This question is part of a study, which asks for no reasons.")
        self.require_open_for_ratings(at)

    def require_round(self, round_: int | None) -> None:
        """A rating is for the newest statement; None is whoever rates on a page that shows no other."""
        if round_ in (None, self.round):
            return
        if self.phase is Phase.MEDIATING:
            raise TransitionError("This statement is being revised. Rate the new one once it is there.")
        if self.phase is not Phase.RATING:
            raise TransitionError(VOTE_OVER)
        raise TransitionError("There is a newer statement on this question. Rate that one.")

    def is_drafted_since(self, closed_at: datetime) -> bool:
        """Whether a statement is being drafted from what was there when opinions closed at that time."""
        return self.phase is Phase.MEDIATING and self.closes_at == closed_at

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

    def shows_drafts(self, round_: int) -> bool:
        """Whether those who run it may read what a round's mediation gave: drafts may be members' own words.

        While drafting can fail the question may be opened again, and drafts would tell what came since.
        """
        return round_ < self.round or self.phase in (Phase.RATING, Phase.SETTLED, Phase.CANCELLED)

    def shows_predictions(self, *, has_rated: bool) -> bool:
        """Whether a member may see what was predicted: never before their own rating, which it would steer.

        A study shows none before its vote is over: of its statements nobody is to know how they came about.
        """
        if self.phase is Phase.SETTLED:
            return True
        return self.phase is Phase.RATING and has_rated and self.terms.study is None

    # -- time ------------------------------------------------------------------------------------

    def next_due(self) -> Due | None:
        """The next step and its time; None while only a person can move it on."""
        return next(iter(self._next_of_each()), None)

    def due_by(self, now: datetime) -> list[Due]:
        """What may be done now, beside each other: showing messages again holds up nothing else."""
        return [each for each in self._next_of_each() if each.at <= now]

    def _next_of_each(self) -> list[Due]:
        """The next step and the next refresh, whichever there are, the earlier one first."""
        due = [each for each in (self._next_of_phase(), self._refresh_due()) if each is not None]
        return sorted(due, key=lambda each: each.at)

    def _refresh_due(self) -> Due | None:
        return None if self.refresh_from is None else Due(self.refresh_from, Step.REFRESH)

    def _next_of_phase(self) -> Due | None:
        steps = sorted(self._steps())
        if not steps or self.wait_until is None:
            return steps[0] if steps else None
        # Of the steps that the same pause holds up, the latest goes first: a channel that cannot be
        # reached keeps failing ANNOUNCE, and must not keep the question from closing.
        held_up = [step for step in steps if step.at <= self.wait_until]
        return held_up[-1]._replace(at=self.wait_until) if held_up else steps[0]

    def may_take(self, step: Step, now: datetime) -> bool:
        """Whether this step may be taken now; a job for one that may not is stale."""
        if step in (Step.SPLIT, Step.MAP) and not self.terms.points:
            return False
        if step in (Step.ENCODE, Step.SPLIT, Step.MAP):
            return self.phase is Phase.OPINIONS
        due = self._refresh_due() if step is Step.REFRESH else self._next_of_phase()
        return due is not None and due.step is step and due.at <= now

    def _steps(self) -> Iterator[Due]:
        if self.phase is Phase.SCHEDULED:
            yield Due(self.opens_at or self.created_at, Step.OPEN)
        elif self.phase is Phase.OPINIONS:
            yield from self._steps_while_open()
        elif self.phase is Phase.MEDIATING:
            yield from self._steps_while_mediating()
        elif self.phase is Phase.RATING and self.rating_closes_at is not None:
            yield from self._steps_while_rating(self.rating_closes_at)
        elif self.ended_at is not None and not self.recorded:
            yield Due(self.ended_at, Step.SETTLE)
        elif self.ended_at is not None:
            yield Due(self.ended_at + self._retention(), Step.PURGE)
            if self.decision is not None and self.decision.ask_from is not None:
                yield Due(self.decision.ask_from, Step.ASK_HOW)

    def _steps_while_mediating(self) -> Iterator[Due]:
        closed_at = self.closes_at or self.created_at
        if self.statement is not None:
            yield Due(closed_at, Step.PUBLISH)
        elif self.failure is None:
            yield Due(closed_at, Step.MEDIATE)
        elif self.untold_since is not None:
            yield Due(self.untold_since, Step.TELL)
        elif self.round > 1:
            # In good time: what was voted on is not to be deleted without ever having been a result.
            yield Due(self._drafting_since() + self._retention() / 2, Step.KEEP)
        # What has failed for good, or has nowhere to be posted, is not kept longer than what has ended.
        yield Due(self._drafting_since() + self._retention(), Step.PURGE)

    def deleted_at(self) -> datetime | None:
        """When all of it is deleted if nobody does anything until then; None while it goes on.

        What could not be drafted or posted has ended for that: the days count from its close.
        """
        if self.phase is Phase.MEDIATING and (self.failure is not None or self.wait_until is not None):
            return self._drafting_since() + self._retention()
        return None if self.ended_at is None else self.ended_at + self._retention()

    def _drafting_since(self) -> datetime:
        return self.round_began_at or self.closes_at or self.created_at

    def _retention(self) -> timedelta:
        return timedelta(days=self.terms.retention_days)

    def _by_hand(self) -> Iterator[Due]:
        if self.reminding and self.asked_to_remind is not None:
            yield Due(self.asked_to_remind, Step.REMIND_NOW)

    def _steps_while_open(self) -> Iterator[Due]:
        yield from self._by_hand()
        if self.message is None:
            yield Due(self.opens_at or self.created_at, Step.ANNOUNCE)
        if self.terms.quorum is not None:
            # Whoever completes the quorum closes; this is for when they could not.
            yield Due((self.counted_at or self.opens_at or self.created_at) + COUNT_EVERY, Step.COUNT)
        if self.closes_at is None:
            return
        yield Due(self.closes_at, Step.CLOSE)
        if not self.reminded:
            yield from self._reminder(Step.REMIND, self.opens_at or self.created_at, self.closes_at)

    def _steps_while_rating(self, closes_at: datetime) -> Iterator[Due]:
        yield Due(closes_at, Step.SETTLE)
        yield from self._by_hand()
        if not self.reminded_to_rate:
            opened_at = self.published_at or closes_at - self.terms.rating_period
            yield from self._reminder(Step.REMIND_TO_RATE, opened_at, closes_at)

    def _reminder(self, step: Step, opened_at: datetime, closes_at: datetime) -> Iterator[Due]:
        """None where what is open is shorter than the notice."""
        before = self.terms.reminder_before
        if before is not None and closes_at - before > opened_at:
            yield Due(closes_at - before, step)

    def events_of(self, version: int) -> list[Event]:
        """What happened with the change that was saved as this version."""
        return [event for event in self.events if event.version == version]

    # -- inside ----------------------------------------------------------------------------------

    def _to(self, phase: Phase, **update: object) -> Self:
        if phase not in NEXT[self.phase]:
            raise TransitionError(self._not_now())
        # Who was to be reminded before has nothing to do any more.
        return self._with(phase=phase, **{"reminding": False, **update})

    def _with(self, **update: object) -> Self:
        """A step forward: what held it up before no longer counts."""
        kept = {"failure": None, "reason": None, "untold_since": None, **UNHINDERED}
        return self.model_copy(update={**kept, **update})

    def _require(self, phase: Phase, otherwise: str | None = None) -> None:
        if self.phase is not phase:
            raise TransitionError(otherwise or self._not_now())

    def _not_now(self) -> str:
        return NOT_NOW[self.phase]


def _checked(text: str, limit: int, *, empty: str, too_long: str) -> str:
    """What a member wrote, as it may be kept. Raises OpinionError with one of the two sentences."""
    text = clean(text)
    if is_blank(text):
        raise OpinionError(empty)
    if len(text) > limit:
        raise OpinionError(too_long, length=len(text), limit=limit)
    return text


def checked_question(question: str) -> str:
    """A question as it may be posted, or the sentence that says why not."""
    question = clean(question)
    if is_blank(question):
        raise QuestionError("The question is empty. Write what the group should agree on.")
    if len(question) > QUESTION_LIMIT:
        raise QuestionError(
            "The question has {length} characters; the limit is {limit}.",
            length=len(question),
            limit=QUESTION_LIMIT,
        )
    return question


def checked_deadline(closes_at: datetime, opens_at: datetime | None, now: datetime) -> datetime:
    """A deadline as it may be set, or the sentence that says why not."""
    if closes_at <= now:
        raise QuestionError("The deadline is in the past. Choose a later time.")
    if opens_at is not None and closes_at <= opens_at:
        raise QuestionError("The deadline is before the question opens. Choose a later time.")
    if closes_at - max(opens_at or now, now) > LONGEST_AHEAD:
        raise QuestionError(TOO_FAR)
    return closes_at


def checked_opening(opens_at: datetime | None, now: datetime) -> datetime | None:
    """When a question opens; None where that is at once. Raises QuestionError."""
    if opens_at is None or opens_at <= now:
        return None
    if opens_at - now > LONGEST_AHEAD:
        raise QuestionError(TOO_FAR)
    return opens_at


def checked_position(statement: str | None) -> str | None:
    """A position statement as it may be rated, or the sentence that says why not; None for a blank one."""
    statement = clean(statement or "")
    if len(statement) > POSITION_LIMIT:
        raise QuestionError(
            "The position statement has {length} characters; the limit is {limit}.",
            length=len(statement),
            limit=POSITION_LIMIT,
        )
    return None if is_blank(statement) else statement


def checked_context(context: str) -> str:
    """Background to a question as it may be posted, or the sentence that says why not."""
    context = clean(context)
    if len(context) > CONTEXT_LIMIT:
        raise QuestionError(
            "The background has {length} characters; the limit is {limit}.",
            length=len(context),
            limit=CONTEXT_LIMIT,
        )
    return context


def _doubled(times: int, longest_s: float) -> float:
    """The first pause, doubled so many times, and at most `longest_s`."""
    pause: float = FIRST_PAUSE_S * 2 ** min(times, MOST_DOUBLINGS)
    return min(pause, longest_s)
