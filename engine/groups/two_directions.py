"""The two directions in which rows differ most: principal components, without a library.

Reads:  a table with a row for each member, around its mean; what is missing is 0, which is the mean.
Gives:  the directions, to the other modules of this room and to `engine.points`.
Pure numpy: no I/O, no torch, no scikit-learn. The same rows give the same directions, whatever their order,
as far as the table has just two such directions.
Source: subspace iteration, Halko, Martinsson and Tropp 2011 (arXiv:0909.4061).
"""

import numpy as np

from engine.arrays import Floats

DIRECTIONS = 2
_SMALL = 600  # rows or columns up to which all directions are computed, exactly
_BESIDES, _ROUNDS = 6, 12  # directions that are followed besides, and how often


def two_directions(around: Floats) -> Floats:
    """The directions that explain most, the last one most, as unit columns.

    Args:
        around: shape (rows, columns), each column of mean 0.

    Returns:
        shape (columns, at most `DIRECTIONS`).
    """
    rows, columns = around.shape
    if columns <= _SMALL:
        _, directions = np.linalg.eigh(around.T @ around)  # the last explain most
        return directions[:, -DIRECTIONS:]
    followed = min(DIRECTIONS + _BESIDES, rows)
    basis = np.random.default_rng(0).normal(size=(columns, followed))
    for _ in range(_ROUNDS):
        basis, _ = np.linalg.qr(around.T @ (around @ basis))
    within = around @ basis
    _, turned = np.linalg.eigh(within.T @ within)
    return np.asarray(basis @ turned[:, -DIRECTIONS:])
