"""From what was typed into a window to what a command needs. Pure.

Reads:  the inputs as text, the team's defaults, the member's time zone and the time now.
Gives:  a value, or a sentence for each input that cannot be used, which platforms show beside it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from bot.domain.clean_text import is_blank
from bot.domain.decision import checked_decided, checked_how, checked_who, last_day
from bot.domain.deliberation import (
    TOO_FAR,
    Deliberation,
    checked_context,
    checked_deadline,
    checked_opening,
    checked_question,
)
from bot.domain.errors import DomainError, QuestionError
from bot.domain.library import Template, Weekly
from bot.domain.ratings import RatingBy, Scale
from bot.domain.team import Defaults, Team
from bot.domain.terms import Terms
from bot.wording import deadlines, decision_lines, field_readers, fields, jury_lines
from bot.wording.choices import OWN_SCALE, beginning, lasts
from bot.wording.emoji import STANDARD_ONLY, EmojiHere, own_scale, scale_of, written
from bot.wording.fields import SEVERAL, SWITCHES, Field, Form, Kind
from bot.wording.language import _, day, explained, number
from bot.wording.time_zones import zone_or_utc
from engine.types import WelfareFunction, WelfareName

T = TypeVar("T")


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
            self.errors[name] = explained(exc)
            return default


@dataclass(frozen=True)
class Asked:
    """A question that can be posted."""

    question: str
    context: str
    terms: Terms
    closes_at: datetime | None
    opens_at: datetime | None = None


def asked(
    typed: Mapping[str, str],
    team: Team,
    now: datetime,
    zone: str,
    here: EmojiHere = STANDARD_ONLY,
    locale: str = "",
) -> tuple[Asked | None, dict[str, str]]:
    """The question and its terms, or a sentence for each input. `here`: the emoji that a scale can have."""
    answers = Answers(typed)
    opens_at = answers.checked("opens_at", lambda: _opening(typed, now), None)
    closes_at = answers.checked("deadline", lambda: deadline(typed, now, zone, locale, opens_at), None)
    if closes_at is None and team.defaults.closes_after is not None:
        closes_at = (opens_at or now) + team.defaults.closes_after
    asks = answers.checked("question", lambda: checked_question(typed.get("question", "")), "")
    background = answers.checked("context", lambda: checked_context(typed.get("context", "")), "")
    chosen = chosen_terms(answers, team, Form.ASK, here)
    chosen["jury"] = answers.read("jury", lambda name: jury_lines.chosen(name, team.juries), None)
    if answers.errors:
        return None, answers.errors
    return Asked(asks, background, Terms.of(team, **chosen), closes_at, opens_at), {}


def deadline_hint(usual: Defaults, zone: str) -> str:
    """What is said under the input for a deadline."""
    zone = zone or "UTC"
    if usual.closes_after is None:
        return _("Leave empty to close the question yourself. Time zone: {zone}.").format(zone=zone)
    return _("Leave empty for {time} from now. Time zone: {zone}.").format(
        time=lasts(usual.closes_after), zone=zone
    )


def chosen_terms(answers: Answers, team: Team, form: Form, here: EmojiHere = STANDARD_ONLY) -> dict[str, Any]:
    """The terms that were chosen; what was not offered stays with the team's defaults."""
    chosen = {
        each.of.partition(".")[2]: _value(answers, each, team, form)
        for each in fields.shown_on(form)
        if each.of.startswith(("defaults.", "terms."))
    }
    _check_quorum(answers, chosen["quorum"], chosen["minimum_opinions"])
    _check_privacy(answers, anonymous=chosen["anonymous"])
    return {
        **chosen,
        **_scale(answers, team.defaults, here),
        "welfare": _welfare(answers, team.defaults.welfare),
    }


def _value(answers: Answers, field_: Field, team: Team, form: Form) -> Any:
    """What was typed; what is there where the input was not offered, or emptied and takes no emptiness."""
    present, name = field_.present(team), field_.name
    if field_.kind is Kind.YES_NO and form is Form.SETTINGS:
        return _ticked(answers.typed, SWITCHES, name, present)
    if field_.kind is Kind.YES_NO:
        return _ticked(answers.typed, name, "yes", present)
    emptied = field_.may_be_empty and name in answers.typed
    return answers.read(name, lambda text: field_.read(text, present), None if emptied else present)


def _check_quorum(answers: Answers, quorum: int | None, minimum: int) -> None:
    if quorum is not None and quorum < minimum:
        told = _("That is fewer than the {minimum} opinions needed. Choose at least {minimum}.")
        answers.errors["quorum"] = told.format(minimum=number(minimum))


def _check_privacy(answers: Answers, *, anonymous: bool) -> None:
    if anonymous and answers.typed.get("rating_by") in (RatingBy.REACTIONS, RatingBy.POLL):
        answers.errors["rating_by"] = _(
            "Reactions and polls show who chose what. Choose private buttons, or named opinions."
        )


