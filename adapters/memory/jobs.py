"""A job queue that tests look into."""

import asyncio

from bot.domain.deliberation import Step


class MemoryJobQueue:
    """`JobQueue` as a list that tests look at and take from.

    waiting: jobs that nobody has taken yet, in order.
    """

    def __init__(self) -> None:
        self.waiting: list[tuple[Step, str]] = []
        self._asked = asyncio.Event()

    async def enqueue(self, step: Step, deliberation_id: str) -> None:
        """Ask for a step; asking again while it waits changes nothing."""
        if (step, deliberation_id) not in self.waiting:
            self.waiting.append((step, deliberation_id))
            self._asked.set()

    async def take(self) -> tuple[Step, str]:
        """The job that waits longest; waits for one if there is none."""
        while not self.waiting:
            self._asked.clear()
            await self._asked.wait()
        return self.waiting.pop(0)
