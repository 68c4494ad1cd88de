"""The extractive drafter: candidate statements made of the members' own sentences, without a language model.

Reads:  briefs; the opinions in them, in any language.
Gives:  drafts of 20 to 120 words where the opinions hold twice as many, each of other sentences; of short
        opinions a third, a half or two thirds, for a text with everything in it leaves nothing to choose.
Refrains from inventing: every sentence is a member's, but for its capital and ending. No connective is put
between sentences, for a "but" or "many of us" would claim what nobody said, in a language they may not
speak. The one addition is an opening in front of sentences that look English ("In our own words:"), which
claims nothing; when everything else has been said, the question itself serves as an opening in any language.

Sentences are picked by maximal marginal relevance (Carbonell and Goldstein 1998): merit, less likeness to
what is picked already, less if the writer has spoken, less if earlier candidates said it. A statement takes
one side, yes or no, while a set of sentences is left that does. Only when every set has been used does one
come again, in another order or behind another opening. The same seeds give the same drafts. Where the
opinions hold too little for another distinct text, the brief is left out.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterator, Sequence
from itertools import chain

import numpy as np

from engine.arrays import Floats
from engine.drafting.material import LONGEST, Bools, Ints, Material, length_of
from engine.text import looks_english, normalised
from engine.types import Brief, Draft

LENGTHS = (45, 70, 30, 95, 55, 80, 38, 110)
"""Words that the candidates aim at, in turn."""
SHARES = (1 / 2, 2 / 3, 1 / 3)
"""The most that a candidate aims at of all there is to say, in turn."""
SHORTEST = 20
"""Words that a candidate aims at, at the least, when there are twice as many to choose from."""
OPENINGS = ("In our own words:", "", "What we told each other:", "Our views, side by side:")

_NO_SPACE_AFTER = re.compile("(?<=[。！？｡]) ")
_ROOM = LONGEST - max(map(length_of, OPENINGS))
_LIKE, _SPOKEN, _SAID = 0.6, 0.5, 0.15  # what a sentence's merit, in [0, 1], is lowered by
_SAME = 0.8  # likeness from which a sentence only repeats another
_ATTEMPTS = 12  # at a set of sentences by merit and luck; after them all sets of `_FEW` are gone through
_FEW = 10  # sentences; they have 1,023 sets
_REPEATS = 100  # attempts at another order or opening; those of the second half let a yes and a no meet
_SHORT_QUESTION = 25  # words up to which the question may be an opening


class ExtractiveGenerator:
    """Composes candidates from sentences of the opinions; see the module for how."""

    name = "extractive"
    prompt = "none"
    model_used = False

    async def draft(self, briefs: Sequence[Brief]) -> AsyncGenerator[Draft, None]:
        """Yield a distinct draft for each brief, as long as the material lasts.

        Raises:
            GenerationError: the opinions hold no sentence.
        """
        composers: dict[tuple[str, ...], _Composer] = {}
        for brief in briefs:
            opinions = tuple(sorted(brief.opinions))
            if opinions not in composers:
                composers[opinions] = await asyncio.to_thread(_Composer, opinions)
            text = await asyncio.to_thread(composers[opinions].compose, brief)
            if text:
                yield Draft(brief, text)


class _Composer:
    """Composes distinct statements from one material; it remembers what has been said."""

    def __init__(self, opinions: Sequence[str]) -> None:
        self._material = Material(opinions)
        self._said = np.zeros(len(self._material.sentences))
        self._used: set[frozenset[int]] = set()
        self._given: set[str] = set()
        self._repeating: Bools = self._material.likeness >= _SAME
        self._clashing: Bools = self._repeating | self._material.opposed

    def compose(self, brief: Brief) -> str:
        """A statement unlike all before it; empty when none can be found."""
        rng = np.random.default_rng(brief.seed)
        for picked, text in chain(self._of_other_sentences(brief, rng), self._of_the_same(brief, rng)):
            if normalised(text) not in self._given:
                self._given.add(normalised(text))
                self._used.add(frozenset(picked))
                self._said[picked] += 1
                return text
        return ""

    def _of_other_sentences(self, brief: Brief, rng: np.random.Generator) -> Iterator[tuple[list[int], str]]:
        """Sets of sentences that no candidate was made of, and their texts, in the brief's order."""
        for picked in self._sets(self._wanted(brief), rng):
            if frozenset(picked) not in self._used:
                picked = self._by_writer(picked, brief.opinions)
                text = self._text(picked)
                openings = _openings(text)
                yield picked, _joined(openings[brief.index % len(openings)], text)

    def _of_the_same(self, brief: Brief, rng: np.random.Generator) -> Iterator[tuple[list[int], str]]:
        """Sentences by chance, in any order, behind any opening, the question too when it is short."""
        for attempt in range(_REPEATS):
            clashing = self._clashing if attempt < _REPEATS // 2 else self._repeating
            most = int(rng.integers(1, min(_FEW, self._said.size) + 1))
            picked = self._most_relevant(self._worth(rng, luck=1.0), _ROOM, clashing, most)
            text = self._text([picked[at] for at in rng.permutation(len(picked))])
            openings = _openings(text)
            if length_of(brief.question) <= _SHORT_QUESTION:
                openings = (*openings, brief.question.strip())
            yield picked, _joined(str(rng.choice(openings)), text)

    def _wanted(self, brief: Brief) -> float:
        """Words that the candidate aims at."""
        there_are = float(self._material.lengths.sum())
        wanted = min(LENGTHS[brief.index % len(LENGTHS)], there_are * SHARES[brief.index % len(SHARES)])
        return max(wanted, SHORTEST) if there_are >= 2 * SHORTEST else wanted

    def _sets(self, wanted: float, rng: np.random.Generator) -> Iterator[list[int]]:
        """Sets of sentences: some by merit, then all of a few sentences; a yes beside a no comes last."""
        for attempt in range(_ATTEMPTS):
            worth = self._worth(rng, luck=1.0 if attempt else 0.2)
            yield self._most_relevant(worth, wanted, self._clashing, self._said.size)
        few = rng.permutation(self._said.size)[:_FEW]
        yield from self._all_sets(few, wanted, self._clashing)
        yield from self._all_sets(few, wanted, self._repeating)

    def _all_sets(self, few: Ints, wanted: float, clashing: Bools) -> Iterator[list[int]]:
        """All sets of these sentences in which none clashes with another, by their distance from `wanted`."""
        chosen = (np.arange(1, 2**few.size)[:, None] >> np.arange(few.size)) & 1  # shape (sets, few)
        clashes = clashing[np.ix_(few, few)] & ~np.eye(few.size, dtype=bool)
        words = chosen @ self._material.lengths[few]
        fits = (words <= _ROOM) & ~((chosen @ clashes > 0) & (chosen > 0)).any(axis=1)
        for at in np.argsort(np.abs(words - wanted), kind="stable"):
            if fits[at]:
                yield [int(sentence) for sentence in few[chosen[at] > 0]]

    def _worth(self, rng: np.random.Generator, *, luck: float) -> Floats:
        """What each sentence is worth saying now."""
        chance = rng.uniform(1 - luck, 1 + luck, self._said.size)
        return self._material.merit * chance - _SAID * self._said

    def _most_relevant(self, worth: Floats, wanted: float, clashing: Bools, most: int) -> list[int]:
        """Pick by marginal relevance until `wanted` words or `most` sentences are reached, or none fits."""
        material = self._material
        picked: list[int] = []
        words = 0
        fits = material.lengths <= _ROOM
        if not fits.any():
            fits[:] = True  # only over-long sentences: one of them, then
        while words < wanted and len(picked) < most and fits.any():
            best = int(np.argmax(np.where(fits, worth, -np.inf)))
            picked.append(best)
            words += int(material.lengths[best])
            worth = worth - _LIKE * material.likeness[best] - _SPOKEN * material.same_writer[best]
            fits &= ~clashing[best] & (material.lengths <= _ROOM - words)
            fits[best] = False
        return picked

    def _by_writer(self, picked: list[int], opinions: Sequence[str]) -> list[int]:
        """Each writer's sentences together, in the order they were written."""
        place = {opinion: at for at, opinion in enumerate(opinions)}
        turn = [place[opinion] for opinion in self._material.opinions]
        spoken = self._material.sentences
        return sorted(picked, key=lambda at: (min(turn[w] for w in spoken[at].writers), spoken[at].place))

    def _text(self, picked: Sequence[int]) -> str:
        return " ".join(self._material.sentences[at].text for at in picked)


def _openings(text: str) -> tuple[str, ...]:
    """What may stand in front; see the module for why so little."""
    return OPENINGS if looks_english(text) else ("",)


def _joined(opening: str, text: str) -> str:
    return _NO_SPACE_AFTER.sub("", f"{opening} {text}".strip())
