"""The bundled server comes back by itself while somebody uses it, and none is left behind."""

import asyncio
import os
import signal

import pytest
from redis import Redis

from adapters.redis import supervision
from adapters.redis.connection import connect
from adapters.redis.embedded import EmbeddedServer, _try_lock
from adapters.redis.supervision import supervised
from bot.ops import metrics
from tests.bell import Bell
from tests.state import on_server

pytestmark = pytest.mark.redis


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    monkeypatch.setattr(supervision, "LOOKS_EVERY_S", 0.05)


def process_of(server):
    with Redis.from_url(server.url) as client:
        return client.info("server")["process_id"]


def is_alive(folder):
    """Whether a server holds this data directory."""
    lock = _try_lock(folder / "valkey" / "server.lock")
    if lock is not None:
        os.close(lock)
    return lock is None


def restarts(outcome):
    return metrics.EMBEDDED_RESTARTS.labels(outcome)._value.get()


async def until(found):
    return await Bell().until(found)


async def test_a_killed_server_comes_back_by_itself_with_what_was_acknowledged(
    tmp_path, question, opinion, caplog
):
    first, second = EmbeddedServer(tmp_path), EmbeddedServer(tmp_path)
    before = restarts("done")
    async with supervised(first) as url, supervised(second):
        client = await connect(url)
        state = on_server(client)
        await state.deliberations.add(question())
        await state.contributions.put_opinion("d1", opinion())
        os.kill(process_of(first), signal.SIGKILL)
        await until(lambda: restarts("done") > before)
        assert await state.contributions.opinion_count("d1") == 1
        await client.aclose()
    # Of two that watch it, one starts it, and says so.
    assert restarts("done") == before + 1
    assert [record.message.partition(";")[0] for record in caplog.records] == ["the embedded server died"]
    assert not is_alive(tmp_path)


async def test_a_server_that_cannot_start_is_tried_again_until_it_can(tmp_path):
    server = EmbeddedServer(tmp_path)
    failed, done = restarts("failed"), restarts("done")
    async with supervised(server):
        with Redis.from_url(server.url) as client:
            client.set("key", "kept")
        manifest = next((tmp_path / "valkey" / "appendonlydir").glob("*.manifest"))
        good = manifest.read_text()
        manifest.write_text("not a manifest")
        os.kill(process_of(server), signal.SIGKILL)
        await until(lambda: restarts("failed") > failed)
        manifest.write_text(good)
        await until(lambda: restarts("done") > done)
        with Redis.from_url(server.url, decode_responses=True) as client:
            assert client.get("key") == "kept"


async def test_whoever_is_told_to_end_while_the_server_starts_leaves_none_behind(tmp_path, monkeypatch):
    # It never hears that the server is there, so it starts until it is told to end.
    monkeypatch.setattr(EmbeddedServer, "_answers", lambda self: False)

    async def use():
        async with supervised(EmbeddedServer(tmp_path)):
            raise AssertionError("it cannot have started")

    (tmp_path / "valkey").mkdir()
    using = asyncio.create_task(use())
    await until(lambda: (tmp_path / "valkey" / "valkey.sock").exists())
    using.cancel()
    with pytest.raises(asyncio.CancelledError):
        await using
    assert not is_alive(tmp_path)
