"""Draw every picture into a folder, or some of them, in a language: `python -m tests.pictures FOLDER`."""

import argparse
import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route

from adapters.web.config import WebConfig
from bot.wording.language import ENGLISH, LANGUAGES
from tests import discord_house, slack_house, web_house
from tests.e2e.browser import PHONE, started
from tests.pictures.cameras import WIDE, Camera, DiscordCamera, SlackCamera, WebCamera
from tests.pictures.story import Stages, commanded, lived, voted_on
from tests.promises.on_discord import DiscordPlace
from tests.promises.on_slack import SlackPlace
from tests.promises.on_web import WebPlace
from tests.promises.places import Place
from tests.promises.readers import all_read
from tests.promises.screens import elsewhere

PEOPLE = 5
Play = Callable[[Place], Stages]
PLAYS: dict[str, Play] = {
    "anonymous": partial(lived, named=False),
    "named": partial(lived, named=True),
    "points": voted_on,
    "commands": commanded,
    "elsewhere": partial(elsewhere, told=[]),
}


async def pictures(folder: Path, *, language: str = ENGLISH, only: str = "") -> None:
    """Every play on every platform, or those alone in whose names, such as `web-named`, `only` stands."""
    plays = [(f"{where}-{name}", where, play) for where in PLATFORMS for name, play in PLAYS.items()]
    async with started() as browser:
        for name, where, play in plays:
            if only in name:
                page = await browser.new_page(viewport=WIDE, locale=language, timezone_id="Europe/Berlin")
                await played(page, folder / name, where, play, language)
                await page.close()


async def played(page: Page, folder: Path, where: str, play: Play, language: str) -> None:
    """A play on a platform whose people read this language."""
    opened, camera = PLATFORMS[where]
    with pytest.MonkeyPatch.context() as patch:
        async with opened() as place:
            await all_read(language, place, patch)
            await photographed(page, folder, camera(place), play(place))


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


PLATFORMS: dict[str, tuple[Callable[[], AbstractAsyncContextManager[Any]], Callable[[Any], Camera]]] = {
    "slack": (on_slack, SlackCamera),
    "discord": (on_discord, DiscordCamera),
    "web": (on_web, WebCamera),
}


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
            for width in camera.widths:
                await page.set_viewport_size(width)
                on_phone = "-phone" if width is PHONE else ""
                file = folder / f"{number:02}-{stage.replace(' ', '-')}{on_phone}.png"
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
    parser.add_argument("--language", choices=LANGUAGES, default=ENGLISH, help="what everybody reads")
    parser.add_argument("--only", default="", help="part of a folder's name, such as web or slack-named")
    chosen = parser.parse_args()
    asyncio.run(pictures(chosen.folder, language=chosen.language, only=chosen.only))
