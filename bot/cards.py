"""What a deliberation's message shows, as data: each platform renders the same card in its own way.

Reads:  the deliberation and, for a statement, its mediation and ratings.
Gives:  a frozen card to `ChatPlatform.post` and `update`.
Cards are for the whole channel: they never hold opinions.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bot import texts
from bot.domain.deliberation import Deliberation
from bot.domain.ratings import Tally
from engine.digest import is_common
from engine.types import MIDPOINT, Candidate, Mediation, PartialReading


@dataclass(frozen=True)
class QuestionCard:
    """The question is open: `answered` members have given an opinion."""

    deliberation: Deliberation
    answered: int


@dataclass(frozen=True)
class ProgressCard:
    """A statement is being drafted: `done` of `total` candidates are scored."""

    deliberation: Deliberation
    done: int
    total: int


@dataclass(frozen=True)
class FailedCard:
    """Drafting failed; `deliberation.failure` says why and the facilitator can try again."""

    deliberation: Deliberation


@dataclass(frozen=True)
class StatementCard:
    """The chosen statement, to be rated.

    predicted_agreement: mean expected rating (1..7); None when everybody has asked to be forgotten, nobody's
        agreement was predicted, or the text is no statement that one could agree with as a whole.
    other_side: what those who are predicted to disagree would rather say; None unless they are many enough
        to hide in, and it is another statement (`other_side`).
    unpredicted, stood_in_for, tied: as in `engine.types.ModelsUsed` and `engine.types.Mediation`.
    """

    deliberation: Deliberation
    statement: str
    opinions: int
    predicted_agreement: float | None
    dissenters: int
    model_used: bool
    reading: PartialReading | None
    other_side: str | None = None
    unpredicted: str | None = None
    stood_in_for: str | None = None
    tied: int = 0

    @property
    def drafted(self) -> str:
        """From how many opinions, and chosen by what."""
        return texts.drafted_from(self.opinions, self.deliberation.terms.welfare.name, self.unpredicted)

    @property
    def prediction(self) -> str:
        """What is likely; empty where nothing was predicted."""
        return texts.likely_agreement(self.predicted_agreement, self.dissenters, self.opinions)

    @property
    def made(self) -> str:
        """What is unusual about how it came about; empty when nothing is."""
        return texts.how_it_was_drafted(
            self.model_used,
            self.reading,
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
    """For the channel, when some of those to be reminded cannot be written to; mentions nobody."""

    deliberation: Deliberation


@dataclass(frozen=True)
class ResultCard:
    """The statement with how members rated it."""

    deliberation: Deliberation
    statement: str
    tally: Tally


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
    """To one member who has not answered; platforms add a button that stops reminders (`SetReminders`)."""

    deliberation: Deliberation

    @property
    def text(self) -> str:
        """What it says."""
        return texts.reminder(self.deliberation)


@dataclass(frozen=True)
class UnclearNote:
    """To one member with several reactions of which nobody saw the last."""

    deliberation: Deliberation

    @property
    def text(self) -> str:
        """What it says."""
        return texts.unclear_reactions(self.deliberation)


# The address of a page that shows a deliberation's result, for messages; empty where there is no such page.
ResultLink = Callable[[Deliberation], str]


def no_page(deliberation: Deliberation) -> str:
    """A `ResultLink` for where no page can be reached."""
    return ""


# What is written to one person. Platforms add their own buttons; one that has none sends `text`.
Note = ReminderNote | UnclearNote

FEWEST_DISSENTERS = 2
DISSENTING_SHARE = 0.2


def statement_card(deliberation: Deliberation, mediation: Mediation) -> StatementCard:
    """The card of a mediation's chosen statement; without rewards once everybody asked to be forgotten."""
    rewards, statement = mediation.candidates[mediation.winner].rewards, mediation.statement
    return StatementCard(
        deliberation=deliberation,
        statement=statement,
        opinions=len(mediation.participants),
        predicted_agreement=sum(rewards) / len(rewards) if rewards and is_common(statement) else None,
        dissenters=mediation.dissenters(),
        model_used=mediation.model_used,
        reading=mediation.reading,
        other_side=other_side(mediation),
        unpredicted=mediation.models.unpredicted,
        stood_in_for=mediation.stood_in_for,
        tied=mediation.tied,
    )


def other_side(mediation: Mediation) -> str | None:
    """The candidate that those predicted to disagree would agree with most, on average over them.

    None when it would give somebody away: when they are fewer than two or than a fifth, when the whole group
    is small, when somebody was forgotten, or when drafts are members' own words (no model was used).
    None too when even they would agree with nothing more than with the statement.
    """
    chosen = mediation.candidates[mediation.winner]
    dissenters = [index for index, reward in enumerate(chosen.rewards) if reward < MIDPOINT]
    if mediation.forgotten or not mediation.model_used or not _enough(len(dissenters), len(chosen.rewards)):
        return None
    preferred = max(mediation.candidates, key=lambda candidate: _mean_over(dissenters, candidate))
    if preferred is chosen or _mean_over(dissenters, preferred) <= _mean_over(dissenters, chosen):
        return None
    return preferred.text


def _enough(dissenters: int, opinions: int) -> bool:
    enough = max(FEWEST_DISSENTERS, DISSENTING_SHARE * opinions)
    return opinions >= texts.FEWEST_COUNTED and dissenters >= enough


def _mean_over(people: list[int], candidate: Candidate) -> float:
    return sum(candidate.rewards[index] for index in people) / len(people)
