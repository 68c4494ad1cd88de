"""Whole deliberations in Slack: eight members, the real SDK, a loopback Slack."""

import asyncio

import pytest

from bot.domain.deliberation import Phase
from tests.slack_house import MEMBERS, SlackHouse, card


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_eight_members_deliberate_with_private_buttons(house: SlackHouse, mode: str) -> None:
    house.slack.redelivery.every = True
    house.slack.redelivery.interactions_too = True
    people = house.people()
    room = house.slack.channel("general", *people)
    async with house.gateway(mode):
        d = await house.ask(people[0], room, quorum=str(MEMBERS))
        message = card(room)
        assert "Should we ban" in message.shown
        for number, member in enumerate(people):
            delivery = await house.opine(member, message, f"Opinion {number}")
            assert delivery.acked
            assert not delivery.errors
        await house.slack.settled()
        assert len(await house.store.opinions(d.id)) == MEMBERS
        d = await house.until_phase(d, Phase.RATING)
        assert "Draft 1" in message.shown
        for number, member in enumerate(people):
            await member.click(message, f"rate:{number % 7 + 1}")
            await member.is_told("Your rating is kept")
        await house.slack.settled()
        assert len(await house.store.ratings(d.id, 1)) == MEMBERS
        await people[0].command("/accord close", room)
        d = await house.until_phase(d, Phase.SETTLED)
        await house.work()
        assert "8 ratings" in message.shown
        assert any("vote is closed" in reply.shown for reply in room.thread(message.ts))
    assert not house.slack.problems
    assert len([m for m in room.shown if m.bot_id and not m.thread_ts]) == 2


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_eight_members_rate_with_reactions(house: SlackHouse, mode: str) -> None:
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
        await house.slack.settled()
        ratings = await house.store.ratings(d.id, 1)
        assert sorted(r.value for r in ratings) == [1] + [6] * (MEMBERS - 2)
        await people[0].command("/accord close", room)
        await house.until_phase(d, Phase.SETTLED)
        await house.work()
        assert "7 ratings" in message.shown
    await asyncio.sleep(0)
