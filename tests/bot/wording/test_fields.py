"""The list of fields: each is read into its place, and a form that is sent as it began changes nothing."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from operator import attrgetter

import pytest

from bot.domain.juries import MemberAttribute, SeatedJury
from bot.domain.ratings import RatingBy, ResultsShown, Scale
from bot.domain.team import Defaults, Team, WhoMayAsk
from bot.wording import field_readers, fields, forms
from bot.wording.fields import SEVERAL, SWITCHES, Field, Form, Kind
from engine.types import WelfareFunction, WelfareName

ABOUT = MemberAttribute(label="Team", values=("support", "sales"))
JURY = SeatedJury(name="All alike", attribute="Team", seats={"support": 4, "sales": 4}, with_replacement=True)
TEAM = Team(id="T1", attributes=(ABOUT,))
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
# For each setting something else than what is usual, as it is typed, and the value that it becomes.
CHANGED = {
    "who_may_ask": ("admins", WhoMayAsk.ADMINS),
    "may_ask_users": ("U1,U2", frozenset({"U1", "U2"})),
    "may_ask_roles": ("R1", frozenset({"R1"})),
    "admin_roles": ("R2", frozenset({"R2"})),
    "channels": ("C1", frozenset({"C1"})),
    "closes_after": ("0.5", timedelta(minutes=30)),
    "identity": ("named", False),
    "quorum": ("9", 9),
    "minimum_opinions": ("5", 5),
    "retry_hours": ("0", timedelta(0)),
    "revise_below": ("60", 60),
    "most_rounds": ("3", 3),
    "points": ("points", True),
    "rating_by": ("buttons", RatingBy.BUTTONS),
    "rating_hours": ("72", timedelta(days=3)),
    "results_shown": ("always", ResultsShown.ALWAYS),
    "excluded_roles": ("R3", frozenset({"R3"})),
    "retention_days": ("30", 30),
    "fewest_ratings": ("10", 10),
    "reminders": ("", False),
    "exclude_guests": ("exclude_guests", True),
    "keep_feedback": ("keep_feedback", True),
    "language": ("de", "de"),
    "attributes": (
        " Team : support,sales, support\n\nGroup: @crew, @Night shift",
        (ABOUT, MemberAttribute(label="Group", values=("@crew", "@Night shift"))),
    ),
    "juries": ("All alike = team: Support 4, SALES 4; repeat", (JURY,)),
}
# The same for what is asked of one question alone.
ASKED = {
    "position_statement": ("Ban them.", "Ban them."),
    "ask_quality": ("yes", True),
    "candidates": ("8", 8),
    "jury": ("all ALIKE", JURY),
}
ODD = Team(
    id="T1",
    who_may_ask=WhoMayAsk.LISTED,
    may_ask_users=frozenset({"U1"}),
    exclude_guests=True,
    reminders=False,
    attributes=(ABOUT,),
    juries=(JURY,),
    defaults=Defaults(
        closes_after=None,
        retry_for=timedelta(seconds=100),
        quorum=100_000,
        minimum_opinions=10_000,
        anonymous=False,
        rating_by=RatingBy.REACTIONS,
        rating_period=timedelta(seconds=90),
        scale=Scale.THREE,
        welfare=WelfareFunction(name=WelfareName.ISOELASTIC, alpha=2.5),
        results_shown=ResultsShown.ALWAYS,
    ),
)


def kept(form: Form) -> list[Field]:
    """The fields of a form whose value has a place of its own."""
    return [each for each in fields.shown_on(form) if each.of]


def typed_at_first(team: Team) -> dict[str, str]:
    """What a form with every field sends when nothing was changed in it."""
    boxes = fields.shown_on(Form.SETTINGS, Kind.YES_NO)
    typed = {
        each.name: ",".join(each.present(team)) if each.kind in SEVERAL else each.begins(team)
        for each in fields.shown_on(Form.SETTINGS)
        if each not in boxes
    }
    return {**typed, SWITCHES: ",".join(each.name for each in boxes if each.present(team))}


def test_every_setting_is_tried_here() -> None:
    assert {each.name for each in kept(Form.SETTINGS)} == set(CHANGED)
    assert {each.name for each in kept(Form.ASK)} <= set(CHANGED) | set(ASKED)


@pytest.mark.parametrize("each", kept(Form.SETTINGS), ids=lambda each: each.name)
def test_a_setting_is_read_into_its_place_and_nothing_else_changes(each: Field) -> None:
    text, value = CHANGED[each.name]
    name = SWITCHES if each.kind is Kind.YES_NO else each.name
    before = TEAM.model_copy(update={"reminders": each.name == "reminders"})
    changed, errors = forms.team_settings({name: text}, before)
    assert not errors
    assert changed is not None
    assert attrgetter(each.of)(changed) == value
    others = {other.of for other in kept(Form.SETTINGS)} - {each.of}
    assert all(attrgetter(of)(changed) == attrgetter(of)(before) for of in others)


@pytest.mark.parametrize("each", kept(Form.ASK), ids=lambda each: each.name)
def test_what_is_asked_with_a_question_is_read_into_its_terms(each: Field) -> None:
    text, value = {**CHANGED, **ASKED}[each.name]
    text = "yes" if each.kind is Kind.YES_NO else text  # there each has a box of its own
    # An anonymous question is rated in private, and its ratings are shown at the end, whatever is chosen.
    named = {} if each.name == "identity" else {"identity": "named"}
    typed = {"question": "Why?", **named, each.name: text}
    team = TEAM.model_copy(update={"juries": (JURY,)})
    asked, errors = forms.asked(typed, team, NOON, "UTC")
    assert not errors
    assert asked is not None
    assert getattr(asked.terms, each.of.partition(".")[2] or each.name) == value
    assert asked.terms.attributes == (ABOUT,)


@pytest.mark.parametrize("team", [TEAM, ODD], ids=["usual", "odd"])
def test_a_form_that_is_sent_as_it_began_changes_nothing(team: Team) -> None:
    assert forms.team_settings(typed_at_first(team), team) == (team, {})


@pytest.mark.parametrize(("version", "drawn_from"), [("3", 3), ("0", 0), ("", 0), ("x", None), ("²", None)])
def test_settings_say_which_ones_they_were_drawn_from(version: str, drawn_from: int | None) -> None:
    present = TEAM.model_copy(update={"version": 9})
    changed, errors = forms.settings_since(version, {"retention_days": "30"}, present)
    assert (changed and (changed.version, changed.retention_days)) == (
        None if drawn_from is None else (drawn_from, 30)
    )
    assert list(errors) == (["version"] if drawn_from is None else [])


@pytest.mark.parametrize(
    "each", [each for each in kept(Form.SETTINGS) if each.kind is Kind.NUMBER], ids=lambda each: each.name
)
def test_a_number_keeps_its_limits(each: Field) -> None:
    for wrong in (str(each.lowest - 1), str(each.highest + 1), "many"):
        assert each.name in forms.team_settings({each.name: wrong}, TEAM)[1]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *(("closes_after", wrong) for wrong in ("0", "8761", "soon", "nan", "inf")),
        *(("retry_hours", wrong) for wrong in ("-1", "169", "soon", "nan", "inf")),
    ],
)
def test_hours_keep_their_limits(name: str, wrong: str) -> None:
    told = forms.team_settings({name: wrong}, TEAM)[1][name]
    assert told.startswith("Enter a number of hours")


def test_an_emptied_field_means_none_only_where_that_is_possible() -> None:
    team = TEAM.model_copy(update={"defaults": Defaults(quorum=9, minimum_opinions=5)})
    emptied = dict.fromkeys(("quorum", "closes_after", "minimum_opinions"), "")
    changed, _ = forms.team_settings(emptied, team)
    assert changed is not None
    usual = changed.defaults
    assert (usual.quorum, usual.closes_after, usual.minimum_opinions) == (None, None, 5)


@pytest.mark.parametrize("form", Form)
def test_no_two_fields_of_a_form_share_a_name(form: Form) -> None:
    names = Counter(each.name for each in fields.shown_on(form))
    options = Counter(each.option for each in fields.shown_on(form) if each.option)
    assert max([*names.values(), *options.values()]) == 1


def test_sentences_that_stand_apart_from_their_fields_name_them() -> None:
    told = fields.labelled(Form.ASK, {"quorum": "Give a number.", "nowhere": "Wrong."})
    assert told == ["Close early after this many answers: Give a number.", "Wrong."]


@pytest.mark.parametrize("typed", ["2.5", "2,5"])
def test_a_fraction_may_be_written_with_a_comma(typed: str) -> None:
    assert field_readers.alpha(typed) == 2.5


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("attributes", "Team", "Write each line like"),
        ("attributes", "Team: support", "Write each line like"),
        ("attributes", "Team: support, Support", "Write each line like"),
        ("attributes", "Team: a, b\nteam: c, d", "start with the same name"),
        ("attributes", "Team: a, @b", "either groups"),
        ("attributes", "A: x, y\nB: x, y\nC: x, y\nD: x, y", "Use 3 questions"),
        ("juries", "Alike: Team: support 4", "Write each line like"),
        ("juries", "Alike = Team: support", "Write each line like"),
        ("juries", "Alike = Team: support 0", "1 to 100 seats"),
        ("juries", "Alike = Office: support 4", "not one of the questions"),
        ("juries", "Alike = Team: support 4, legal 4", "“legal”"),
        ("juries", "Alike = Team: support 4; again", "Write each line like"),
    ],
)
def test_a_line_that_cannot_be_used_is_refused_where_it_was_typed(name: str, text: str, told: str) -> None:
    changed, errors = forms.team_settings({name: text}, TEAM)
    assert changed is None
    assert told in errors[name]


def test_a_jury_that_is_not_there_is_refused_with_those_there_are() -> None:
    team = TEAM.model_copy(update={"juries": (JURY,)})
    asked, errors = forms.asked({"question": "Why?", "jury": "Mine"}, team, NOON, "UTC")
    assert asked is None
    assert "All alike" in errors["jury"]
