"""Group drafts: what a round is drafted from when its opinions are too many for one prompt.

Reads:  a request, the kinds of its opinions, and a generator that says which parts it could read whole.
Gives:  lines in place of the opinions: the statement that each part of a kind drafted from its own members,
        with how many they are and what some of them need. Who is behind a line is kept beside it.
Refrains from scoring: every candidate is still scored against every opinion.

Where the lines too are more than a prompt has room for, parts of them draft again, until they fit. A part
whose statement cannot be used is asked for once more; after that its members count as unread.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from engine.draft_briefs import candidate_seed, read_by_kind, shuffled
from engine.drafting.digest.signs import is_condition
from engine.drafting.parsing.screening import Screen
from engine.drafting.sentences import length_of
from engine.errors import GenerationError
from engine.groups.opinion_kinds import Kinds
from engine.ports import ReadsInParts, TextGenerator
from engine.text import sentences
from engine.types import Brief, Draft, MediationRequest, PartialReading, ParticipantOpinion

AT_ONCE = 8
"""Parts that are drafted at once; a server's own slots may allow fewer."""
TRIES = 2
NEEDS, LONGEST_NEED = 2, 25
"""Needs of a part that its line tells, and words of each."""

OnPart = Callable[[int, int], None]
"""Hears how many of how many parts have drafted."""


@dataclass(frozen=True)
class Line:
    """What one part of the members says.

    members: the places in the request of those whose opinions were read for it.
    shortened: of those, the ones whose opinion was cut.
    needs: conditions in members' own words, those that most of them share first.
    """

    statement: str
    members: frozenset[int]
    shortened: frozenset[int]
    needs: tuple[str, ...]

    def told(self, of: int) -> str:
        """The line as the drafter reads it; of: how many gave an opinion."""
        needed = f" Some of them need: {' '.join(self.needs)}" if self.needs else ""
        return f"{len(self.members)} of {of} members say: {self.statement}{needed}"


@dataclass(frozen=True)
class GroupDrafts:
    """What candidates are drafted from: `parts` says how many parts drafted from members' own opinions."""

    lines: tuple[Line, ...]
    parts: int

    def request(self, request: MediationRequest) -> MediationRequest:
        """The request to draft from: lines in place of the opinions."""
        told = (line.told(len(request.opinions)) for line in self.lines)
        return replace(
            request, opinions=tuple(ParticipantOpinion(str(at), text) for at, text in enumerate(told))
        )

    def reading(
        self, drafts: Sequence[Draft], request: MediationRequest, kinds: Kinds | None
    ) -> PartialReading:
        """What the candidates rest on; drafts: those that can be used, by briefs of `request`."""
        behind = [self._behind(draft) for draft in drafts]
        unread = set(range(len(request.opinions))) - frozenset[int]().union(*behind)
        return PartialReading(
            fewest=min(map(len, behind)),
            most=max(map(len, behind)),
            shortened=len(frozenset[int]().union(*(line.shortened for line in self.lines))),
            unread=len(unread),
            kinds=read_by_kind(kinds, unread),
            groups=self.parts,
        )

    def _behind(self, draft: Draft) -> frozenset[int]:
        lines = shuffled(self.lines, draft.brief.order)
        read = lines if draft.read is None else [lines[at] for at in draft.read]
        return frozenset[int]().union(*(line.members for line in read))


async def group_drafts(
    generator: TextGenerator, request: MediationRequest, kinds: Kinds | None, on_part: OnPart
) -> GroupDrafts | None:
    """Have groups draft where the opinions do not fit; None where they do, or nobody says what fits.

    Raises:
        GenerationError: no part has a statement that can be used.
    """
    if not isinstance(generator, ReadsInParts) or request.revision is not None:
        return None
    total = len(request.opinions)
    texts = tuple(opinion.text for opinion in request.opinions)
    whole = Brief(0, request.question, texts, seed=request.seed, kinds=kinds.of if kinds else ())
    parts = await generator.parts(whole)
    if len(parts) < 2:
        return None
    lines = [Line(text, frozenset({at}), frozenset(), ()) for at, text in enumerate(texts)]
    lines = await _Level(generator, request, 0, on_part).drafted(lines, texts, parts)
    first = len(parts)
    for level in range(1, total):
        told = tuple(line.told(total) for line in lines)
        parts = await generator.parts(Brief(0, request.question, told, seed=request.seed))
        if len(parts) < 2 or len(parts) >= len(lines):
            break
        lines = await _Level(generator, request, level, on_part).drafted(lines, told, parts)
    return GroupDrafts(tuple(lines), first)


