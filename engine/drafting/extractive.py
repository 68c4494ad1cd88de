"""The extractive drafter: candidate statements made of the members' own sentences, without a language model.

Reads:  briefs; the opinions in them, in any language.
Gives:  drafts of 20 to 120 words where the opinions hold as many, each of other sentences, lengths or order.
Refrains from inventing: every sentence is a member's, but for its capital and ending. No connective is put
between sentences, for a "but" or "many of us" would claim what nobody said, in a language they may not
speak. The one addition is an opening in front of sentences that look English ("In our own words:"), which
claims nothing; when everything else has been said, the question itself serves as an opening in any language.

Sentences are picked by maximal marginal relevance (Carbonell and Goldstein 1998): merit, less likeness to
what is picked already, less if the writer has spoken, less if earlier candidates said it. The same seeds
give the same drafts. Where the opinions hold too little for another distinct text, the brief is left out.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence

import numpy as np

from engine.arrays import Floats
from engine.drafting.material import LONGEST, Material, length_of
from engine.text import looks_english, normalised
from engine.types import Brief, Draft

LENGTHS = (45, 70, 30, 95, 55, 80, 38, 110)
"""Words that the candidates aim at, in turn."""
OPENINGS = ("In our own words:", "", "What we told each other:", "Our views, side by side:")

_NO_SPACE_AFTER = re.compile("(?<=[。！？｡]) ")
_ROOM = LONGEST - max(map(length_of, OPENINGS))
_LIKE, _SPOKEN, _SAID = 0.6, 0.5, 0.15  # what a sentence's merit, in [0, 1], is lowered by
_SAME = 0.8  # likeness from which a sentence only repeats another
_ATTEMPTS = 120  # at a text that no earlier candidate has
_FULL_ATTEMPTS = 12  # those of full length; after them one with fewer sentences will do
_FEW = 5
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
        self._given: set[str] = set()

    def compose(self, brief: Brief) -> str:
        """A statement unlike all before it; empty when none can be found."""
        rng = np.random.default_rng(brief.seed)
        for attempt in range(_ATTEMPTS):
            picked = self._picked(brief, rng, attempt)
            text = " ".join(self._material.sentences[at].text for at in picked)
            text = _NO_SPACE_AFTER.sub("", f"{_opening(brief, rng, attempt, text)} {text}".strip())
            if normalised(text) not in self._given:
                self._given.add(normalised(text))
                self._said[picked] += 1
                return text
        return ""

    def _picked(self, brief: Brief, rng: np.random.Generator, attempt: int) -> list[int]:
        """Sentences for one statement: first by merit and in the brief's order, later rather by chance."""
        luck = 0.2 if attempt == 0 else 1.0
        worth = self._material.merit * rng.uniform(1 - luck, 1 + luck, self._said.size) - _SAID * self._said
        most = self._said.size if attempt < _FULL_ATTEMPTS else int(rng.integers(1, _FEW + 1))
        picked = self._most_relevant(worth, LENGTHS[brief.index % len(LENGTHS)], most)
        if attempt >= _FULL_ATTEMPTS:
            return [picked[at] for at in rng.permutation(len(picked))]
        order = range(len(brief.opinions)) if attempt == 0 else rng.permutation(len(brief.opinions))
        return self._by_writer(picked, [brief.opinions[at] for at in order])

    def _by_writer(self, picked: list[int], opinions: Sequence[str]) -> list[int]:
        """Each writer's sentences together, in the order they were written."""
        place = {opinion: at for at, opinion in enumerate(opinions)}
        turn = [place[opinion] for opinion in self._material.opinions]
        spoken = self._material.sentences
        return sorted(picked, key=lambda at: (min(turn[w] for w in spoken[at].writers), spoken[at].place))

    def _most_relevant(self, worth: Floats, wanted: int, most: int) -> list[int]:
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
            fits &= (material.likeness[best] < _SAME) & (material.lengths <= _ROOM - words)
            fits[best] = False
        return picked


def _opening(brief: Brief, rng: np.random.Generator, attempt: int, text: str) -> str:
    """What stands in front; see the module for why so little."""
    openings = OPENINGS if looks_english(text) else ("",)
    if attempt < _FULL_ATTEMPTS or length_of(brief.question) > _SHORT_QUESTION:
        return openings[brief.index % len(openings)]
    return str(rng.choice([*openings, brief.question.strip()]))
