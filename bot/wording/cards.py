"""What a deliberation's message shows, as data: each platform renders the same card in its own way.

Reads:  the deliberation and, for a statement, its mediation and ratings.
Gives:  a frozen card to `ChatPlatform.post` and `update`.
Cards are for the whole channel: they never hold opinions.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from bot.domain.deliberation import Deliberation, Phase
from bot.domain.kept_mediation import Predicted, in_sum
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import FEWEST_RATINGS, Tally, Turnout
from bot.domain.team import Team
from bot.wording import card_lines, decision_lines, group_lines, jury_lines, round_lines, texts
from bot.wording.point_lines import ClearPoints
from engine.digest import is_common
from engine.types import Mediation, OpenPoint, OpinionGroup, PartialReading, Shortfall


@dataclass(frozen=True)
class QuestionCard:
    """The question is open: `answered` members have given an opinion.

    notice: which AI models read what members write; None where no worker has told yet.
    """

    deliberation: Deliberation
    answered: int
    notice: ModelNotice | None = None

    @property
    def reads(self) -> str:
        """Who reads what members write, said before they do."""
        return texts.model_note(self.notice)


@dataclass(frozen=True)
class ProgressCard:
    """A statement is being drafted: `done` of `total` candidates are scored.

    in_groups: they are drafts for smaller groups, which come first where one prompt has no room for all.
    tokens: that a language model has written so far, where it tells.
    waiting: nothing has come from it for so long that people should know.
    """

    deliberation: Deliberation
    done: int
    total: int
    tokens: int = 0
    waiting: bool = False
    in_groups: bool = False

    def told(self, when: Callable[[datetime], str]) -> str:
        """How far it is, in words; `when`: a time as the platform shows it."""
        if self.waiting:
            return texts.still_drafting(self.deliberation, when)
        if self.in_groups:
            return texts.progress_in_groups(self.done, self.total)
        return texts.progress(self.done, self.total, self.tokens)


@dataclass(frozen=True)
class FailedCard:
    """Drafting was given up, and the facilitator can try again. Why is for them, and not on the card."""

    deliberation: Deliberation


@dataclass(frozen=True)
class HowCard:
    """How this works, and what happens with what one writes: in one question, or in a team.

    steps: as titles and what is told under them; the last stands by itself.
    reads: who reads what members write. kept: until when it is kept.
    here: who sees what in this question; empty for a team.
    """

    steps: tuple[tuple[str, str], ...]
    reads: str
    kept: str
    here: str

    @classmethod
    def of(cls, what: Deliberation | Team, notice: ModelNotice | None) -> Self:
        """notice: which AI models read what members write; None where no worker has told yet."""
        here = ""
        if isinstance(what, Deliberation):
            here = f"{texts.identity_note(what)} {texts.rating_note(what)}"
        return cls(
            steps=texts.how(),
            reads=texts.model_note(notice),
            kept=f"{texts.kept_note(what)} {texts.KEPT_CHANGES}",
            here=here,
        )

    def notes(self, escaped: Callable[[str], str]) -> list[tuple[str, str]]:
        """What stands under the steps in a chat, as titles and texts.

        escaped: as a platform escapes what has the names of models in it.
        """
        told: list[tuple[str, str]] = [
            (texts.READS_TITLE, escaped(self.reads)),
            (texts.KEPT_TITLE, f"{self.kept} {texts.POSTED_STAYS}"),
        ]
        return [*told, (card_lines.IN_THIS_QUESTION, self.here)] if self.here else told


@dataclass(frozen=True)
class Prediction:
    """What the reward model expected of those who gave an opinion: for who has rated, or after the vote.

    mean: expected rating (1..7). people: of how many. dissenters: how many of them may disagree.
    other_side: what those would rather say; None unless they are many enough to hide in, and it is another
        statement (`other_side`).
    """

    mean: float
    dissenters: int
    people: int
    other_side: str | None = None

    @property
    def text(self) -> str:
        """In words."""
        return texts.likely_agreement(self.mean, self.dissenters, self.people)

    @property
    def whole(self) -> str:
        """In words, with what those who may disagree would rather say."""
        more = f"{texts.OTHER_SIDE_TITLE}: {self.other_side}" if self.other_side else ""
        return "\n".join(filter(None, (self.text, more)))


@dataclass(frozen=True)
class StatementCard:
    """The chosen statement, to be rated. What is predicted of it is not on it: that would steer the ratings.

    shortfall, unpredicted, stood_in_for, tied: as in `engine.types.ModelsUsed` and `engine.types.Mediation`.
    turnout: how many have rated it; None where that is not known.
    before: the statement that this one was revised from; None in the first round.
    open_points: what it leaves open (`told_open`).
    """

    deliberation: Deliberation
    statement: str
    opinions: int
    model_used: bool
    reading: PartialReading | None
    shortfall: Shortfall | None = None
    unpredicted: str | None = None
    stood_in_for: str | None = None
    tied: int = 0
    turnout: Turnout | None = None
    before: str | None = None
    open_points: tuple[OpenPoint, ...] = ()

    @property
    def leaves_open(self) -> str:
        """What the statement leaves open, in a line; empty where nothing is told of it."""
        return card_lines.leaves_open(self.open_points)

    @property
    def rated(self) -> str:
        """How many have rated it, of how many who answered; empty where that is not known."""
        return texts.turnout(self.turnout) if self.turnout else ""

    @property
    def drafted(self) -> str:
        """From how many opinions, and chosen by what."""
        terms = self.deliberation.terms
        told = texts.drafted_from(self.opinions, terms.welfare.name, self.unpredicted)
        by = jury_lines.chosen_by(terms, predicted=self.unpredicted is None)
        return f"{told} {by}".strip()

    @property
    def made(self) -> str:
        """Who wrote it, and what is unusual about how it came about."""
        return texts.how_it_was_drafted(
            self.model_used,
            self.reading,
            drafter=self.deliberation.drafter,
            shortfall=self.shortfall,
            unpredicted=self.unpredicted,
            stood_in_for=self.stood_in_for,
            tied=self.tied,
        )


@dataclass(frozen=True)
class BallotCard:
    """Where the statement is rated by reactions or a poll (`terms.rating_by`), below the statement.

    The platform puts the scale's reactions there, or the poll; `closed` ends the poll and says so.
    """

    deliberation: Deliberation
    statement: str
    closed: bool = False


@dataclass(frozen=True)
class NudgeCard:
    """For the channel, when some of those to be reminded cannot be written to; mentions nobody.

    They are to answer, or in a vote that runs to rate (`texts.nudge`).
    """

    deliberation: Deliberation


@dataclass(frozen=True)
class ResultCard:
    """The statement with how members rated it, and what was predicted before.

    model_used: whether a language model wrote it; None where that is not said.
    open_points: what it leaves open (`told_open`).
    groups: the opinion groups that may be told of.
    points: what votes on points say most clearly.
    """

    deliberation: Deliberation
    statement: str
    tally: Tally
    prediction: Prediction | None = None
    model_used: bool | None = None
    open_points: tuple[OpenPoint, ...] = ()
    groups: tuple[OpinionGroup, ...] = ()
    points: ClearPoints = field(default_factory=ClearPoints)

    @property
    def leaves_open(self) -> str:
        """What the statement leaves open, in a line; empty where nothing is told of it."""
        return card_lines.leaves_open(self.open_points)

    @property
    def made(self) -> str:
        """Who wrote it, and that a further round found nothing better, as whoever is shown the card reads.

        How opinion groups take it comes below, in lines of their own.
        """
        if self.model_used is None:
            return ""
        told = texts.drafted_by(self.model_used, self.deliberation.drafter)
        told = f"{told} {texts.STATEMENT_STAYS}" if self.deliberation.unrevised else told
        return "\n".join([" ".join([told, *self.compared]), *group_lines.lines(self.groups)])

    @property
    def compared(self) -> list[str]:
        """How the last of several rounds compares with the one before, in sentences."""
        return round_lines.compared(self.deliberation.change)


@dataclass(frozen=True)
class CancelledCard:
    """The question ended without a statement; `deliberation.cancelled_because` says why."""

    deliberation: Deliberation


Card = (
    QuestionCard
    | ProgressCard
    | FailedCard
    | StatementCard
    | BallotCard
    | NudgeCard
    | ResultCard
    | CancelledCard
)


@dataclass(frozen=True)
class ReminderNote:
    """To one member who has not answered, or in a vote that runs has not rated.

    Platforms add a button that stops reminders (`SetReminders`).
    """

    deliberation: Deliberation

    @property
    def to_rate(self) -> bool:
        """Whether it is about a vote, and not about an answer."""
        return self.deliberation.phase is Phase.RATING

    @property
    def text(self) -> str:
        """What it says, with the time in UTC; platforms that show times on everybody's own clock do that."""
        d = self.deliberation
        return texts.reminder(d, d.question, texts.utc)


