"""What the engine does for workers: its ports."""

from collections.abc import Sequence
from typing import Protocol

from bot.domain.model_notice import ModelNotice
from engine.feedback.record import Arm
from engine.types import ArmStatement, Mediation, MediationRequest, OnProgress


class Mediator(Protocol):
    """The engine: a question and opinions in, a mediation out. Raises `EngineError`."""

    async def mediate(self, request: MediationRequest, on_progress: OnProgress) -> Mediation:
        """Draft, score and choose."""
        ...


class ArmDrafter(Protocol):
    """The engine, for studies: one statement made as an arm says. Raises `EngineError`."""

    async def draft(self, arm: Arm, request: MediationRequest, left_out: str | None = None) -> ArmStatement:
        """Draft without the opinion of `left_out`, a participant, where one is named."""
        ...


class TellsModels(Protocol):
    """The engine, telling members which models read what they write."""

    async def notice(self) -> ModelNotice:
        """Of the models that are in use now."""
        ...


class OpinionEncoder(Protocol):
    """The engine's reward model, reading opinions before the close. Raises `EngineError`."""

    async def encode(self, question: str, opinions: Sequence[str]) -> Sequence[bytes]:
        """One value for each opinion, for `MediationRequest.encoded`; it means nothing to anybody else."""
        ...
