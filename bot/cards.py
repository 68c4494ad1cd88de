"""What a deliberation's message shows, as data: each platform renders the same card in its own way.

Reads:  the deliberation and, for a statement, its mediation and ratings.
Gives:  a frozen card to `ChatPlatform.post` and `update`.
Cards are for the whole channel: they never hold opinions.
"""

from dataclasses import dataclass

from bot.domain.deliberation import Deliberation
from bot.domain.ratings import Tally
from engine.types import MIDPOINT, Mediation, PartialReading


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

    predicted_agreement: mean expected rating (1..7); None when everybody has asked to be forgotten.
    """

    deliberation: Deliberation
    statement: str
    opinions: int
    predicted_agreement: float | None
    dissenters: int
    model_used: bool
    reading: PartialReading | None


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


Card = QuestionCard | ProgressCard | FailedCard | StatementCard | ResultCard | CancelledCard


def statement_card(deliberation: Deliberation, mediation: Mediation) -> StatementCard:
    """The card of a mediation's chosen statement; without rewards once everybody asked to be forgotten."""
    rewards = mediation.candidates[mediation.winner].rewards or (float(MIDPOINT),)
    return StatementCard(
        deliberation=deliberation,
        statement=mediation.statement,
        opinions=len(mediation.participants),
        predicted_agreement=sum(rewards) / len(rewards) if rewards else None,
        dissenters=mediation.dissenters(),
        model_used=mediation.model_used,
        reading=mediation.reading,
    )
