"""Work that serves all who ask for it at once: one is under way, one waits, and whoever comes meanwhile is
served by the one that waits, since it has not begun.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from weakref import WeakValueDictionary


class Waves:
    """Of each key one piece of work at a time, in one process."""

    def __init__(self) -> None:
        self._waiting: set[Hashable] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._under_way: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    async def join(self, key: Hashable, work: Callable[[], Awaitable[None]]) -> None:
        """Have it done once more from its beginning; without waiting for it where another will do that."""
        if key in self._waiting:
            return
        self._waiting.add(key)
        task = asyncio.create_task(self._do(key, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        # Others rely on it: it goes on when whoever asked for it is cancelled.
        await asyncio.shield(task)

    async def _do(self, key: Hashable, work: Callable[[], Awaitable[None]]) -> None:
        under_way = self._under_way.setdefault(key, asyncio.Lock())
        try:
            await under_way.acquire()
        finally:
            self._waiting.discard(key)
        try:
            await work()
        finally:
            under_way.release()