@dataclass(frozen=True)
class UnclearNote:
    """To one member with several reactions of which nobody saw the last."""

    deliberation: Deliberation

    @property
    def text(self) -> str:
        """What it says."""
        return texts.unclear_reactions(self.deliberation)


@dataclass(frozen=True)
class WaitingNote:
    """To whoever asked: the language model writes nothing, and goes on being asked.

    trouble: what is the matter with it, in a word or two; None where that is not known.
    """

    deliberation: Deliberation
    trouble: str | None = None

    @property
    def text(self) -> str:
        """What it says."""
        return texts.no_draft_yet(self.deliberation, self.trouble)


@dataclass(frozen=True)
class FailedNote:
    """To whoever asked: drafting was given up; why, and what they can do."""

    deliberation: Deliberation

    @property
    def text(self) -> str:
        """What it says."""
        return texts.gave_up(self.deliberation)


@dataclass(frozen=True)
class HowItWentNote:
    """To whoever does what was decided, or else to whoever asked, on the day: how did it go?

    user: to whom it is written. Platforms add a button for whoever runs the question.
    """

    deliberation: Deliberation
    user: str

    @property
    def runs_it(self) -> bool:
        """Whether whoever reads it can record how it went."""
        return self.user == self.deliberation.facilitator

    @property
    def text(self) -> str:
        """What it says."""
        d = self.deliberation
        theirs = d.decision is not None and d.decision.member == self.user
        return decision_lines.how_did_it_go(d, theirs=theirs, recorded=self.runs_it)


