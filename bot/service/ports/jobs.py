"""What runs steps in workers: a port."""

from typing import Protocol

from bot.domain.deliberation import Step


class JobQueue(Protocol):
    """Runs steps in some worker, soon. A job is only a hint: the saved phase is the truth."""

    async def enqueue(self, step: Step, deliberation_id: str) -> None:
        """Ask for a step; asking again while it waits or runs changes nothing."""
        ...
