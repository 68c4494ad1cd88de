"""The examples in `deploy/examples`, against a running API and a stand-in for the other server."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.domain.actors import Actor
from bot.domain.api_tokens import Scope
from bot.service import api_tokens
from tests.web_house import House

FOLDER = Path(__file__).parents[3] / "deploy" / "examples"
ROOM, DIRECT, ANN = "!room:m.org", "!ann:m.org", "@ann:m.org"


@pytest.fixture(autouse=True)
def _examples(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(FOLDER))
    yield
    for name in ("accord_api", "github_comment", "matrix_bridge"):
        sys.modules.pop(name, None)


@pytest.fixture
async def accord(house: House) -> dict[str, str]:
    """Where it is, and a token."""
    admin, scopes = Actor("web", "boss", admin=True), frozenset({Scope.READ, Scope.TAKE_PART, Scope.RESULTS})
    wish = api_tokens.Wish("web", "web", "Bridge", scopes, None)
    _, token = await api_tokens.make(admin, wish, house.access.tokens, house.clock.now())
    return {"ACCORD_URL": str(house.server.make_url("")), "ACCORD_TOKEN": token}


@pytest.fixture
async def other() -> AsyncIterator[tuple[TestServer, list[Any], dict[str, Any]]]:
    """A server that notes what is sent to it, and answers what a test says, by method and path's end."""
    sent: list[Any] = []
    answers: dict[str, Any] = {}

    async def noted(request: web.Request) -> web.Response:
        body = await request.json() if request.can_read_body else None
        sent.append((request.method, request.path, body))
        return web.json_response(answers.get(f"{request.method} {request.path.rsplit('/', 1)[1]}", {}))

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", noted)
    server = TestServer(app)
    await server.start_server()
    yield server, sent, answers
    await server.close()


async def test_a_statement_is_one_comment_on_an_issue_however_often_it_is_posted(
    house: House, accord: dict[str, str], other: Any
) -> None:
    server, sent, answers = other
    question, _ = await house.until_rating()
    environment = {**accord, "GITHUB_API_URL": str(server.make_url("/")), "GITHUB_TOKEN": "t"}
    post = import_module("github_comment").post
    answers |= {"GET comments": [], "POST comments": {"html_url": "https://g/1"}}
    assert await asyncio.to_thread(post, question.id, "o/r", "7", environment) == "https://g/1"
    method, path, body = sent[-1]
    assert (method, path) == ("POST", "/repos/o/r/issues/7/comments")
    assert "> Draft 1: phase plastics out" in body["body"]
    answers |= {"GET comments": [{"id": 9, "body": body["body"]}], "PATCH 9": {"html_url": "https://g/9"}}
    assert await asyncio.to_thread(post, question.id, "o/r", "7", environment) == "https://g/9"


async def test_the_words_of_a_statement_are_no_markup_and_call_nobody() -> None:
    question = {"id": "q", "question": "<b>@all</b> #1"}
    statement = {"text": "[x](y) @ann", "drafted": "d", "made": "m"}
    text = import_module("github_comment").comment_of(question, {"statement": statement, "ratings": None})
    assert not any(each in text for each in ("<b>", "@all", "@ann", "#1", "[x]("))


async def test_people_in_a_matrix_room_answer_in_a_direct_chat_after_they_were_told(
    house: House, accord: dict[str, str], other: Any, tmp_path: Path
) -> None:
    server, sent, answers = other
    question = await house.ask()
    matrix = {"MATRIX_URL": str(server.make_url("")), "MATRIX_TOKEN": "t", "MATRIX_USER": "@accord:m.org"}
    bridge = import_module("matrix_bridge").Bridge(question.id, ROOM, tmp_path / "kept", {**accord, **matrix})

    async def came(*texts: str, invited: bool = False) -> list[str]:
        events = [
            {"type": "m.room.message", "sender": ANN, "event_id": f"$e{len(sent)}", "content": {"body": text}}
            for text in texts
        ]
        joined = {DIRECT: {"timeline": {"events": events}}}
        rooms = {"invite": {DIRECT: {}} if invited else {}, "join": joined}
        answers["GET sync"] = {"next_batch": str(len(sent)), "rooms": rooms}
        before = len(sent)
        house.clock.advance(timedelta(seconds=1))
        await asyncio.to_thread(bridge.step, 0)
        return [body["body"] for method, _, body in sent[before:] if method == "PUT"]

    announced, told = await came(invited=True)
    assert "Start a direct chat" in announced
    assert "“Bridge”" in told
    assert "without your name" in told
    (saved,) = await came("Yes, slowly.")
    assert "saved" in saved.lower()
    kept = await house.ports.contributions.opinions(question.id)
    assert [each.text for each in kept] == ["Yes, slowly."]
    (asks,) = await came("withdraw")
    assert "Withdraw your opinion?" in asks
    assert len(await house.ports.contributions.opinions(question.id)) == 1
    (gone,) = await came("yes")
    assert "Yes, slowly." in gone
    assert len(FOLDER.joinpath("matrix_bridge.py").read_text().splitlines()) < 100
