"""Clusters of rows: k-means from several beginnings, and small clusters joined to their neighbours.

Reads:  vectors, shape (rows, dimensions).
Gives:  the number of each row's cluster, to the other modules of this room.
Pure numpy: no I/O, no torch, no scikit-learn. The same rows in the same order and the same generator give the
same clusters.
Source: k-means, begun as in Arthur and Vassilvitskii 2007.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Floats

Integers = NDArray[np.int64]
Likeness = Callable[[Floats, Floats], Floats]
"""How like one centre each of several is: shape (centres, dimensions) and (dimensions,) to (centres,)."""

_STARTS, _ROUNDS = 6, 25


def of_length_one(rows: Floats) -> Floats:
    """The rows, each of length 1; of length 0 where there is nothing to scale."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Floats = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 1e-9)
    return scaled


# In quotes: numpy loads its random numbers when they are named, and a gateway needs none.
def clustered(vectors: Floats, number: int, random: "np.random.Generator") -> Integers:
    """The cluster of each row: the tightest of a few tries, each from other beginnings."""
    tries = [_k_means(vectors, _beginnings(vectors, number, random)) for _ in range(_STARTS)]
    return min(tries, key=lambda each: each[1])[0]


def by_direction(centres: Floats, one: Floats) -> Floats:
    """For vectors whose length tells nothing."""
    likeness: Floats = of_length_one(centres) @ of_length_one(one[None])[0]
    return likeness


def by_distance(centres: Floats, one: Floats) -> Floats:
    """For points, whose directions from 0 tell nothing."""
    likeness: Floats = -((centres - one) ** 2).sum(axis=1)
    return likeness


def without_small_ones(vectors: Floats, found: Integers, least: float, likeness: Likeness) -> Integers:
    """The same clusters, the smallest joined to the most alike until none has fewer rows than `least`."""
    while True:
        names, sizes = np.unique(found, return_counts=True)
        if len(names) == 1 or sizes.min() >= least:
            return found
        centres = np.stack([vectors[found == name].mean(axis=0) for name in names])
        smallest = int(sizes.argmin())
        alike = likeness(centres, centres[smallest])
        alike[smallest] = -np.inf
        found = np.where(found == names[smallest], names[alike.argmax()], found)


def _beginnings(vectors: Floats, number: int, random: "np.random.Generator") -> Floats:
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
