"""Teams' templates, questions and schedules in dictionaries."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from bot.domain.errors import VersionConflictError
from bot.domain.library import BankQuestion, Schedule, Template, bank_order


class MemoryLibrary:
    """`LibraryStore` in dictionaries."""

    def __init__(self) -> None:
        self._templates: dict[str, dict[str, Template]] = defaultdict(dict)
        self._bank: dict[str, dict[str, BankQuestion]] = defaultdict(dict)
        self._schedules: dict[str, dict[str, Schedule]] = defaultdict(dict)

    async def templates(self, team: str) -> Sequence[Template]:
        """By name."""
        return sorted(self._templates[team].values(), key=lambda template: template.name)

    async def put_template(self, team: str, template: Template) -> None:
        """Keep it in place of the one of that name."""
        self._templates[team][template.name] = template

    async def remove_template(self, team: str, name: str) -> None:
        """Harmless when it is gone."""
        self._templates[team].pop(name, None)

    async def bank(self, team: str) -> Sequence[BankQuestion]:
        """In the order in which they were added."""
        return sorted(self._bank[team].values(), key=bank_order)

    async def add_to_bank(self, team: str, questions: Sequence[BankQuestion]) -> None:
        """Add all; one that is there stays as it is."""
        for question in questions:
            self._bank[team].setdefault(question.id, question)

    async def remove_from_bank(self, team: str, question_id: str) -> None:
        """Harmless when it is gone."""
        self._bank[team].pop(question_id, None)

    async def schedules(self, team: str) -> Sequence[Schedule]:
        """By id."""
        return sorted(self._schedules[team].values(), key=lambda schedule: schedule.id)

    async def save_schedule(self, schedule: Schedule) -> Schedule:
        """Compare-and-set."""
        kept = self._schedules[schedule.team].get(schedule.id)
        if (kept.version if kept else 0) != schedule.version:
            raise VersionConflictError("Somebody else changed this schedule at the same moment.")
        saved = schedule.model_copy(update={"version": schedule.version + 1})
        self._schedules[schedule.team][schedule.id] = saved
        return saved

    async def remove_schedule(self, team: str, schedule_id: str) -> None:
        """Harmless when it is gone."""
        self._schedules[team].pop(schedule_id, None)

    async def due_schedules(self, now: datetime) -> Sequence[Schedule]:
        """Every team's schedules whose next occurrence has come."""
        every = [schedule for theirs in self._schedules.values() for schedule in theirs.values()]
        return [schedule for schedule in every if schedule.is_due(now)]
