"""Kinds of opinions: which members of a large group say much the same, for where not all can be read.

Reads:  opinions in any language.
Gives:  the kind of each opinion, and the words that tell each kind from the others, to `engine.mediator`.
Refrains from understanding: opinions are of a kind when they share words that most others do not use, which
tells what they speak of and not who is for it. Vectors of a reward model would not do: they tell for from
against, whatever is spoken of.
Pure numpy: no I/O, no torch. The same opinions give the same kinds, in whatever order they come.

A word tells a kind only if several members of it used it, so that it gives nobody away.
Source: k-means on TF-IDF vectors in fewer dimensions (latent semantic analysis, Deerwester et al. 1990),
begun as in Arthur and Vassilvitskii 2007.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Floats
from engine.closeness import STEM
from engine.text import ENGLISH_FUNCTION_WORDS, normalised, words

Integers = NDArray[np.int64]

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
_STARTS, _ROUNDS = 6, 25


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
    return _of_length_one(_of_length_one(table) @ directions[:, -_DIMENSIONS:])


def _of_length_one(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Floats = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 1e-9)
    return scaled


def _clustered(vectors: Floats, number: int) -> Integers:
    """The cluster of each row: the tightest of a few tries, each from other beginnings."""
    random = np.random.default_rng(0)
    tries = [_k_means(vectors, _beginnings(vectors, number, random)) for _ in range(_STARTS)]
    return _without_small_ones(vectors, min(tries, key=lambda each: each[1])[0])


def _without_small_ones(vectors: Floats, found: Integers) -> Integers:
    """The same clusters, the smallest joined to the nearest until none is too small to be a kind."""
    least = max(FEWEST_USERS, min(_SMALLEST_SHARE * len(found), _SURELY_A_KIND))
    while True:
        names, sizes = np.unique(found, return_counts=True)
        if len(names) == 1 or sizes.min() >= least:
            return found
        centres = _of_length_one(np.stack([vectors[found == name].mean(axis=0) for name in names]))
        smallest = int(sizes.argmin())
        likeness = centres @ centres[smallest]
        likeness[smallest] = -np.inf
        found = np.where(found == names[smallest], names[likeness.argmax()], found)


def _beginnings(vectors: Floats, number: int, random: np.random.Generator) -> Floats:
    """Rows to begin from, each likely to be far from those before it."""
    chosen = [int(random.integers(len(vectors)))]
    far = np.full(len(vectors), np.inf)
    while len(chosen) < number:
        far = np.minimum(far, ((vectors - vectors[chosen[-1]]) ** 2).sum(axis=1))
        if far.sum() < 1e-9:
            break
        chosen.append(int(random.choice(len(vectors), p=far / far.sum())))
    return vectors[chosen]


def _k_means(vectors: Floats, centres: Floats) -> tuple[Integers, float]:
    """The cluster of each row, and how far the rows are from their centres, altogether."""
    squares = (vectors**2).sum(axis=1)
    nearest, loss = np.zeros(len(vectors), dtype=int), np.inf
    for _ in range(_ROUNDS):
        apart = squares[:, None] - 2 * vectors @ centres.T + (centres**2).sum(axis=1)
        nearest, before = apart.argmin(axis=1), loss
        loss = float(apart.min(axis=1).sum())
        if before - loss < 1e-6:
            break
        for at in np.unique(nearest):
            centres[at] = vectors[nearest == at].mean(axis=0)
    return nearest, loss


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
