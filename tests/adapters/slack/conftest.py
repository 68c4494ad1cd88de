"""What the Slack tests share: a Slack on this machine."""

from collections.abc import AsyncIterator

import pytest

from tests.slack_server import SlackServer


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """A loopback Slack; the test fails if the app answered anything that Slack could not use."""
    async with SlackServer() as server:
        yield server
    assert not server.problems
