"""Briefs: what each candidate is drafted from, in which order, and what of it was read in the end.

Reads:  a request, and the kinds of its opinions.
Gives:  one `Brief` for each candidate, to whoever drafts; and afterwards what no draft was made from.
Refrains from clock and I/O: all chance comes from the request's seed.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from engine.groups.opinion_kinds import Kinds
from engine.types import Brief, CountedPoint, Draft, KindRead, MediationRequest, PartialReading, Revision

ORDERS = 4
"""Different orders of the opinions in a round: as many as a small server writes drafts at once.

Candidates of one order share their whole prompt, which a server need read only once. The number does not
depend on the server, so that a seed means the same everywhere.
"""

MOST_POINTS = 12
"""Points that a prompt shows: half of them the most agreed, half those that divide most."""
LONGEST_POINT = 300
"""Characters of a point that a prompt shows; a longer one is no single idea."""

T = TypeVar("T")


def briefs(request: MediationRequest, kinds: Kinds | None = None) -> list[Brief]:
    """One brief for each candidate, those that share an order of the opinions one after the other.

    The seed of a candidate's words is its own; that of its order reproduces the order.
    """
    texts = [opinion.text for opinion in request.opinions]
    together = [each.text for each in request.said] if request.revision else []
    of = kinds.of if kinds is not None and len(kinds.words) > 1 else ()
    points = telling_points(request.points)
    made = []
    for index in range(request.candidates):
        order = candidate_seed(request.seed, f"order {index * ORDERS // max(request.candidates, ORDERS)}")
        made.append(
            Brief(
                index=index,
                question=request.question,
                opinions=shuffled(texts, order),
                seed=candidate_seed(request.seed, index),
                order=order,
                kinds=shuffled(of, order),
                revision=_in_order(request.revision, order),
                together=shuffled(together, order),
                points=points,
            )
        )
    return made


def telling_points(points: Sequence[CountedPoint]) -> tuple[CountedPoint, ...]:
    """The points that drafters read, at most `MOST_POINTS`: what most agree with, then what divides
    most, since as many are for it as against. Points without a vote tell nothing."""
    short = [point for point in points if _seen(point) and len(point.text) <= LONGEST_POINT]
    by_agreement = sorted(short, key=lambda point: _share(point.agree, point), reverse=True)
    agreed = [point for point in by_agreement if 2 * point.agree > _seen(point)]
    dividing = sorted(
        (point for point in short if point.agree and point.disagree),
        key=lambda point: _share(min(point.agree, point.disagree), point),
        reverse=True,
    )
    half = MOST_POINTS // 2
    chosen = dict.fromkeys([*agreed[:half], *dividing[:half], *agreed[half:], *dividing[half:]])
    return tuple(chosen)[:MOST_POINTS]


def _seen(point: CountedPoint) -> int:
    return point.agree + point.disagree + point.passed


def _share(votes: int, point: CountedPoint) -> float:
    """A share of votes that counts few votes for less."""
    return (votes + 1) / (_seen(point) + 2)


def _in_order(revision: Revision | None, seed: int) -> Revision | None:
    return revision and replace(revision, critiques=shuffled(revision.critiques, seed))


def candidate_seed(seed: int, index: int | str) -> int:
    """The seed of one candidate, or of what else has a name: 48 bits, so that JSON keeps it whole, and
    unrelated to its neighbours'."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{index}".encode()).digest()[:6])


def shuffled(opinions: Sequence[T], seed: int) -> tuple[T, ...]:
    """The opinions in the order that `seed` stands for."""
    return tuple(random.Random(seed).sample(opinions, len(opinions)))  # noqa: S311 (repeatable, not secret)


def partial_reading(
    drafts: Sequence[Draft], request: MediationRequest, kinds: Kinds | None
) -> PartialReading | None:
    """What the generator read of what members said; None when each draft was made from all of it, whole."""
    if all(draft.read is None and not draft.shortened for draft in drafts):
        return None
    read: set[int] = set()
    shortened: set[int] = set()
    counts = []
    for draft in drafts:
        whose = whose_lines(request, draft.brief.order)
        members = {whose[place] for place in (range(len(whose)) if draft.read is None else draft.read)}
        read |= members
        shortened |= {whose[place] for place in draft.shortened}
        counts.append(len(members))
    unread = set(range(len(request.said))) - read
    return PartialReading(
        fewest=min(counts),
        most=max(counts),
        shortened=len(shortened),
        unread=len(unread),
        kinds=read_by_kind(kinds, unread),
    )


def whose_lines(request: MediationRequest, order: int) -> list[int]:
    """Whose each line of a prompt is, by their place in `request.said`, in the order of `briefs`."""
    lines = list(shuffled(range(len(request.opinions)), order))
    if request.revision:
        places = {each.participant: place for place, each in enumerate(request.said)}
        lines += [places[each.participant] for each in shuffled(request.revision.critiques, order)]
    return lines


def read_by_kind(kinds: Kinds | None, unread: set[int]) -> tuple[KindRead, ...]:
    """What was read of each kind; nothing where there is only one."""
    if kinds is None or len(kinds.words) < 2:
        return ()
    sizes, left_out = Counter(kinds.of), Counter(kinds.of[place] for place in unread if place < len(kinds.of))
    return tuple(
        KindRead(words=words, opinions=sizes[kind], unread=left_out[kind])
        for kind, words in enumerate(kinds.words)
    )
