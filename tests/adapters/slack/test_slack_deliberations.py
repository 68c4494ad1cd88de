"""Whole deliberations in Slack: eight members, the real SDK, a loopback Slack."""

import asyncio

import pytest

from bot.domain.deliberation import Phase
from bot.domain.ratings import Turnout
from bot.wording.cards import statement_card
from tests.slack_house import MEMBERS, SlackHouse, card


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_eight_members_rate_with_reactions_though_events_come_twice_and_out_of_order(
    house: SlackHouse, mode: str
) -> None:
    house.slack.redelivery.every = True
    house.slack.redelivery.out_of_order = True
    people = house.people()
    room = house.slack.channel("general", *people)
    async with house.gateway(mode):
        d = await house.ask(people[0], room, identity="named", quorum=str(MEMBERS))
        message = card(room)
        for number, member in enumerate(people):
            await house.opine(member, message, f"Opinion {number}")
        d = await house.until_phase(d, Phase.RATING)
        assert d.ballot is not None, d.terms
        ballot = room.message(d.ballot.message)
        assert ballot is not None
        assert list(ballot.reactions) == [level.name for level in d.terms.scale.levels]
        for member in people:
            await member.react(ballot, "blush")
        await people[1].react(ballot, "rage")
        await people[2].unreact(ballot, "blush")
        await house.settled()
        ratings = await house.contributions.ratings(d.id, 1)
        assert sorted(r.value for r in ratings) == [1] + [6] * (MEMBERS - 2)
        await people[0].command("/accord close", room)
        await house.until_phase(d, Phase.SETTLED)
        await house.work()
        assert "7 ratings" in message.shown
    await asyncio.sleep(0)


async def test_the_address_of_the_card_is_asked_for_once_for_the_statements_notice(house: SlackHouse) -> None:
    people = house.people(3)
    room = house.slack.channel("general", *people)
    async with house.gateway():
        d = await house.ask(people[0], room, quorum="3")
        message = card(room)
        for number, member in enumerate(people):
            await house.opine(member, message, f"Opinion {number}")
        d = await house.until_phase(d, Phase.RATING)
        await house.work()
        assert d.message is not None
        asked = len(house.slack.calls("chat.getPermalink"))
        mediation = await house.ports.mediations.mediation(d.id, d.round)
        assert mediation is not None
        await house.parts.platform.update(
            d.message, statement_card(d, mediation, Turnout(rated=1, answered=3))
        )
        # A count of the gateway's own may be drawn after it.
        assert "1 of 3 rated" in str(house.slack.calls("chat.update", ts=message.ts))

    assert len(house.slack.calls("chat.getPermalink")) == asked
