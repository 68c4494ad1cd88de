"""A running gateway outlives its embedded server, and none is left behind by one that is told to end."""

import asyncio
import os
import random
import resource
import signal
import subprocess
import sys
from contextlib import suppress

import aiohttp
import pytest
from aiohttp.test_utils import unused_port
from redis import Redis
from redis.exceptions import RedisError

from adapters.redis.embedded import EmbeddedServer, _try_lock
from bot.bootstrap.state import warn_of_weaknesses
from tests.bell import PROCESS_S, Bell
from tests.command_here import run_here

FULL = "The state store is full. Give it more memory or delete old questions."

pytestmark = [pytest.mark.redis, pytest.mark.slow]


@pytest.fixture
def start(environment, tmp_path):
    """Starts `accord WORDS`, with an embedded server in the test's own data directory; its log afterwards."""
    running = []

    def start_(*words, **settings):
        with (tmp_path / "log.txt").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "bot", *words],
                cwd=tmp_path,
                env=environment | {"ACCORD_REWARD_MODEL": "lexical"} | settings,
                stdout=log,
                stderr=log,
            )
        running.append(process)
        return process

    yield start_
    for process in running:
        process.kill()
        process.wait()


def has_server(folder):
    """Whether a server holds this data directory."""
    lock = _try_lock(folder / "valkey" / "server.lock")
    if lock is not None:
        os.close(lock)
    return lock is None


async def status(session, path):
    try:
        async with session.get(path) as answer:
            return answer.status, await answer.text()
    except aiohttp.ClientError:
        return 0, ""


async def until(looked, wanted):
    """Look until it is as wanted."""
    async with asyncio.timeout(PROCESS_S):
        while not wanted(found := await looked()):  # noqa: ASYNC110 (another process acts)
            await asyncio.sleep(0.05)
    return found


async def test_a_gateway_whose_server_is_killed_is_ready_again_with_all_it_had(start, tmp_path):
    port = unused_port()
    server = EmbeddedServer(tmp_path / "data")
    gateway = start("run", ACCORD_WEB_PORT=str(port), ACCORD_STREAMS="4500")
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as monitor:
        await until(lambda: status(monitor, "/readyz"), lambda found: found[0] == 200)
        soft, hard = resource.prlimit(gateway.pid, resource.RLIMIT_NOFILE)
        assert soft >= min(10_000, hard)  # each live page is an open file, and so is what it is told through
        with Redis.from_url(server.url, decode_responses=True) as client:
            client.set("key", "acknowledged")
            killed = client.info("server")["process_id"]
            os.kill(killed, signal.SIGKILL)
        restarted = 'embedded_server_restarts_total{outcome="done"} 1.0'
        await until(lambda: status(monitor, "/metrics"), lambda found: restarted in found[1])
        assert (await status(monitor, "/readyz"))[0] == 200
        # There in a process without a worker too, so the alarm cannot wait for its absence.
        assert "worker_looked_at_seconds 0.0" in (await status(monitor, "/metrics"))[1]
        with Redis.from_url(server.url, decode_responses=True) as client:
            assert client.get("key") == "acknowledged"
            assert client.info("server")["process_id"] != killed
            client.config_set("maxmemory", "1")
            assert await status(monitor, "/readyz") == (503, FULL + "\n")
    gateway.terminate()
    assert await asyncio.to_thread(gateway.wait, PROCESS_S) == 0
    assert not has_server(tmp_path / "data")
    assert "the embedded server died; it was started again" in (tmp_path / "log.txt").read_text()


def may_write(pid, size):
    """Let a process write no file beyond this size, as on a disk that is full."""
    hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))


