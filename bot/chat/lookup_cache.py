"""What was looked up at a platform lately, each thing by one look for all who want to know it at once.

Reads:  what a look finds; a look that fails leaves nothing behind, and whoever waited for it gets its error.
Gives:  it, for as long as whoever asks calls that fresh. One who gives up waiting does not end a look for the
        others.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Looks(Generic[T]):
    """Everything of one kind that a process knows: at most `most`, the oldest dropped."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()
        self._under_way: dict[Hashable, asyncio.Task[T]] = {}

    def kept(self, key: Hashable, fresh_s: float = math.inf) -> T | None:
        """What was seen last, unless that is so many seconds old."""
        at, found = self._kept.get(key, (0.0, None))
        return found if found is not None and time.monotonic() - at < fresh_s else None

    def seen_at(self, key: Hashable) -> float:
        """When the look began by which it was seen, on `time.monotonic`; 0 where it was not."""
        return self._kept[key][0] if key in self._kept else 0.0

    async def see(self, key: Hashable, look: Callable[[], Coroutine[Any, Any, T]], fresh_s: float) -> T:
        """What is kept and fresh, else what a look finds. Raises what `look` raises."""
        found = self.kept(key, fresh_s)
        return await asyncio.shield(self.look(key, look)) if found is None else found

    def look(self, key: Hashable, look: Callable[[], Coroutine[Any, Any, T]]) -> asyncio.Task[T]:
        """The look that is under way, or a new one. It is others' too: whoever waits for it shields it."""
        return self._under_way.get(key) or self._begun(key, look)

    def _begun(self, key: Hashable, look: Callable[[], Coroutine[Any, Any, T]]) -> asyncio.Task[T]:
        began = time.monotonic()

        async def looks() -> T:
            # What is seen may be as old as this: all who asked before it is on its way are content with it.
            nonlocal began
            began = time.monotonic()
            return await look()

        def ended(looking: asyncio.Task[T]) -> None:
            problem = asyncio.CancelledError() if looking.cancelled() else looking.exception()
            if self._under_way.get(key) is not looking:
                return  # it was forgotten meanwhile: what this look saw may be older
            del self._under_way[key]
            if problem is None:
                self.keep(key, looking.result(), began)

        looking = self._under_way[key] = asyncio.create_task(looks())
        looking.add_done_callback(ended)
        return looking

    def keep(self, key: Hashable, found: T, at: float | None = None) -> None:
        """What was learnt otherwise, or seen at that time."""
        self._kept[key] = (time.monotonic() if at is None else at, found)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def forget(self, key: Hashable) -> None:
        """Something changed: it is looked at again, even where a look is under way."""
        self._kept.pop(key, None)
        self._under_way.pop(key, None)

    def forget_all(self, of: Callable[[Any], bool] = lambda key: True) -> None:
        """The same of everything, or of that of whose keys this holds."""
        for key in [each for each in (*self._kept, *self._under_way) if of(each)]:
            self.forget(key)

    def close(self) -> None:
        """End what is being looked up."""
        for looking in self._under_way.values():
            looking.cancel()
