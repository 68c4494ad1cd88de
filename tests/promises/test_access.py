"""Access: every read and write asks whether this person sees the channel now; in doubt it is closed.

To whoever does not see it there is no such question: they are told the same as of one that never was.
"""

from collections.abc import AsyncIterator

import pytest

from bot.domain.deliberation import Phase
from bot.domain.errors import UnknownDeliberationError
from tests import discord_house, slack_house, web_house
from tests.promises.closed_rooms import (
    ADMIN,
    OPINIONS,
    OUTSIDER,
    PATIENT,
    QUESTION,
    WRITTEN,
    ClosedChannel,
    ClosedOnDiscord,
    ClosedOnSlack,
    ClosedOnWeb,
    ClosedRoom,
    tries_everything,
)

# What those may try who do not run a question; everything else is for those who do.
FOR_MEMBERS = {
    *("share", "submit", "withdraw", "rate", "unrate", "quality", "choose quality", "results", "how"),
    *("choose results", "from a message", "question", "now", "opinion", "rate several"),
    *("points", "choose points", "votes", "add a point"),
}


@pytest.fixture
async def closed_slack() -> AsyncIterator[ClosedChannel]:
    """A private channel in Slack."""
    async with slack_house.make_house() as house, house.gateway():
        yield ClosedOnSlack(house)


@pytest.fixture
async def closed_discord() -> AsyncIterator[ClosedChannel]:
    """A channel in Discord that only some see."""
    async with discord_house.make_house() as house, house.gateway():
        yield ClosedOnDiscord(house)


@pytest.fixture
async def closed_web() -> AsyncIterator[ClosedRoom]:
    """A question on the web to which some were invited."""
    house = await web_house.make_house(PATIENT)
    yield ClosedOnWeb(house)
    await house.close()


@pytest.fixture(params=["slack", "discord", "web"])
def closed(request: pytest.FixtureRequest) -> ClosedRoom:
    """A question that not everybody may see, on each platform in turn."""
    found: ClosedRoom = request.getfixturevalue(f"closed_{request.param}")
    return found


@pytest.fixture(params=["slack", "discord"])
def channel(request: pytest.FixtureRequest) -> ClosedChannel:
    """The same on each platform that has channels."""
    found: ClosedChannel = request.getfixturevalue(f"closed_{request.param}")
    return found


# -- reading and writing -------------------------------------------------------------------------


async def test_whoever_does_not_see_it_can_do_nothing_and_cannot_tell_that_it_is_there(
    closed: ClosedRoom,
) -> None:
    await closed.ask()
    await tries_everything(closed, OUTSIDER)
    await closed.voting()
    await tries_everything(closed, OUTSIDER)


async def test_an_admins_rights_open_no_channel(channel: ClosedChannel) -> None:
    await channel.ask()
    await channel.voting()
    await tries_everything(channel, ADMIN)


async def test_a_member_who_presses_what_is_not_drawn_for_them_runs_nothing(closed: ClosedRoom) -> None:
    await closed.ask()
    await closed.voting()
    before, given = await closed.load(), await closed.given()
    for act in closed.acts.keys() - FOR_MEMBERS:
        told = await closed.told(2, act)
        assert told, act
        assert not any(text in told for text in OPINIONS), act
    assert (await closed.load(), await closed.given()) == (before, given)


async def test_whoever_sees_it_takes_part_from_elsewhere_too(channel: ClosedChannel) -> None:
    await channel.ask()
    assert QUESTION in await channel.told(1, "share")
    await channel.told(1, "submit")
    assert await channel.given() == [WRITTEN]
    await channel.voting()
    await channel.told(2, "rate")
    assert "5" in await channel.given()


async def test_whoever_was_taken_out_of_the_channel_sees_no_more_of_it(channel: ClosedChannel) -> None:
    await channel.ask()
    await channel.voting()
    await channel.leave(2)
    await tries_everything(channel, 2)


async def test_a_channel_that_is_gone_is_seen_by_nobody(channel: ClosedChannel) -> None:
    await channel.ask()
    await channel.voting()
    await channel.channel_gone()
    for person in (2, OUTSIDER, ADMIN):
        await tries_everything(channel, person)


async def test_a_channel_that_we_were_taken_out_of_is_shown_to_none_of_its_strangers(
    channel: ClosedChannel,
) -> None:
    await channel.ask()
    await channel.voting()
    await channel.bot_gone()
    for person in (OUTSIDER, ADMIN):
        await tries_everything(channel, person)


async def test_while_the_platform_does_not_say_who_sees_it_it_stays_closed(channel: ClosedChannel) -> None:
    await channel.ask()
    await channel.voting()
    channel.silent()
    for person in (2, OUTSIDER, ADMIN):
        await tries_everything(channel, person)


# -- what is one's own ---------------------------------------------------------------------------


async def test_whoever_asked_steers_it_from_outside_and_reads_nothing(channel: ClosedChannel) -> None:
    await channel.ask()
    await channel.voting()
    await channel.leave(0)
    unknown = str(UnknownDeliberationError())
    assert unknown in await channel.told(0, "export")
    assert unknown in await channel.told(0, "share")
    for act in channel.acts:
        told = await channel.told(0, act)
        assert not any(text in told for text in OPINIONS), act
    assert (await channel.load()).phase is Phase.CANCELLED


async def test_what_is_ones_own_can_be_taken_back_from_outside(channel: ClosedChannel) -> None:
    await channel.ask()
    await channel.voting()
    await channel.told(1, "rate")
    assert "5" in await channel.given()
    await channel.leave(1)
    await channel.told(1, "unrate")
    assert "5" not in await channel.given()


# -- messages ------------------------------------------------------------------------------------


async def test_only_those_who_still_see_the_channel_are_reminded(channel: ClosedChannel) -> None:
    await channel.ask()
    await channel.met()
    await channel.remind()
    assert QUESTION in channel.written_to(1)
    assert QUESTION in channel.written_to(2)
    before = channel.written_to(2)
    await channel.leave(2)
    await channel.remind()
    assert channel.written_to(2) == before
    assert not channel.written_to(OUTSIDER)
    assert not channel.written_to(ADMIN)
