"""What settled deliberations teach, in a dictionary."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime

from bot.service.ports.feedback import Wanted
from engine.feedback.record import FeedbackRecord


class MemoryFeedbackLog:
    """`FeedbackLog` in a dictionary."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str, int, str, str], FeedbackRecord] = {}

    async def append(self, records: Sequence[FeedbackRecord]) -> None:
        """Keep records once each."""
        for record in records:
            of = record.team, record.deliberation_id
            key = (*of, record.round, record.participant, record.statement_id)
            self._records.setdefault(key, record)

    async def read(self, team: str) -> AsyncIterator[FeedbackRecord]:
        """A team's records, oldest deliberation first."""
        theirs = [record for record in self._records.values() if record.team == team]
        for record in sorted(theirs, key=_feedback_order):
            yield record

    async def export(self, wanted: Wanted) -> AsyncIterator[FeedbackRecord]:
        """The records that are wanted, by team."""
        records = sorted(self._records.values(), key=lambda record: (record.team, *_feedback_order(record)))
        for record in records:
            if wanted.includes(record):
                yield record

    async def erase(self, team: str, deliberation_id: str, participant: str | None = None) -> None:
        """Erase one participant's records of a deliberation, or all of it."""
        self._records = {
            key: record
            for key, record in self._records.items()
            if (record.team, record.deliberation_id) != (team, deliberation_id)
            or participant not in (None, record.participant)
        }

    async def reword(self, team: str, deliberation_id: str, reworded: Callable[[str], str]) -> None:
        """Put another text in the place of each record's statement."""
        for key, record in self._records.items():
            if (record.team, record.deliberation_id) == (team, deliberation_id):
                changed = {"statement": reworded(record.statement)}
                self._records[key] = record.model_copy(update=changed)


def _feedback_order(record: FeedbackRecord) -> tuple[datetime, str, int, str, str]:
    of = record.settled_at, record.deliberation_id
    return *of, record.round, record.participant, record.statement_id
