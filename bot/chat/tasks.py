"""Work that goes on after a platform has been answered.

Slack and Discord wait three seconds. Work is started at once and waited for a while; what takes longer goes
on, and the person is told in another way. A process that is told to stop lets it finish.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any, TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)

# Of the platform's three seconds; the rest is for the network and for whatever else the process has to do.
PATIENCE_S = 1.5
STOPPING_S = 5.0


class Tasks:
    """Everything of one process that is under way."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Begin; the work is not lost when nobody waits for it, and a failure of it is logged."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def watched(self, listener: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
        """A listener that counts as work under way: it goes on after the platform was answered."""

        @wraps(listener)
        async def watched(*args: Any, **given: Any) -> Any:
            task = asyncio.current_task()
            if task is not None:
                self._running.add(task)
                task.add_done_callback(self._running.discard)
            return await listener(*args, **given)

        return watched

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("work for a platform failed", exc_info=(type(error), error, error.__traceback__))

    async def settle(self, patience_s: float) -> None:
        """Wait for what is under way now, so long at most; nothing is ended."""
        waiting = self._running - {task for task in (asyncio.current_task(),) if task}
        if waiting:
            await asyncio.wait(waiting, timeout=patience_s)

    async def finish(self) -> None:
        """Wait for what is under way, then end it."""
        if self._running:
            await asyncio.wait(self._running, timeout=STOPPING_S)
        cancelled = set(self._running)
        for task in cancelled:
            task.cancel()
        if cancelled:
            # What they used may be closed next.
            await asyncio.wait(cancelled, timeout=STOPPING_S)


async def in_time(task: asyncio.Task[Any], patience_s: float = PATIENCE_S) -> bool:
    """Whether it has ended within the platform's patience; it goes on if it has not."""
    done, _ = await asyncio.wait({task}, timeout=patience_s)
    return bool(done)
