"""The one language model that llama.cpp runs for this process.

Reads:  a GGUF file; this machine's free memory, which decides on window and slots.
Gives:  the address of a server on loopback for as long as somebody uses it; all who want the model share it.
Whoever wants another model waits until this one is free, so that one at a time is in memory; a model that
nobody uses is let go of after `IDLE_S`, and when the event loop ends.
"""

import asyncio
import json
import math
import os
import secrets
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from weakref import WeakKeyDictionary

from engine.errors import GenerationError
from engine.language_models.gguf_header import NotGgufError, read_header
from engine.language_models.memory import Plan, planned, this_machine

IDLE_S = 300.0
"""A round and its revision often come within minutes of each other; loading takes up to a minute."""
END_WITHIN_S = 5.0


@dataclass(frozen=True)
class Wanted:
    """A model, and what is asked of it.

    name:   what its server calls it.
    window: tokens of prompt and reply together; None: as many as memory allows.
    thinks: whether it may think before it writes.
    """

    path: str
    name: str
    window: int | None = None
    thinks: bool = False


@dataclass(frozen=True)
class Served:
    """A server that answers.

    url:   its address, with `/v1`. key: without it, it refuses.
    slots: drafts that it writes at once.
    chats: whether the model knows messages; another is shown them as running text.
    """

    url: str
    key: str
    slots: int
    chats: bool


Prepare = Callable[[Served], Awaitable[None]]
"""Done with a server that has just been started, before anybody uses it."""


async def as_it_is(served: Served) -> None:
    """For those who need no preparation."""


def threads() -> int:
    """Half of the cores that this process may use.

    llama.cpp's threads wait for each other at every step, so that one too many slows all down: on two busy
    cores one thread read 317 tokens a second and two read 7 to 160. Twin cores gain nothing from more, too.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, cores // 2)


class LlamaHost:
    """Runs one model at a time, in a process of its own. Belongs to one event loop."""

    def __init__(self, idle_s: float = IDLE_S) -> None:
        self._idle_s = idle_s
        self._free = asyncio.Condition()
        self._left = asyncio.Event()
        self._users = 0
        self._used_at = math.inf
        self._wanted: Wanted | None = None
        self._served: Served | None = None
        self._process: Process | None = None
        self._keeping: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def serving(self, wanted: Wanted, prepare: Prepare = as_it_is) -> AsyncIterator[Served]:
        """The model's server, loaded and prepared where it is not, and kept while the block runs.

        Raises:
            GenerationError: llama.cpp cannot load the model.
        """
        async with self._free:
            await self._free.wait_for(lambda: self._users == 0 or (self._wanted == wanted and self.runs))
            if self._wanted != wanted or not self.runs or self._served is None:
                await self._load(wanted, prepare)
            served = self._served
            self._users += 1
        assert served is not None
        try:
            yield served
        finally:
            self._used_at = asyncio.get_running_loop().time()
            self._users -= 1
            self._left.set()
            await asyncio.shield(self._tell())

    @property
    def runs(self) -> bool:
        """Whether a model is in memory."""
        return self._process is not None and self._process.returncode is None

    @property
    def process_id(self) -> int | None:
        """Of the process that runs the model."""
        return self._process.pid if self._process is not None else None

    async def let_go(self) -> None:
        """End the model's process, whoever uses it."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)

    async def _tell(self) -> None:
        async with self._free:
            self._free.notify_all()

    async def _load(self, wanted: Wanted, prepare: Prepare) -> None:
        await self.let_go()
        plan, chats = await asyncio.to_thread(_plan, wanted)
        process, key = await _started(), secrets.token_urlsafe(24)
        self._process, self._wanted, self._served, self._used_at = process, wanted, None, math.inf
        self._keeping = asyncio.create_task(self._keep(process))
        try:
            with TemporaryDirectory() as folder:
                asked = {"chats": chats, "threads": threads(), "key": key, "folder": f"{folder}/"}
                url = await _address(process, asdict(wanted) | asdict(plan) | asked)
                served = Served(f"{url}/v1", key, plan.slots, chats)
                await prepare(served)
            self._served = served
        except BaseException:
            await self.let_go()
            raise

    async def _keep(self, process: Process) -> None:
        """Wait until nobody has used the model for a while, or until we are cancelled; then end it."""
        try:
            while self._users or self._left_s() > 0:
                self._left.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(None if self._users else self._left_s()):
                        await self._left.wait()
        finally:
            self._served = None
            await _ended(process)

    def _left_s(self) -> float:
        """Seconds that the model is kept yet if nobody comes."""
        return self._used_at + self._idle_s - asyncio.get_running_loop().time()


_hosts: WeakKeyDictionary[asyncio.AbstractEventLoop, LlamaHost] = WeakKeyDictionary()


def host() -> LlamaHost:
    """The host of this event loop: generators come and go, and share what is in memory."""
    return _hosts.setdefault(asyncio.get_running_loop(), LlamaHost())


async def _started() -> Process:
    """In a session of its own, so that Ctrl-C reaches us and not the model that we still draft with."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "engine.drafting.local.llama_process",
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def _plan(wanted: Wanted) -> tuple[Plan, bool]:
    """The window and the slots that fit into memory; and whether the model knows messages."""
    path = Path(wanted.path)
    try:
        header, size = read_header(path), path.stat().st_size
    except NotGgufError as error:
        raise GenerationError(str(error)) from error
    except OSError as error:
        raise GenerationError(
            "The model {path} cannot be read ({error}).", path=str(path), error=str(error.strerror)
        ) from error
    plan = planned(size, header.bytes_per_token, header.window, this_machine(), wanted.window)
    return plan, header.chats


async def _address(process: Process, wanted: Mapping[str, Any]) -> str:
    """Tell the process what to run; its address once it listens."""
    assert process.stdin is not None
    assert process.stdout is not None
    reply: dict[str, str] = {}
    with suppress(ConnectionError, ValueError):
        process.stdin.write(json.dumps(wanted).encode() + b"\n")
        await process.stdin.drain()
        reply = json.loads(await process.stdout.readline())
    if url := reply.get("url"):
        return url
    raise GenerationError(
        "llama.cpp cannot load {model}: it needs more memory than is free, or is of a kind that this "
        "llama.cpp does not know. Try a smaller one (accord model list).",
        model=Path(wanted["path"]).name,
    )


async def _ended(process: Process) -> None:
    """The process ends by itself when its input does; if it is busy loading, it is made to."""
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(END_WITHIN_S):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
