"""Whole deliberations in Discord: eight members, the real SDK, a loopback Discord."""

from collections.abc import Sequence
from contextlib import suppress

import pytest

from bot import texts
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.team import Team
from bot.ports import SeenReactions
from tests.discord_house import MEMBERS, DiscordHouse
from tests.discord_server import CannotDoError


async def test_eight_members_deliberate_with_private_buttons(house: DiscordHouse) -> None:
    house.discord.gateway.twice = True
    people = house.people()
    async with house.gateway():
        d = await house.ask(people[0], quorum=MEMBERS)
        assert "Should we ban" in house.card.shown
        for number, member in enumerate(people):
            given = await house.opine(member, house.card, f"Opinion {number}")
            assert not given.failed
        assert len(await house.store.opinions(d.id)) == MEMBERS
        d = await house.until_phase(d, Phase.RATING)
        assert "Draft 1" in house.card.shown
        for number, member in enumerate(people):
            await member.press(house.card, f"accord:rate:{d.id}:{number % 7 + 1}")
            await member.is_told("Your rating is kept")
        assert await house.until_rated(d, MEMBERS) == sorted(n % 7 + 1 for n in range(MEMBERS))
        await people[0].command("accord close")
        d = await house.until_phase(d, Phase.SETTLED)
        await house.work()
        assert "8 ratings" in house.card.shown
        assert [m for m in house.own if "vote is closed" in m.shown and m.reference is house.card]
    assert not house.discord.problems
    # The card, the notice that there is a statement, and the result; none of them notified anybody.
    assert len(house.own) == 3
    assert not any(message.pings for message in house.own)


async def test_eight_members_rate_with_reactions(house: DiscordHouse) -> None:
    house.discord.gateway.twice = True
    people = house.people()
    async with house.gateway():
        d = await house.ask(people[0], identity="named", rated_by="reactions", quorum=MEMBERS)
        for number, member in enumerate(people):
            await house.opine(member, house.card, f"Opinion {number}")
        d = await house.until_phase(d, Phase.RATING)
        ballot, levels = house.ballot(d), d.terms.scale.levels
        assert list(ballot.reactions) == [level.emoji for level in levels]
        for member in people:
            await member.react(ballot, levels[5].emoji)
        await people[1].react(ballot, levels[0].emoji)
        await people[2].unreact(ballot, levels[5].emoji)
        assert await house.until_rated(d, MEMBERS - 1) == [1] + [6] * (MEMBERS - 2)
        await people[0].command("accord close")
        await house.until_phase(d, Phase.SETTLED)
        await house.work()
        assert "7 ratings" in house.card.shown
    assert not house.discord.problems


async def test_eight_members_vote_in_a_poll_that_ends_with_the_vote(house: DiscordHouse) -> None:
    house.discord.gateway.twice = True
    people = house.people()
    async with house.gateway():
        d = await house.ask(people[0], identity="named", rated_by="poll", quorum=MEMBERS)
        for number, member in enumerate(people):
            await house.opine(member, house.card, f"Opinion {number}")
        d = await house.until_phase(d, Phase.RATING)
        ballot = house.ballot(d)
        assert ballot.poll is not None
        assert list(ballot.poll.answers.values()) == [level.label for level in d.terms.scale.levels]
        for number, member in enumerate(people):
            await member.vote(ballot, number % 7 + 1)
        await people[7].unvote(ballot)
        assert await house.until_rated(d, MEMBERS - 1) == list(range(1, 8))
        await people[7].vote(ballot, 7)
        assert await house.until_rated(d, MEMBERS) == [*range(1, 8), 7]
        await people[0].command("accord close")
        await house.until_phase(d, Phase.SETTLED)
        await house.work()
        assert ballot.poll.closed
        assert "8 ratings" in house.card.shown
    assert not house.discord.problems


async def test_a_member_keeps_an_opinion_out_of_learning_and_rates_a_position_statement(
    house: DiscordHouse,
) -> None:
    people = house.people(3)
    await house.store.save_team(Team(id=str(people[0].guild.id), keep_feedback=True))
    async with house.gateway():
        d = await house.ask(people[0])
        terms = d.terms.model_copy(update={"position_statement": "Plastics *should* be banned."})
        d = await house.store.save(d.model_copy(update={"terms": terms}))
        given = [{"learn": "no", "baseline": "2"}, {"learn": "yes"}, {}]
        for member, values in zip(people, given, strict=True):
            opened = await member.press(house.card, "Share your opinion")
            assert opened.modal is not None
            assert r"Plastics \*should\* be banned." in opened.modal.shown
            assert texts.LEARNING_NOTE in opened.modal.shown
            await member.submit(opened.modal, {"opinion": f"Opinion of {member.id}", **values})
            await member.is_told("Your opinion")
        opinions = {opinion.text: opinion for opinion in await house.store.opinions(d.id)}
        consents = [opinions[f"Opinion of {member.id}"].consent for member in people]
        assert consents == [False, True, True]
        assert [baseline.value for baseline in await house.store.baselines(d.id)] == [2]
    assert not house.discord.problems


async def test_the_result_is_what_discord_shows_though_somebody_votes_at_the_last_moment(
    house: DiscordHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = house.people(3)
    platform = house.parts.platform
    async with house.gateway():
        d = await house.ask(people[0], identity="named", rated_by="poll", quorum=3)
        for member in people:
            await house.opine(member, house.card, "Mine")
        d = await house.until_phase(d, Phase.RATING)
        ballot = house.ballot(d)
        await people[1].vote(ballot, 6)
        read = platform.reactions

        async def and_then_somebody_votes(d: Deliberation) -> Sequence[SeenReactions]:
            found = await read(d)
            with suppress(CannotDoError):
                await people[2].vote(ballot, 1)
            return found

        monkeypatch.setattr(platform, "reactions", and_then_somebody_votes)
        await people[0].command("accord close")
        await house.until_phase(d, Phase.SETTLED)
        await house.work()

    assert ballot.poll is not None
    assert ballot.poll.closed
    assert sum(ballot.poll.counts().values()) == len(await house.store.ratings(d.id, 1)) == 1
