"""Closeness: which draft is most like the other drafts and the opinions, for where nobody can be predicted.

Reads:  drafts and opinions in any language.
Gives:  one number for each draft, to `engine.mediator`.
Refrains from understanding: words are counted, so closeness tells what is commonly said and not who agrees.
Pure numpy: no I/O, no torch, no randomness.

A text is its words, each cut to its first `STEM` characters, so that inflected forms meet, and weighted by
how few of the texts have it (TF-IDF). Nearness of two texts is the cosine of their vectors, in [0, 1].
Closeness of a draft is the mean of its mean nearness to the other drafts and that to the opinions.
Source: minimum Bayes risk decoding (Kumar and Byrne 2004), which takes the hypothesis that is nearest to the
others; cutting words as in Can et al. 2008, "Information retrieval on Turkish texts".
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from engine.arrays import Floats
from engine.text import normalised, words

NAME = "closeness/1"
STEM = 6
"""Characters of a word that count."""
DIGITS = 9

Bag = Counter[str]


def closeness(drafts: Sequence[str], opinions: Sequence[str]) -> Floats:
    """How close each draft is to the other drafts and to the opinions.

    Args:
        drafts, opinions: one or more of each.

    Returns:
        shape (drafts,), in [0, 1], no unit; higher is closer. A draft without words is close to nothing.
    """
    drafted, given = [_bag(text) for text in drafts], [_bag(text) for text in opinions]
    weights = _weights([*drafted, *given])
    places = {word: place for place, word in enumerate(weights)}
    rows = np.zeros((len(drafted), len(places)))
    for row, bag in zip(rows, drafted, strict=True):
        _add(bag, weights, places, row)
    opinion = np.zeros(len(places))  # their mean: at any number of them one row is held
    for bag in given:
        _add(bag, weights, places, opinion)
    to_opinions = rows @ opinion / len(given)
    nearness = rows @ rows.T
    others = max(len(drafted) - 1, 1)
    to_drafts = (nearness.sum(axis=1) - nearness.diagonal()) / others
    # The last digits depend on the order of the opinions.
    means: Floats = np.round((to_drafts + to_opinions) / 2, DIGITS)
    return means


def _bag(text: str) -> Bag:
    return Counter(word[:STEM] for word in words(normalised(text)))


def _weights(bags: Sequence[Bag]) -> dict[str, float]:
    """Each word's weight, the rarer the heavier, never 0; in a repeatable order."""
    counts = Counter(word for bag in bags for word in bag)
    return {word: 1 + float(np.log(len(bags) / count)) for word, count in sorted(counts.items())}


def _add(bag: Bag, weights: dict[str, float], places: dict[str, int], row: Floats) -> None:
    """Add a text's vector of length 1 to `row`."""
    values = np.array([count * weights[word] for word, count in bag.items()])
    if bag:
        row[[places[word] for word in bag]] += values / np.linalg.norm(values)
