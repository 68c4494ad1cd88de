"""Where templates, questions and schedules are kept: a port."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.library import BankQuestion, Schedule, Template


class LibraryStore(Protocol):
    """Keeps each team's question templates, question bank and schedules. Raises `StoreError`."""

    async def templates(self, team: str) -> Sequence[Template]:
        """By name."""
        ...

    async def put_template(self, team: str, template: Template) -> None:
        """Keep it in place of the one of that name."""
        ...

    async def remove_template(self, team: str, name: str) -> None:
        """Harmless when it is gone."""
        ...

    async def bank(self, team: str) -> Sequence[BankQuestion]:
        """The questions in the order in which they were added."""
        ...

    async def add_to_bank(self, team: str, questions: Sequence[BankQuestion]) -> None:
        """Add all of them in one step; one that is there already stays as it is."""
        ...

    async def remove_from_bank(self, team: str, question_id: str) -> None:
        """Harmless when it is gone."""
        ...

    async def schedules(self, team: str) -> Sequence[Schedule]:
        """By id."""
        ...

    async def save_schedule(self, schedule: Schedule) -> Schedule:
        """Keep a new or a changed one and give it back with its new version.

        Compare-and-set: raises VersionConflictError when the kept version is not `schedule.version` (0: new).
        """
        ...

    async def remove_schedule(self, team: str, schedule_id: str) -> None:
        """Harmless when it is gone."""
        ...

    async def due_schedules(self, now: datetime) -> Sequence[Schedule]:
        """Every team's schedules whose next occurrence has come; never misses one."""
        ...
