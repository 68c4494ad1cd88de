"""What platform adapters remember, in dictionaries."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from adapters.clock import SystemClock
from adapters.memory.clock import ManualClock


class MemoryNotes:
    """Small texts under names; they end when the clock says so."""

    def __init__(self, clock: SystemClock | ManualClock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._texts: dict[str, tuple[str, datetime | None]] = {}
        self._sets: dict[str, set[str]] = defaultdict(set)

    async def get(self, name: str) -> str | None:
        """What is kept under a name."""
        text, until = self._texts.get(name, ("", self._clock.now()))
        return text if until is None or until > self._clock.now() else None

    async def put(self, name: str, text: str, *, for_s: float | None) -> None:
        """Keep a text for a while; None: until it is removed."""
        until = None if for_s is None else self._clock.now() + timedelta(seconds=for_s)
        self._texts[name] = (text, until)

    async def first(self, name: str, text: str, *, for_s: float) -> str:
        """Keep a text unless there is one; the one that is there now."""
        there = await self.get(name)
        if there is None:
            await self.put(name, text, for_s=for_s)
        return text if there is None else there

    async def take(self, name: str) -> str | None:
        """What is kept, and keep it no longer."""
        there = await self.get(name)
        self._texts.pop(name, None)
        return there

    async def remove(self, *names: str) -> None:
        """Keep these no longer."""
        for name in names:
            self._texts.pop(name, None)

    async def add_to(self, name: str, member: str) -> None:
        """Put a member into a set."""
        self._sets[name].add(member)

    async def remove_from(self, name: str, member: str) -> None:
        """Take a member out of a set."""
        self._sets[name].discard(member)

    async def members(self, name: str) -> Sequence[str]:
        """A set's members, sorted."""
        return sorted(self._sets[name])