def _scale(answers: Answers, usual: Defaults, here: EmojiHere) -> dict[str, Any]:
    """The scale with its emoji: the usual ones, or the team's own, whose number says which scale it is."""
    kept = {"scale": usual.scale, "emoji": usual.emoji}
    if not answers.typed.get("scale"):
        return kept
    chosen = answers.read("scale", field_readers.one_of([*Scale, OWN_SCALE]), OWN_SCALE)
    text = answers.typed.get("emoji", written(usual.emoji)).strip()
    if chosen == OWN_SCALE:
        own = answers.checked("emoji", lambda: own_scale(text, here), usual.emoji)
        return {"scale": scale_of(own), "emoji": own} if own else kept
    if text not in ("", written(usual.emoji)):
        answers.errors["emoji"] = _(
            "To use these, choose “Your own emoji” as the scale. If not, clear this field."
        )
    return {"scale": Scale(chosen), "emoji": ()}


def _opening(typed: Mapping[str, str], now: datetime) -> datetime | None:
    """When it opens, where that was picked and is yet to come. Raises QuestionError."""
    picked = typed.get("opens_at", "")
    return checked_opening(_picked(picked), now) if picked.isdigit() else None


def deadline(
    typed: Mapping[str, str], now: datetime, zone: str, locale: str = "", opens_at: datetime | None = None
) -> datetime | None:
    """What the words say, else what was picked, else None. Raises QuestionError."""
    words = typed.get("deadline", "").strip()
    if words:
        return deadlines.deadline(words, now, zone, locale)
    picked = typed.get("deadline_at", "")
    return checked_deadline(_picked(picked), opens_at, now) if picked.isdigit() else None


def _picked(seconds: str) -> datetime:
    """A time from a platform's own picker. Raises QuestionError."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        raise QuestionError(TOO_FAR) from None


def team_settings(
    typed: Mapping[str, str], team: Team, room: int | None = None, here: EmojiHere = STANDARD_ONLY
) -> tuple[Team | None, dict[str, str]]:
    """The team's settings as they shall be, or a sentence for each input.

    A form may show a part of them only: what it does not show stays as it is. `room`: how many of several
    chosen ones its pickers begin with (`bot.wording.choices.beginning`); None for all. `here`: the emoji that
    a scale can have on this platform.
    """
    answers = Answers(typed)
    changed = {
        each.of: _setting(answers, each, team, room)
        for each in fields.shown_on(Form.SETTINGS)
        if each.of and "." not in each.of
    }
    chosen = chosen_terms(answers, team, Form.SETTINGS, here)
    defaults = team.defaults.model_copy(update=chosen)
    if not answers.errors:
        changed["juries"] = answers.checked(
            "juries",
            lambda: jury_lines.with_known_seats(changed["juries"], changed["attributes"]),
            team.juries,
        )
    if answers.errors:
        return None, answers.errors
    return team.model_copy(update={**changed, "defaults": defaults}), {}


def settings_since(
    version: str,
    typed: Mapping[str, str],
    team: Team,
    room: int | None = None,
    here: EmojiHere = STANDARD_ONLY,
) -> tuple[Team | None, dict[str, str]]:
    """The same from a form that was drawn from this version of the settings.

    If somebody has saved since, they will be refused. A form that says no version was drawn from the first.
    """
    drawn = Answers({"version": version})
    drawn_from = drawn.read("version", field_readers.whole(0, 999_999_999), 0)
    changed, errors = team_settings(typed, team, room, here)
    if changed is None or drawn.errors:
        return None, {**errors, **drawn.errors}
    return changed.model_copy(update={"version": drawn_from}), {}


def _setting(answers: Answers, field_: Field, team: Team, room: int | None) -> Any:
    if field_.kind in SEVERAL:
        return _several(answers.typed, field_.name, field_.present(team), room)
    present = field_.present(team)
    value = _value(answers, field_, team, Form.SETTINGS)
    # Of several there are none left.
    return () if value is None and isinstance(present, tuple) else value


def template(typed: Mapping[str, str], team: Team) -> tuple[Template | None, dict[str, str]]:
    """A template with the team's usual terms, or a sentence for each input."""
    answers = Answers(typed)
    made = Template.model_construct(
        name=typed.get("name", ""),
        question=typed.get("question", ""),
        context=typed.get("context", ""),
        terms=Terms.of(team),
        closes_after=_open_for(Form.TEMPLATE, answers) or Template.model_fields["closes_after"].default,
    )
    checked = answers.checked("question", made.checked, None)
    return (None, answers.errors) if checked is None or answers.errors else (checked, {})


@dataclass(frozen=True)
class Planned:
    """When and what a schedule posts; `template` None takes the bank's questions.

    closes_after: None where the template says it, or nobody does.
    """

    template: str | None
    once: datetime | None
    weekly: Weekly | None
    closes_after: timedelta | None


