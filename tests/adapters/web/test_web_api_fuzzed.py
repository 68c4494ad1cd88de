"""Schemathesis sends what the API's description allows, and what it forbids, to a running server.

It looks whether every answer is one that is described, and that none is a failure of ours.
"""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.web.config import WebConfig
from bot.domain.actors import Actor
from bot.domain.api_tokens import Scope
from bot.service import api_tokens
from tests.web_house import House, make_house

# What is right by its schema may still be refused: the state of a question is no part of it.
CONFIG = """\
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "401", "403", "404", "409", "422"]
"""
# What cannot be made up.
KNOWN = """\

[parameters]
"path.question" = "{question}"
"path.participant" = "ann"
"""


@pytest.fixture
async def house(config: WebConfig) -> AsyncIterator[House]:
    """Lets software ask as often as it likes."""
    house = await make_house(replace(config, api_requests_per_minute=1_000_000))
    yield house
    await house.close()


@pytest.mark.parametrize(
    ("question", "examples", "phases"),
    [
        pytest.param("open", 2, "coverage,fuzzing", marks=pytest.mark.slow, id="open"),
        pytest.param("rating", 20, "coverage,fuzzing", marks=pytest.mark.long, id="rating"),
        pytest.param("named", 20, "coverage,fuzzing", marks=pytest.mark.long, id="named"),
        pytest.param("", 20, "coverage,fuzzing,stateful", marks=pytest.mark.long, id="none known"),
    ],
)
async def test_nothing_that_is_sent_makes_the_api_fail(
    house: House, tmp_path: Path, question: str, examples: int, phases: str
) -> None:
    wish = api_tokens.Wish("web", "web", "Fuzz", frozenset(Scope), None)
    admin = Actor("web", "boss", admin=True)
    _, token = await api_tokens.make(admin, wish, house.access.tokens, house.clock.now())
    config = tmp_path / "schemathesis.toml"
    known = await _questions(house)
    config.write_text(CONFIG + (KNOWN.format(question=known[question]) if question else ""))
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
        *("run", str(house.server.make_url("/api/openapi.json")), "--url", str(house.server.make_url("/"))),
        *("--header", f"Authorization: Bearer {token}", "--seed", "1", "--phases", phases, "--no-color"),
        # It takes a question's words, the answer's field "question", for the id in an address.
        *("--exclude-checks", "ensure_resource_availability"),
        *("--max-examples", str(examples), "--no-shrink", "--generation-database", "none"),
    ]
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


async def _questions(house: House) -> dict[str, str]:
    """The ids of questions as they may stand."""
    opened = await house.ask("Open?", position_statement="For it.", points=True)
    named = await house.ask("Named?", anonymous=False)
    rating, _ = await house.until_rating()
    return {"open": opened.id, "named": named.id, "rating": rating.id}
