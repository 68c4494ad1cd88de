"""Group drafts: what a round is drafted from when its opinions are too many for one prompt.

Reads:  a request, the kinds of its opinions, and a generator that says which parts it could read whole.
Gives:  lines in place of the opinions: the statement that each part of a kind drafted from its own members,
        with how many they are, and what several of them need, with how many that are. Who is behind a line is
        kept beside it.
Refrains from scoring: every candidate is still scored against every opinion. And from letting members count:
what reads like a part of such a line is taken out of their words, and what one alone needs is in no line.

Where the lines too are more than a prompt has room for, parts of them draft again, until they fit. A part
whose statement cannot be used is asked for once more; after that its members count as unread.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping, Sequence, Set
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import chain

from engine.draft_briefs import candidate_seed, read_by_kind, shuffled, telling_points
from engine.drafting.digest.points import signs_of
from engine.drafting.digest.signs import content, is_condition
from engine.drafting.parsing.screening import Screen
from engine.drafting.sentences import length_of
from engine.errors import GenerationError
from engine.groups.opinion_kinds import Kinds
from engine.ports import ReadsInParts, TextGenerator
from engine.prompts import told_line, without_told
from engine.text import sentences
from engine.types import Brief, Draft, MediationRequest, PartialReading, ParticipantOpinion

AT_ONCE = 8
"""Parts that are drafted at once; a server's own slots may allow fewer."""
TRIES = 2
NEEDS, LONGEST_NEED = 2, 25
"""Needs of a part that its line tells, and words of each."""
FEWEST_IN_NEED = 2
"""Members who state a need, from which a line tells it: one alone would put a sentence into every prompt."""

_Told = tuple[frozenset[str], frozenset[str], bool]
"""What a condition is about, its numbers, and whether it denies."""
OnPart = Callable[[int, int], None]
"""Hears how many of how many parts have drafted."""


@dataclass(frozen=True)
class Need:
    """A condition in a member's words, and the places of those who state it."""

    text: str
    members: frozenset[int]


@dataclass(frozen=True)
class Line:
    """What one part of the members says.

    members: the places in the request of those whose opinions were read for it.
    shortened: of those, the ones whose opinion was cut.
    needs: those that most of them share first.
    """

    statement: str
    members: frozenset[int]
    shortened: frozenset[int]
    needs: tuple[Need, ...]

    def told(self, of: int) -> str:
        """The line as the drafter reads it; of: how many gave an opinion."""
        needs = [(len(need.members), need.text) for need in self.needs]
        return told_line(len(self.members), of, self.statement, needs)


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
        GeneratorUnavailableError: the generator did not answer for some part.
    """
    if not isinstance(generator, ReadsInParts) or request.revision is not None:
        return None
    total = len(request.opinions)
    texts = tuple(without_told(opinion.text) for opinion in request.opinions)
    # As the candidates' prompts will be: the points take room in them, too.
    asking = Brief(0, request.question, texts, seed=request.seed, points=telling_points(request.points))
    parts = await generator.parts(replace(asking, kinds=kinds.of if kinds else ()))
    if len(parts) < 2:
        return None
    lines = [Line(text, frozenset({at}), frozenset(), ()) for at, text in enumerate(texts)]
    lines = await _Level(generator, request, 0, on_part).drafted(lines, texts, parts)
    first = len(lines)
    for level in range(1, total):
        told = tuple(line.told(total) for line in lines)
        parts = await generator.parts(replace(asking, opinions=told))
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
        # A server that is away for a moment is no reason to leave its part's members out: all is tried again.
        serious = [each for each in failed if not isinstance(each, GenerationError) or each.retryable]
        if serious:
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
                # What it repeats of the lines it read is no reason to ask anew.
                draft = draft and replace(draft, text=without_told(draft.text))
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
    return Line(
        statement=" ".join(draft.text.split()),
        members=frozenset[int]().union(*(line.members for line in behind)),
        shortened=frozenset[int](cut).union(*(line.shortened for line in behind)),
        needs=_needs(behind) if level == 0 else _commonest(behind),
    )


def _needs(said: Sequence[Line]) -> tuple[Need, ...]:
    """Conditions that several members state in a few words; said: what each of them wrote."""
    stated: defaultdict[_Told, set[int]] = defaultdict(set)
    texts: dict[_Told, str] = {}
    for line in said:
        for each in filter(is_condition, sentences(line.statement)):
            told = frozenset(content(each)), *signs_of(each)
            stated[told] |= line.members
            if told[0] and length_of(each) <= LONGEST_NEED:
                texts[told] = min(texts.get(told, each), each, key=lambda text: (len(text), text))
    return _shown(Need(text, _stating(told, stated)) for told, text in texts.items())


def _stating(told: _Told, stated: Mapping[_Told, Set[int]]) -> frozenset[int]:
    """Who states a condition: in as many words or more, with its numbers, and denying where it does."""
    about, *signs = told
    return frozenset[int]().union(
        *(who for (others, *own), who in stated.items() if own == signs and about <= others)
    )


def _commonest(lines: Sequence[Line]) -> tuple[Need, ...]:
    together: dict[str, frozenset[int]] = {}
    for need in chain.from_iterable(line.needs for line in lines):
        together[need.text] = need.members | together.get(need.text, frozenset())
    return _shown(Need(text, members) for text, members in together.items())


def _shown(needs: Iterable[Need]) -> tuple[Need, ...]:
    """Those of most members first, then the shortest."""
    shared = [need for need in needs if len(need.members) >= FEWEST_IN_NEED]
    return tuple(sorted(shared, key=lambda need: (-len(need.members), len(need.text), need.text))[:NEEDS])
