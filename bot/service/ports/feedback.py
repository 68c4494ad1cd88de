"""Where what settled deliberations teach is kept: a port."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from engine.feedback.record import FeedbackRecord


@dataclass(frozen=True)
class Wanted:
    """Which feedback records are wanted; None is all of them.

    since, until: settled at or after the first and before the second.
    """

    team: str | None = None
    deliberation_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def includes(self, record: FeedbackRecord) -> bool:
        """Whether a record is wanted."""
        return (
            self.team in (None, record.team)
            and self.deliberation_id in (None, record.deliberation_id)
            and (self.since is None or record.settled_at >= self.since)
            and (self.until is None or record.settled_at < self.until)
        )


class FeedbackLog(Protocol):
    """Keeps what settled deliberations teach. Raises `StoreError` when it does not answer."""

    async def append(self, records: Sequence[FeedbackRecord]) -> None:
        """Keep records once each: keyed by deliberation, round, participant and statement."""
        ...

    def read(self, team: str) -> AsyncIterator[FeedbackRecord]:
        """A team's records, one deliberation at a time."""
        ...

    def export(self, wanted: Wanted) -> AsyncIterator[FeedbackRecord]:
        """The records that are wanted, of every team, by team and then in any order.

        However many there are, only a few hundred are in memory at a time.
        """
        ...

    async def erase(self, team: str, deliberation_id: str, participant: str | None = None) -> None:
        """Erase one participant's records of a deliberation, or all of it."""
        ...

    async def reword(self, team: str, deliberation_id: str, reworded: Callable[[str], str]) -> None:
        """Put what `reworded` makes of each record's statement in its place; what was erased stays erased."""
        ...
