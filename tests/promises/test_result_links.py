"""The link to a result: those who run the question end it on every platform, and make a new one."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import pytest
from aiohttp.test_utils import TestClient

from adapters.memory import MemoryApiTokens, MemoryInvitations, MemoryNotes, MemorySessions
from adapters.web.app import create_app
from adapters.web.config import WebConfig
from adapters.web.links import results_link
from bot.domain.commands import ChangeResultLink
from bot.domain.deliberation import RESULT_LINK_CHANGED, Deliberation
from bot.service.ports import Ports
from bot.service.ports.web_access import WebAccess
from bot.wording import page_lines, texts
from bot.wording.confirmations import END_RESULT_LINK
from tests import discord_house, slack_house
from tests.promises.on_discord import DiscordPlace
from tests.promises.on_slack import SlackPlace
from tests.promises.places import QUESTION, Place
from tests.web_house import HouseServer

CONFIG = WebConfig(secret="a secret for tests only", base_url="http://127.0.0.1")

Opens = Callable[[str], Awaitable[tuple[int, str]]]


def page(d: Deliberation) -> str:
    """Where a result has its page."""
    return results_link(CONFIG, d.team, d.id, d.result_link)


@asynccontextmanager
async def opening(ports: Ports) -> AsyncIterator[Opens]:
    """A stranger's browser before the pages of what is kept there."""
    access = WebAccess(MemorySessions(), MemoryInvitations(ports.deliberations), MemoryApiTokens())
    async with TestClient(HouseServer(create_app(ports, CONFIG, access, MemoryNotes()))) as client:

        async def opens(address: str) -> tuple[int, str]:
            answer = await client.get(address.removeprefix("http://127.0.0.1"))
            return answer.status, await answer.text()

        yield opens


@pytest.fixture
async def linked_slack() -> AsyncIterator[Place]:
    """A Slack channel whose results have a page."""
    async with slack_house.make_house(pages=page) as house, house.gateway():
        yield SlackPlace(house, 3)


@pytest.fixture
async def linked_discord() -> AsyncIterator[Place]:
    """A Discord channel whose results have a page."""
    async with discord_house.make_house(pages=page) as house, house.gateway():
        yield DiscordPlace(house, 3)


@pytest.fixture
async def linked_web(on_web: Place) -> Place:
    """The web channel."""
    return on_web


@pytest.fixture(params=["slack", "discord", "web"])
def linked(request: pytest.FixtureRequest) -> Place:
    """A place whose results have a page, on each platform in turn."""
    found: Place = request.getfixturevalue(f"linked_{request.param}")
    return found


async def test_those_who_run_it_end_the_link_to_the_result_and_make_a_new_one(linked: Place) -> None:
    await linked.ask()
    await linked.answered("Ban them all.", "Only with help.", "Not at all.")
    await linked.rated(6, 5, 7)
    async with opening(linked.ports) as opens:
        first = page(await linked.load())
        status, shown = await opens(first)
        assert (status, QUESTION in shown) == (200, True)
        assert first in linked.on_card() or not linked.posted()

        assert END_RESULT_LINK.yes not in await linked.sees(1)
        asked = await linked.end_result_link()
        assert "new link" in asked.shown
        assert (await opens(first))[0] == 200
        assert texts.RESULT_LINK_ENDED in linked.plain(await asked.yes())
        status, shown = await opens(first)
        assert (status, page_lines.RESULT_LINK_ENDED[0] in shown, QUESTION in shown) == (410, True, False)
        await linked.work()
        assert "/r/" not in linked.on_card()

        second = await linked.new_result_link()
        assert second != first
        assert (await opens(first))[0] == 410
        status, shown = await opens(second)
        assert (status, QUESTION in shown) == (200, True)
        await linked.work()
        assert second in linked.on_card() or not linked.posted()


async def test_an_old_button_ends_no_link_that_was_made_since(linked: Place) -> None:
    await linked.ask()
    await linked.answered("Ban them all.", "Only with help.", "Not at all.")
    await linked.rated(6, 5, 7)
    old = await linked.end_result_link()
    for link in (None, "another"):
        await linked.run(partial(ChangeResultLink, link=link))
    assert RESULT_LINK_CHANGED in linked.plain(await old.yes())
    assert (await linked.load()).result_link == "another"
    # One that was drawn since does.
    assert texts.RESULT_LINK_ENDED in linked.plain(await (await linked.end_result_link()).yes())
    assert (await linked.load()).result_link is None
