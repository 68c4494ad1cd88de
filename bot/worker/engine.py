"""The engine of a worker, swapped between two rounds when another model is promoted.

Reads:  whether what is promoted has changed, whenever a round begins or opinions are encoded.
Gives:  a `Mediator` and an `OpinionEncoder`, to the worker, by whatever engine is the newest that could be
built. Refrains from disturbing a round that runs: it ends with the engine that it began with. Vectors that
another encoder made are known by their seal and made anew (`engine.reward.scoring.stored`).
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from bot.domain.errors import BotError
from bot.domain.model_notice import ModelNotice, Readers
from bot.service.ports.engine import ArmDrafter, Drafting, Mediator, OpinionEncoder
from bot.wording import texts
from engine.errors import EngineError
from engine.types import AnyArm, ArmStatement, Mediation, MediationRequest, OnProgress, no_progress

log = logging.getLogger(__name__)

TRY_AGAIN_S = 60.0
"""After models that could not be used: a copy may still be under way, or somebody mends it."""


class Engine(NamedTuple):
    """Models that belong together; `encoder` is None where there is nothing to encode ahead.

    arms: None where nothing is drafted for studies.
    notice: what members are told of these models.
    only: mediates without a model that may not read a question's opinions, and quotes nobody as a last resort
        where members were not told so; None where nothing can be left out.
    of_model: as `Drafting` has it.
    """

    mediator: Mediator
    encoder: OpinionEncoder | None
    name: str
    arms: ArmDrafter | None = None
    notice: ModelNotice = ModelNotice()
    only: Callable[[Readers], Mediator] | None = None
    of_model: Callable[[str], ModelNotice] | None = None

    def drafting(self, told: ModelNotice | None) -> Drafting:
        """What drafts and scores for members who were `told` this. Raises EngineError where nothing may."""
        readers = self.notice.readers(told)
        if all(readers):
            return Drafting(self.mediator, self.arms, self.notice, self.of_model)
        if self.only is None:
            raise EngineError(texts.NOT_WITHOUT_MODELS)
        if readers.withheld:
            log.warning("a model reads nothing: it runs where members were not told of before they wrote")
        # What studies compare are these models: without one of them there is nothing to compare.
        arms = None if readers.withheld else self.arms
        return Drafting(self.only(readers), arms, self.notice.only(readers))


class PromotedEngine:
    """Builds the engine, and builds it again when `stamp` changes."""

    def __init__(
        self,
        build: Callable[[], Engine],
        stamp: Callable[[], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Build for the first time; what `build` raises goes to the caller.

        Args:
            build: loads the models that are in use; takes long, so later calls run in a thread.
            stamp: another value each time something else is promoted; cheap.
            clock: seconds.
        """
        self._build, self._stamp, self._clock = build, stamp, clock
        self._seen = stamp()
        self._engine = build()
        self._building = asyncio.Lock()
        self._again_at: float | None = None

    async def mediate(self, request: MediationRequest, on_progress: OnProgress = no_progress) -> Mediation:
        """Mediate with the newest engine. Raises as `Mediator` does."""
        return await (await self._newest()).mediator.mediate(request, on_progress)

    async def encode(self, question: str, opinions: Sequence[str]) -> Sequence[bytes]:
        """One value for each opinion; empty ones from a model that reads opinions after the close only."""
        encoder = (await self._newest()).encoder
        return [b""] * len(opinions) if encoder is None else await encoder.encode(question, opinions)

    async def draft(
        self, arm: AnyArm, request: MediationRequest, left_out: str | None = None
    ) -> ArmStatement:
        """Draft an arm of a study with the newest engine. Raises as `ArmDrafter` does."""
        arms = (await self._newest()).arms
        if arms is None:
            raise EngineError(texts.NO_ARMS)
        return await arms.draft(arm, request, left_out)

    async def notice(self) -> ModelNotice:
        """What members are told of the newest engine, which is taken up so that it is true."""
        return (await self._newest()).notice

    async def drafting(self, told: ModelNotice | None) -> Drafting:
        """The newest engine, for a whole round; without its models that those who wrote were not told of."""
        return (await self._newest()).drafting(told)

    async def _newest(self) -> Engine:
        """The engine for what is promoted now; the one before where that cannot be built."""
        if not self._is_due():
            return self._engine
        async with self._building:
            if self._is_due():
                seen = self._stamp()  # before the file is read: what comes later is a change again
                await self._swap()
                self._seen = seen  # only now: whoever begins meanwhile waits, and has the new models too
        return self._engine

    def _is_due(self) -> bool:
        """Something else is promoted, or what could not be used is to be tried again."""
        again = self._again_at is not None and self._clock() >= self._again_at
        return again or self._stamp() != self._seen

    async def _swap(self) -> None:
        self._again_at = None
        try:
            self._engine = await asyncio.to_thread(self._build)
        except (EngineError, BotError, ValueError) as exc:
            self._stay(str(exc))
        except Exception:
            log.exception("what was promoted cannot be used")
            self._stay("see above.")
        else:
            log.info("from now on with the reward model %s", self._engine.name)

    def _stay(self, why: str) -> None:
        self._again_at = self._clock() + TRY_AGAIN_S
        log.error("The models from before stay in use, as what was promoted cannot be used: %s", why)
