"""Whole deliberations in Discord: eight members, the real SDK, a loopback Discord."""

from collections.abc import Sequence
from contextlib import suppress

import pytest

from bot.domain.deliberation import Deliberation, Phase
from bot.service.ports.platform import SeenReactions
from tests.discord_house import MEMBERS, DiscordHouse
from tests.discord_server import CannotDoError


async def test_eight_members_rate_with_reactions_though_every_event_comes_twice(house: DiscordHouse) -> None:
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
    assert sum(ballot.poll.counts().values()) == len(await house.contributions.ratings(d.id, 1)) == 1
