"""The worked example of the page about the API, as somebody copies it into a terminal."""

import asyncio
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bot.domain.actors import Actor
from bot.domain.api_tokens import Scope
from bot.domain.deliberation import Phase
from bot.service import api_tokens
from tests.web_house import House

PAGE = Path(__file__).parents[3] / "deploy/docs/pages/set-it-up/api.md"
# What one block sets is there for the next, as in one terminal.
AROUND = "set -ea; [ ! -e kept ] || . ./kept\n{block}\n{{ export -p; declare -f; }} > kept"


def _scopes(page: str) -> frozenset[Scope]:
    """Those of the command on the page."""
    return frozenset(Scope(each) for each in re.findall(r"--scope (\S+)", page))


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
async def test_what_the_page_about_the_api_shows_works_as_it_stands(house: House, tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    wish = api_tokens.Wish("web", "web", "Wiki", _scopes(page), None)
    admin = Actor("web", "boss", admin=True)
    _, token = await api_tokens.make(admin, wish, house.access.tokens, house.clock.now())
    environment = {
        "PATH": os.environ["PATH"],
        "ACCORD": str(house.server.make_url("/api/v1")),
        "TOKEN": token,
    }
    said: list[Any] = []
    for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL):
        done = await asyncio.to_thread(
            subprocess.run,
            ["bash", "-c", AROUND.format(block=block)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        said += [json.loads(line) for line in done.stdout.splitlines() if line]
        await house.work()
    found, _, _, _, statement, *_, results, decided, _ = said
    assert found["before_you_write"]["opinion"]
    assert results["statement"]["text"] == statement["text"]
    assert results["ratings"]["counts"] == [0, 0, 1, 0, 0, 1, 1]
    assert "Ban them from January." in decided["decided"][0]
    kept = await house.deliberations.load(found["id"])
    assert kept.phase is Phase.SETTLED
    assert len(await house.ports.contributions.opinions(kept.id)) == 2


def test_every_scope_is_told() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [scope for scope in Scope if f"`{scope}`" not in page] == []