@dataclass(frozen=True)
class StaysNote:
    """To whoever asked: a further round was drafted, and the statement that there was stays."""

    deliberation: Deliberation

    @property
    def text(self) -> str:
        """What it says."""
        return texts.it_stays(self.deliberation)


# The address of a page that shows a deliberation's result, for messages; empty where there is no such page.
ResultLink = Callable[[Deliberation], str]


def no_page(deliberation: Deliberation) -> str:
    """A `ResultLink` for where no page can be reached."""
    return ""


# What is written to one person. Platforms add their own buttons; one that has none sends `text`.
Note = ReminderNote | UnclearNote | WaitingNote | FailedNote | HowItWentNote | StaysNote

FEWEST_DISSENTERS = 2
DISSENTING_SHARE = 0.2


def statement_card(
    deliberation: Deliberation,
    mediation: Mediation,
    turnout: Turnout | None = None,
    before: str | None = None,
) -> StatementCard:
    """The card of a mediation's chosen statement; before: the statement that it was revised from."""
    return StatementCard(
        deliberation=deliberation,
        statement=mediation.statement,
        opinions=in_sum(mediation).people,
        model_used=mediation.model_used,
        reading=mediation.reading,
        shortfall=mediation.shortfall,
        unpredicted=mediation.models.unpredicted,
        stood_in_for=mediation.stood_in_for,
        tied=mediation.tied,
        turnout=turnout,
        before=before,
        open_points=told_open(deliberation, mediation),
    )


