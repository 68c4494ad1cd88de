"""The engine of a worker, swapped between two rounds when another model is promoted.

Reads:  whether what is promoted has changed, whenever a round begins or opinions are encoded.
Gives:  a `Mediator` and an `OpinionEncoder`, to the worker, by whatever engine is the newest that could be
built. Refrains from disturbing a round that runs: it ends with the engine that it began with. Vectors that
another encoder made are known by their seal and made anew (`engine.reward.stored`).
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

from bot.ports import Mediator, OpinionEncoder
from engine.types import Mediation, MediationRequest, OnProgress, no_progress

log = logging.getLogger(__name__)


class Engine(NamedTuple):
    """Models that belong together; `encoder` is None where there is nothing to encode ahead."""

    mediator: Mediator
    encoder: OpinionEncoder | None
    name: str


class PromotedEngine:
    """Builds the engine, and builds it again when `stamp` changes."""

    def __init__(self, build: Callable[[], Engine], stamp: Callable[[], object]) -> None:
        """Build for the first time; what `build` raises goes to the caller.

        Args:
            build: loads the models that are in use; takes long, so later calls run in a thread.
            stamp: another value each time something else is promoted; cheap.
        """
        self._build, self._stamp = build, stamp
        self._seen = stamp()
        self._engine = build()
        self._building = asyncio.Lock()

    async def mediate(self, request: MediationRequest, on_progress: OnProgress = no_progress) -> Mediation:
        """Mediate with the newest engine. Raises as `Mediator` does."""
        return await (await self._newest()).mediator.mediate(request, on_progress)

    async def encode(self, question: str, opinions: Sequence[str]) -> Sequence[bytes]:
        """One value for each opinion; empty ones from a model that reads opinions after the close only."""
        encoder = (await self._newest()).encoder
        return [b""] * len(opinions) if encoder is None else await encoder.encode(question, opinions)

    async def _newest(self) -> Engine:
        """The engine for what is promoted now; the one before where that cannot be built."""
        if self._stamp() == self._seen:
            return self._engine
        async with self._building:
            if (now := self._stamp()) != self._seen:
                self._seen = now  # once for each promotion, whether it works or not
                await self._swap()
        return self._engine

    async def _swap(self) -> None:
        try:
            self._engine = await asyncio.to_thread(self._build)
        except Exception:
            log.exception("what was promoted cannot be used; the models from before stay")
        else:
            log.info("from now on with the reward model %s", self._engine.name)