def planned(
    typed: Mapping[str, str], offered: Sequence[str], zone: str
) -> tuple[Planned | None, dict[str, str]]:
    """A schedule, or a sentence for each input; `offered` are the templates' names in their order."""
    answers = Answers(typed)
    open_for = _open_for(Form.SCHEDULE, answers)
    name = {str(place): each for place, each in enumerate(offered)}.get(typed.get("what", ""))
    once = typed.get("once", "")
    weekday, at = _DAYS.get(typed.get("weekday", "")), _time_of_day(typed.get("time", ""))
    if not once.isdigit() and (weekday is None or at is None):
        answers.errors["once"] = _("Pick one time, or a weekday and a time of day.")
    elif once.isdigit() and typed.get("weekday"):
        answers.errors["weekday"] = _("Choose either one time or a weekday.")
    if answers.errors:
        return None, answers.errors
    if weekday is not None and at is not None:
        weekly = Weekly(weekday=weekday, at=at, zone=zone_or_utc(zone).key)
        return Planned(name, None, weekly, open_for), {}
    moment = answers.checked("once", lambda: _picked(once), None)
    return (None, answers.errors) if moment is None else (Planned(name, moment, None, open_for), {})


_DAYS = {str(weekday): weekday for weekday in range(7)}


def _time_of_day(text: str) -> time | None:
    """As a picker gives it; None for anything else."""
    try:
        return time.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return None


@dataclass(frozen=True)
class Decided:
    """What was decided, as it was typed, or that nothing was."""

    decided: str = ""
    nothing: bool = False
    who: str = ""
    member: str = ""
    by: date | None = None
    how_it_went: str = ""


def outcome_start(d: Deliberation) -> dict[str, str]:
    """What the form for what was decided begins with: what is kept of it."""
    kept = d.decision
    if kept is None:
        return {}
    begun = {
        "decided": kept.decided,
        "who": kept.who,
        "member": kept.member,
        "by": kept.by.isoformat() if kept.by else "",
        "nothing": "yes" if kept.nothing else "",
        "how_it_went": kept.how_it_went or "",
    }
    return {name: text for name, text in begun.items() if text}


def outcome_fields(d: Deliberation) -> list[Field]:
    """The fields of that form: how it went is asked once something is there that can have gone well."""
    done = d.decision is not None and not d.decision.nothing
    return [each for each in fields.shown_on(Form.OUTCOME) if done or each.name != "how_it_went"]


def outcome(
    typed: Mapping[str, str], d: Deliberation, now: datetime, zone: str, locale: str = ""
) -> tuple[Decided | None, dict[str, str]]:
    """What was decided, or a sentence for each input; what is not shown stays as it is."""
    answers, start = Answers(typed), outcome_start(d)
    said = {name: typed.get(name, start.get(name, "")).strip() for name in ("who", "member", "how_it_went")}
    by = answers.checked(
        "by", lambda: _day(typed.get("by", ""), start.get("by", ""), d, now, zone, locale), None
    )
    who = answers.checked("who", lambda: checked_who(said["who"]), "")
    how = answers.checked("how_it_went", lambda: checked_how(said["how_it_went"]), None)
    text, nothing = typed.get("decided", ""), "yes" in typed.get("nothing", "").split(",")
    if nothing and not is_blank(text) and text.strip() != start.get("decided"):
        answers.errors["decided"] = str(decision_lines.EITHER_OR)
    if nothing:
        return (None, answers.errors) if "decided" in answers.errors else (Decided(nothing=True), {})
    decided = answers.checked("decided", lambda: checked_decided(text), "")
    if answers.errors:
        return None, answers.errors
    return Decided(decided, who=who, member=said["member"], by=by, how_it_went=how or ""), {}


def _day(words: str, before: str, d: Deliberation, now: datetime, zone: str, locale: str) -> date | None:
    """The day that somebody means, where they are; the one that stood there may be over by now."""
    words = words.strip()
    if not words or words == before:
        return date.fromisoformat(before) if words else None
    meant, there, deleted_at = deadlines.day(words, now, zone, locale), zone_or_utc(zone), d.deleted_at()
    if deleted_at is None:
        return meant
    last = max(last_day(deleted_at, there), now.astimezone(there).date())
    if meant > last:
        raise QuestionError(
            "This question is deleted by then, so nobody could be asked. The last day possible is {day}.",
            day=day(last),
        )
    return meant


def _open_for(form: Form, answers: Answers) -> timedelta | None:
    asked = fields.field(form, "closes_after")
    hours: int | None = answers.read(asked.name, lambda text: asked.read(text, None), None)
    return None if hours is None else timedelta(hours=hours)


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


def _welfare(answers: Answers, usual: WelfareFunction) -> WelfareFunction:
    name = answers.read("welfare", field_readers.member(WelfareName), usual.name)
    same = name is usual.name is WelfareName.ISOELASTIC
    aversion = answers.read("alpha", field_readers.alpha, usual.alpha if same else 1.0)
    return field_readers.welfare(name, aversion)
