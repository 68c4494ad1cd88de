"""From what was typed into a window to what a command needs. Pure.

Reads:  the inputs as text, the team's defaults, the member's time zone and the time now.
Gives:  a value, or a sentence for each input that cannot be used, which platforms show beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Any, TypeVar

from bot import deadlines, reading
from bot.choices import AS_IT_IS, IDENTITY_CHOICES, OWN_SCALE, WHATEVER_FITS, beginning, hours_shown
from bot.domain.deliberation import checked_context, checked_position, checked_question
from bot.domain.library import Template, Weekly
from bot.domain.ratings import RatingBy, ResultsShown, Scale
from bot.domain.team import Defaults, Language, Team, WhoMayAsk
from bot.domain.terms import Terms
from bot.emoji import STANDARD_ONLY, EmojiHere, own_scale, scale_of, written
from bot.errors import DomainError, QuestionError
from bot.reading import member, one_of, whole
from engine.types import WelfareFunction, WelfareName

T = TypeVar("T")

MOST_OPINIONS = 10_000
MOST_QUORUM = 100_000
SWITCHES = ("exclude_guests", "reminders", "keep_feedback")


@dataclass
class Answers:
    """Reads inputs one by one and collects what is wrong with them."""

    typed: Mapping[str, str]
    errors: dict[str, str] = field(default_factory=dict)

    def read(self, name: str, parse: Callable[[str], T], default: T) -> T:
        """The input's value; `default` when it is empty and, with an error, when it is wrong."""
        text = self.typed.get(name, "").strip()
        if not text:
            return default
        return self.checked(name, lambda: parse(text), default)

    def checked(self, name: str, work: Callable[[], T], default: T) -> T:
        """What `work` gives, or `default` with its sentence kept."""
        try:
            return work()
        except DomainError as exc:
            self.errors[name] = str(exc)
            return default


@dataclass(frozen=True)
class Asked:
    """A question that can be posted."""

    question: str
    context: str
    terms: Terms
    closes_at: datetime | None


def asked(
    typed: Mapping[str, str], team: Team, now: datetime, zone: str, here: EmojiHere = STANDARD_ONLY
) -> tuple[Asked | None, dict[str, str]]:
    """The question and its terms, or a sentence for each input. `here`: the emoji that a scale can have."""
    answers = Answers(typed)
    question = answers.checked("question", lambda: checked_question(typed.get("question", "")), "")
    background = answers.checked("context", lambda: checked_context(typed.get("context", "")), "")
    closes_at = answers.checked("deadline", lambda: deadline(typed, now, zone), None)
    if closes_at is None and team.defaults.closes_after is not None:
        closes_at = now + team.defaults.closes_after
    chosen = {
        **chosen_terms(answers, team, here),
        "position_statement": answers.read("position_statement", checked_position, None),
        "ask_quality": _ticked(typed, "ask_quality", "yes", False),
    }
    if answers.errors:
        return None, answers.errors
    return Asked(question, background, Terms.of(team, **chosen), closes_at), {}


def chosen_terms(answers: Answers, team: Team, here: EmojiHere = STANDARD_ONLY) -> dict[str, Any]:
    """The terms that were chosen; what was not offered stays with the team's defaults."""
    usual = team.defaults
    minimum = answers.read("minimum_opinions", whole(2, MOST_OPINIONS), usual.minimum_opinions)
    quorum = answers.read("quorum", whole(2, MOST_QUORUM), _usual_quorum(answers, team))
    if quorum is not None and quorum < minimum:
        answers.errors["quorum"] = (
            f"That is fewer than the {minimum} opinions needed. Choose at least {minimum}."
        )
    usually = "anonymous" if usual.anonymous else "named"
    anonymous = answers.read("identity", one_of(IDENTITY_CHOICES), usually) == "anonymous"
    by = answers.read("rating_by", _rating_by, usual.rating_by)
    if anonymous and answers.typed.get("rating_by") in (RatingBy.REACTIONS, RatingBy.POLL):
        answers.errors["rating_by"] = (
            "Reactions and polls show who chose what. Choose private buttons, or named opinions."
        )
    return {
        "minimum_opinions": minimum,
        "quorum": quorum,
        "anonymous": anonymous,
        "rating_by": by,
        **_scale(answers, usual, here),
        "welfare": _welfare(answers, usual.welfare),
        "results_shown": answers.read("results_shown", member(ResultsShown), usual.results_shown),
        "rating_period": answers.read(
            "rating_hours", lambda text: _period(text, usual.rating_period), usual.rating_period
        ),
    }


