"""A team's own emoji: read in every way that people write them, refused with a sentence."""

import re
from importlib import resources

import pytest

from bot.domain.errors import QuestionError
from bot.domain.ratings import OwnEmoji, Scale
from bot.domain.team import Defaults, Team, settings_change
from bot.domain.terms import Terms
from bot.wording.emoji import STANDARD_ONLY, EmojiHere, own_scale, scale_of, written
from bot.wording.forms import asked, team_settings
from tests.web_house import NOON

PARROT = OwnEmoji(shown=":party_parrot:", names=("party_parrot", "parrot"))
SLACK = EmojiHere({":party_parrot:": PARROT, ":parrot2:": PARROT}, "“{emoji}” is not here.")
CIRCLES = ["red_circle", "large_yellow_circle", "large_green_circle"]
USUAL = Team(id="T1", defaults=Defaults(scale=Scale.THREE, emoji=own_scale("🔴🟡🟢", STANDARD_ONLY)))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("🔴 🟡 🟢", CIRCLES),
        ("🔴🟡🟢", CIRCLES),
        (
            ":red_circle: :large_yellow_circle: 🟢",
            CIRCLES,
        ),
        (":-1::shrug::+1:", ["-1", "shrug", "+1"]),
        (":thumbsdown:, :thumbsup:, ❤️", ["-1", "+1", "heart"]),
        ("👎🏽 🤷🏾‍♀️ :+1::skin-tone-3:", ["-1", "woman-shrugging", "+1"]),
        ("❤ ☂ ☃️", ["heart", "umbrella", "snowman"]),
        ("👨‍👩‍👧 🏳️‍🌈 🇩🇪", ["man-woman-girl", "rainbow-flag", "de"]),
        ("1️⃣2️⃣3️⃣", ["one", "two", "three"]),
        (":party_parrot: 🔴 🟢", ["party_parrot", "red_circle", "large_green_circle"]),
    ],
)
def test_emoji_are_read_as_themselves_and_by_name_with_and_without_spaces(
    text: str, names: list[str]
) -> None:
    found = own_scale(text, SLACK)

    assert [each.names[0] for each in found] == names
    assert own_scale(written(found), SLACK) == found


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "three or seven emoji"),
        ("🔴 🟢", "there are 2"),
        ("🔴 🟡 🟢 🔵", "there are 4"),
        ("🔴 🟡 🔴", "🔴 is there twice"),
        ("👍 👎 👍🏽", "👍 is there twice"),
        (":+1: :-1: :thumbsup:", "👍 is there twice"),
        ("🤷 🤷‍♀️ 👍", "is there twice"),
        (":parrot2: :party_parrot: 👍", ":party_parrot: is there twice"),
        (":no_such_thing: 🟡 🟢", "“:no_such_thing:” is not here"),
        ("bad good best", "“bad” is not here"),
        ("<:blob:123456789> 🟡 🟢", "emoji of a Discord server"),
        ("🔴 🟡 🟢 {} {0}", "“{}” is not here"),
        ("<!channel> 🟡 🟢", "“<” is not here"),
    ],
)
def test_what_is_no_scale_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(QuestionError, match=sentence.replace("{", r"\{").replace("+", r"\+")):
        own_scale(text, SLACK)


def test_a_team_s_own_emoji_is_no_emoji_where_the_platform_has_none() -> None:
    with pytest.raises(QuestionError, match="“:party_parrot:” isn't a standard emoji"):
        own_scale(":party_parrot: 🟡 🟢", STANDARD_ONLY)


def test_own_emoji_stand_for_the_points_and_the_usual_ones_do_not() -> None:
    terms = Terms(scale=Scale.THREE, emoji=own_scale(":party_parrot: 🤷 ❤️", SLACK))

    assert [(level.value, level.label, level.name) for level in terms.levels] == [
        (2, "Disagree", "party_parrot"),
        (4, "Neutral", "shrug"),
        (6, "Agree", "heart"),
    ]
    shown = [
        "parrot",
        ":party_parrot:",
        "man-shrugging",
        "🤷🏿",
        "shrug::skin-tone-4",
        "❤",
        "+1",
        "👎",
        "rage",
    ]
    assert [terms.value_of(each) for each in shown] == [2, 2, 4, 4, 4, 6, None, None, None]


