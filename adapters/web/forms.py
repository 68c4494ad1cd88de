"""From what was typed into a form to what a command needs.

Reads:  the fields as text, and the time now.
Gives:  a value, or a sentence for each field that cannot be used; what was typed is kept for the next try.
Local times come with the browser's offset from UTC in minutes (`NAME_offset`, as JavaScript counts it, west
is positive); without JavaScript the offset is 0, and the page says that times are UTC.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from bot.domain.deliberation import checked_context, checked_question
from bot.domain.ratings import RatingBy, Scale
from bot.domain.team import Team, WhoMayAsk
from bot.domain.terms import ResultsShown, Terms
from bot.errors import QuestionError
from engine.types import WelfareFunction, WelfareName

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

FURTHEST_OFFSET_MIN = 15 * 60
HIGHEST_ALPHA = 100.0

RATING_HOURS = {1: "1 hour", 4: "4 hours", 24: "1 day", 72: "3 days", 168: "1 week", 720: "30 days"}
WELFARE_CHOICES = {
    WelfareName.UTILITARIAN: ("Best on average", "The statement with the highest agreement on average."),
    WelfareName.BERNOULLI_NASH: (
        "Balanced",
        "Good on average and fair to everyone: low agreement of anyone weighs more.",
    ),
    WelfareName.RAWLSIAN: ("Nobody left behind", "The statement whose least convinced member agrees most."),
    WelfareName.ISOELASTIC: ("Set it yourself", "Anything between these, by a number under “Advanced”."),
}


class FieldError(Exception):
    """A sentence for the field."""


@dataclass
class Answers:
    """Reads fields one by one and collects what is wrong with them."""

    typed: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def read(self, name: str, parse: Callable[[str], T], default: T) -> T:
        """The field's value; `default`, with an error kept, when it cannot be used."""
        try:
            return parse(self.typed.get(name, "").strip())
        except (FieldError, QuestionError) as exc:
            self.errors[name] = str(exc)
            return default

    def time(self, name: str) -> datetime | None:
        """A local time with its offset; None when the field is empty."""
        return self.read(name, lambda text: _time(text, self.typed.get(f"{name}_offset", "")), None)


@dataclass(frozen=True)
class AskedQuestion:
    """A question form that can be used."""

    question: str
    context: str
    terms: Terms
    opens_at: datetime | None
    closes_at: datetime | None


def question_form(typed: Mapping[str, str], now: datetime) -> tuple[AskedQuestion | None, dict[str, str]]:
    """The question and its terms, or an error for each field that cannot be used."""
    answers = Answers(typed)
    question = answers.read("question", checked_question, "")
    context = answers.read("context", checked_context, "")
    opens_at, closes_at = answers.time("opens_at"), answers.time("closes_at")
    _check_times(answers, opens_at, closes_at, now)
    terms = _terms(answers)
    if answers.errors or terms is None:
        return None, answers.errors
    return AskedQuestion(question, context, terms, opens_at, closes_at), {}


def _check_times(
    answers: Answers, opens_at: datetime | None, closes_at: datetime | None, now: datetime
) -> None:
    if closes_at is None:
        return
    if closes_at <= now:
        answers.errors["closes_at"] = "The deadline is in the past. Choose a later time."
    elif opens_at is not None and closes_at <= opens_at:
        answers.errors["closes_at"] = "The deadline is before the question opens. Choose a later time."


