"""Statements and digests in Discord: lists under headings, escaped, with room for them; quotes that go."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.views.cards import card_message
from adapters.discord.views.text import stated
from bot.domain.deliberation import Phase
from bot.wording.cards import ProgressCard
from engine.digest import DIFFER, NEED, Digest, Group, Point, Section, as_text
from tests.adapters.discord.test_discord_lists import rated
from tests.adapters.discord.test_discord_localisation import ASKED
from tests.adapters.discord.test_discord_questions import forget
from tests.discord_house import DiscordHouse
from tests.promises.drafting import Quoting

NOON = datetime(2026, 5, 2, 12, tzinfo=UTC)
SAID = (
    "Paper bags tear in the rain so I keep mine of cloth at hand",
    "My shop sells four hundred plastic bags a week and lives on it",
    "Let every store take a deposit for each bag",
)
WORDS = st.text(st.sampled_from("ab *_~|`>#@<\\"), max_size=1_500).map(
    lambda text: " ".join(text.split()) or "-"
)


def overview(*points: str, common: bool = False) -> str:
    """A digest of these points, apart and together."""
    groups = (Group((Point(points[0]),)), Group(tuple(map(Point, points)), "Yes (2 of 3)"))
    return as_text(Digest((Section(DIFFER, groups), Section(NEED, groups[:1])), common))


def test_a_digest_is_lists_under_headings() -> None:
    assert stated(overview("Ban *all* bags.", "Tax them."), 3_000) == (
        "**We differ on**\n- “Ban \\*all\\* bags.”\n"
        "*Yes \\(2 of 3\\)*\n- “Ban \\*all\\* bags.”\n- “Tax them.”\n\n"
        "**Some of us need**\n- “Ban \\*all\\* bags.”\n\n"
        "-# Sorted by a program, without a language model. Nobody's words were changed.\n"
        "-# No common statement without a language model: here is where we stand.",
        True,
    )


def test_any_other_statement_stays_a_paragraph() -> None:
    assert stated("We ban - bags.", 3_000) == ("We ban \\- bags.", True)


@given(points=st.lists(WORDS, min_size=1, max_size=6))
def test_a_digest_keeps_to_its_room_and_says_whether_it_is_whole(points: list[str]) -> None:
    shown, whole = stated(overview(*points), 3_000)
    everything, _ = stated(overview(*points), 100_000)

    assert len(shown) <= 3_000
    assert whole == (shown == everything)
    assert everything.startswith(shown)


def test_until_when_a_draft_is_tried_is_a_timestamp_of_discords() -> None:
    failing = ASKED.closed(NOON).set_back(NOON)
    (shown,) = card_message(ProgressCard(failing, 0, 16, waiting=True)).embeds

    until = NOON + failing.terms.retry_for
    assert f"tries again until <t:{int(until.timestamp())}:f>" in (shown.description or "")


@pytest.mark.parametrize("rated_by", ["reactions", "poll"])
async def test_no_message_of_any_round_quotes_somebody_who_asked_to_be_forgotten(
    house: DiscordHouse, rated_by: str
) -> None:
    house.mediator = Quoting()
    people = house.people(3)
    async with house.gateway():
        d = await house.ask(people[0], identity="named", rated_by=rated_by, quorum=3)
        for member, said in zip(people, SAID, strict=True):
            await house.opine(member, house.card, said)
        d = await house.until_phase(d, Phase.RATING)
        assert d.published_at
        # Without a reason there is nothing to revise it by.
        await house.contributions.put_reason(d.id, d.reason_given("p1", "Too dear.", d.published_at))
        d = await house.deliberations.save(d.critiqued())
        d = await house.until_phase(d, Phase.RATING)
        quoting = [message for message in house.own if SAID[1] in message.shown]
        # The ballot of each round.
        assert len(quoting) == 2

        await forget(people[1])
        await house.work()

        assert not [message for message in house.own if SAID[1] in message.shown]
        assert all(SAID[2] in message.shown for message in quoting)
        closed = [message for message in house.own if "The vote on this statement is closed" in message.shown]
        assert closed == quoting[:1]
    assert not house.discord.problems


@pytest.mark.parametrize("rated_by", ["reactions", "poll"])
async def test_a_statement_that_has_a_ballot_is_read_there_and_nowhere_else(
    house: DiscordHouse, rated_by: str
) -> None:
    people = house.people(2)
    async with house.gateway():
        d = await house.ask(people[0], identity="named", rated_by=rated_by, quorum=2)
        for member in people:
            await house.opine(member, house.card, "Mine")
        d = await house.until_phase(d, Phase.RATING)
        assert d.statement
        with_statement = [message for message in house.own if d.statement in message.shown]
        assert len(with_statement) == 1
        assert with_statement[0] is not house.card
        assert "There is a statement to rate" in house.card.shown
        await house.close_all_the_same(people[0])
        await house.until_phase(d, Phase.SETTLED)
        await house.work()

    assert d.statement in house.card.shown


async def test_rating_buttons_stand_in_rows_of_four(house: DiscordHouse) -> None:
    async with house.gateway():
        await rated(house, house.people(2))

    assert [len(row["components"]) for row in house.card.components] == [4, 4, 2]
