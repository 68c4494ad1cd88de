"""The lexical baseline: agreement predicted by matching words. No trained model, and fitted to no ratings.

Reads:  the question, each opinion and each candidate.
Gives:  a rating in [1, 7] for each pair, from two signals that a reader can check by hand:
        *aligned*: how far the candidate's sentences share content words with the opinion's, counted against
        the pair where only one of the two is negated ("ban" agrees with "don't allow", not with "allow");
        *stance*: whether both take the same side of the question.
Refrains from understanding: paraphrase, irony and degree escape it. Its polarity rules know English only; any
other text takes part by its words alone, so its ratings are neutral or better.

The mapping is fixed: rating = 4 + 3 (0.6 aligned + 0.4 stance), both in [-1, 1]; nothing in common gives 4.
Each pair is scored by itself: who else is asked, and about which other candidates, changes nothing. That is
why words are weighted by being in the question or not, and not by how many opinions hold them.
"""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats
from engine.reward.lexical.polarity import answer, is_stance_word, polarity, without_answer
from engine.text import ENGLISH_FUNCTION_WORDS, looks_english, normalised, sentences, stem, words
from engine.types import HIGHEST_RATING, MIDPOINT

ALIGNED, STANCE = 0.6, 0.4
QUESTION_WORD = 0.5
"""Weight of a word of the question, beside 1 for others: nearly every opinion holds it, so it tells less."""
SHORT = 12
"""Words up to which a text is taken to be in the question's language."""
DIGITS = 9
READ_TOGETHER = 512
"""Opinions held as vectors at once; bounds memory at any number of participants."""

_YES_NO_QUESTION = re.compile(
    r"\W*(?:should|shall|is|are|was|were|do|does|did|will|would|can|could|has|have|must|may)\b", re.IGNORECASE
)
_LEAD_IN = re.compile(r"(?:[^\W\d]+,?\s+){0,5}[^\W\d]+:\s+(?=\S)")