def test_there_are_as_many_emoji_as_steps() -> None:
    with pytest.raises(ValueError, match="as many"):
        Terms(scale=Scale.SEVEN, emoji=own_scale("🔴🟡🟢", STANDARD_ONLY))


@pytest.mark.parametrize(
    ("typed", "scale", "shown"),
    [
        ({}, Scale.THREE, "🔴 🟡 🟢"),
        ({"scale": "own"}, Scale.THREE, "🔴 🟡 🟢"),
        ({"scale": "own", "emoji": "🔴 🟡 🟢"}, Scale.THREE, "🔴 🟡 🟢"),
        ({"scale": "own", "emoji": "0️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣"}, Scale.SEVEN, "0️⃣ 1️⃣ 2️⃣ 3️⃣ 4️⃣ 5️⃣ 6️⃣"),
        ({"scale": "three"}, Scale.THREE, ""),
        ({"scale": "seven", "emoji": "🔴 🟡 🟢"}, Scale.SEVEN, ""),
        ({"scale": "seven", "emoji": ""}, Scale.SEVEN, ""),
    ],
)
def test_a_form_gives_the_scale_that_was_chosen(typed: dict[str, str], scale: Scale, shown: str) -> None:
    question, errors = asked({"question": "Why?", **typed}, USUAL, NOON, "UTC")
    changed, more = team_settings(typed, USUAL)

    assert (errors, more) == ({}, {})
    assert question is not None
    assert changed is not None
    for got in (question.terms, changed.defaults):
        assert (got.scale, written(got.emoji)) == (scale, shown)


@pytest.mark.parametrize(
    "typed",
    [
        {"scale": "own", "emoji": ""},
        {"scale": "own", "emoji": "🔴"},
        {"scale": "seven", "emoji": "🔴 🟢 🟡"},
        {"scale": "own", "emoji": ":party_parrot: 🟡 🟢"},
    ],
)
def test_what_cannot_be_used_is_said_at_the_emoji(typed: dict[str, str]) -> None:
    assert set(team_settings(typed, USUAL)[1]) == {"emoji"}
    assert set(asked({"question": "Why?", **typed}, USUAL, NOON, "UTC")[1]) == {"emoji"}


def test_a_study_or_another_scale_drops_the_team_s_emoji() -> None:
    assert Terms.of(USUAL, scale=Scale.SEVEN).emoji == ()
    assert Terms.of(USUAL).emoji == USUAL.defaults.emoji


def test_the_change_log_shows_the_emoji_in_their_order() -> None:
    change = settings_change(Team(id="T1"), USUAL, "U1", NOON)

    assert change is not None
    assert ("defaults.emoji", "the usual", "🔴 🟡 🟢") in [
        (c.field, c.before, c.after) for c in change.changes
    ]


def test_emoji_can_be_stored_and_an_older_team_has_none() -> None:
    assert Team.model_validate_json(USUAL.model_dump_json()) == USUAL
    assert scale_of(USUAL.defaults.emoji) is Scale.THREE
    assert Defaults.model_validate_json('{"scale": "three"}').emoji == ()


def test_the_table_knows_the_usual_scales_by_every_name_that_they_go_by_in_slack() -> None:
    for level in (*Scale.SEVEN.levels, *Scale.THREE.levels):
        (found, *_) = own_scale(f":{level.name}: 🅰️ 🅱️", STANDARD_ONLY)

        assert found.names[0] == level.name
        assert found.shown.removesuffix("\ufe0f") == level.emoji


def test_no_two_emoji_of_the_table_have_a_first_name_in_common() -> None:
    rows = (
        resources.files("bot.wording")
        .joinpath("emoji_names.tsv")
        .read_text(encoding="utf-8")
        .splitlines()[1:]
    )
    first = [row.split("\t")[1].split()[0] for row in rows]

    assert len(set(first)) == len(rows) > 1_800
    assert all(re.fullmatch(r"[a-z0-9_+\-’é]+", name) for name in first)
