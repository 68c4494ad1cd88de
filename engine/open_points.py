"""What the chosen statement leaves open: asked of the language model that drafted, in one more request.

Reads:  a request and its statement; the generator behind its port.
Gives:  points that members ask for and the statement does not cover, each traced to their own words.
Refrains from holding a round up or failing it: what does not come in `WITHIN_S`, or cannot be traced
(`engine.drafting.parsing.open_points`), is left out.

Which words of opinions a statement lacks does not tell what it leaves open: of points found that way one in
six was right. So only a model is asked, and words are the second check.
"""

import asyncio
import logging
from contextlib import aclosing
from dataclasses import replace

from engine.draft_briefs import briefs, candidate_seed, whose_lines
from engine.drafting.parsing.open_points import Looked, traced
from engine.errors import EngineError
from engine.ports import TextGenerator
from engine.types import Brief, Chosen, Draft, MediationRequest, OpenPoint

WITHIN_S = 30.0
"""How long the statement waits for this at most, in seconds, once it has been chosen."""

log = logging.getLogger(__name__)


async def open_points(
    generator: TextGenerator, request: MediationRequest, statement: str, *, within_s: float = WITHIN_S
) -> tuple[OpenPoint, ...]:
    """What members ask for and `statement` does not cover; nothing where the model has no usable answer."""
    try:
        async with (
            asyncio.timeout(within_s),
            aclosing(generator.draft([_brief(request, statement)])) as drafts,
        ):
            replies = [draft async for draft in drafts]
    except (EngineError, TimeoutError) as exc:
        log.warning("what the statement leaves open is not told (%s)", type(exc).__name__)
        return ()
    return await asyncio.to_thread(_told, replies, request, statement)


def _brief(request: MediationRequest, statement: str) -> Brief:
    """All that members said, in the order of the first drafts, and the statement."""
    first = briefs(replace(request, candidates=1))[0]
    critiques = first.revision.critiques if first.revision else ()
    # Points that were voted on belong to drafting; here they would make the template one that drafts.
    return replace(
        first, seed=candidate_seed(request.seed, "open"), revision=Chosen(statement, critiques), points=()
    )


def _told(replies: list[Draft], request: MediationRequest, statement: str) -> tuple[OpenPoint, ...]:
    """The points of a whole reply. Its numbers are those of the lines that the model had room for."""
    said = request.said
    return tuple(
        OpenPoint(text=point.text, asked_by=tuple(said[at].participant for at in point.members))
        for draft in replies
        if draft.finish_reason == "stop"
        for point in traced(draft.text, _looked(draft, request, statement))
    )


def _looked(draft: Draft, request: MediationRequest, statement: str) -> Looked:
    whose = whose_lines(request, draft.brief.order)
    read = range(len(whose)) if draft.read is None else draft.read
    said = [each.text for each in request.said]
    return Looked(request.question, statement, said, [whose[place] for place in read])
