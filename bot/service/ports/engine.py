"""What the engine does for workers: its ports."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from bot.domain.model_notice import ModelNotice
from engine.rehearsal.results import Rehearsal
from engine.types import (
    AnyArm,
    ArmStatement,
    Mediation,
    MediationRequest,
    OnProgress,
    OpinionPoint,
    ParticipantOpinion,
    PointMap,
    Vote,
)


class Mediator(Protocol):
    """The engine: a question and opinions in, a mediation out. Raises `EngineError`."""

    async def mediate(self, request: MediationRequest, on_progress: OnProgress) -> Mediation:
        """Draft, score and choose."""
        ...


class ArmDrafter(Protocol):
    """The engine, for studies: one statement made as an arm says. Raises `EngineError`."""

    async def draft(
        self, arm: AnyArm, request: MediationRequest, left_out: str | None = None
    ) -> ArmStatement:
        """Draft without the opinion of `left_out`, a participant, where one is named."""
        ...


class Drafting(NamedTuple):
    """What drafts one round from its beginning to its end, whatever is set up meanwhile.

    arms: None where nothing is drafted for studies.
    notice: which models these are; None where that is not known.
    of_model: where a model runs that an arm is called after; raises ValueError where it is not set up.
    """

    mediator: Mediator
    arms: ArmDrafter | None = None
    notice: ModelNotice | None = None
    of_model: Callable[[str], ModelNotice] | None = None


class TellsModels(Protocol):
    """The engine, telling members which models read what they write, and keeping to it."""

    async def notice(self) -> ModelNotice:
        """Of the models that are in use now."""
        ...

    async def drafting(self, told: ModelNotice | None) -> Drafting:
        """The models in use now, without any that may not read what those wrote who were told this."""
        ...


class PlaysMembers(Protocol):
    """The engine, trying a question out with simulated members. Raises `EngineError`."""

    async def rehearse(self, question: str, about: str, tell: Callable[[str, int, int], None]) -> Rehearsal:
        """A whole rehearsal; all of it is made up.

        about: what is said of the team; tell: hears of a stage, what is done of it, and how much there is.
        """
        ...


class PointReader(Protocol):
    """The engine, for points that members vote on; no language model is asked."""

    async def split(self, question: str, opinions: Sequence[ParticipantOpinion]) -> Sequence[OpinionPoint]:
        """The opinions as points, each in the words of the first who said it, in that order."""
        ...

    async def read_map(self, votes: Mapping[str, Mapping[str, Vote]], points: Sequence[str]) -> PointMap:
        """What votes say, by participant and point; points that are not named do not count."""
        ...


class OpinionEncoder(Protocol):
    """The engine's reward model, reading opinions before the close. Raises `EngineError`."""

    async def encode(self, question: str, opinions: Sequence[str]) -> Sequence[bytes]:
        """One value for each opinion, for `MediationRequest.encoded`; it means nothing to anybody else."""
        ...
