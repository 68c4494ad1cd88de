"""The drafter without a language model: digests of what the members said, in their own words.

Reads:  briefs; the opinions in them, in any language, in a revision with each member's critique after them.
Gives:  drafts in the form of `engine.digest`, each with other points or in another order: what most of us
        say, what we differ on, side by side, what some of us need, and what else some of us say.
Refrains from writing: no sentence is made up, and none is made of two members'. Conditions and needs are in
every draft. Where wishes exclude one another, or nothing tells what most of us want, the draft says that
there is no common statement. The order in which opinions came changes nothing; the same seeds give the same
drafts.

Members are counted only where everybody's answer is clear; a point that several made is shown once, with how
many. Each member is heard with the point that tells most, as far as there is room. A short opinion is whole
in the best draft, and never spread over two sections. Who does not mind stands last. Where the opinions hold
too little for another distinct draft, the brief is left out.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from itertools import chain

import numpy as np

from engine.digest import DIFFER, MOST, NEED, SAY, Digest, Group, Point, Section, as_text
from engine.drafting.digest.points import LONGEST, Points, Said
from engine.drafting.digest.positions import Asks, Position, Positions, answer_of, positions
from engine.drafting.digest.reading_order import replies_last
from engine.drafting.digest.signs import is_indifferent
from engine.text import normalised
from engine.types import Brief, Draft

ROOM = 2_200
"""Characters of all points together: what every platform shows without cutting, escaped too."""
MOST_NEEDED = 0.6
"""The share of the room up to which conditions and needs are taken before other points."""
LETTERS = 7
"""Characters of a word with the space after it, about: how long opinions may be to be shown whole."""
OVERHEAD = 4
"""Characters around a point."""
MUCH_THE_SAME = "In similar words"
_FEW_WORDS = 10  # room for each opinion under which hardly one is whole, so that there is nothing to shorten
_TELLS_LESS = 0.3  # how far luck may make a point tell less or more than it does
_ATTEMPTS = 12  # at a draft that is unlike all before it


class DigestGenerator:
    """Lists what the group said; see the module for how."""

    name = "digest"
    prompt = "none"
    model_used = False

    async def draft(self, briefs: Sequence[Brief]) -> AsyncGenerator[Draft, None]:
        """Yield a distinct digest for each brief, as long as the opinions hold another.

        Raises:
            GenerationError: the opinions hold nothing that could be shown.
        """
        composers: dict[tuple[str, ...], _Composer] = {}
        for brief in briefs:
            opinions = (brief.question, *sorted(brief.said))
            if opinions not in composers:
                composers[opinions] = await asyncio.to_thread(_Composer, brief.question, opinions[1:])
            text = await asyncio.to_thread(composers[opinions].compose, brief)
            if text:
                yield Draft(brief, text)


class _Composer:
    """Composes distinct digests from one set of opinions; it remembers what it has given."""

    def __init__(self, question: str, opinions: Sequence[str]) -> None:
        cuts = list(_cuts(opinions))
        self._cuts = [(points, positions(question, points)) for points in cuts]
        self._given: set[str] = set()

    def compose(self, brief: Brief) -> str:
        """A digest unlike all before it; empty when none can be found."""
        rng = np.random.default_rng(brief.seed)
        for attempt in range(_ATTEMPTS):
            best = brief.index == 0 and attempt == 0
            points, found = self._cuts[0 if best else int(rng.integers(0, len(self._cuts)))]
            text = as_text(_Page(points, found, rng, best=best).digest())
            if normalised(text) not in self._given:
                self._given.add(normalised(text))
                return text
        return ""


def _cuts(opinions: Sequence[str]) -> Iterator[Points]:
    """The points of the opinions: first the short ones whole, then every second of them shortened, or all.

    One cut where there are too many for any to be whole: nothing is shortened then.
    """
    members = range(len(opinions))
    whole = min(ROOM // (LETTERS * len(opinions)), LONGEST)  # words for which each opinion has room
    some = (members[::2], members[1::2]) if whole >= _FEW_WORDS else (members,)
    for trimmed in ((), *some) if whole else ((),):
        yield Points(opinions, whole=whole, trimmed=frozenset(trimmed))


class _Page:
    """One digest in the making: which points stand where, and how much room is left."""

    def __init__(self, points: Points, found: Positions, rng: np.random.Generator, *, best: bool) -> None:
        """`best`: by merit alone, and one point of each member; else by luck too, and perhaps with more."""
        self._points = points
        self._found = found
        self._size = len(points.opinions)
        self._room = ROOM
        luck = 0.0 if best else 1.0
        chance = rng.uniform(1 - luck, 1 + luck, len(points.said))
        self._worth = {said: said.merit * float(by) for said, by in zip(points.said, chance, strict=True)}
        self._telling = {
            said: said.telling * (1 + _TELLS_LESS * (float(by) - 1))
            for said, by in zip(points.said, chance, strict=True)
        }
        self._order = {position: float(rng.random()) * luck for position in found.found}
        self._extras = 0 if best else int(rng.integers(0, self._size // 2 + 2))
        self._answers: list[list[Said]] = [[] for _ in self._shown_positions]
        self._shared: list[Said] = []
        self._needs: list[Said] = []
        self._others: list[Said] = []

    def digest(self) -> Digest:
        """Take points in the order in which they must not be missing, then put them under their headings."""
        self._take_answers(most=1)
        self._take_needs(ROOM - round(ROOM * MOST_NEEDED))
        self._take_shared()
        self._take_unheard()
        self._take_needs(0)
        self._take_extras()
        return Digest(tuple(self._sections()), self._common, self._left_out())

    @property
    def _shown_positions(self) -> tuple[Position, ...]:
        """All that exclude one another; else the one of more than half of the members, if there is one."""
        found = self._found.found
        return found if self._found.exclusive else tuple(filter(self._is_most, found))[:1]

    @property
    def _common(self) -> bool:
        agreed = self._shared or self._shown_positions or self._found.asks is Asks.IDEAS
        return bool(agreed) and not self._found.exclusive

    # -- taking ----------------------------------------------------------------------------------

    def _take_answers(self, most: int) -> None:
        """For each position the points of up to so many of its members."""
        for position, answers in zip(self._shown_positions, self._answers, strict=True):
            for member in sorted(position.members, key=self._best_worth, reverse=True):
                if len(answers) >= most:
                    break
                if not self._heard(member) and (said := self._answer(member, position)):
                    self._take(said, answers)

    def _answer(self, member: int, position: Position) -> Said | None:
        """The point by which a member speaks for a position: the answer itself, or what they say of it."""
        if self._found.asks is Asks.CHOICE:
            answer = answer_of(self._points, member)
            return answer if answer and not answer.condition else None
        own = [said for said in self._free(member) if said.members <= position.members and not said.condition]
        return max(own, key=self._telling.__getitem__, default=None)

    def _take_needs(self, keep: int) -> None:
        for said in self._by_worth(said for said in self._points.said if said.condition):
            if self._room - len(said.text) >= keep:
                self._take(said, self._needs)

    def _take_shared(self) -> None:
        for said in self._by_worth(self._points.said):
            if len(said.members) * 2 > self._size:
                self._take(said, self._shared)

    def _take_unheard(self) -> None:
        """One point of each member who does not speak yet: those of the fewest words first."""
        unheard = [member for member in range(self._size) if not self._heard(member)]
        unheard.sort(key=lambda member: min((len(said.text) for said in self._points.of(member)), default=0))
        for at, member in enumerate(unheard):
            if not self._heard(member) and (said := self._speaks(member, self._room // (len(unheard) - at))):
                self._take(said, self._place_of(said))

    def _speaks(self, member: int, room: int) -> Said | None:
        """The point for a member that fits: the answer to a choice, else what tells most."""
        answer = answer_of(self._points, member) if self._found.asks is Asks.CHOICE else None
        if answer and not answer.condition and len(answer.text) <= self._room:
            return answer
        own = self._points.of(member)
        fitting = [said for said in own if len(said.text) + OVERHEAD <= room]
        fitting = fitting or sorted(own, key=lambda said: len(said.text))[:1]
        return max(fitting, key=self._telling.__getitem__, default=None)

    def _take_extras(self) -> None:
        free = [said for said in self._points.said if said not in self._taken]
        for said in self._by_worth(free)[: self._extras]:
            self._take(said, self._place_of(said))

    def _place_of(self, said: Said) -> list[Said]:
        """With the needs, beside the answer of those who said it, or with the others."""
        if said.condition:
            return self._needs
        for position, answers in zip(self._shown_positions, self._answers, strict=True):
            if said.members <= position.members and self._speaks_for(said, position):
                return answers
        return self._others

    def _speaks_for(self, said: Said, position: Position) -> bool:
        if self._found.asks is not Asks.CHOICE:
            return True
        return any(said == answer_of(self._points, member) for member in position.members)

    def _take(self, said: Said, into: list[Said]) -> None:
        if said not in self._taken and (len(said.text) <= self._room or not self._taken):
            into.append(said)
            self._room -= len(said.text) + OVERHEAD

    @property
    def _taken(self) -> list[Said]:
        return list(chain(*self._answers, self._shared, self._needs, self._others))

    def _heard(self, member: int) -> bool:
        return any(member in said.members for said in self._taken)

    def _free(self, member: int) -> list[Said]:
        return [said for said in self._points.of(member) if said not in self._taken]

    def _best_worth(self, member: int) -> float:
        return max((self._worth[said] for said in self._points.of(member)), default=0.0)

    def _by_worth(self, found: Iterable[Said]) -> list[Said]:
        """The points that most members made first, then those of most worth."""
        return sorted(found, key=lambda said: (-len(said.members), -self._worth[said], said.text))

    def _left_out(self) -> int:
        """Conditions and members that there was no room for."""
        unsaid = sum(said.condition for said in self._points.said) - sum(
            said.condition for said in self._taken
        )
        return unsaid + sum(self._is_left_out(member) for member in range(self._size))

    def _is_left_out(self, member: int) -> bool:
        own = self._points.of(member)
        return not self._heard(member) and not any(said.condition for said in own) and bool(own)

    # -- showing ---------------------------------------------------------------------------------

    def _sections(self) -> Iterator[Section]:
        answers = tuple(self._answer_groups())
        shared = (self._group(self._shared),) if self._shared else ()
        others = (self._group(self._others),) if self._others else ()
        one = sum(len(group.points) for group in answers) < 2 and not any(group.label for group in answers)
        alone = self._found.exclusive and one
        for heading, groups in (
            (MOST, shared if self._found.exclusive else (*shared, *answers)),
            (DIFFER, answers if self._found.exclusive and not alone else ()),
            (NEED, (self._group(self._needs),) if self._needs else ()),
            (SAY, (*answers, *others) if alone else others),
        ):
            if groups:
                yield Section(heading, groups)

    def _answer_groups(self) -> Iterator[Group]:
        """The positions' points; those without a name stand first, so that they are under none."""
        pairs = list(zip(self._shown_positions, self._answers, strict=True))
        pairs.sort(key=lambda pair: self._turn(pair[0]))
        if nameless := [said for position, answers in pairs if not self._label(position) for said in answers]:
            yield self._group(nameless)
        for position, answers in pairs:
            if label := self._label(position):
                yield self._group(answers, label)

    def _turn(self, position: Position) -> tuple[bool, int, float]:
        return bool(self._label(position)), -len(position.members), self._order[position]

    def _label(self, position: Position) -> str:
        """The answer's name, with how many gave it where that is clear of everybody."""
        many = any(len(shown.members) > 1 for shown in self._shown_positions)
        label = position.label or ("" if self._found.exclusive else MUCH_THE_SAME)
        if self._found.asks is Asks.CHOICE and position.label and not many:
            return ""
        return f"{label} ({len(position.members)} of {self._size})" if label and self._found.sure else label

    def _is_most(self, position: Position) -> bool:
        return len(position.members) * 2 > self._size

    def _group(self, points: Sequence[Said], label: str = "") -> Group:
        """Points in the order in which they are read: the best first, but a reply after what it answers."""
        ordered = sorted(self._by_worth(points), key=lambda said: is_indifferent(said.text))
        return Group(tuple(Point(each.text, len(each.members)) for each in replies_last(ordered)), label)