def _scale(answers: Answers, usual: Defaults, here: EmojiHere) -> dict[str, Any]:
    """The scale with its emoji: the usual ones, or the team's own, whose number says which scale it is."""
    kept = {"scale": usual.scale, "emoji": usual.emoji}
    if not answers.typed.get("scale"):
        return kept
    chosen = answers.read("scale", one_of([*Scale, OWN_SCALE]), OWN_SCALE)
    text = answers.typed.get("emoji", written(usual.emoji)).strip()
    if chosen == OWN_SCALE:
        own = answers.checked("emoji", lambda: own_scale(text, here), usual.emoji)
        return {"scale": scale_of(own), "emoji": own} if own else kept
    if text not in ("", written(usual.emoji)):
        answers.errors["emoji"] = "To use these, choose “Your own emoji” as the scale; else empty this."
    return {"scale": Scale(chosen), "emoji": ()}


def _usual_quorum(answers: Answers, team: Team) -> int | None:
    """The team's own, unless the input was offered and emptied."""
    return None if "quorum" in answers.typed else team.defaults.quorum


def deadline(typed: Mapping[str, str], now: datetime, zone: str) -> datetime | None:
    """What the words say, else what was picked, else None. Raises QuestionError."""
    words = typed.get("deadline", "").strip()
    if words:
        return deadlines.deadline(words, now, zone)
    picked = typed.get("deadline_at", "")
    if not picked.isdigit():
        return None
    at = datetime.fromtimestamp(int(picked), UTC)
    if at <= now:
        raise QuestionError("The deadline is in the past. Choose a later time.")
    return at


def team_settings(
    typed: Mapping[str, str], team: Team, room: int | None = None, here: EmojiHere = STANDARD_ONLY
) -> tuple[Team | None, dict[str, str]]:
    """The team's settings as they shall be, or a sentence for each input.

    A form may show a part of them only: what it does not show stays as it is. `room`: how many of several
    chosen ones its pickers begin with (`bot.choices.beginning`); None for all. `here`: the emoji that a scale
    can have on this platform.
    """
    answers = Answers(typed)
    usual = team.defaults
    chosen = chosen_terms(answers, team, here)
    if "closes_after" in typed:
        chosen["closes_after"] = answers.read(
            "closes_after", lambda text: _hours(text, usual.closes_after), None
        )
    defaults = usual.model_copy(update=chosen)
    changed = team.model_copy(
        update={
            "who_may_ask": answers.read("who_may_ask", member(WhoMayAsk), team.who_may_ask),
            "may_ask_users": _several(typed, "may_ask_users", team.may_ask_users, room),
            "may_ask_roles": _several(typed, "may_ask_roles", team.may_ask_roles, room),
            "admin_roles": _several(typed, "admin_roles", team.admin_roles, room),
            "excluded_roles": _several(typed, "excluded_roles", team.excluded_roles, room),
            "channels": _several(typed, "channels", team.channels, room),
            "retention_days": answers.read("retention_days", whole(1, 3_650), team.retention_days),
            "language": answers.read("language", member(Language), team.language),
            **{name: _ticked(typed, "switches", name, getattr(team, name)) for name in SWITCHES},
            "defaults": defaults,
        }
    )
    return (None, answers.errors) if answers.errors else (changed, {})


