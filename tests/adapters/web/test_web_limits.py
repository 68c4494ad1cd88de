"""A hall behind one address takes part; one flood is stopped, and so are requests that never arrive."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from http.cookies import SimpleCookie

import aiohttp
import pytest
from prometheus_client import REGISTRY

from adapters.web.config import WebConfig
from bot.domain.deliberation import Deliberation
from tests.bell import PATIENCE_S
from tests.web_house import House, make_house

HALL = 500
AT_ONCE = 50


def refused(limit: str) -> float:
    """How many requests were turned away by it, as Prometheus is told."""
    return REGISTRY.get_sample_value("web_refused_total", {"limit": limit}) or 0.0


@pytest.mark.slow
async def test_five_hundred_people_at_one_address_take_part_within_a_minute_and_nobody_is_refused(
    house: House,
) -> None:
    """With the limits as they come; the house's clock stands still, so all of it counts as one minute."""
    asked = await house.ask(quorum=HALL + 1)
    link, admission = await house.invite(asked), asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession(
        f"http://127.0.0.1:{house.server.port}", cookie_jar=aiohttp.DummyCookieJar()
    ) as wifi:

        async def somebody(number: int) -> set[int]:
            async with admission:
                return await _takes_part(wifi, link.partition("127.0.0.1")[2], asked, number)

        seen = await asyncio.gather(*(somebody(number) for number in range(HALL)))
    assert set().union(*seen) == {200, 303}
    assert await house.contributions.opinion_count(asked.id) == HALL


async def _takes_part(wifi: aiohttp.ClientSession, link: str, asked: Deliberation, number: int) -> set[int]:
    """Come in, read the page, answer, and look how things stand; the statuses of all that."""
    async with wifi.get(link, allow_redirects=False) as let_in:
        cookie = {name: each.value for name, each in SimpleCookie(let_in.headers["Set-Cookie"]).items()}
    async with wifi.get(f"/d/{asked.id}", cookies=cookie) as page:
        csrf = (await page.text()).split('name="csrf" value="')[1].split('"')[0]
    form = {"csrf": csrf, "opinion": f"Opinion {number}."}
    path = f"/d/{asked.id}/opinion"
    async with wifi.post(path, data=form, cookies=cookie, allow_redirects=False) as given:
        pass
    async with wifi.get(f"/d/{asked.id}/now", cookies=cookie) as stands:
        pass
    return {let_in.status, page.status, given.status, stands.status}


async def test_a_flood_without_a_link_stops_itself_and_not_the_people_at_its_address(
    config: WebConfig,
) -> None:
    house = await make_house(replace(config, requests_per_minute=4))
    member = await house.visitor(await house.ask())
    stranger = house.somebody()
    for _ in range(5):
        await stranger.open("/how")
    assert stranger.status == 429
    await member.open("/how")
    assert member.status == 200
    made_up = {"Cookie": "accord=made.up"}
    await stranger.open("/how", headers=made_up)
    assert stranger.status == 429
    await house.close()


async def test_a_flood_by_one_person_stops_itself_and_not_the_others_at_its_address(
    config: WebConfig,
) -> None:
    house = await make_house(replace(config, requests_per_minute=4))
    asked = await house.ask()
    one, other = await house.visitor(asked), await house.visitor(asked)
    before = refused("requests")
    for _ in range(5):
        await one.open("/how")
    await other.open("/how")
    assert (one.status, other.status) == (429, 200)
    assert refused("requests") > before
    await house.close()


async def test_a_flood_by_many_made_up_people_is_stopped_by_their_address(config: WebConfig) -> None:
    house = await make_house(replace(config, requests_per_client=12))
    asked = await house.ask()
    people = [await house.visitor(asked) for _ in range(5)]  # two requests each
    for person in people:
        await person.open("/how")
    assert [person.status for person in people] == [200, 200, 429, 429, 429]
    assert refused("address") >= 3
    await house.close()


async def test_a_form_may_be_as_big_as_the_setting_says(config: WebConfig) -> None:
    house = await make_house(replace(config, body_limit=64 * 1024))
    asked = await house.ask()
    visitor = await house.visitor(asked)
    for size, status in ((60_000, 200), (70_000, 413)):
        await visitor.open(f"/d/{asked.id}")
        await visitor.send(f"/d/{asked.id}/opinion", {"opinion": "Mine.", "more": "x" * size})
        assert visitor.status == status
    await house.close()


# -- requests that never arrive ------------------------------------------------------------------


HEAD = b"GET /healthz HTTP/1.1\r\nHost: accord\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\n"
POST = b"POST /me/forget HTTP/1.1\r\nHost: accord\r\n" + FORM


@pytest.fixture
async def hurried(config: WebConfig) -> AsyncIterator[House]:
    """A channel that waits a fifth of a second for a request."""
    house = await make_house(replace(config, request_within_s=0.2))
    yield house
    await house.close()


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /", HEAD, POST, POST + b"csrf="],
    ids=["nothing", "half a line", "half a head", "no body", "half a body"],
)
@pytest.mark.parametrize("first", [True, False], ids=["at first", "after a whole one"])
async def test_a_request_that_never_arrives_ends(hurried: House, sent: bytes, first: bool) -> None:
    if not (sent or first):
        return  # an idle connection, which is another matter
    reader, writer = await asyncio.open_connection("127.0.0.1", hurried.server.port)
    if not first:
        writer.write(HEAD + b"\r\n")
        await reader.readuntil(b"ok\n")
    writer.write(sent)
    async with asyncio.timeout(PATIENCE_S):
        await reader.read()
    writer.close()


async def test_a_request_that_drips_in_ends(hurried: House) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", hurried.server.port)
    ended = asyncio.create_task(reader.read())
    writer.write(HEAD)
    async with asyncio.timeout(PATIENCE_S):
        while not ended.done():
            writer.write(b"X-More: x\r\n")
            await asyncio.wait([ended], timeout=0.02)
    writer.close()


async def test_what_arrived_whole_is_never_cut_off_for_being_answered_slowly(hurried: House) -> None:
    """Nor is a connection that waits for its next request, nor a page that watches."""
    asked = await hurried.ask()
    member = await hurried.visitor(asked)
    async with member.client.get(f"/d/{asked.id}/events") as stream:
        reader, writer = await asyncio.open_connection("127.0.0.1", hurried.server.port)
        for _ in range(2):
            writer.write(HEAD + b"\r\n")
            async with asyncio.timeout(PATIENCE_S):
                assert (await reader.readuntil(b"ok\n")).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(0.5)  # far more than a request may take to arrive
        assert not stream.content.at_eof()
        assert stream.content.exception() is None
        writer.close()
