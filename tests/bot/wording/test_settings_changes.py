"""Changes of settings are told in the words of the form."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.juries import MemberAttribute, SeatedJury
from bot.domain.ratings import RatingBy, ResultsShown, Scale
from bot.domain.team import Defaults, FieldChange, SettingsChange, Team, WhoMayAsk, settings_change
from bot.wording.emoji import STANDARD_ONLY, own_scale
from bot.wording.field_types import Kind
from bot.wording.settings_changes import changed
from engine.types import WelfareFunction, WelfareName

ABOUT = MemberAttribute(label="Team", values=("support", "sales"))
JURY = SeatedJury(name="All alike", attribute="Team", seats={"support": 4, "sales": 4})
NOW = datetime(2026, 3, 1, tzinfo=UTC)
MENTIONS = {Kind.PEOPLE: "<@{}>".format, Kind.ROLES: "<@&{}>".format, Kind.CHANNELS: "<#{}>".format}
PEOPLE = frozenset({"U1", "U2", "U3"})


@pytest.mark.parametrize(
    ("after", "told"),
    [
        ({"who_may_ask": WhoMayAsk.ADMINS}, "Who may ask: Everyone → Admins only"),
        ({"may_ask_users": PEOPLE}, "These people may ask: nobody → <@U1>, <@U2> and 1 more"),
        ({"admin_roles": frozenset({"R1"})}, "These roles run Accord here: nobody → <@&R1>"),
        ({"channels": frozenset({"C1"})}, "In these channels: all → <#C1>"),
        ({"retention_days": 5}, "Days to keep a question after it ends: 90 → 5"),
        ({"attributes": (ABOUT,)}, "Questions about members: none → Team: support, sales"),
        ({"juries": (JURY,)}, "Juries: none → All alike = Team: support 4, sales 4"),
        ({"exclude_guests": True}, "Guests can't take part: no → yes"),
    ],
)
def test_a_teams_own_setting_is_told_in_the_forms_words(after: dict[str, object], told: str) -> None:
    assert _told(Team(id="t").model_copy(update=after)) == [told]


@pytest.mark.parametrize(
    ("defaults", "told"),
    [
        (Defaults(rating_by=RatingBy.BUTTONS), "It is rated by: Whatever fits → Private buttons"),
        (Defaults(rating_by=RatingBy.POLL), "It is rated by: Whatever fits → A poll"),
        (Defaults(anonymous=False), "Opinions are: Anonymous → Named"),
        (Defaults(quorum=5), "Close early after this many answers: none → 5"),
        (
            Defaults(closes_after=None),
            "Hours to collect opinions: one day → until somebody closes the question",
        ),
        (Defaults(rating_period=timedelta(hours=5)), "Rating is open for: one day → 5 hours"),
        (
            Defaults(results_shown=ResultsShown.ALWAYS),
            "Members see the ratings: Once they have rated → At any time",
        ),
        (
            Defaults(scale=Scale.THREE),
            "On a scale of: Seven points, from strongly disagree to strongly agree → Three points: 👎 🤷 👍",
        ),
        (
            Defaults(welfare=WelfareFunction(name=WelfareName.RAWLSIAN)),
            "The chosen statement is: Best on average → Nobody left behind",
        ),
        (
            Defaults(welfare=WelfareFunction(name=WelfareName.ISOELASTIC, alpha=0.5)),
            "The chosen statement is: Best on average → As set by alpha (0.5)",
        ),
    ],
)
def test_what_questions_start_from_is_told_in_the_forms_words(defaults: Defaults, told: str) -> None:
    assert _told(Team(id="t", defaults=defaults)) == [told]


def test_no_setting_that_can_change_is_told_by_a_raw_name() -> None:
    every = Team(
        id="t",
        who_may_ask=WhoMayAsk.LISTED,
        may_ask_users=PEOPLE,
        may_ask_roles=PEOPLE,
        admin_roles=PEOPLE,
        channels=PEOPLE,
        excluded_roles=PEOPLE,
        exclude_guests=True,
        retention_days=1,
        fewest_ratings=9,
        reminders=False,
        keep_feedback=True,
        language="de",
        attributes=(ABOUT,),
        juries=(JURY,),
        defaults=Defaults(
            minimum_opinions=9,
            quorum=9,
            anonymous=False,
            rating_by=RatingBy.REACTIONS,
            scale=Scale.THREE,
            emoji=own_scale("🔴 🟡 🟢", STANDARD_ONLY),
            welfare=WelfareFunction(name=WelfareName.BERNOULLI_NASH),
            results_shown=ResultsShown.AFTER_CLOSE,
            rating_period=timedelta(hours=1),
            retry_for=timedelta(hours=1),
            points=True,
            revise_below=60,
            most_rounds=3,
            closes_after=timedelta(hours=1),
        ),
    )
    change = settings_change(Team(id="t"), every, "U1", NOW)
    assert change is not None
    # All but what is none, and the time of reminders, which is on no form.
    assert len(change.changes) == len(Team.model_fields) - 3 + len(Defaults.model_fields) - 1
    told = "\n".join(_told(every))
    for raw in ("defaults", "_", "PT", "P1D", "name ", " on\n", " off\n"):
        assert raw not in told


def test_what_no_form_has_any_more_keeps_the_logs_own_words_escaped() -> None:
    old = FieldChange(field="defaults.old_thing", before="a<b", after="c")
    told = changed(
        SettingsChange(user="U1", at=NOW, changes=(old,)), MENTIONS, lambda raw: raw.replace("<", "&lt;")
    )
    assert told == ["old thing: a&lt;b → c"]


def _told(after: Team) -> list[str]:
    change = settings_change(Team(id="t"), after, "U1", NOW)
    assert change is not None
    return changed(change, MENTIONS)
