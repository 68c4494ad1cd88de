"""What every room's tests share: a real server, and no way out of this machine."""

import gc
import ipaddress
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from redis import Redis

from adapters.redis.embedded import EmbeddedServer

# Several test processes share the cores, so each computes on one; also the processes that tests start.
# Set here, before anything imports torch or numpy.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The secret key of a first start is kept in the user's folder: in tests, in one that is gone afterwards.
_FOLDER = tempfile.TemporaryDirectory(prefix="accord-tests-")
os.environ["XDG_CONFIG_HOME"] = _FOLDER.name

# How long an example takes only says how busy the machine is. CI looks at the same examples each time, so
# that what lands does not hang on luck; everywhere else other ones are looked for in each run.
settings.register_profile("any machine", deadline=None, derandomize="FIXED_EXAMPLES" in os.environ)
settings.register_profile("fast", parent=settings.get_profile("any machine"), max_examples=20)
settings.load_profile("any machine")

HERE = Path(__file__).parent
LEFT_OUT = {
    HERE / room
    for room in (
        "e2e",
        "adapters",
        "promises",
        "contract",
        "deploy",
        "engine/drafting",
        "engine/reward",
        "engine/training",
        "engine/evaluation",
        "engine/questions",
    )
}
"""What `--fast` does not even import: rooms whose tests load torch or scikit-learn, start processes, or hold
conversations with a platform or a server."""
NOT_FAST = ("slow", "long", "browser")
WHOLE_PROCESSES = HERE / "e2e"
EARLY = 0.75
"""The part of a run by which the last file of whole processes is begun."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="The core's tests alone, in well under a minute.")


def pytest_configure(config: pytest.Config) -> None:
    """Fewer examples of Hypothesis where only fast tests are wanted."""
    if config.getoption("--fast"):
        settings.load_profile("fast")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out whole rooms where only fast tests are wanted; None leaves the choice to pytest."""
    return True if config.getoption("--fast") and collection_path in LEFT_OUT else None


def pytest_collection() -> None:
    """Collecting makes a million objects and next to no garbage: nobody need look for any meanwhile."""
    gc.disable()


def pytest_collection_finish() -> None:
    """What is there now stays, so that no search for garbage goes through all of it again."""
    gc.freeze()
    gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what is slow where only fast tests are wanted; put whole processes among the others."""
    places = _among_each_other(list(dict.fromkeys(item.path for item in items)))
    items.sort(key=lambda item: places[item.path])
    if config.getoption("--fast"):
        slow = [item for item in items if any(item.get_closest_marker(name) for name in NOT_FAST)]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


def _among_each_other(files: list[Path]) -> dict[Path, float]:
    """Where each file comes, from 0 to 1: whole processes mostly wait, so others are to work beside them.

    Whoever begins such a file when all others are done keeps two cores waiting for one.
    """
    waiting = [path for path in files if path.parent == WHOLE_PROCESSES]
    working = [path for path in files if path.parent != WHOLE_PROCESSES]
    places = {path: place / len(working) for place, path in enumerate(working)}
    return places | {path: EARLY * place / len(waiting) for place, path in enumerate(waiting)}


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """The bundled server in a directory of its own, for the whole run of this test process."""
    with EmbeddedServer(tmp_path_factory.mktemp("state")) as server:
        # Waiting for the disk at each of thousands of writes makes tests slow and shows nothing; that
        # nothing is lost has tests of its own, with servers of their own.
        with Redis.from_url(server.url) as client:
            client.config_set("appendfsync", "no")
        yield server


@pytest.fixture
def redis_url(redis_server: EmbeddedServer) -> str:
    """Where the server listens. Tests share it: make up ids, or empty it before."""
    return redis_server.url


@pytest.fixture(autouse=True)
def no_remote_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for another machine fails, instead of depending on it."""
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, _local_only(getattr(socket.socket, name)))


def _local_only(connect: Any) -> Any:
    def guarded(sock: socket.socket, address: Any) -> Any:
        if sock.family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0]):
            raise RuntimeError(f"a test tried to connect to {address[0]}; tests stay on this machine")
        return connect(sock, address)

    return guarded


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