def template(typed: Mapping[str, str], team: Team) -> tuple[Template | None, dict[str, str]]:
    """A template with the team's usual terms, or a sentence for each input."""
    answers = Answers(typed)
    made = Template.model_construct(
        name=typed.get("name", ""),
        question=typed.get("question", ""),
        context=typed.get("context", ""),
        terms=Terms.of(team),
        closes_after=timedelta(hours=answers.read("closes_after", whole(1, 24 * 365), 24)),
    )
    checked = answers.checked("question", made.checked, None)
    return (None, answers.errors) if checked is None or answers.errors else (checked, {})


@dataclass(frozen=True)
class Planned:
    """When and what a schedule posts; `template` None takes the bank's questions."""

    template: str | None
    once: datetime | None
    weekly: Weekly | None
    closes_after: timedelta


def planned(
    typed: Mapping[str, str], offered: Sequence[str], zone: str
) -> tuple[Planned | None, dict[str, str]]:
    """A schedule, or a sentence for each input; `offered` are the templates' names in their order."""
    answers = Answers(typed)
    hours = answers.read("closes_after", whole(1, 24 * 365), 24)
    place = typed.get("what", "")
    name = offered[int(place)] if place.isdigit() and int(place) < len(offered) else None
    once = typed.get("once", "")
    weekday, at = typed.get("weekday", ""), typed.get("time", "")
    if not once.isdigit() and not (weekday and at):
        answers.errors["once"] = "Pick one time, or a weekday and a time of day."
    elif once.isdigit() and weekday:
        answers.errors["weekday"] = "Choose either one time or a weekday."
    if answers.errors:
        return None, answers.errors
    if once.isdigit():
        moment = datetime.fromtimestamp(int(once), UTC)
        return Planned(name, moment, None, timedelta(hours=hours)), {}
    weekly = Weekly(weekday=int(weekday), at=time.fromisoformat(at), zone=zone or "UTC")
    return Planned(name, None, weekly, timedelta(hours=hours)), {}


def _several(
    typed: Mapping[str, str], name: str, present: frozenset[str], room: int | None
) -> frozenset[str]:
    """Those that are chosen now, and those of the present ones that the picker had no room for."""
    if name not in typed:
        return present
    chosen = frozenset(part for part in typed[name].split(",") if part)
    return chosen | present.difference(beginning(present, room))


def _ticked(typed: Mapping[str, str], name: str, value: str, default: bool) -> bool:
    return value in typed[name].split(",") if name in typed else default


# -- fields --------------------------------------------------------------------------------------


def _rating_by(text: str) -> RatingBy | None:
    """None for whatever fits: `Terms` then goes by whether opinions are named."""
    return None if text == WHATEVER_FITS else member(RatingBy)(text)


def _welfare(answers: Answers, usual: WelfareFunction) -> WelfareFunction:
    name = answers.read("welfare", member(WelfareName), usual.name)
    same = name is usual.name is WelfareName.ISOELASTIC
    aversion = answers.read("alpha", reading.alpha, usual.alpha if same else 1.0)
    return reading.welfare(name, aversion)


def _period(text: str, present: timedelta) -> timedelta:
    """One of the offered periods, or the present one whatever it is."""
    return present if text == AS_IT_IS else timedelta(hours=whole(1, 24 * 60)(text))


def _hours(text: str, present: timedelta | None) -> timedelta:
    """Hours, also parts of them; what stood there stays to the second."""
    if present is not None and text == hours_shown(present):
        return present
    try:
        period = timedelta(hours=float(text.replace(",", ".")))
    except (ValueError, OverflowError):
        period = timedelta(0)
    if not timedelta(minutes=1) <= period <= timedelta(days=365):
        raise QuestionError("Give a number of hours, such as 24 or 0.5, up to 8,760.")
    return period
