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
        if deliberation.id not in self._state.kept:
            self._state.kept[deliberation.id] = _heeded(Kept(deliberation))
        return self._state.of(deliberation.id).deliberation

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
        return _heeded(kept).deliberation

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

    async def unheard(self, before: datetime) -> Sequence[tuple[Deliberation, int]]:
        """What was saved before then with events that nobody has heard."""
        return [
            (kept.deliberation, version)
            for kept in self._state.kept.values()
            for version in sorted(kept.unheard)
            if all(event.at <= before for event in kept.deliberation.events_of(version))
        ]

    async def heard(self, deliberation_id: str, version: int) -> None:
        """The events of this version are on their way."""
        kept = self._state.get(deliberation_id)
        if kept is not None:
            kept.unheard.discard(version)

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


def _heeded(kept: Kept) -> Kept:
    """With the events of this version noted as unheard."""
    if kept.deliberation.events_of(kept.deliberation.version):
        kept.unheard.add(kept.deliberation.version)
    return kept
