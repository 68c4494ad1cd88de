"""A loopback Slack with the app in it."""

from collections.abc import AsyncIterator

import pytest

from tests.slack_house import SlackHouse, make_house


@pytest.fixture
async def house() -> AsyncIterator[SlackHouse]:
    """One workspace, no gateway yet."""
    async with make_house() as house:
        yield house
