"""Whole deliberations in Slack: eight members, the real SDK, a loopback Slack."""

import asyncio

import pytest

from bot import texts
from bot.domain.deliberation import Phase
from bot.domain.team import Team
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


async def test_a_member_keeps_an_opinion_out_of_learning_and_rates_a_position_statement(
    house: SlackHouse,
) -> None:
    people = house.people()
    room = house.slack.channel("general", *people)
    await house.store.save_team(Team(id=people[0].team.id, keep_feedback=True))
    async with house.gateway():
        d = await house.ask(people[0], room)
        terms = d.terms.model_copy(update={"position_statement": "Plastics <should> be banned."})
        d = await house.store.save(d.model_copy(update={"terms": terms}))
        given = [{"learn": [], "baseline": "2"}, {"learn": ["yes"]}, {}]
        for member, values in zip(people, given, strict=False):
            await member.click(card(room), "share_opinion")
            view = await member.sees_modal("opinion")
            shown = str(view.given)
            assert "Plastics &lt;should&gt; be banned." in shown
            assert texts.LEARNING_NOTE in shown
            delivery = await member.submit(view, {"opinion": f"Opinion of {member.id}", **values})
            assert not delivery.errors
            await member.close()
        opinions = {opinion.text: opinion for opinion in await house.store.opinions(d.id)}
        consents = [opinions[f"Opinion of {member.id}"].consent for member in people[:3]]
        assert consents == [False, True, True]
        assert [baseline.value for baseline in await house.store.baselines(d.id)] == [2]
        await people[0].click(card(room), "share_opinion")
        again = str((await people[0].sees_modal("opinion")).given)
        assert "initial_option'" in again
        assert "initial_options" not in again
    assert not house.slack.problems


async def test_without_the_team_s_consent_there_is_no_box(house: SlackHouse) -> None:
    people = house.people()
    room = house.slack.channel("general", *people)
    async with house.gateway():
        await house.ask(people[0], room)
        await people[1].click(card(room), "share_opinion")
        assert texts.LEARNING_NOTE not in str((await people[1].sees_modal("opinion")).given)
