"""Mediations and studies' statements in dictionaries."""

from collections.abc import Sequence
from datetime import datetime

from adapters.memory.state.kept import State
from bot.domain.kept_mediation import KeptMediation, MediationInSum, in_sum
from bot.domain.model_notice import ModelNotice
from bot.domain.study import RatedStatement
from engine.types import Mediation


class MemoryMediations:
    """`Mediations` in dictionaries."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def keep_mediation(
        self,
        deliberation_id: str,
        round_: int,
        mediation: Mediation,
        *,
        drafter: ModelNotice | None = None,
        closed_at: datetime | None = None,
    ) -> KeptMediation:
        """Keep a round's first mediation; give the kept one."""
        kept = KeptMediation.of(mediation, drafter)
        return self._state.drafted(deliberation_id, closed_at).mediations.setdefault(round_, kept)

    async def mediation(self, deliberation_id: str, round_: int) -> KeptMediation | None:
        """A round's mediation."""
        kept = self._state.get(deliberation_id)
        return kept.mediations.get(round_) if kept else None

    async def in_sum(self, deliberation_id: str, round_: int) -> MediationInSum | None:
        """A round's mediation without what is somebody's."""
        kept = await self.mediation(deliberation_id, round_)
        return None if kept is None else in_sum(kept)

    async def reword(self, deliberation_id: str, round_: int, before: str, after: str) -> bool:
        """Put another text in the place of a round's chosen statement, if it is still `before`."""
        mediations = self._state.of(deliberation_id).mediations
        if round_ not in mediations or mediations[round_].statement != before:
            return False
        mediations[round_] = mediations[round_].reworded(after)
        return True

    async def drop(self, deliberation_id: str, round_: int) -> None:
        """Erase a round's mediation, and the statements of a study with it."""
        self._state.of(deliberation_id).mediations.pop(round_, None)
        self._state.of(deliberation_id).statements.pop(round_, None)

    async def keep_statements(
        self,
        deliberation_id: str,
        round_: int,
        statements: Sequence[RatedStatement],
        *,
        closed_at: datetime | None = None,
    ) -> Sequence[RatedStatement]:
        """Keep a round's first statements; give the kept ones."""
        return self._state.drafted(deliberation_id, closed_at).statements.setdefault(round_, list(statements))

    async def statements(self, deliberation_id: str, round_: int) -> Sequence[RatedStatement]:
        """The statements that a study has rated in a round."""
        kept = self._state.get(deliberation_id)
        return kept.statements.get(round_, []) if kept else []
