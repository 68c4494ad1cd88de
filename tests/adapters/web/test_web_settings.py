"""A team's settings in the browser, and what a new question begins with by them."""

import html
import re
from datetime import timedelta

import pytest

from adapters.web.forms import question_form, question_start, team_form, team_start
from bot.domain.ratings import RatingBy, Scale
from bot.domain.team import Defaults, Team, WhoMayAsk
from bot.domain.terms import Terms
from engine.types import WelfareFunction, WelfareName
from tests.web_house import NOON, House, Person

SETTINGS = {
    "who_may_ask": "admins",
    "retention_days": "30",
    "fewest_ratings": "4",
    "closes_after": "48",
    "retry_hours": "1.5",
    "minimum_opinions": "4",
    "quorum": "9",
    "identity": "named",
    "scale": "three",
    "revise_below": "60",
    "most_rounds": "3",
    "rating_hours": "72",
    "welfare": "isoelastic",
    "alpha": "2.5",
}
USUAL = Defaults(
    minimum_opinions=4,
    quorum=9,
    anonymous=False,
    scale=Scale.THREE,
    welfare=WelfareFunction(name=WelfareName.ISOELASTIC, alpha=2.5),
    rating_period=timedelta(days=3),
    closes_after=timedelta(days=2),
    retry_for=timedelta(minutes=90),
    revise_below=60,
    most_rounds=3,
)
# What a chat platform may have set; the page does not show it.
UNSEEN = Team(
    id="web",
    version=3,
    who_may_ask=WhoMayAsk.LISTED,
    may_ask_users=frozenset({"u1"}),
    admin_roles=frozenset({"r1"}),
    excluded_roles=frozenset({"r2"}),
    channels=frozenset({"web"}),
    exclude_guests=True,
    reminders=False,
    keep_feedback=True,
    defaults=USUAL.model_copy(
        update={
            "rating_by": RatingBy.REACTIONS,
            "reminder_before": timedelta(minutes=7),
            "rating_period": timedelta(minutes=90),
            "closes_after": timedelta(seconds=4_000),
            "retry_for": timedelta(0),
        }
    ),
)


async def _save(admin: Person, **changed: str) -> None:
    await admin.open("/admin/settings")
    await admin.send("/admin/settings", {**SETTINGS, "version": admin.hidden("version"), **changed})


def _chosen(page: str) -> dict[str, str]:
    """What the fields of a page show, unticked ones left out."""
    inputs = re.findall(r"<input [^>]*>", page)
    shown = {}
    for field in inputs:
        name, kind = _of(field, "name"), _of(field, "type")
        if kind not in ("radio", "checkbox") or " checked" in field:
            shown[name] = _of(field, "value")
    for name, options in re.findall(r'<select id="(\w+)".*?>(.*?)</select>', page, re.S):
        if selected := re.search(r'value="([^"]*)" selected', options):
            shown[name] = selected[1]
    return shown


def _of(field: str, attribute: str) -> str:
    found = re.search(rf'{attribute}="([^"]*)"', field)
    return html.unescape(found[1]) if found else ""


async def test_all_settings_are_kept_and_shown_again(house: House, admin: Person) -> None:
    await _save(admin)
    assert "Team settings saved" in admin.page
    assert await house.teams.team("web") == Team(
        id="web", version=1, who_may_ask=WhoMayAsk.ADMINS, retention_days=30, fewest_ratings=4, defaults=USUAL
    )
    shown = _chosen(await admin.open("/admin/settings"))
    assert SETTINGS.items() <= shown.items()
    (change,) = await house.teams.settings_changes("web")
    assert "defaults.quorum" in {each.field for each in change.changes}


async def test_a_question_begins_with_what_is_usual(house: House, admin: Person) -> None:
    await _save(admin)
    shown = _chosen(await admin.open("/ask"))
    # Two days from noon; in UTC until the browser makes it local.
    assert shown["closes_at"] == "2026-11-25T12:00"
    usual = {name: SETTINGS[name] for name in SETTINGS.keys() & shown.keys()}
    assert len(usual) == 10
    assert usual.items() <= shown.items()
    await admin.send("/ask", {**shown, "question": "Shall we?"})
    (asked,) = await house.deliberations.of_team("web")
    assert asked.closes_at == NOON + timedelta(days=2)
    assert asked.terms.welfare == USUAL.welfare
    assert (asked.terms.minimum_opinions, asked.terms.quorum, asked.terms.anonymous) == (4, 9, False)
    assert asked.terms.rating_by is RatingBy.BUTTONS
    assert (asked.terms.retention_days, asked.terms.fewest_ratings) == (30, 4)


async def test_whoever_asks_can_choose_otherwise(house: House, admin: Person) -> None:
    await _save(admin)
    shown = _chosen(await admin.open("/ask"))
    otherwise = {"closes_at": "", "quorum": "", "identity": "anonymous", "welfare": "rawlsian"}
    await admin.send("/ask", {**shown, **otherwise, "question": "Shall we?"})
    (asked,) = await house.deliberations.of_team("web")
    assert asked.closes_at is None
    assert asked.terms.quorum is None
    assert asked.terms.anonymous
    assert asked.terms.welfare.name is WelfareName.RAWLSIAN


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("retention_days", "0", "from 1 to 3,650"),
        ("fewest_ratings", "2", "from 3 to 1,000"),
        ("who_may_ask", "nobody", "Choose one of these."),
        ("closes_after", "soon", "Enter a number of hours"),
        ("minimum_opinions", "1", "from 2 to 10,000"),
        ("quorum", "3", "fewer than the 4 opinions needed"),
        ("identity", "secret", "Choose one of these."),
        ("welfare", "dictator", "Choose one of these."),
        ("alpha", "-1", "from 0 to 100"),
        ("version", "x", "Nothing was changed yet"),
        ("attributes", "Group: @support, @sales", "there are none here"),
    ],
)
async def test_a_setting_that_cannot_be_used_says_why_and_keeps_the_rest(
    house: House, admin: Person, field: str, value: str, sentence: str
) -> None:
    await _save(admin, **{field: value})
    assert admin.status == 422
    assert sentence in admin.page
    rest = {name: kept for name, kept in SETTINGS.items() if name != field}
    assert rest.items() <= _chosen(admin.page).items()
    assert await house.teams.team("web") == Team(id="web")


async def test_what_is_typed_stays_text(admin: Person) -> None:
    hostile = '"><script>alert(1)</script>'
    await _save(admin, closes_after=hostile, alpha=hostile, quorum=hostile, version=hostile)
    assert admin.status == 422
    assert "<script>alert" not in admin.page
    assert admin.page.count("&lt;script&gt;") >= 4


@pytest.mark.parametrize(
    "team", [Team(id="web"), UNSEEN], ids=["a new team", "a team with more than is shown"]
)
def test_a_form_sent_back_as_it_was_drawn_changes_nothing(team: Team) -> None:
    assert team_form(team_start(team), team) == (team, {})


@pytest.mark.parametrize(
    "team", [Team(id="web"), UNSEEN], ids=["a new team", "a team with more than is shown"]
)
async def test_a_question_as_its_form_begins_has_the_usual_terms(house: House, team: Team) -> None:
    typed = {**question_start(team, NOON), "question": "Shall we?"}
    asked, errors = await question_form(typed, team, house.ports)
    assert not errors
    assert asked is not None
    assert asked.terms == Terms.of(team, rating_by=RatingBy.BUTTONS, reminder_before=None)
