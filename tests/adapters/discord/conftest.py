"""What the Discord tests share: a Discord on this machine, and a bare client in front of it."""

from collections.abc import AsyncIterator

import pytest

from adapters.redis.connection import connect
from bot.chat import answer_counter
from tests.discord_client import Bot, pointed_at
from tests.discord_house import DiscordHouse, make_house
from tests.discord_server import DiscordServer


@pytest.fixture
async def discord_server() -> AsyncIterator[DiscordServer]:
    """A loopback Discord with one guild; the test fails if the client asked what it does not know."""
    async with DiscordServer() as server, pointed_at(server):
        server.guild()
        yield server
    assert not server.problems


@pytest.fixture
async def bot(discord_server: DiscordServer) -> AsyncIterator[Bot]:
    """An unmodified discord.py, connected."""
    bot = Bot(discord_server)
    try:
        await bot.run_beside()
        yield bot
    finally:
        await bot.stop()


@pytest.fixture
async def house() -> AsyncIterator[DiscordHouse]:
    """One server with the app in it, no gateway yet."""
    async with make_house() as house:
        yield house


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
async def any_house(request: pytest.FixtureRequest) -> AsyncIterator[DiscordHouse]:
    """The same over what is kept in memory, and over a real server."""
    if request.param == "memory":
        async with make_house() as house:
            yield house
        return
    client = await connect(request.getfixturevalue("redis_url"))
    await client.flushall()
    try:
        async with make_house(client) as house:
            yield house
    finally:
        await client.aclose()


@pytest.fixture(autouse=True)
def quick_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for coalescing, unless that is what is tested."""
    monkeypatch.setattr(answer_counter, "EVERY_S", 0.05)
