"""Every documented form of REDIS_URL, against real servers on this machine."""

import asyncio
import socket
import subprocess
import time
from urllib.parse import quote

import pytest
from aiohttp.test_utils import unused_port
from redis import Redis

from adapters.redis.connection import connect, weaknesses
from adapters.redis.embedded import EmbeddedServer, bundled_program
from adapters.redis.live import RedisLiveFeed
from bot.domain.errors import StoreError
from bot.service.ports.live import Answered
from tests.state import on_server

pytestmark = pytest.mark.redis


@pytest.fixture
def serve(tmp_path):
    """Starts servers on loopback ports of their own; gives the port."""
    running = []

    def start(*options, config=None):
        port = unused_port()
        arguments = [str(bundled_program())]
        if config is not None:
            path = tmp_path / f"{port}.conf"
            path.write_text(config)
            arguments.append(str(path))
        arguments += ["--port", str(port), "--dir", str(tmp_path), "--save", "", *options]
        running.append(subprocess.Popen(arguments, stdout=subprocess.DEVNULL))
        wait_for(port)
        return port

    yield start
    for process in running:
        process.kill()
        process.wait()


def wait_for(port):
    def listens():
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", port)) == 0

    wait_until(listens)


def wait_until(ready):
    for _ in range(3_000):
        if ready():
            return
        time.sleep(0.02)
    raise AssertionError("the server did not get ready")


async def works(url, question, opinion):
    """Whether a whole deliberation can be kept there."""
    client = await connect(url)
    state = on_server(client)
    deliberation = await state.deliberations.add(question(closes_at=10))
    await state.contributions.put_opinion("d1", opinion())
    await state.encodings.keep(
        "d1", [(waiting, b"\xff") for waiting in await state.encodings.waiting("d1", limit=9)]
    )
    encoded = await state.encodings.of("d1", ["ann"])
    await state.deliberations.mark("d1", "m")
    closed = await state.deliberations.save(deliberation.closed(opinion(at=5).given_at))
    due = await state.deliberations.due(opinion(at=5).given_at)
    team = await state.deliberations.of_team("t1")
    erased = await state.contributions.erase_participant("d1", "ann", opinion(at=5).given_at)
    await state.deliberations.delete("d1")
    feed = RedisLiveFeed(client)
    async with feed.subscribe("d1") as events:
        await feed.publish("d1", Answered(count=1))
        heard = await anext(events)
    await client.aclose()
    kept = encoded == {"ann": b"\xff"}
    return kept and erased and list(due) == list(team) == [closed] and heard == Answered(count=1)


async def test_a_plain_server(serve, question, opinion):
    assert await works(f"redis://127.0.0.1:{serve()}/1", question, opinion)


async def test_a_user_with_a_password(serve, question, opinion):
    port = serve("--requirepass", "root")
    with Redis(port=port, password="root") as admin:
        admin.execute_command(
            "ACL", "SETUSER", "bot", "on", ">p@ss/word", "~accord:*", "&accord:*", "+@all", "-info"
        )
    password = quote("p@ss/word", safe="")
    assert await works(f"redis://bot:{password}@127.0.0.1:{port}", question, opinion)
    with pytest.raises(StoreError, match="refuses this user"):
        await connect(f"redis://bot:wrong@127.0.0.1:{port}")


async def test_behind_sentinels(serve, question, opinion):
    port = serve()
    sentinel = serve("--sentinel", config=f"sentinel monitor main 127.0.0.1 {port} 1\n")
    assert await works(f"redis+sentinel://127.0.0.1:1,127.0.0.1:{sentinel}/main/2", question, opinion)
    with pytest.raises(StoreError, match="does not answer"):
        await connect(f"redis+sentinel://127.0.0.1:{sentinel}/another")


async def test_a_cluster(serve, question, opinion):
    port = serve("--cluster-enabled", "yes", "--cluster-port", str(unused_port()))
    with Redis(port=port, decode_responses=True) as admin:
        admin.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        wait_until(lambda: "cluster_state:ok" in str(admin.execute_command("CLUSTER", "INFO")))
    assert await works(f"redis+cluster://127.0.0.1:{port}", question, opinion)


async def test_hundreds_at_once_wait_for_a_connection(client, state, question, opinion):
    await state.deliberations.add(question())
    await asyncio.gather(*(state.contributions.put_opinion("d1", opinion(f"p{n}")) for n in range(500)))
    assert await state.contributions.opinion_count("d1") == 500
    assert (await client.info("clients"))["connected_clients"] <= 70


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:6379",
        "http://user:hush@localhost",
        "redis://user:hush@localhost:port",
        "redis+sentinel://user:hush@localhost:26379",
        "redis+cluster://user:hush@",
        "redis+other://user:hush@localhost",
    ],
)
async def test_a_url_that_cannot_be_used_is_not_quoted(url):
    with pytest.raises(StoreError, match="REDIS_URL cannot be used") as caught:
        await connect(url)
    assert "hush" not in str(caught.value)
    assert caught.value.__suppress_context__


async def test_nobody_there_is_one_sentence():
    with pytest.raises(StoreError, match="does not answer"):
        await connect(f"redis://127.0.0.1:{unused_port()}")


async def test_a_server_that_is_too_old_is_refused():
    """No old server can be bundled, so one that says it is old stands in for it."""

    async def answer(reader, writer):
        while line := await reader.readline():
            if line.strip().upper() in (b"HELLO", b"CLIENT", b"PING", b"INFO"):
                writer.write(OLD_ANSWERS[line.strip().upper()])
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(StoreError, match=r"version 6\.2\.14; Accord needs Redis or Valkey 7"):
            await connect(f"redis://127.0.0.1:{port}?protocol=2")


INFO = b"# Server\r\nredis_version:6.2.14\r\n"
OLD_ANSWERS = {
    b"HELLO": b"-ERR unknown command\r\n",
    b"CLIENT": b"+OK\r\n",
    b"PING": b"+PONG\r\n",
    b"INFO": b"$%d\r\n%s\r\n" % (len(INFO), INFO),
}


async def test_a_server_that_could_lose_opinions_is_found_out(tmp_path):
    with EmbeddedServer(tmp_path) as server:
        client = await connect(server.url)
        try:
            assert await weaknesses(client) == []
            await client.config_set("maxmemory-policy", "allkeys-lru")
            await client.config_set("appendonly", "no")
            evicts, forgets = await weaknesses(client)
            await client.execute_command("ACL", "SETUSER", "default", "-config")
            assert (
                await weaknesses(client) == []
            )  # as at hosted servers, which keep their settings to themselves
        finally:
            await client.aclose()
    assert "noeviction" in evicts
    assert "appendonly" in forgets


@pytest.mark.parametrize(
    "url", ["redis://127.0.0.1:1?foo=hunter2", "redis+cluster://127.0.0.1:1?db=1", "redis://127.0.0.1:x"]
)
async def test_what_no_client_understands_is_told_in_a_sentence(url):
    with pytest.raises(StoreError, match="REDIS_URL") as caught:
        await connect(url)

    assert "hunter2" not in str(caught.value)
