"""Deliberations in a dictionary."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from adapters.memory.state.kept import Kept, State
from bot.domain.deliberation import Deliberation, MessageRef
from bot.domain.errors import VersionConflictError


class MemoryDeliberations:
    """`Deliberations` in dictionaries."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def add(self, deliberation: Deliberation) -> Deliberation:
        """Keep a new deliberation, or give the one that is there."""
        return self._state.kept.setdefault(deliberation.id, Kept(deliberation)).deliberation

    async def load(self, deliberation_id: str) -> Deliberation:
        """The deliberation as it is kept."""
        return self._state.of(deliberation_id).deliberation

    async def save(
        self, deliberation: Deliberation, *, opinions: int = 0, most: int | None = None
    ) -> Deliberation:
        """Compare-and-set, while there are so many opinions."""
        kept = self._state.of(deliberation.id)
        given = len(kept.opinions.values)
        of_points = sum(len(each.values) for each in (kept.own_points, kept.point_votes, kept.spam_marks))
        fits = opinions <= given and (most is None or given + of_points <= most)
        if kept.deliberation.version != deliberation.version or not fits:
            raise VersionConflictError("Somebody else changed this question at the same moment.")
        kept.deliberation = deliberation.model_copy(update={"version": deliberation.version + 1})
        return kept.deliberation

    async def of_team(self, team: str, *, limit: int = 100, offset: int = 0) -> Sequence[Deliberation]:
        """A team's deliberations, newest first."""
        theirs = [kept.deliberation for kept in self._state.kept.values() if kept.deliberation.team == team]
        theirs.sort(key=lambda deliberation: (deliberation.created_at, deliberation.id), reverse=True)
        return theirs[offset : offset + limit]

    async def each_of_team(self, team: str) -> AsyncIterator[Deliberation]:
        """All of a team's deliberations."""
        for deliberation_id in list(self._state.kept):
            kept = self._state.get(deliberation_id)
            if kept is not None and kept.deliberation.team == team:
                yield kept.deliberation

    async def of_message(self, platform: str, message: MessageRef) -> Deliberation | None:
        """The deliberation that a platform's message belongs to."""
        for kept in self._state.kept.values():
            there = kept.deliberation
            if there.platform == platform and message in (there.message, *there.ballots.values()):
                return there
        return None

    async def due(self, now: datetime, *, limit: int = 1_000) -> Sequence[Deliberation]:
        """Deliberations whose next step is due, longest waiting first."""
        waiting = [(kept.deliberation.next_due(), kept.deliberation) for kept in self._state.kept.values()]
        due = [(next_.at, deliberation) for next_, deliberation in waiting if next_ and next_.at <= now]
        return [deliberation for _, deliberation in sorted(due, key=lambda pair: pair[0])][:limit]

    async def mark(self, deliberation_id: str, marker: str) -> bool:
        """Set a marker once; True for the one who set it."""
        markers = self._state.of(deliberation_id).markers
        is_new = marker not in markers
        markers.add(marker)
        return is_new

    async def is_marked(self, deliberation_id: str, marker: str) -> bool:
        """Whether somebody set a marker."""
        kept = self._state.get(deliberation_id)
        return kept is not None and marker in kept.markers

    async def delete(self, deliberation_id: str) -> None:
        """Erase everything of a deliberation."""
        self._state.kept.pop(deliberation_id, None)
