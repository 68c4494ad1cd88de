"""Another team's question does not exist: whoever runs one team can do and see nothing of another's.

Both use the same Accord: two workspaces, two servers, or two web channels over one database.
"""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from tests import discord_house, slack_house, web_house
from tests.promises.closed_rooms import (
    FOREIGNER,
    PATIENT,
    ClosedOnDiscord,
    ClosedOnSlack,
    ClosedOnWeb,
    ClosedRoom,
    tries_everything,
)
from tests.promises.on_discord import DiscordPlace


@pytest.fixture
async def two_workspaces() -> AsyncIterator[ClosedRoom]:
    """Two workspaces in Slack that have installed the app."""
    app = {
        "client_id": "100.200",
        "client_secret": "a secret of the app",
        "base_url": "https://a.example.org",
    }
    async with slack_house.make_house(**app) as house, house.gateway():
        room = ClosedOnSlack(house)
        await room.in_two_workspaces(house.slack.team("Elsewhere"))
        yield room


@pytest.fixture
async def two_servers() -> AsyncIterator[ClosedRoom]:
    """Two servers in Discord that have added the app."""
    async with discord_house.make_house() as house, house.gateway():
        room = ClosedOnDiscord(house)
        await room.in_two_servers()
        yield room


@pytest.fixture
async def two_web_channels() -> AsyncIterator[ClosedRoom]:
    """Two teams with a web channel each, which share a secret and a database."""
    house = await web_house.make_house(PATIENT)
    other = await replace(house, config=replace(PATIENT, team="other")).another_gateway()
    yield ClosedOnWeb(house, other)
    await other.close()
    await house.close()


@pytest.fixture(params=["workspaces", "servers", "web_channels"])
def room(request: pytest.FixtureRequest) -> ClosedRoom:
    """A team's question, and somebody who runs another team."""
    found: ClosedRoom = request.getfixturevalue(f"two_{request.param}")
    return found


async def test_whoever_runs_another_team_can_do_nothing_here_and_cannot_tell_that_it_is_there(
    room: ClosedRoom,
) -> None:
    await room.ask()
    await tries_everything(room, FOREIGNER)
    await room.voting()
    await tries_everything(room, FOREIGNER)


async def test_forgetting_somebody_in_one_server_leaves_what_they_gave_in_another(
    on_discord: DiscordPlace,
) -> None:
    await on_discord.ask()
    await on_discord.opine(1, "Mine.")
    elsewhere = on_discord.house.discord.guild("Elsewhere")
    on_discord.people[1] = on_discord.people[1].join(elsewhere)
    await on_discord.forget(1)
    assert await on_discord.opinions() == ["Mine."]
