"""What the Slack tests share: a Slack on this machine, empty or with the app in it."""

from collections.abc import AsyncIterator

import pytest

from adapters.slack import app, inbound
from bot.chat import answer_counter
from tests.slack_house import SlackHouse, make_house
from tests.slack_server import SlackServer


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """A loopback Slack; the test fails if the app answered anything that Slack could not use."""
    async with SlackServer() as server:
        yield server
    assert not server.problems


@pytest.fixture
async def house() -> AsyncIterator[SlackHouse]:
    """One workspace, no gateway yet."""
    async with make_house() as house:
        yield house


@pytest.fixture
async def many() -> AsyncIterator[SlackHouse]:
    """An app that workspaces install."""
    async with make_house(
        client_id="100000000001.100000000002",
        client_secret="a-client-secret-of-the-loopback",
        app_token="",
        base_url="https://accord.example.org",
    ) as house:
        yield house


@pytest.fixture(autouse=True)
def quick_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for coalescing, unless that is what is tested."""
    monkeypatch.setattr(answer_counter, "EVERY_S", 0.05)


@pytest.fixture(autouse=True)
def time_on_a_busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is given to data before a window opens without it would only tell how busy this machine is."""
    monkeypatch.setattr(inbound, "DATA_S", 3.0)
    monkeypatch.setattr(app, "AUTHORIZING_S", 20.0)
