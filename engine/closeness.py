"""Closeness: which draft is most like the other drafts and the opinions.

Reads:  drafts and opinions in any language; for `in_company` a reward model's ratings too.
Gives:  `closeness`, by which `engine.mediator` chooses where nobody can be predicted; and ratings that know
        what company a draft is in (`in_company`).
Refrains from understanding: words are counted, so closeness tells what is commonly said and not who agrees.
Pure numpy: no I/O, no torch, no randomness.

A text is its words, each cut to its first `STEM` characters, so that inflected forms meet, and weighted by
how few of the texts have it (TF-IDF). Nearness of two texts is the cosine of their vectors, in [0, 1].
Closeness of a draft is the mean of its mean nearness to the other drafts and that to the opinions.
A reward model reads one draft at a time. That others, drafted from the same opinions, say much the same tells
something more: what most drafts carry is seldom what one of them invented. A checkpoint says how much. Few
candidates are rather positions that exclude each other than drafts of one thing; among them it tells nothing.
Source: minimum Bayes risk decoding (Kumar and Byrne 2004), which takes the hypothesis that is nearest to the
others; cutting words as in Can et al. 2008, "Information retrieval on Turkish texts".
"""

from collections import Counter
from collections.abc import Sequence, Set

import numpy as np

from engine.arrays import Floats
from engine.ports import WeighsCloseness
from engine.text import ENGLISH_FUNCTION_WORDS, normalised, words
from engine.types import HIGHEST_RATING, LOWEST_RATING

NAME = "closeness/1"
STEM = 6
"""Characters of a word that count."""
DIGITS = 9

WIDE = 0.03
"""Standard deviation of drafts' `company` in a usual round."""
FEW, MANY = 4, 8
"""So many candidates tell nothing by their company, and so many tell all; in between, the more the more."""
SURE = 1e-6
"""Shares of the scale this near to its ends have no logit: such a rating moves no farther."""

Bag = Counter[str]


def closeness(drafts: Sequence[str], opinions: Sequence[str]) -> Floats:
    """How close each draft is to the other drafts and to the opinions.

    Args:
        drafts, opinions: one or more of each.

    Returns:
        shape (drafts,), in [0, 1], no unit; higher is closer. A draft without words is close to nothing.
    """
    rows, opinion = _vectors(drafts, opinions)
    # The last digits depend on the order of the opinions.
    means: Floats = np.round((_to_others(rows) + rows @ opinion) / 2, DIGITS)
    return means


def company(drafts: Sequence[str], opinions: Sequence[str]) -> Floats:
    """How close each draft is to the other drafts, apart from English words that carry no matter.

    Args:
        drafts, opinions: one or more of each; the opinions tell which words are rare.

    Returns:
        shape (drafts,), in [0, 1], no unit; 0 for a draft that is alone.
    """
    rows, _ = _vectors(drafts, opinions, without=ENGLISH_FUNCTION_WORDS)
    return np.round(_to_others(rows), DIGITS)


def standing(drafts: Sequence[str], opinions: Sequence[str]) -> Floats:
    """`company` above or below its mean; narrowed where drafts are as far apart as short texts by chance are.

    Returns:
        shape (drafts,), of mean 0, with a standard deviation of `WIDE` at most; nearer to 0 the fewer drafts
        there are (`MANY`), and 0 for a `FEW`.
    """
    told = min(1.0, max(0, len(drafts) - FEW) / (MANY - FEW))
    near = company(drafts, opinions)
    around: Floats = told * (near - near.mean()) / max(1.0, float(near.std()) / WIDE)
    return around


def in_company(rewards: Floats, drafts: Sequence[str], opinions: Sequence[str], *, weight: float) -> Floats:
    """Ratings that know how close each draft is to the others: the closer, the higher for everybody.

    Args:
        rewards: shape (participants, drafts), expected ratings in [1, 7].
        drafts: all that are chosen among: ratings of parts of them would not be on one scale.
        weight: logits of (rating - 1) / 6 for each unit of `standing` (`weight_of` a model).

    Returns:
        The same shape and scale; `rewards` itself where the weight is 0.
    """
    if not weight:
        return rewards
    share = np.clip((rewards - LOWEST_RATING) / (HIGHEST_RATING - LOWEST_RATING), SURE, 1 - SURE)
    logits = np.log(share / (1 - share)) + weight * standing(drafts, opinions)
    moved: Floats = LOWEST_RATING + (HIGHEST_RATING - LOWEST_RATING) / (1 + np.exp(-logits))
    return moved


def weight_of(model: object) -> float:
    """What a reward model says that closeness tells beyond its own ratings (`in_company`)."""
    return model.closeness_weight if isinstance(model, WeighsCloseness) else 0.0


def _vectors(
    drafts: Sequence[str], opinions: Sequence[str], without: Set[str] = frozenset()
) -> tuple[Floats, Floats]:
    """Drafts as vectors of length 1, shape (drafts, words), and the mean of the opinions' vectors."""
    drafted, given = ([_bag(text, without) for text in texts] for texts in (drafts, opinions))
    weights = _weights([*drafted, *given])
    places = {word: place for place, word in enumerate(weights)}
    rows = np.zeros((len(drafted), len(places)))
    for row, bag in zip(rows, drafted, strict=True):
        _add(bag, weights, places, row)
    opinion = np.zeros(len(places))  # their mean: at any number of them one row is held
    for bag in given:
        _add(bag, weights, places, opinion)
    return rows, opinion / len(given)


def _to_others(rows: Floats) -> Floats:
    """Mean cosine of each row to the others; 0 for one that is alone."""
    nearness = rows @ rows.T
    means: Floats = (nearness.sum(axis=1) - nearness.diagonal()) / max(len(rows) - 1, 1)
    return means


def _bag(text: str, without: Set[str]) -> Bag:
    return Counter(word[:STEM] for word in words(normalised(text)) if word not in without)


def _weights(bags: Sequence[Bag]) -> dict[str, float]:
    """Each word's weight, the rarer the heavier, never 0; in a repeatable order."""
    counts = Counter(word for bag in bags for word in bag)
    return {word: 1 + float(np.log(len(bags) / count)) for word, count in sorted(counts.items())}


def _add(bag: Bag, weights: dict[str, float], places: dict[str, int], row: Floats) -> None:
    """Add a text's vector of length 1 to `row`."""
    values = np.array([count * weights[word] for word, count in bag.items()])
    if bag:
        row[[places[word] for word in bag]] += values / np.linalg.norm(values)
