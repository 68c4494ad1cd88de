"""A headless Chromium for tests: where it is found, how it is started, and what a phone is."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Literal

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The best first: a shell without windows of its own shows the same pages for a third of the work."""
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]

# Text whose contrast with what is behind it is below WCAG AA, as "colour on colour: text".
POOR_CONTRAST = """() => {
  const numbers = (colour) => (colour.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const light = ([r, g, b]) => {
    const [R, G, B] = [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * R + 0.7152 * G + 0.0722 * B;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const [r, g, b, a = 1] = numbers(getComputedStyle(e).backgroundColor);
      if (a === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest("title, desc, noscript, script, option")) continue;
    if (!element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const front = numbers(element.closest("svg") ? style.fill : style.color);
    const back = behind(element);
    const [high, low] = [light(front), light(back)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const needed = size >= 24 || (size >= 18.66 && style.fontWeight >= 700) ? 3 : 4.5;
    if ((high + 0.05) / (low + 0.05) < needed)
      poor.push(`${front} on ${back}: ${walker.currentNode.data.trim().slice(0, 40)}`);
  }
  return poor;
}"""
PHONE, WIDE = ViewportSize(width=360, height=740), ViewportSize(width=1280, height=720)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = "[document.documentElement.scrollWidth, innerWidth]"
"""Alike where nothing is to be scrolled sideways."""

Open = Callable[..., Awaitable[Page]]


def found() -> str:
    """Where this machine has a browser; without one the test is skipped, and says what to install."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(
            "no Chromium found: install the package chromium-headless-shell or chromium to run browser tests"
        )
    return path


@asynccontextmanager
async def started() -> AsyncIterator[Browser]:
    """The browser, for as long as it is needed."""
    path = found()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


async def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with a page as it is shown: each rule, and the first place that breaks it."""
    found = (await Axe().run(page)).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found]