class LexicalRewardModel:
    """Predicts agreement from shared words and polarity; see the module for how, and how far."""

    name = "lexical/1"
    described = "word matching, not trained and not calibrated: a rough guide"

    async def score(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Predict ratings: shape (participants, candidates), in [1, 7], never NaN.

        The work is done in a thread, so that the event loop stays free.
        """
        return await asyncio.to_thread(_score, question, opinions, candidates)


@dataclass(frozen=True)
class _Sentence:
    """content: content words, stemmed; polarity: 1 affirms, -1 denies, 0 unknown (not English)."""

    content: frozenset[str]
    polarity: int


class _Reader:
    """Reads texts in the light of the question."""

    def __init__(self, question: str) -> None:
        self._english = looks_english(question)
        self._asks_yes_or_no = bool(_YES_NO_QUESTION.match(question))
        form = normalised(question)
        self.question = _Sentence(_content(form), polarity(form) if self._english else 0)

    def read(self, text: str) -> list[_Sentence]:
        """The text's sentences, one at least; a bare "Yes" or "I disagree" speaks of the question."""
        english = looks_english(text) or (self._english and len(words(normalised(text))) <= SHORT)
        found: list[_Sentence] = []
        for sentence in sentences(text):
            sentence = _without_lead_in(sentence)
            form = normalised(sentence)
            # An answer counts by itself: in "No, do not" it must not turn the denial round.
            claim = normalised(without_answer(sentence))
            content, side = _content(form), polarity(claim) if english else 0
            reply = answer(sentence) if english and self._asks_yes_or_no else 0
            if reply:
                found.append(_Sentence(self.question.content, reply * self.question.polarity))
            if content:
                found.append(_Sentence(content, side))
            elif not reply:
                found.append(_Sentence(self.question.content, side * self.question.polarity))
        return found or [_Sentence(frozenset(), 0)]


class _Vectors:
    """Sentences of several texts as rows of unit length (or zero), with where each text's rows begin."""

    def __init__(self, texts: Sequence[list[_Sentence]], weights: dict[str, float]) -> None:
        flat = [sentence for text in texts for sentence in text]
        columns = {word: column for column, word in enumerate(weights)}
        self.rows = np.zeros((len(flat), len(columns)))
        for row, sentence in zip(self.rows, flat, strict=True):
            known = sorted(word for word in sentence.content if word in columns)
            strange = len(sentence.content) - len(known)  # of weight 1, and in no other text
            length = np.sqrt(sum(weights[word] ** 2 for word in known) + strange)
            row[[columns[word] for word in known]] = [weights[word] / length for word in known]
        self.polarity = np.array([sentence.polarity for sentence in flat], dtype=np.float64)
        self.sizes = np.array([len(text) for text in texts])
        self.starts = np.cumsum(self.sizes) - self.sizes

    def stance(self, question: "_Vectors") -> Floats:
        """Each text's side of the question, in [-1, 1]: its sentences' polarity, the closest count most."""
        closeness = (self.rows @ question.rows.T)[:, 0]
        sums = np.add.reduceat(closeness, self.starts)
        sides: Floats = np.add.reduceat(closeness * self.polarity, self.starts) / np.where(
            sums > 0, sums, 1.0
        )
        return sides


def _score(question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
    reader = _Reader(question)
    read = [reader.read(candidate) for candidate in candidates]
    weights = _weights(reader.question, read)
    asked, drafted = _Vectors([[reader.question]], weights), _Vectors(read, weights)
    blocks = []
    for start in range(0, len(opinions), READ_TOGETHER):
        block = [reader.read(opinion) for opinion in opinions[start : start + READ_TOGETHER]]
        given = _Vectors(block, weights)
        stance = np.outer(given.stance(asked), drafted.stance(asked))
        blocks.append(ALIGNED * _aligned(given, drafted) + STANCE * stance)
    scores = MIDPOINT + (HIGHEST_RATING - MIDPOINT) * np.concatenate(blocks)
    # The last digits depend on how many candidates happened to be scored together.
    return np.round(scores, DIGITS)


def _aligned(opinions: _Vectors, candidates: _Vectors) -> Floats:
    """How far each opinion stands behind each candidate: shape (opinions, candidates), in [-1, 1].

    Each sentence of a candidate meets the closest sentence of the opinion, and counts for or against.
    """
    closeness = np.sqrt(np.clip(opinions.rows @ candidates.rows.T, 0.0, 1.0))
    opposed = np.outer(opinions.polarity, candidates.polarity) < 0
    behind = np.maximum.reduceat(np.where(opposed, 0.0, closeness), opinions.starts, axis=0)
    against = np.maximum.reduceat(np.where(opposed, closeness, 0.0), opinions.starts, axis=0)
    by_sentence = np.where(behind >= against, behind, -against)
    aligned: Floats = np.add.reduceat(by_sentence, candidates.starts, axis=1) / candidates.sizes
    return aligned


def _weights(question: _Sentence, candidates: Iterable[list[_Sentence]]) -> dict[str, float]:
    """The words that can match: those of the candidates and the question, in a repeatable order."""
    drafted = {word for text in candidates for sentence in text for word in sentence.content}
    return {
        word: QUESTION_WORD if word in question.content else 1.0
        for word in sorted(drafted | question.content)
    }


def _without_lead_in(sentence: str) -> str:
    """The sentence after "In short:" and the like, unless that already takes a side ("I am against it:")."""
    lead_in = _LEAD_IN.match(sentence)
    if not lead_in:
        return sentence
    form = normalised(lead_in.group())
    takes_side = polarity(form) < 0 or any(is_stance_word(stem(word)) for word in form.split())
    return sentence if takes_side else sentence[lead_in.end() :]


def _content(form: str) -> frozenset[str]:
    stems = (stem(word) for word in words(form) if word not in ENGLISH_FUNCTION_WORDS)
    return frozenset(word for word in stems if not is_stance_word(word))
