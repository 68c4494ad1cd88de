"""A loopback Slack with the app in it."""

from collections.abc import AsyncIterator

import pytest

from adapters.slack import counting
from tests.slack_house import SlackHouse, make_house


@pytest.fixture
async def house() -> AsyncIterator[SlackHouse]:
    """One workspace, no gateway yet."""
    async with make_house() as house:
        yield house


@pytest.fixture(autouse=True)
def quick_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for coalescing, unless that is what is tested."""
    monkeypatch.setattr(counting, "EVERY_S", 0.05)
