"""Sessions and admin links of the web channel over a real state store: gateways, restarts, the command."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.memory import MemoryApiTokens, MemoryInvitations
from adapters.redis.connection import connect
from adapters.redis.embedded import EmbeddedServer
from adapters.redis.sessions import RedisSessions
from adapters.web.config import WebConfig
from adapters.web.links import admin_link
from bot.service.ports.web_access import WebAccess
from tests.web_house import House, make_house

CONFIG = WebConfig(secret="a secret for tests only", base_url="http://127.0.0.1")


@pytest.fixture
def url(tmp_path):
    """A server that `accord` finds in its data directory."""
    with EmbeddedServer(tmp_path / "data") as server:
        yield server.url


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """What the gateways share apart from sessions; at the time of this machine, as `accord` has it."""
    house = await make_house(CONFIG, now=datetime.now(UTC))
    yield house
    await house.close()


@asynccontextmanager
async def gateway(house: House, url: str) -> AsyncIterator[House]:
    """One process: a connection of its own to the state store."""
    client = await connect(url)
    access = WebAccess(
        RedisSessions(client, "web"), MemoryInvitations(house.deliberations), MemoryApiTokens()
    )
    running = await replace(house, access=access).another_gateway()
    try:
        yield running
    finally:
        await running.close()
        await client.aclose()


async def status(gateway: House, cookies: dict[str, str], path: str = "/admin") -> int:
    """What a browser with these cookies gets."""
    person = gateway.somebody()
    await person.open(path, cookies=cookies)
    return person.status


async def test_what_ends_on_one_gateway_is_ended_on_all_and_after_a_restart(house: House, url: str) -> None:
    async with gateway(house, url) as first, gateway(house, url) as second:
        link = admin_link(CONFIG, now=house.clock.now())
        people = [each.somebody() for each in (first, second) for _ in range(4)]
        await asyncio.gather(*(person.sign_in(link) for person in people))
        assert sorted(person.status for person in people) == [200] + [410] * 7
        (admin,) = (person for person in people if person.status == 200)
        cookies = admin.cookies
        assert [await status(each, cookies) for each in (first, second)] == [200, 200]
        await admin.open("/me")
        await admin.send("/sign-out")
        assert [await status(each, cookies) for each in (first, second)] == [403, 403]
    async with gateway(house, url) as restarted:
        assert await status(restarted, cookies) == 403
        late = restarted.somebody()
        await late.sign_in(link)
        assert late.status == 410


async def test_the_operator_signs_every_admin_out(house: House, url: str, accord) -> None:
    async with gateway(house, url) as running:
        admins = [await running.admin() for _ in range(2)]
        unused = admin_link(CONFIG, now=datetime.now(UTC))

        done = await asyncio.to_thread(accord, "admin-sign-out")

        assert (done.returncode, done.stdout) == (0, "2 admin sessions ended.\n")
        for admin in admins:
            await admin.open("/admin")
            assert admin.status == 403
        late = running.somebody()
        await late.sign_in(unused)
        assert late.status == 410
        house.clock.advance(timedelta(minutes=1))
        assert (await running.admin()).path == "/admin"