def _terms(answers: Answers) -> Terms | None:
    minimum = answers.read("minimum_opinions", whole("a number of opinions", 2, 10_000), 2)
    quorum = answers.read("quorum", optional(whole("a number of opinions", 2, 100_000)), None)
    if quorum is not None and quorum < minimum:
        answers.errors["quorum"] = (
            f"That is fewer than the {minimum} opinions needed. Choose at least {minimum}."
        )
    terms: dict[str, Any] = {
        "minimum_opinions": minimum,
        "quorum": quorum,
        "anonymous": answers.read("identity", one_of({"anonymous", "named"}), "anonymous") == "anonymous",
        # Pages have buttons only.
        "rating_by": RatingBy.BUTTONS,
        "scale": answers.read("scale", member(Scale), Scale.SEVEN),
        "results_shown": answers.read("results_shown", member(ResultsShown), ResultsShown.AFTER_RATING),
        "candidates": answers.read("candidates", whole("a number of candidates", 2, 64), 16),
        "rating_period": timedelta(hours=answers.read("rating_hours", choice(RATING_HOURS), 24)),
        # Visitors leave no address: nobody could be reminded.
        "reminder_before": None,
        "welfare": _welfare(answers),
    }
    return None if answers.errors else Terms(**terms)


def _welfare(answers: Answers) -> WelfareFunction:
    name = answers.read("welfare", member(WelfareName), WelfareName.UTILITARIAN)
    if name is not WelfareName.ISOELASTIC:
        return WelfareFunction(name=name)
    return WelfareFunction(name=WelfareName.ISOELASTIC, alpha=answers.read("alpha", _alpha, 1.0))


def team_form(typed: Mapping[str, str], team: Team) -> tuple[Team | None, dict[str, str]]:
    """The team's settings as they shall be, or an error for each field that cannot be used."""
    answers = Answers(typed)
    retention = answers.read("retention_days", whole("a number of days", 1, 3650), team.retention_days)
    who = answers.read("who_may_ask", member(WhoMayAsk), team.who_may_ask)
    if answers.errors:
        return None, answers.errors
    return team.model_copy(update={"retention_days": retention, "who_may_ask": who}), {}


def deadline_form(typed: Mapping[str, str]) -> datetime:
    """A new deadline. Raises QuestionError: whether it is a good one, the deliberation decides."""
    answers = Answers(typed)
    at = answers.time("closes_at")
    if at is None:
        raise QuestionError(answers.errors.get("closes_at", "Choose the new deadline."))
    return at


# -- fields --------------------------------------------------------------------------------------


def whole(what: str, lowest: int, highest: int) -> Callable[[str], int]:
    """A whole number in a range."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10 and lowest <= int(text) <= highest):
            raise FieldError(f"Give {what} from {lowest} to {highest:,}.")
        return int(text)

    return parse


def optional(parse: Callable[[str], T]) -> Callable[[str], T | None]:
    """None for an empty field."""
    return lambda text: parse(text) if text else None


def one_of(values: set[str]) -> Callable[[str], str]:
    """One of the offered values."""

    def parse(text: str) -> str:
        if text not in values:
            raise FieldError("Choose one of these.")
        return text

    return parse


def member(kind: type[E]) -> Callable[[str], E]:
    """One of the offered words."""

    def parse(text: str) -> E:
        try:
            return kind(text)
        except ValueError:
            raise FieldError("Choose one of these.") from None

    return parse


def choice(offered: Mapping[int, str]) -> Callable[[str], int]:
    """One of the offered numbers."""

    def parse(text: str) -> int:
        return int(one_of({str(value) for value in offered})(text))

    return parse


def _alpha(text: str) -> float:
    try:
        alpha = float(text)
    except ValueError:
        alpha = math.nan
    if not 0 <= alpha <= HIGHEST_ALPHA:
        raise FieldError(f"Give a number from 0 to {HIGHEST_ALPHA:.0f}.")
    return alpha


def _time(text: str, offset: str) -> datetime | None:
    if not text:
        return None
    try:
        local = datetime.fromisoformat(text)
        minutes = int(offset or "0")
        if local.tzinfo is not None or abs(minutes) > FURTHEST_OFFSET_MIN:
            raise ValueError
        return local.replace(tzinfo=UTC) + timedelta(minutes=minutes)
    except (ValueError, OverflowError):
        raise FieldError("Give a date and a time, as 2026-12-24T18:00.") from None
