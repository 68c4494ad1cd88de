"""Commands as people at a terminal meet them: `accord` in this process, `accord_process` in another.

And the web channel as people in a browser meet it: `open_page`, over `house`.
"""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from aiohttp.test_utils import unused_port

from adapters.web.config import WebConfig
from tests.bell import PATIENCE_S, PROCESS_S
from tests.command_here import run_here
from tests.web_house import House, make_house

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

    from tests.e2e.browser import Open

ROOT = Path(__file__).parents[2]
KEPT = ("PATH", "HOME", "LANG", "OMP_NUM_THREADS")


@pytest.fixture
def environment(tmp_path):
    """Nothing configured: a data directory of this test's own and no `.env`."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "ACCORD_DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(ROOT)}


@pytest.fixture
def accord(environment, tmp_path):
    """`accord WORDS`, in this process, with nothing configured but the word-matching reward model."""

    def run(*words, env=None, input=""):
        settings = environment | {"ACCORD_REWARD_MODEL": "lexical"} | (env or {})
        return run_here(*map(str, words), folder=tmp_path, env=settings, input=input)

    return run


@pytest.fixture
def accord_process(environment, tmp_path):
    """The same as a process of its own, with the reward model that ships."""

    def run(*words, start=("-m", "bot"), env=None, input=None):
        return subprocess.run(
            [sys.executable, *start, *map(str, words)],
            cwd=tmp_path,
            env=environment | (env or {}),
            input=input,
            capture_output=True,
            text=True,
            timeout=PROCESS_S,
            check=False,
        )

    return run


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> "AsyncIterator[Browser]":
    """A headless browser of this machine: one for a file, as it is dear to start."""
    from tests.e2e.browser import started

    async with started() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def house() -> AsyncIterator[House]:
    """A web channel on a port of its own, at the time of this machine."""
    port = unused_port()
    config = WebConfig(secret="a secret for tests only", base_url=f"http://127.0.0.1:{port}")
    house = await make_house(config, now=datetime.now(UTC).replace(microsecond=0), port=port)
    yield house
    await house.close()


@pytest_asyncio.fixture(loop_scope="module")
async def open_page(house: House, browser: "Browser") -> "AsyncIterator[Open]":
    """Open an address as somebody new; a mistake in a script or a blocked file fails the test."""
    opened: list[Any] = []

    async def open_(address: str, **context: Any) -> "Page":
        fresh = await browser.new_context(**context)
        opened.append(fresh)
        page = await fresh.new_page()
        page.set_default_timeout(PATIENCE_S * 1_000)
        page.on("pageerror", lambda error: pytest.fail(f"a script failed: {error}"))
        page.on("console", _fail_on_refusals)
        await page.goto(address if address.startswith("http") else house.config.url(address))
        if "/s/" in address:
            await page.get_by_role("button", name="Sign in").click()
        return page

    yield open_
    for context in opened:
        await context.close()


def _fail_on_refusals(message: Any) -> None:
    if "Content Security Policy" in message.text:
        pytest.fail(f"the page breaks its own policy: {message.text}")
