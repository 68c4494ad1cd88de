"""A second way to mediate when the language model cannot draft, for operators who allow it.

Reads:  a request; two mediators, one of which drafts with a language model.
Gives:  the first one's mediation or, when nothing could be drafted, the other's. A mediation records who
        drafted it and whether a model took part, so that the post can say so.
Refrains from hiding anything else: a reward model that fails, fails for both. And from putting a list of
          members' words in the place of a statement that speaks for them, though they would agree with it.
"""

import logging

from engine.digest import is_common
from engine.errors import GenerationError, TooFewCandidatesError
from engine.mediator import Mediator
from engine.types import Mediation, MediationRequest, OnProgress, no_progress

log = logging.getLogger(__name__)


class LastResortMediator:
    """Mediates as `first` does; where that gives no usable drafts, as `last` does."""

    def __init__(self, first: Mediator, last: Mediator) -> None:
        self._first = first
        self._last = last

    async def mediate(self, request: MediationRequest, on_progress: OnProgress = no_progress) -> Mediation:
        """Draft, score and choose. Raises what `Mediator.mediate` raises."""
        try:
            return await self._first.mediate(request, on_progress)
        except (GenerationError, TooFewCandidatesError) as exc:
            if request.revision and is_common(request.revision.statement):
                raise
            log.warning("drafting without a language model, as a last resort (%s)", type(exc).__name__)
        return await self._last.mediate(request, on_progress)
