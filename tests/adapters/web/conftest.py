"""One web channel over in-memory twins, and people who open its pages."""

from collections.abc import AsyncIterator

import pytest

from adapters.web.config import WebConfig
from tests.web_house import House, Person, make_house


@pytest.fixture
def config() -> WebConfig:
    """Settings that a test can replace."""
    return WebConfig(secret="a secret for tests only", base_url="http://127.0.0.1")


@pytest.fixture
async def house(config: WebConfig) -> AsyncIterator[House]:
    """A running web channel."""
    house = await make_house(config)
    yield house
    await house.close()


@pytest.fixture
async def admin(house: House) -> Person:
    """Somebody who is signed in."""
    return await house.admin()
