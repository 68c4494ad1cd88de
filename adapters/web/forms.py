"""Forms in the browser: what they begin with, and from what was typed to what a command needs.

Reads:  the team's settings; the fields as text, and the time now.
Gives:  the fields' first values; a value, or a sentence for each field that cannot be used, where what was
typed is kept for the next try. What other platforms ask for too is read by `bot.wording.forms`.
Local times come with the browser's offset from UTC in minutes (`NAME_offset`, as JavaScript counts it, west
is positive); without JavaScript the offset is 0, and the page says that times are UTC.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bot.domain.deliberation import checked_deadline, checked_opening
from bot.domain.errors import QuestionError
from bot.domain.ratings import RatingBy
from bot.domain.team import Team, WhoMayAsk
from bot.wording import forms, page_lines
from bot.wording.choices import OWN_SCALE
from bot.wording.field_readers import whole
from bot.wording.fields import SEVERAL, SWITCHES, Field, Form, Kind, Part, shown_on
from bot.wording.forms import Answers, Asked
from engine.types import WelfareName

FURTHEST_OFFSET_MIN = 15 * 60
# What pages have no use for: deadlines come by the browser's own picker, there are buttons only, visitors can
# be neither reminded nor told apart as guests.
NOT_HERE = frozenset({"deadline", "deadline_at", "channel", "rating_by", "reminders", "exclude_guests"})
NOT_DRAWN = frozenset({*SEVERAL, Kind.MOMENT, Kind.CHANNEL, Kind.TIME_OF_DAY})
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


def question_form(typed: Mapping[str, str], team: Team, now: datetime) -> tuple[Asked | None, dict[str, str]]:
    """The question and its terms, or an error for each field that cannot be used."""
    answers = Answers(typed)
    opens_at, closes_at = _time(answers, "opens_at"), _time(answers, "closes_at")
    _check_times(answers, opens_at, closes_at, now)
    return forms.question(
        answers,
        team,
        closes_at=closes_at,
        opens_at=opens_at,
        # Pages have buttons only, and visitors leave no address: nobody could be reminded.
        rating_by=RatingBy.BUTTONS,
        reminder_before=None,
    )


def _check_times(
    answers: Answers, opens_at: datetime | None, closes_at: datetime | None, now: datetime
) -> None:
    answers.checked("opens_at", lambda: checked_opening(opens_at, now), None)
    if closes_at is not None:
        answers.checked("closes_at", lambda: checked_deadline(closes_at, opens_at, now), closes_at)


def deadline_form(typed: Mapping[str, str]) -> datetime:
    """A new deadline. Raises QuestionError: whether it is a good one, the deliberation decides."""
    answers = Answers(typed)
    at = _time(answers, "closes_at")
    if at is None:
        raise QuestionError(answers.errors.get("closes_at", page_lines.CHOOSE_DEADLINE))
    return at


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
    changed, errors = forms.team_settings({**typed, SWITCHES: ",".join(ticked)}, team)
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
        raise QuestionError(page_lines.DATE_AND_TIME) from None
