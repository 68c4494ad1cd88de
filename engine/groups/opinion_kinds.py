"""Kinds of opinions: which members of a large group say much the same, for where not all can be read.

Reads:  opinions in any language.
Gives:  the kind of each opinion, and the words that tell each kind from the others, to `engine.mediator`.
Refrains from understanding: opinions are of a kind when they share words that most others do not use, which
tells what they speak of and not who is for it. Vectors of a reward model would not do: they tell for from
against, whatever is spoken of.
Pure numpy: no I/O, no torch. The same opinions give the same kinds, in whatever order they come.

A word tells a kind only if several members of it used it, so that it gives nobody away.
Source: k-means on TF-IDF vectors in fewer dimensions (latent semantic analysis, Deerwester et al. 1990).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats
from engine.closeness import STEM
from engine.groups.k_means import Integers, by_direction, clustered, of_length_one, without_small_ones
from engine.text import ENGLISH_FUNCTION_WORDS, normalised, words

MOST_KINDS = 8
"""So few that a small window has room for an opinion of each."""
FEWEST_USERS = 3
"""Members who used a word, from which it may stand for their kind."""
TELLING = 3
"""Words that a kind is told by."""
LONGEST_WORD = 24
_OPINIONS_A_KIND = 6  # from which another kind is looked for
FEWEST_SORTED = 2 * _OPINIONS_A_KIND
"""Opinions that may be of more than one kind; fewer need no sorting."""
_SMALLEST_SHARE, _SURELY_A_KIND = 0.01, 20  # of all texts, and texts; what is smaller goes to what is nearest
_COMMONEST = 0.5  # share of the opinions above which a word tells nothing
_VOCABULARY, _DIMENSIONS = 600, 24


@dataclass(frozen=True)
class Kinds:
    """of: the number of each opinion's kind, in their order, 0 the largest; words: what tells each kind."""

    of: tuple[int, ...]
    words: tuple[tuple[str, ...], ...]


def kinds_of(opinions: Sequence[str]) -> Kinds:
    """Sort opinions into `MOST_KINDS` kinds at most; a small group is of one kind."""
    texts = sorted(set(opinions))
    number = min(MOST_KINDS, len(texts) // _OPINIONS_A_KIND)
    said = [
        [word for word in words(normalised(text)) if word not in ENGLISH_FUNCTION_WORDS] for text in texts
    ]
    vectors = _vectors(said)
    if number < 2 or vectors.shape[1] < 2:
        return Kinds((0,) * len(opinions), ((),))
    kind = dict(zip(texts, _clustered(vectors, number).tolist(), strict=True))
    sizes = Counter(kind[text] for text in opinions)
    place = {
        each: at for at, (each, _) in enumerate(sorted(sizes.items(), key=lambda one: (-one[1], one[0])))
    }
    of = tuple(place[kind[text]] for text in opinions)
    said_by = dict(zip(texts, said, strict=True))
    return Kinds(of, _telling([said_by[text] for text in opinions], of, len(place)))


def _vectors(said: Sequence[Sequence[str]]) -> Floats:
    """Vectors of length 1 (0 where an opinion has no telling word), shape (texts, at most `_DIMENSIONS`)."""
    stems = [{word[:STEM] for word in each} for each in said]
    counts = Counter(stem for each in stems for stem in each)
    telling = [stem for stem, count in counts.items() if FEWEST_USERS <= count <= _COMMONEST * len(said)]
    known = sorted(telling, key=lambda stem: (-counts[stem], stem))[:_VOCABULARY]
    column = {stem: at for at, stem in enumerate(known)}
    table = np.zeros((len(said), len(known)))
    for row, each in zip(table, stems, strict=True):
        for stem in each & column.keys():
            row[column[stem]] = np.log(len(said) / counts[stem])
    _, directions = np.linalg.eigh(table.T @ table)  # the last explain most
    return of_length_one(of_length_one(table) @ directions[:, -_DIMENSIONS:])


def _clustered(vectors: Floats, number: int) -> Integers:
    """The cluster of each row, none so small that it is no kind."""
    least = max(FEWEST_USERS, min(_SMALLEST_SHARE * len(vectors), _SURELY_A_KIND))
    found = clustered(vectors, number, np.random.default_rng(0))
    return without_small_ones(vectors, found, least, by_direction)


def _telling(said: Sequence[Sequence[str]], of: Sequence[int], number: int) -> tuple[tuple[str, ...], ...]:
    """For each kind the words that many of its members used and few of the others."""
    used = Counter(word for each in said for word in set(each))
    within = [Counter[str]() for _ in range(number)]
    for each, kind in zip(said, of, strict=True):
        within[kind].update(set(each))
    return tuple(
        tuple(
            word
            for word, _ in sorted(
                ((word, count * count / used[word]) for word, count in counts.items()),
                key=lambda one: (-one[1], one[0]),
            )
            if counts[word] >= FEWEST_USERS and len(word) <= LONGEST_WORD
        )[:TELLING]
        for counts in within
    )
