"""Every platform, one after the other, behind one small driver (`tests.promises.places.Place`)."""

from collections.abc import AsyncIterator

import pytest

from adapters.slack import app, inbound
from adapters.web.config import WebConfig
from bot.chat import answer_counter
from tests import discord_house, slack_house, web_house
from tests.promises.on_discord import DiscordPlace
from tests.promises.on_slack import SlackPlace
from tests.promises.on_web import WebPlace
from tests.promises.places import ChatPlace, Place

PEOPLE = 5


@pytest.fixture
async def on_slack() -> AsyncIterator[Place]:
    """A Slack channel."""
    async with slack_house.make_house() as house, house.gateway():
        yield SlackPlace(house, PEOPLE)
        assert not house.slack.problems


@pytest.fixture
async def on_discord() -> AsyncIterator[Place]:
    """A Discord channel."""
    async with discord_house.make_house() as house, house.gateway():
        yield DiscordPlace(house, PEOPLE)
        assert not house.discord.problems


@pytest.fixture
async def on_web() -> AsyncIterator[Place]:
    """The web channel."""
    house = await web_house.make_house(
        WebConfig(secret="a secret for tests only", base_url="http://127.0.0.1")
    )
    yield WebPlace(house, PEOPLE)
    await house.close()


@pytest.fixture(params=["slack", "discord", "web"])
def place(request: pytest.FixtureRequest) -> Place:
    """A place with PEOPLE people in it, on each platform in turn."""
    found: Place = request.getfixturevalue(f"on_{request.param}")
    return found


@pytest.fixture(params=["slack", "discord"])
def chat(request: pytest.FixtureRequest) -> ChatPlace:
    """The same, where a promise is about channels."""
    found: ChatPlace = request.getfixturevalue(f"on_{request.param}")
    return found


@pytest.fixture(autouse=True)
def quick_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for coalescing; nor for what only tells how busy this machine is."""
    monkeypatch.setattr(answer_counter, "EVERY_S", 0.01)
    monkeypatch.setattr(inbound, "DATA_S", 3.0)
    monkeypatch.setattr(app, "AUTHORIZING_S", 20.0)
