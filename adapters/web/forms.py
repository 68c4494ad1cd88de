"""Forms in the browser: what they begin with, and from what was typed to what a command needs.

Reads:  the team's settings; the fields as text, and the time now.
Gives:  the fields' first values; a value, or a sentence for each field that cannot be used, where what was
typed is kept for the next try. What other platforms ask for too is read by `bot.forms`.
Local times come with the browser's offset from UTC in minutes (`NAME_offset`, as JavaScript counts it, west
is positive); without JavaScript the offset is 0, and the page says that times are UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot import forms
from bot.choices import ALPHA_CHOICE, AS_IT_IS, HOURS, WELFARE_CHOICES, hours_shown, lasts
from bot.domain.deliberation import checked_context, checked_position, checked_question
from bot.domain.ratings import RatingBy
from bot.domain.team import Defaults, Team
from bot.domain.terms import Terms
from bot.errors import QuestionError
from bot.forms import Answers, chosen_terms
from bot.reading import whole
from engine.types import WelfareName

FURTHEST_OFFSET_MIN = 15 * 60
USUAL_CANDIDATES = 16

WELFARE = {**WELFARE_CHOICES, **ALPHA_CHOICE}


def rating_periods(defaults: Defaults) -> list[tuple[str, str]]:
    """How long the vote can be open; another period than the usual ones can stay, and is the last choice."""
    periods = [(str(hours), words) for hours, words in HOURS.items()]
    if _period_chosen(defaults) == AS_IT_IS:
        periods.append((AS_IT_IS, f"{lasts(defaults.rating_period)}, as it is now"))
    return periods


def _period_chosen(defaults: Defaults) -> str:
    usual = {timedelta(hours=hours): str(hours) for hours in HOURS}
    return usual.get(defaults.rating_period, AS_IT_IS)


# -- asking --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AskedQuestion:
    """A question form that can be used."""

    question: str
    context: str
    terms: Terms
    opens_at: datetime | None
    closes_at: datetime | None


def question_start(team: Team, now: datetime) -> dict[str, str]:
    """What the form for a question begins with: what is usual in this team."""
    usual = team.defaults
    closes_at = (
        "" if usual.closes_after is None else f"{(now + usual.closes_after).astimezone(UTC):%Y-%m-%dT%H:%M}"
    )
    return {**_terms_start(usual), "closes_at": closes_at, "candidates": str(USUAL_CANDIDATES)}


def _terms_start(usual: Defaults) -> dict[str, str]:
    by_alpha = usual.welfare.name is WelfareName.ISOELASTIC
    return {
        "minimum_opinions": str(usual.minimum_opinions),
        "quorum": "" if usual.quorum is None else str(usual.quorum),
        "identity": "anonymous" if usual.anonymous else "named",
        "scale": str(usual.scale),
        "results_shown": str(usual.results_shown),
        "rating_hours": _period_chosen(usual),
        "welfare": str(usual.welfare.name),
        "alpha": f"{usual.welfare.alpha if by_alpha else 1.0:.10g}",
    }


def question_form(
    typed: Mapping[str, str], team: Team, now: datetime
) -> tuple[AskedQuestion | None, dict[str, str]]:
    """The question and its terms, or an error for each field that cannot be used."""
    answers = Answers(typed)
    question = answers.checked("question", lambda: checked_question(typed.get("question", "")), "")
    context = answers.checked("context", lambda: checked_context(typed.get("context", "")), "")
    opens_at, closes_at = _time(answers, "opens_at"), _time(answers, "closes_at")
    _check_times(answers, opens_at, closes_at, now)
    chosen = {
        **chosen_terms(answers, team),
        # Pages have buttons only.
        "rating_by": RatingBy.BUTTONS,
        "candidates": answers.read("candidates", whole(2, 64, "a number of candidates"), USUAL_CANDIDATES),
        # Visitors leave no address: nobody could be reminded.
        "reminder_before": None,
        "position_statement": answers.read("position_statement", checked_position, None),
        "ask_quality": "ask_quality" in typed,
    }
    if answers.errors:
        return None, answers.errors
    return AskedQuestion(question, context, Terms.of(team, **chosen), opens_at, closes_at), {}


def _check_times(
    answers: Answers, opens_at: datetime | None, closes_at: datetime | None, now: datetime
) -> None:
    if closes_at is None:
        return
    if closes_at <= now:
        answers.errors["closes_at"] = "The deadline is in the past. Choose a later time."
    elif opens_at is not None and closes_at <= opens_at:
        answers.errors["closes_at"] = "The deadline is before the question opens. Choose a later time."


def deadline_form(typed: Mapping[str, str]) -> datetime:
    """A new deadline. Raises QuestionError: whether it is a good one, the deliberation decides."""
    answers = Answers(typed)
    at = _time(answers, "closes_at")
    if at is None:
        raise QuestionError(answers.errors.get("closes_at", "Choose the new deadline."))
    return at


# -- the team ------------------------------------------------------------------------------------


def team_start(team: Team) -> dict[str, str]:
    """What the form for a team's settings begins with."""
    kept = {"keep_feedback": "yes"} if team.keep_feedback else {}
    return {
        **_terms_start(team.defaults),
        **kept,
        "who_may_ask": str(team.who_may_ask),
        "retention_days": str(team.retention_days),
        "language": str(team.language),
        "closes_after": hours_shown(team.defaults.closes_after),
        "version": str(team.version),
    }


def team_form(typed: Mapping[str, str], team: Team) -> tuple[Team | None, dict[str, str]]:
    """The settings as they shall be, or an error for each field that cannot be used.

    Reminders and guests are not asked for here, where there are neither: they stay as they are.
    """
    switches = [name for name in ("reminders", "exclude_guests") if getattr(team, name)]
    ticked = [*switches, *(["keep_feedback"] if "keep_feedback" in typed else [])]
    changed, errors = forms.team_settings({**typed, "switches": ",".join(ticked)}, team)
    # The version is the one that the form was drawn from: if somebody saved since, it is refused.
    drawn = Answers(typed)
    version = drawn.read("version", whole(0, 999_999_999), team.version)
    if changed is None or drawn.errors:
        return None, {**errors, **drawn.errors}
    return changed.model_copy(update={"version": version}), {}


# -- fields --------------------------------------------------------------------------------------


def _time(answers: Answers, name: str) -> datetime | None:
    """A local time with its offset; None when the field is empty."""
    offset = answers.typed.get(f"{name}_offset", "")
    return answers.read(name, lambda text: _moment(text, offset), None)


def _moment(text: str, offset: str) -> datetime:
    try:
        local = datetime.fromisoformat(text)
        minutes = int(offset or "0")
        if local.tzinfo is not None or abs(minutes) > FURTHEST_OFFSET_MIN:
            raise ValueError
        return local.replace(tzinfo=UTC) + timedelta(minutes=minutes)
    except (ValueError, OverflowError):
        raise QuestionError("Give a date and a time, as 2026-12-24T18:00.") from None
