"""Asking a language model for a rehearsal: members, what they say, how they read the question, a clearer one.

Reads:  text generators with the templates of `engine.prompts.REHEARSALS`.
Gives:  what could be read of their answers, and counts of those that could not be used.
Refrains from trusting an answer: each is parsed strictly, and asked for again with another seed up to `TRIES`
times in all. Whatever a model or a person wrote goes back into prompts as data alone.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from engine.draft_briefs import candidate_seed
from engine.drafting.parsing.declining import declines
from engine.drafting.sentences import length_of
from engine.errors import GenerationError
from engine.ports import TextGenerator
from engine.prompts import echoes, leaks
from engine.rehearsal.personas import Persona, invented
from engine.sentence import sentence
from engine.text import normalised, sentences, words
from engine.types import Brief, Draft, ParticipantOpinion

TRIES = 3
SHORTEST_OPINION, LONGEST_OPINION = 3, 120
"""Words of an opinion."""
SHORTEST_QUESTION, LONGEST_QUESTION = 4, 60
CLEARER = 3
"""Proposals for a clearer question that are asked for."""
SAME = 0.9
"""Share of words in common from which two opinions are the same one."""

CANNOT_INVENT = sentence(
    "{model} cannot invent members: {found} of {wanted} of its answers could be used, after {tries} tries "
    "each. Use a larger model, or one that follows instructions better."
)
CANNOT_ANSWER = sentence(
    "{model} cannot answer as members: {found} of {wanted} of its answers could be used, after {tries} tries "
    "each. Use a larger model, or one that follows instructions better."
)

T = TypeVar("T")
_TOLD = re.compile(r"\btold\s*[:：]|\|", re.IGNORECASE)  # what only prompts have
_SORTED = re.compile(r"[\d\s,;|.&()\[\]]+|and", re.IGNORECASE)


@dataclass
class Asker:
    """Asks, and counts.

    writers: a text generator for each name in `engine.prompts.REHEARSALS`.
    asked, unusable: answers asked for so far, and those that could not be used.
    """

    writers: Mapping[str, TextGenerator]
    question: str
    seed: int = 0
    asked: int = field(default=0, init=False)
    unusable: int = field(default=0, init=False)

    @property
    def name(self) -> str:
        """The model's, for the record."""
        return self.writers["member"].name

    async def personas(
        self,
        team: str,
        wanted: int,
        known: Sequence[Persona] = (),
        tell: Callable[[int], None] = lambda done: None,
    ) -> list[Persona]:
        """Invent so many further members, one after the other, so that each can differ from those before.

        Raises:
            GenerationError: the model gives fewer than half of them.
        """
        found: list[Persona] = []
        for number in range(wanted):
            there = [*known, *found]
            told = [f"The team: {team}"] * bool(team) + [f"A member already: {each.line}" for each in there]
            read = partial(_invented, there)
            (made,) = await self._read("persona", [told], f"persona {number}", read)
            found += [made] if made else []
            tell(number + 1)
        self._require(CANNOT_INVENT, len(found), wanted)
        return found

    async def opinions(self, members: Mapping[str, Persona], run: int) -> list[ParticipantOpinion]:
        """What each member would answer, without those of whom no usable answer came.

        Raises:
            GenerationError: the model gives fewer than half of them.
        """
        taken: list[set[str]] = []

        def read(place: int, text: str) -> str | None:
            said = set(words(normalised(text)))
            if not self._is_opinion(text) or any(_much_the_same(said, other) for other in taken):
                return None
            taken.append(said)
            return text

        ids = list(members)
        texts = await self._read("member", [[each.line] for each in members.values()], f"run {run}", read)
        found = [ParticipantOpinion(who, text) for who, text in zip(ids, texts, strict=True) if text]
        self._require(CANNOT_ANSWER, len(found), len(ids))
        return found

    async def readings(self, members: Mapping[str, Persona]) -> dict[str, str]:
        """How each member understands the question; without those whose answer could not be used."""
        texts = await self._read(
            "reading",
            [[each.line] for each in members.values()],
            "reading",
            lambda _, text: text if self._is_opinion(text) and "?" not in text else None,
        )
        return {who: text for who, text in zip(members, texts, strict=True) if text}

    async def ways(self, readings: Mapping[str, str]) -> tuple[tuple[str, ...], ...] | None:
        """Members by how they understand the question, the largest group first; None where it is unknown."""
        told = [f"{number}. {text}" for number, text in enumerate(readings.values(), 1)]
        if len(told) < 2:
            return None
        count = len(told)
        (groups,) = await self._read(
            "sorting", [told], "sorting", lambda _, text: sorted_numbers(text, count)
        )
        if groups is None:
            return None
        who = list(readings)
        named = [tuple(who[number - 1] for number in group) for group in groups]
        return tuple(sorted(named, key=lambda group: -len(group)))

    async def clearer(self, readings: Mapping[str, str]) -> list[str]:
        """Proposals for a clearer question; none where the model has no usable one."""
        told = list(readings.values())
        found = await self._read("clearer", [told] * CLEARER, "clearer", self._is_clearer)
        by_form = {normalised(each): each for each in found if each}
        return list(by_form.values())

    def _is_opinion(self, text: str) -> bool:
        fits = SHORTEST_OPINION <= length_of(text) <= LONGEST_OPINION
        repeats = normalised(text) == normalised(self.question)
        return fits and not (
            repeats or _TOLD.search(text) or leaks(text) or echoes(text, (self.question,)) or declines(text)
        )

    def _is_clearer(self, place: int, text: str) -> str | None:
        asks = text.rstrip().endswith("?") and SHORTEST_QUESTION <= length_of(text) <= LONGEST_QUESTION
        asks = asks and len(sentences(text)) == 1
        same = normalised(text) == normalised(self.question)
        return text if asks and not (same or _TOLD.search(text) or leaks(text) or declines(text)) else None

    async def _read(
        self,
        task: str,
        told: Sequence[Sequence[str]],
        name: str,
        read: Callable[[int, str], T | None],
    ) -> list[T | None]:
        """What could be read of the answer to each, asked up to `TRIES` times; None where nothing could."""
        found: list[T | None] = [None] * len(told)
        for attempt in range(TRIES):
            briefs = [
                Brief(at, self.question, tuple(each), candidate_seed(self.seed, f"{name} {at} {attempt}"))
                for at, each in enumerate(told)
                if found[at] is None
            ]
            if not briefs:
                break
            drafts = await self._answers(task, briefs)
            for draft in drafts:
                whole = draft.finish_reason == "stop" and draft.text.strip()
                found[draft.brief.index] = read(draft.brief.index, draft.text.strip()) if whole else None
            self.asked += len(briefs)
            self.unusable += sum(found[brief.index] is None for brief in briefs)
        return found

    async def _answers(self, task: str, briefs: Sequence[Brief]) -> list[Draft]:
        """In the order of the briefs: whichever comes first, the same ones are taken."""
        async with aclosing(self.writers[task].draft(briefs)) as drafts:
            return sorted([draft async for draft in drafts], key=lambda draft: draft.brief.index)

    def _require(self, said: str, found: int, wanted: int) -> None:
        """Raises GenerationError, with this sentence, where fewer than half of the answers could be used."""
        if wanted and found < max(1, (wanted + 1) // 2):
            raise GenerationError(said, model=self.name, found=found, wanted=wanted, tries=TRIES)


def _invented(known: Sequence[Persona], place: int, text: str) -> Persona | None:
    return invented(text, known)


def sorted_numbers(text: str, count: int) -> list[tuple[int, ...]] | None:
    """The groups in an answer such as `1 3 | 2`; None unless each number up to `count` is in one of them."""
    if _SORTED.sub("", text):
        return None
    groups = [tuple(map(int, re.findall(r"\d+", part))) for part in text.split("|")]
    groups = [group for group in groups if group]
    numbers = sorted(number for group in groups for number in group)
    return groups if numbers == list(range(1, count + 1)) else None


def _much_the_same(one: set[str], other: set[str]) -> bool:
    return len(one & other) >= SAME * len(one | other)