def is_of_few(deliberation: Deliberation, mediation: Mediation) -> bool:
    """Whether an anonymous question had too few opinions for anything predicted of them to be told.

    Whoever works out what was predicted of themselves knows from a mean, or a welfare, that of the other one.
    """
    opinions = in_sum(mediation).people + mediation.forgotten
    return deliberation.terms.anonymous and opinions < FEWEST_RATINGS


def told_open(deliberation: Deliberation, mediation: Mediation) -> tuple[OpenPoint, ...]:
    """What may be told of what the statement leaves open, from when it is out: it predicts nobody's rating.

    Nothing of a study's statements, which are compared without a word on them. Nothing in an anonymous
    question of few people, or that somebody left: what goes with them would tell what they asked for.
    """
    if deliberation.terms.study is not None or is_of_few(deliberation, mediation):
        return ()
    return () if deliberation.terms.anonymous and mediation.forgotten else mediation.leaves_open


def told_agreement(deliberation: Deliberation, mediation: Mediation) -> Predicted | None:
    """What predictions are told from; nothing of an anonymous question that somebody left, or of few people.

    What their leaving changes in a mean is their own reward, and so tells which opinion was theirs.
    """
    if is_of_few(deliberation, mediation) or (deliberation.terms.anonymous and mediation.forgotten):
        return None
    return in_sum(mediation).expected


def result_card(
    deliberation: Deliberation, mediation: Mediation, tally: Tally, points: ClearPoints | None = None
) -> ResultCard:
    """The card of a vote that is over; points: what votes on points say, where there are any."""
    return ResultCard(
        deliberation=deliberation,
        statement=mediation.statement,
        tally=tally,
        prediction=None if deliberation.terms.study else prediction(deliberation, mediation),
        model_used=mediation.model_used,
        open_points=told_open(deliberation, mediation),
        groups=told_groups(deliberation, mediation),
        points=points or ClearPoints(),
    )


def prediction(deliberation: Deliberation, mediation: Mediation) -> Prediction | None:
    """What was predicted of the chosen statement.

    None when everybody has asked to be forgotten, or anybody in an anonymous question, when that had too few
    opinions, nobody's agreement was predicted, or the text is no statement that one could agree with as a
    whole.
    """
    mediation = in_sum(mediation)
    told = told_agreement(deliberation, mediation)
    if told is None or not is_common(mediation.statement):
        return None
    return Prediction(told.mean, told.dissenters, told.people, other_side(mediation))


def told_groups(deliberation: Deliberation, mediation: Mediation) -> tuple[OpinionGroup, ...]:
    """The opinion groups that may be told of, once the vote is over; none where there are fewer than two.

    None where nothing is told of predictions (`prediction`), and none of studies. In an anonymous question
    none where a group is too small to hide in, whatever made it.
    """
    over = deliberation.phase is Phase.SETTLED and deliberation.terms.study is None
    if not over or len(mediation.groups) < 2 or prediction(deliberation, mediation) is None:
        return ()
    if deliberation.terms.anonymous and any(group.size < FEWEST_RATINGS for group in mediation.groups):
        return ()
    return mediation.groups


def other_side(mediation: Mediation) -> str | None:
    """The candidate that those predicted to disagree would agree with most, on average over them.

    None when it would give somebody away: when they are fewer than two or than a fifth, when the whole group
    is small, when somebody was forgotten, or when drafts are members' own words (no model was used).
    None too when even they would agree with nothing more than with the statement.
    """
    told = in_sum(mediation).expected
    if mediation.forgotten or not mediation.model_used or told is None or told.preferred is None:
        return None
    return mediation.candidates[told.preferred].text if _enough(told.dissenters, told.people) else None


def _enough(dissenters: int, opinions: int) -> bool:
    enough = max(FEWEST_DISSENTERS, DISSENTING_SHARE * opinions)
    return opinions >= texts.FEWEST_COUNTED and dissenters >= enough