async def test_a_server_whose_disk_is_full_loses_nothing_acknowledged_and_writes_again_once_there_is_room(
    start, tmp_path
):
    port = unused_port()
    server, kept = EmbeddedServer(tmp_path / "data"), []
    gateway = start("run", ACCORD_WEB_PORT=str(port))

    async def taken():
        """Whether a write is acknowledged."""
        key = f"key-{len(kept)}"
        try:
            with Redis.from_url(server.url, decode_responses=True) as client:
                client.set(key, "x" * 10_000)
        except RedisError:
            return False
        kept.append(key)
        return True

    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as monitor:
        await until(lambda: status(monitor, "/readyz"), lambda found: found[0] == 200)
        with Redis.from_url(server.url) as client:
            may_write(client.info("server")["process_id"], 100_000)
        may_write(gateway.pid, 100_000)  # and so whatever it starts in its place
        await until(taken, lambda done: not done)
        assert kept
        may_write(gateway.pid, resource.RLIM_INFINITY)
        full = len(kept)
        await until(taken, lambda done: done and len(kept) > full + 10)
        await until(lambda: status(monitor, "/readyz"), lambda found: found[0] == 200)
        with Redis.from_url(server.url, decode_responses=True) as client:
            assert client.exists(*kept) == len(kept)
    gateway.terminate()
    assert await asyncio.to_thread(gateway.wait, PROCESS_S) == 0


async def test_a_worker_that_is_told_a_port_serves_its_metrics_there(start, tmp_path):
    port = unused_port()
    worker = start("worker", ACCORD_METRICS_PORT=str(port), ACCORD_GENERATOR="digest")
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as monitor:
        _, shown = await until(
            lambda: status(monitor, "/metrics"),
            lambda found: found[0] == 200 and "worker_looked_at_seconds 0.0" not in found[1],
        )
        # Errors are there before there is one: Prometheus sees no rise in a count that begins with it.
        errors = 'worker_steps_total{outcome="error",step="mediate"} 0.0'
        for name in (
            "worker_oldest_due_seconds 0.0",
            "worker_due_steps 0.0",
            "mediation_stage_seconds",
            errors,
        ):
            assert name in shown
        assert await status(monitor, "/healthz") == (200, "ok\n")
        # Another one on the same port says so, and ends.
        second = start("worker", ACCORD_METRICS_PORT=str(port))
        assert await asyncio.to_thread(second.wait, PROCESS_S) == 2
        assert "Choose another port with ACCORD_METRICS_PORT." in (tmp_path / "log.txt").read_text()
    worker.terminate()
    assert await asyncio.to_thread(worker.wait, PROCESS_S) in (0, -signal.SIGTERM)
    assert not (tmp_path / "data" / "valkey").exists() or not has_server(tmp_path / "data")


async def test_the_doctor_tries_a_write_and_a_start_warns_of_a_server_that_keeps_nothing(tmp_path, caplog):
    with EmbeddedServer(tmp_path) as server, Redis.from_url(server.url) as client:
        await warn_of_weaknesses(server.url)
        assert not caplog.messages
        client.config_set("appendonly", "no")
        await warn_of_weaknesses(server.url)
        client.config_set("maxmemory", "1")
        settings = {"REDIS_URL": server.url, "ACCORD_SECRET_KEY": "a key that is only for tests"}
        env = settings | {"ACCORD_REWARD_MODEL": "lexical", "COLUMNS": "500"}
        doctor = await asyncio.to_thread(run_here, "doctor", folder=tmp_path, env=env)
    (warned,) = caplog.messages
    assert "keeps nothing on disk" in warned
    assert doctor.returncode == 1
    assert f"state: {FULL}" in doctor.stdout


async def test_a_gateway_that_is_told_to_end_while_it_starts_leaves_no_server(start, tmp_path):
    socket = tmp_path / "data" / "valkey" / "valkey.sock"
    gateway = start("run", ACCORD_WEB_PORT="0")
    await Bell().until(lambda: socket.exists() or gateway.poll() is not None, timeout_s=PROCESS_S)
    gateway.terminate()
    assert await asyncio.to_thread(gateway.wait, PROCESS_S) in (0, -signal.SIGTERM)
    assert not has_server(tmp_path / "data")
    assert "Traceback" not in (tmp_path / "log.txt").read_text()


async def test_told_to_end_at_any_moment_of_its_start_it_leaves_no_server(start, tmp_path):
    for number in range(6):
        data = tmp_path / f"data-{number}"
        process = start("run", ACCORD_WEB_PORT="0", ACCORD_DATA_DIR=str(data))
        with suppress(subprocess.TimeoutExpired):
            await asyncio.to_thread(process.wait, random.uniform(0, 2))
        process.terminate()
        assert await asyncio.to_thread(process.wait, PROCESS_S) in (0, -signal.SIGTERM)
        assert not (data / "valkey").exists() or not has_server(data)
    assert "Traceback" not in (tmp_path / "log.txt").read_text()
