"""Draw every picture into a folder: `python -m tests.pictures FOLDER`."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Page, Route

from adapters.web.config import WebConfig
from tests import discord_house, slack_house, web_house
from tests.e2e.browser import started
from tests.pictures.cameras import Camera, DiscordCamera, SlackCamera, WebCamera
from tests.pictures.story import Stages, commanded_on_discord, commanded_on_slack, lived
from tests.promises.on_discord import DiscordPlace
from tests.promises.on_slack import SlackPlace
from tests.promises.on_web import WebPlace

PEOPLE = 5
WIDE = {"width": 680, "height": 300}


async def pictures(folder: Path) -> None:
    """Every platform, in an anonymous question and in a named one."""
    async with started() as browser:
        page = await browser.new_page(viewport=WIDE)  # type: ignore[arg-type]
        for named in (False, True):
            name = "named" if named else "anonymous"
            async with on_slack() as channel:
                camera: Camera = SlackCamera(channel)
                await photographed(page, folder / f"slack-{name}", camera, lived(channel, named=named))
                if not named:
                    await photographed(page, folder / "slack-commands", camera, commanded_on_slack(channel))
            async with on_discord() as room:
                camera = DiscordCamera(room)
                await photographed(page, folder / f"discord-{name}", camera, lived(room, named=named))
                if not named:
                    await photographed(page, folder / "discord-commands", camera, commanded_on_discord(room))
            async with on_web() as site:
                await photographed(page, folder / f"web-{name}", WebCamera(site), lived(site, named=named))


@asynccontextmanager
async def on_slack() -> AsyncIterator[SlackPlace]:
    """A Slack channel."""
    async with slack_house.make_house() as house, house.gateway():
        yield SlackPlace(house, PEOPLE)


@asynccontextmanager
async def on_discord() -> AsyncIterator[DiscordPlace]:
    """A Discord channel."""
    async with discord_house.make_house() as house, house.gateway():
        yield DiscordPlace(house, PEOPLE)


@asynccontextmanager
async def on_web() -> AsyncIterator[WebPlace]:
    """The web channel."""
    house = await web_house.make_house(WebConfig(secret="for pictures only", base_url="http://127.0.0.1"))
    yield WebPlace(house, PEOPLE)
    await house.close()


async def photographed(page: Page, folder: Path, camera: Camera, stages: Stages) -> None:
    """A picture of what is new at each stage that has a name."""
    folder.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 (nobody else waits)
    number = 0
    async for stage in stages:
        for shown in camera.pages() if stage else camera.new():
            if not stage:
                break
            number += 1
            await show(page, camera.address, shown)
            file = folder / f"{number:02}-{stage.replace(' ', '-')}.png"
            await page.screenshot(path=file, full_page=True)
            print(file, flush=True)


async def show(page: Page, address: str, shown: str) -> None:
    """The page, as if it had come from there."""

    async def give(route: Route) -> None:
        await route.fulfill(body=shown, content_type="text/html; charset=utf-8")

    await page.unroute_all()
    await page.route(address, give)
    # It would ask for the page anew, as somebody who is not signed in.
    await page.route("**/live.js*", lambda route: route.abort())
    await page.goto(address)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.pictures")
    parser.add_argument("folder", type=Path, help="where the pictures go; made if it is missing")
    asyncio.run(pictures(parser.parse_args().folder))
