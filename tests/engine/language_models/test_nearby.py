"""Which servers of language models run on this machine: real listeners on loopback, some of them others."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import web

from engine.language_models.nearby import nearby_servers


@asynccontextmanager
async def listening(answer):
    """A server that answers `/v1/models` so; gives its port."""
    app = web.Application()
    app.router.add_get("/v1/models", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def models(request):
    return web.json_response({"object": "list", "data": [{"id": "llama3.2:3b"}, {"id": "qwen3:4b"}]})


async def no_models(request):
    return web.json_response({"object": "list", "data": []})


async def test_servers_are_found_with_their_models():
    async with AsyncExitStack() as stack:
        full, empty = [await stack.enter_async_context(listening(each)) for each in (models, no_models)]
        found = await nearby_servers({full: "Ollama", empty: "vLLM", 9: "LM Studio"})

    assert [(server.usual, server.models) for server in found] == [
        ("Ollama", ("llama3.2:3b", "qwen3:4b")),
        ("vLLM", ()),
    ]
    assert found[0].url == f"http://127.0.0.1:{full}/v1"


async def page(request):
    return web.Response(text="<html>", content_type="text/html")


async def refusing(request):
    raise web.HTTPUnauthorized


async def elsewhere(request):
    raise web.HTTPFound("http://example.org/v1/models")


async def other_json(request):
    return web.json_response(["models"])


async def endless(request):
    reply = web.StreamResponse()
    await reply.prepare(request)
    while True:
        await reply.write(b" " * 65_536)


async def silent(request):
    await asyncio.sleep(30)


@pytest.mark.parametrize("answer", [page, refusing, elsewhere, other_json, endless, silent])
async def test_whatever_else_listens_there_is_passed_over(answer, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    async with asyncio.timeout(10), listening(answer) as other, listening(models) as port:
        found = await nearby_servers({other: "llama.cpp", port: "Ollama"})

    assert [server.usual for server in found] == ["Ollama"]
