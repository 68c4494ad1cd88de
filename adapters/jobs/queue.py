"""`StreaqJobQueue`: the `JobQueue` of gateways and workers.

It connects when it is first asked, and anew after a failure: a gateway starts and lives on without Redis.
Close it with `aclose()` or by leaving its `async with` block.
"""

import asyncio
from types import TracebackType
from typing import Self

import streaq

from adapters.jobs.errors import FAILURES, UNREACHABLE
from adapters.jobs.streams import job_id, open_client
from bot.domain.deliberation import Step
from bot.domain.errors import StoreError


class StreaqJobQueue:
    """Puts steps into the queue that workers take them from."""

    def __init__(self, url: str) -> None:
        """Raises StoreError when the URL cannot be used; whether somebody answers shows later."""
        self._url = url
        open_client(url)
        self._link: _Link | None = None

    async def enqueue(self, step: Step, deliberation_id: str) -> None:
        """Ask for a step; asking again while it waits or runs changes nothing. Raises StoreError."""
        link = self._link
        if link is None or link.broken:
            link = self._link = _Link(open_client(self._url))
        try:
            client = await link.client()
            job = client.enqueue_unsafe(step.value, deliberation_id)
            job.id = job_id(step, deliberation_id)
            await job
        except FAILURES as exc:
            # A server that came back empty lacks streaq's functions: only a new link brings them along.
            await self._drop(link)
            raise StoreError(UNREACHABLE) from exc

    async def aclose(self) -> None:
        """Close the connection; asking again opens a new one."""
        if self._link is not None:
            await self._drop(self._link)

    async def _drop(self, link: "_Link") -> None:
        if self._link is link:
            self._link = None
        await link.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


class _Link:
    """One connection, shared by all who ask at the same time.

    It has a task of its own because streaq must be entered and left by the same task, and handlers come
    and go.
    """

    def __init__(self, client: streaq.Worker[None]) -> None:
        self._ready: asyncio.Future[streaq.Worker[None]] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._hold(client))

    @property
    def broken(self) -> bool:
        """Whether this connection has ended."""
        return self._task.done()

    async def client(self) -> streaq.Worker[None]:
        """The connected streaq; raises whatever kept it from connecting."""
        await asyncio.wait((self._ready, self._task), return_when=asyncio.FIRST_COMPLETED)
        if self._ready.done():
            return self._ready.result()
        if self._task.cancelled():
            raise ConnectionError("closed while it was being opened")
        raise self._task.exception() or ConnectionError("closed")

    async def aclose(self) -> None:
        """Disconnect; whoever is still waiting for a reply gets an error."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _hold(self, client: streaq.Worker[None]) -> None:
        async with client:
            self._ready.set_result(client)
            await asyncio.Event().wait()
