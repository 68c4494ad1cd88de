"""What the reward model is trained to do, for one round.

Reads:  raw scores and expected agreement, both of shape (opinions, candidates); agreement is NaN where a
        person rated nothing.
Gives:  one number to lower. Pure torch: no I/O, no randomness.
Source: Bakker et al. 2022 (arXiv:2211.15006): -log sigmoid(r_j - r_k), j rated above k by the same person.
"""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid

MARGIN = 0.05
"""Differences of agreement up to this are no preference."""


def pairwise(scores: Tensor, agreement: Tensor) -> Tensor:
    """Mean of -log sigmoid(r_j - r_k) over all pairs of a row with j preferred to k, weighted by how far.

    Zero when no row holds a preference.
    """
    gap = agreement[:, :, None] - agreement[:, None, :]  # (rows, j, k)
    weight = torch.where(gap > MARGIN, gap, torch.zeros_like(gap))  # 0 as well where either is not rated
    losses = -logsigmoid(scores[:, :, None] - scores[:, None, :])
    return (weight * losses).sum() / weight.sum().clamp_min(1e-6)


def round_loss(scores: Tensor, agreement: Tensor, *, absolute: float) -> Tensor:
    """Pairwise within each person, pairwise within each candidate, and `absolute` times cross-entropy.

    The second makes the model ask who says it; the third keeps scores of different rounds on one scale.
    """
    within_person = pairwise(scores, agreement)
    within_candidate = pairwise(scores.T, agreement.T)
    rated = ~torch.isnan(agreement)
    level = binary_cross_entropy_with_logits(scores[rated], agreement[rated])
    return within_person + within_candidate + absolute * level
