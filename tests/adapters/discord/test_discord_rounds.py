"""A second round on Discord: `/accord revise`, what changed, and which statement members prefer."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.views import names, text
from adapters.discord.views.cards import STATEMENT, card_message
from adapters.discord.views.revised import changed
from bot.domain.deliberation import Phase
from bot.domain.rounds import Preference
from bot.wording import round_lines, texts
from bot.wording.cards import StatementCard
from bot.wording.choices import STEERING_WORDS
from engine.errors import GenerationError
from tests.adapters.discord.test_discord_lists import asked, rated
from tests.adapters.discord.test_discord_localisation import ASKED
from tests.adapters.discord.test_discord_reasons import answer, reason_of, second_round
from tests.adapters.discord.test_discord_statements import overview
from tests.discord_house import DiscordHouse

EMBEDS = 6_000
SECOND = ASKED.model_copy(update={"phase": Phase.RATING, "round": 2})
WORDS = st.lists(st.sampled_from(["shops", "reuse", "*bags*", "a_b", "\n", "~~", "y" * 70]), max_size=120)


def card(before: str | None, statement: str) -> StatementCard:
    return StatementCard(SECOND, statement, 3, model_used=True, reading=None, before=before)


def test_what_changed_is_struck_out_or_bold_and_what_stayed_is_shortened() -> None:
    assert changed(card("We reuse bags in shops.", "We reuse *all* bags in every shop.")) == (
        "We reuse **\\*all\\*** bags in ~~shops.~~ **every shop.**"
    )
    long = "This stays as it is. " * 30
    told = changed(card(f"{long}Ban bags. {long}", f"{long}Tax bags. {long}"))
    assert re.fullmatch(r"….{30,60} ~~Ban~~ \*\*Tax\*\* bags\. .{30,60}…", told.replace("… ", "…")), told


def test_nothing_is_said_of_changes_in_a_first_round_or_of_lists() -> None:
    assert changed(card(None, "We ban bags.")) == ""
    assert changed(card(overview("Ban bags."), overview("Tax bags."))) == ""


@given(before=WORDS, after=WORDS, limit=st.integers(30, 1_500))
def test_changes_keep_to_their_room_and_no_mark_is_left_open(
    before: list[str], after: list[str], limit: int
) -> None:
    told = changed(card(" ".join(before), " ".join(after)), limit)
    assert len(told) <= min(limit, text.FIELD)
    bare = re.sub(r"\\.", "", told)
    assert (bare.count("~~") % 2, bare.count("**") % 2) == (0, 0)


def test_a_long_statement_and_what_changed_fit_into_one_message() -> None:
    terms = SECOND.terms.model_copy(update={"ask_quality": True})
    d = SECOND.model_copy(update={"terms": terms, "question": "Why? " * 200, "id": "d" * 40})
    before, after = "One thing. " * 400, "Another one! " * (STATEMENT // 13)
    drawn = card_message(replace(card(before, after), deliberation=d))
    (shown,) = drawn.embeds
    assert len(shown) <= EMBEDS
    assert shown.fields[0].name == round_lines.WHAT_CHANGED
    view = drawn.view()
    assert view is not None
    rows = view.to_components()
    assert [len(row["components"]) for row in rows] == [4, 4, 2, 1, 1]
    ids = [each["custom_id"] for row in rows for each in row["components"]]
    assert len(set(ids)) == len(ids)
    # None was cut: each says all that it means.
    assert all(len(id_) < names.LIMIT for id_ in ids)


@pytest.mark.parametrize(
    ("terms", "why"),
    [
        ({}, "A revision needs reasons from at least 3 members."),
        ({"identity": "named"}, "Nobody has said yet why they rate the statement so."),
    ],
    ids=["anonymous", "named"],
)
async def test_without_enough_reasons_nobody_is_asked_whether_they_are_sure(
    house: DiscordHouse, terms: dict[str, object], why: str
) -> None:
    ann, ben = house.people(2)
    async with house.gateway():
        assert "no question of that kind" in (await asked(ann, "accord revise")).shown
        id_ = await rated(house, [ann, ben], **terms)
        told = await asked(ann, "accord revise", question=id_)

    assert why in told.shown
    assert told.components == []
    assert (await house.deliberations.load(id_)).phase is Phase.RATING
    assert not house.discord.problems


@pytest.mark.parametrize("rated_by", ["reactions", "poll"])
async def test_next_to_a_public_vote_the_choice_stands_under_the_second_statement(
    house: DiscordHouse, rated_by: str
) -> None:
    ann, ben = house.people(2)
    async with house.gateway():
        d = await house.deliberations.load(
            await rated(house, [ann, ben], identity="named", rated_by=rated_by)
        )
        d = await second_round(house, d, ben)
        assert "Round 2" in house.card.shown
        assert round_lines.WHAT_CHANGED in house.card.shown
        (asking,) = [each for each in house.own if names.COMPARE in str(each.components)]
        assert d.statement
        assert d.statement in asking.shown
        told = await answer(house, await ben.choose(asking, str(round_lines.PREFER), Preference.FIRST.value))
        # Of a round that is not this one, as an old card may say, and a choice that there is not.
        for round_, choice, said in (("1", "revised", "newer statement"), ("2", "both", "Choose one")):
            name = names.custom_id(names.COMPARE, d.id, round_)
            assert said in (await answer(house, await ben.forge_press(house.room, name, choice))).shown

    assert round_lines.PREFERENCE_KEPT in told.shown
    kept = await house.contributions.comparisons(d.id, 2)
    assert [each.choice for each in kept] == [Preference.FIRST]
    assert not house.discord.problems


async def test_where_a_second_round_failed_its_card_offers_the_statement_there_is(
    house: DiscordHouse,
) -> None:
    ann, ben = house.people(2)
    async with house.gateway():
        id_ = await rated(house, [ann, ben], identity="named")
        await reason_of(house, ben)
        house.mediator.failure = GenerationError("The generator answered nothing of use.")
        await house.deliberations.save((await house.deliberations.load(id_)).critiqued())
        await house.work()
        failed = await house.deliberations.load(id_)
        keep = STEERING_WORDS["keep-statement"]
        assert (failed.phase, failed.round, bool(failed.failure)) == (Phase.MEDIATING, 2, True)
        await answer(house, await ben.press(house.card, keep))
        assert await house.deliberations.load(id_) == failed
        told = await answer(house, await ann.press(house.card, keep))
        await house.work()

    assert texts.STATEMENT_KEPT in told.shown
    kept = await house.deliberations.load(id_)
    assert (kept.phase, kept.round) == (Phase.SETTLED, 1)
    assert not house.discord.problems
