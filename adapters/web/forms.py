"""Forms in the browser: what they begin with, and from what was typed to what a command needs.

Reads:  the team's settings; the fields as text, and the time now.
Gives:  the fields' first values; a value, or a sentence for each field that cannot be used, where what was
typed is kept for the next try. What other platforms ask for too is read by `bot.wording.forms`.
Local times come with the browser's offset from UTC in minutes (`NAME_offset`, as JavaScript counts it, west
is positive); without JavaScript the offset is 0, and the page says that times are UTC. The zone (`NAME_zone`)
comes with a time that somebody has typed, so that one which clocks skip there can be refused.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.chat import asking
from bot.domain.errors import QuestionError
from bot.domain.ratings import RatingBy
from bot.domain.team import Team, WhoMayAsk
from bot.service.ports import Ports
from bot.wording import forms, page_lines
from bot.wording.choices import OWN_SCALE
from bot.wording.deadlines import require_once
from bot.wording.fields import SEVERAL, SWITCHES, Field, Form, Kind, Part, shown_on
from bot.wording.forms import Answers, Asked
from engine.types import WelfareName

FURTHEST_OFFSET_MIN = 15 * 60
# What pages have no use for: deadlines come by the browser's own picker, there are private buttons only,
# visitors can be neither reminded nor told apart as guests.
NOT_HERE = frozenset(
    {"deadline", "deadline_at", "channel", "rating_by", "results_shown", "reminders", "exclude_guests"}
)
NOT_DRAWN = frozenset({*SEVERAL, Kind.PERSON, Kind.MOMENT, Kind.CHANNEL, Kind.TIME_OF_DAY})
# What a page calls times that other platforms ask for under another name.
TIMES_HERE = {"deadline": "closes_at"}
# Listed people cannot be picked on a page.
NOT_OFFERED = frozenset({str(WhoMayAsk.LISTED)})


def shown_fields(form: Form, *parts: Part | None) -> list[Field]:
    """The fields of a form that a page shows, of these parts or all of them."""
    return [
        each
        for each in shown_on(form)
        if each.name not in NOT_HERE and each.kind not in NOT_DRAWN and (not parts or each.part in parts)
    ]


def boxes(form: Form) -> set[str]:
    """The names of those that are ticked or not."""
    return {each.name for each in shown_fields(form) if each.kind is Kind.YES_NO}


def offered(each: Field, team: Team) -> dict[str, tuple[str, str]]:
    """What can be chosen on a page."""
    return {value: told for value, told in each.offers(team).items() if value not in NOT_OFFERED}


# -- asking --------------------------------------------------------------------------------------


def question_start(team: Team, now: datetime) -> dict[str, str]:
    """What the form for a question begins with: what is usual in this team."""
    usual = team.defaults
    closes_at = (
        "" if usual.closes_after is None else f"{(now + usual.closes_after).astimezone(UTC):%Y-%m-%dT%H:%M}"
    )
    return {**_start(Form.ASK, team), "closes_at": closes_at}


def _start(form: Form, team: Team) -> dict[str, str]:
    """What stands in a form's fields at first; a box that is not ticked sends nothing."""
    begun = {each.name: each.begins(team) for each in shown_fields(form)}
    ticked = {
        each.name: "yes" for each in shown_fields(form) if each.kind is Kind.YES_NO and each.present(team)
    }
    return {name: text for name, text in begun.items() if name not in boxes(form)} | ticked


def extra_is_used(typed: Mapping[str, str], team: Team) -> bool:
    """Whether something that is folded away differs from what is usual, or is about to be used."""
    begun = _start(Form.ASK, team)
    folded = [each.name for each in shown_fields(Form.ASK) if each.extra]
    needs_more = {OWN_SCALE, str(WelfareName.ISOELASTIC)} & {typed.get("scale"), typed.get("welfare")}
    return bool(needs_more) or any(typed.get(name, "") != begun.get(name, "") for name in folded)


async def question_form(
    typed: Mapping[str, str], team: Team, ports: Ports
) -> tuple[Asked | None, dict[str, str]]:
    """The question and its terms, or an error for each field that cannot be used."""
    answers = Answers(typed)
    # Pages have buttons only.
    read = {**typed, "rating_by": str(RatingBy.BUTTONS), "deadline": ""}
    read |= {"opens_at": _picked(answers, "opens_at"), "deadline_at": _picked(answers, "closes_at")}
    asked, errors = await asking.read(read, _closed_by_hand(team), ports, "UTC")
    told = {TIMES_HERE.get(name, name): sentence for name, sentence in errors.items()}
    if asked is None or answers.errors:
        return None, {**told, **answers.errors}
    # Visitors leave no address: nobody could be reminded.
    return replace(asked, terms=asked.terms.model_copy(update={"reminder_before": None})), {}


def _closed_by_hand(team: Team) -> Team:
    """The team without its usual deadline: the form began with that, so whoever emptied it wants none."""
    return team.model_copy(update={"defaults": team.defaults.model_copy(update={"closes_after": None})})


def deadline_form(typed: Mapping[str, str]) -> dict[str, str]:
    """A new deadline, as `bot.chat.steering` takes it. Raises QuestionError where none was chosen."""
    answers = Answers(typed)
    picked = _picked(answers, "closes_at")
    if not picked:
        raise QuestionError(answers.errors.get("closes_at", page_lines.CHOOSE_DEADLINE))
    return {"deadline_at": picked}


# -- the team ------------------------------------------------------------------------------------


def team_start(team: Team) -> dict[str, str]:
    """What the form for a team's settings begins with."""
    return {**_start(Form.SETTINGS, team), "version": str(team.version)}


def team_form(typed: Mapping[str, str], team: Team) -> tuple[Team | None, dict[str, str]]:
    """The settings as they shall be, or an error for each field that cannot be used.

    Reminders and guests are not asked for here, where there are neither: they stay as they are.
    """
    switches = shown_on(Form.SETTINGS, Kind.YES_NO)
    asked = boxes(Form.SETTINGS)
    ticked = [s.name for s in switches if (s.name in typed if s.name in asked else s.present(team))]
    given = {**typed, SWITCHES: ",".join(ticked)}
    changed, errors = forms.settings_since(typed.get("version", ""), given, team)
    if changed is not None and any(each.of_groups for each in changed.attributes):
        return None, {"attributes": str(page_lines.NO_GROUPS)}
    return changed, errors


# -- fields --------------------------------------------------------------------------------------


def _picked(answers: Answers, name: str) -> str:
    """A local time with its offset, in seconds, as pickers elsewhere give it; empty where there is none."""
    offset, zone = (answers.typed.get(f"{name}_{part}", "") for part in ("offset", "zone"))
    at = answers.read(name, lambda text: _moment(text, offset, zone), None)
    return "" if at is None else str(max(0, int(at.timestamp())))


def _moment(text: str, offset: str, zone: str) -> datetime:
    try:
        local = datetime.fromisoformat(text)
        minutes = int(offset or "0")
        if local.tzinfo is not None or abs(minutes) > FURTHEST_OFFSET_MIN:
            raise ValueError
        if zone:
            require_once(local, zone)
        return local.replace(tzinfo=UTC) + timedelta(minutes=minutes)
    except (ValueError, OverflowError):
        raise QuestionError(page_lines.DATE_AND_TIME) from None
