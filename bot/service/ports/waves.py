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
        self._under_way: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    async def join(self, key: Hashable, work: Callable[[], Awaitable[None]]) -> None:
        """Have it done once more from its beginning; without waiting for it where another will do that."""
        if key in self._waiting:
            return
        under_way = self._under_way.setdefault(key, asyncio.Lock())
        self._waiting.add(key)
        try:
            await under_way.acquire()
        finally:
            self._waiting.discard(key)
        try:
            await work()
        finally:
            under_way.release()
