"""From what was typed into a form to what a command needs.

Reads:  the fields as text, and the time now.
Gives:  a value, or a sentence for each field that cannot be used; what was typed is kept for the next try.
Local times come with the browser's offset from UTC in minutes (`NAME_offset`, as JavaScript counts it, west
is positive); without JavaScript the offset is 0, and the page says that times are UTC.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from bot.domain.deliberation import checked_context, checked_position, checked_question
from bot.domain.ratings import RatingBy, Scale
from bot.domain.team import Team, WhoMayAsk
from bot.domain.terms import ResultsShown, Terms
from bot.errors import QuestionError
from bot.reading import alpha, choice, member, one_of, optional, welfare, whole
from engine.types import WelfareFunction, WelfareName

T = TypeVar("T")

FURTHEST_OFFSET_MIN = 15 * 60

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


@dataclass
class Answers:
    """Reads fields one by one and collects what is wrong with them."""

    typed: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def read(self, name: str, parse: Callable[[str], T], default: T) -> T:
        """The field's value; `default`, with an error kept, when it cannot be used."""
        try:
            return parse(self.typed.get(name, "").strip())
        except QuestionError as exc:
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
    minimum = answers.read("minimum_opinions", whole(2, 10_000, "a number of opinions"), 2)
    quorum = answers.read("quorum", optional(whole(2, 100_000, "a number of opinions")), None)
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
        "candidates": answers.read("candidates", whole(2, 64, "a number of candidates"), 16),
        "rating_period": timedelta(hours=answers.read("rating_hours", choice(RATING_HOURS), 24)),
        # Visitors leave no address: nobody could be reminded.
        "reminder_before": None,
        "welfare": _welfare(answers),
        "position_statement": answers.read("position_statement", checked_position, None),
        "ask_quality": "ask_quality" in answers.typed,
    }
    return None if answers.errors else Terms(**terms)


def _welfare(answers: Answers) -> WelfareFunction:
    name = answers.read("welfare", member(WelfareName), WelfareName.UTILITARIAN)
    aversion = answers.read("alpha", alpha, 1.0) if name is WelfareName.ISOELASTIC else 1.0
    return welfare(name, aversion)


def team_form(typed: Mapping[str, str], team: Team) -> tuple[Team | None, dict[str, str]]:
    """The team's settings as they shall be, or an error for each field that cannot be used."""
    answers = Answers(typed)
    retention = answers.read("retention_days", whole(1, 3650, "a number of days"), team.retention_days)
    who = answers.read("who_may_ask", member(WhoMayAsk), team.who_may_ask)
    # The version is the one that the form was drawn from: if somebody saved since, it is refused.
    version = answers.read("version", optional(whole(0, 999_999_999)), None)
    if answers.errors:
        return None, answers.errors
    changed = {
        "retention_days": retention,
        "who_may_ask": who,
        "keep_feedback": "keep_feedback" in typed,
        "version": team.version if version is None else version,
    }
    return team.model_copy(update=changed), {}


def deadline_form(typed: Mapping[str, str]) -> datetime:
    """A new deadline. Raises QuestionError: whether it is a good one, the deliberation decides."""
    answers = Answers(typed)
    at = answers.time("closes_at")
    if at is None:
        raise QuestionError(answers.errors.get("closes_at", "Choose the new deadline."))
    return at


# -- fields --------------------------------------------------------------------------------------


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
        raise QuestionError("Give a date and a time, as 2026-12-24T18:00.") from None
