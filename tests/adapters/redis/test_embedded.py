"""The bundled server: kept through stops and kills, shared by processes, closed to everybody else."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from redis import Redis

from adapters.redis import embedded
from adapters.redis.connection import connect
from adapters.redis.embedded import EmbeddedServer
from bot.domain.errors import StoreError
from tests.state import on_server

pytestmark = pytest.mark.redis


def process_of(server):
    with Redis.from_url(server.url) as client:
        return client.info("server")["process_id"]


def value_in(server, key="key"):
    with Redis.from_url(server.url, decode_responses=True) as client:
        return client.get(key)


def put_in(server, value, key="key"):
    with Redis.from_url(server.url) as client:
        client.set(key, value)


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    # Where nobody collects the processes of a container, a dead one stays as a zombie.
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def server(tmp_path):
    server = EmbeddedServer(tmp_path)
    server.start()
    yield server
    server.stop()


def test_a_stopped_server_is_gone_and_keeps_everything(tmp_path):
    with EmbeddedServer(tmp_path) as server:
        put_in(server, "kept")
        pid = process_of(server)
    assert not is_running(pid)
    with EmbeddedServer(tmp_path) as server:
        assert process_of(server) != pid
        assert value_in(server) == "kept"


async def test_a_killed_server_keeps_every_accepted_opinion(tmp_path, question, opinion):
    server = EmbeddedServer(tmp_path)
    client = await connect(await asyncio.to_thread(server.start))
    state = on_server(client)
    await state.deliberations.add(question())
    for number in range(20):
        await state.contributions.put_opinion("d1", opinion(f"p{number}"))
    os.kill(process_of(server), signal.SIGKILL)
    with EmbeddedServer(tmp_path):
        assert await state.contributions.opinion_count("d1") == 20
        await client.aclose()
        await asyncio.to_thread(server.stop)


def test_every_change_is_on_the_disk_before_it_is_acknowledged(server):
    with Redis.from_url(server.url, decode_responses=True) as client:
        assert client.config_get("appendfsync") == {"appendfsync": "always"}
        assert client.config_get("appendonly") == {"appendonly": "yes"}


def test_the_server_is_closed_to_the_network_and_to_other_users(server, tmp_path):
    with Redis.from_url(server.url, decode_responses=True) as client:
        assert client.config_get("port") == {"port": "0"}
    assert (tmp_path / "valkey").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "valkey" / "valkey.sock").stat().st_mode & 0o777 == 0o700


def test_the_server_does_not_get_the_terminals_interrupts(server):
    assert os.getsid(process_of(server)) != os.getsid(0)


def test_a_second_process_joins_and_the_last_one_out_stops_it(tmp_path):
    first, second = EmbeddedServer(tmp_path), EmbeddedServer(tmp_path)
    assert first.start() == second.start()
    pid = process_of(first)
    first.stop()
    assert process_of(second) == pid
    second.stop()
    assert not is_running(pid)


def test_racing_starters_share_one_server(tmp_path):
    servers = [EmbeddedServer(tmp_path) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(EmbeddedServer.start, servers))
    assert len({process_of(server) for server in servers}) == 1
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(EmbeddedServer.stop, servers))
    assert not (tmp_path / "valkey" / "valkey.sock").exists()


def test_starting_and_stopping_at_once_never_leaves_a_user_without_a_server(tmp_path):
    def come_and_go(_):
        with EmbeddedServer(tmp_path) as server, Redis.from_url(server.url) as client:
            client.incr("visits")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(come_and_go, range(24)))
    with EmbeddedServer(tmp_path) as server:
        assert value_in(server, "visits") == "24"


def test_a_server_left_behind_by_a_killed_process_is_used_and_stopped_by_the_next(tmp_path):
    script = """
        import os, signal, sys
        from pathlib import Path
        from redis import Redis
        from adapters.redis.embedded import EmbeddedServer

        server = EmbeddedServer(Path(sys.argv[1]))
        server.start()
        Redis.from_url(server.url).set("key", "kept")
        os.kill(os.getpid(), signal.SIGKILL)
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(script), tmp_path], check=False)
    assert killed.returncode == -signal.SIGKILL
    with EmbeddedServer(tmp_path) as server:
        pid = process_of(server)
        assert value_in(server) == "kept"
    assert not is_running(pid)


@pytest.mark.parametrize("name", ["x" * 120, "with space %20 'and' \"quotes\" #?ü"], ids=["long", "odd"])
async def test_any_data_directory_will_do(tmp_path, name):
    data_dir = tmp_path / name
    server = EmbeddedServer(data_dir)
    client = await connect(await asyncio.to_thread(server.start))
    await client.set("key", "value")
    await client.aclose()
    await asyncio.to_thread(server.stop)
    assert list((data_dir / "valkey" / "appendonlydir").iterdir())


def test_a_socket_directory_of_somebody_else_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded.tempfile, "gettempdir", lambda: str(tmp_path))
    server = EmbeddedServer(tmp_path / ("x" * 120))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    path = server.url.removeprefix("unix://")
    os.symlink(elsewhere, os.path.dirname(path))
    with pytest.raises(StoreError, match="belongs to somebody else"):
        server.start()


def test_a_data_directory_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="ACCORD_DATA_DIR"):
        EmbeddedServer(tmp_path / "file").start()


def test_a_server_that_cannot_start_says_where_to_look(tmp_path):
    with EmbeddedServer(tmp_path) as server:
        put_in(server, "kept")
    manifest = next((tmp_path / "valkey" / "appendonlydir").glob("*.manifest"))
    manifest.write_text("not a manifest")
    with pytest.raises(StoreError, match=r"server\.log says why"):
        EmbeddedServer(tmp_path).start()


def test_a_platform_without_the_bundled_server_is_told_what_to_set(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(StoreError, match="Set REDIS_URL"):
        EmbeddedServer(tmp_path).start()


def test_stopping_what_was_not_started_is_harmless(tmp_path):
    EmbeddedServer(tmp_path).stop()
    assert not (tmp_path / "valkey").exists()


def test_tests_cannot_reach_other_machines():
    with socket.socket() as sock, pytest.raises(RuntimeError, match="stay on this machine"):
        sock.connect(("192.0.2.1", 80))