class _Level:
    """One time that parts draft: from opinions first, then from the lines of the level before."""

    def __init__(
        self, generator: TextGenerator, request: MediationRequest, level: int, on_part: OnPart
    ) -> None:
        self._generator, self._request, self._level, self._on_part = generator, request, level, on_part
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._done = 0

    async def drafted(
        self, lines: Sequence[Line], told: Sequence[str], parts: Sequence[Sequence[int]]
    ) -> list[Line]:
        """The line of each part, in order; parts without a usable statement are left out."""
        self._on_part(0, len(parts))
        tasks = [
            asyncio.ensure_future(self._one(lines, told, part, number, len(parts)))
            for number, part in enumerate(parts)
        ]
        try:
            found = await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        failed = [each for each in found if isinstance(each, BaseException)]
        if serious := [each for each in failed if not isinstance(each, GenerationError)]:
            raise serious[0]
        if made := [each for each in found if isinstance(each, Line)]:
            return made
        raise failed[0] if failed else GenerationError("No group's statement can be used.")

    async def _one(
        self, lines: Sequence[Line], told: Sequence[str], part: Sequence[int], number: int, of: int
    ) -> Line | None:
        """A part's line; None where the generator wrote nothing that can be used."""
        name = f"part {self._level} {number}"
        places = shuffled(part, candidate_seed(self._request.seed, name))
        async with self._slots:
            for attempt in range(TRIES):
                seed = candidate_seed(self._request.seed, f"{name} {attempt}")
                brief = Brief(0, self._request.question, tuple(told[at] for at in places), seed=seed)
                draft = await _first(self._generator.draft([brief]))
                if draft is not None and Screen().judge(draft) is None:
                    break
            else:
                draft = None
        self._done += 1
        self._on_part(self._done, of)
        return None if draft is None else _line(draft, [lines[at] for at in places], self._level)


async def _first(drafts: AsyncGenerator[Draft, None]) -> Draft | None:
    async with aclosing(drafts):
        return await anext(drafts, None)


def _line(draft: Draft, given: Sequence[Line], level: int) -> Line:
    """What a part says; given: the lines in the order in which they stood in the prompt."""
    read = range(len(given)) if draft.read is None else draft.read
    behind = [given[at] for at in read]
    cut = (
        frozenset[int]().union(*(given[at].members for at in draft.shortened)) if level == 0 else frozenset()
    )
    needs = _needs([line.statement for line in behind]) if level == 0 else _commonest(behind)
    return Line(
        statement=" ".join(draft.text.split()),
        members=frozenset[int]().union(*(line.members for line in behind)),
        shortened=frozenset[int](cut).union(*(line.shortened for line in behind)),
        needs=needs,
    )


def _needs(opinions: Sequence[str]) -> tuple[str, ...]:
    """Conditions that members state in a few words: those of most members first, then the shortest."""
    counted = Counter(
        sentence
        for opinion in opinions
        for sentence in dict.fromkeys(sentences(opinion))
        if length_of(sentence) <= LONGEST_NEED and is_condition(sentence)
    )
    return tuple(sorted(counted, key=lambda each: (-counted[each], len(each), each))[:NEEDS])


def _commonest(lines: Sequence[Line]) -> tuple[str, ...]:
    counted = Counter(need for line in lines for need in line.needs)
    return tuple(need for need, _ in counted.most_common(NEEDS))
