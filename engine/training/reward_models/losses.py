"""What the reward model is trained to do, for one round.

Reads:  raw scores and expected agreement, both of shape (opinions, candidates); agreement is NaN where a
        person rated nothing.
Gives:  one number to lower. Pure torch: no I/O, no randomness.
Source: Bakker et al. 2022 (arXiv:2211.15006): -log sigmoid(r_j - r_k), j rated above k by the same person.
"""

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, logsigmoid

from engine.training.runs.config import Terms

MARGIN = 0.05
"""Differences of agreement up to this are no preference."""
GROUP_MARGIN = 0.02
"""The same for the mean over a group, in which single differences cancel."""
GROUP_SCALE = 1.5
"""Means of scores lie nearer to each other than one person's scores: they are spread by this."""
NEARNESS = 4.0
"""Weight of the distance between two ways of reading, beside the loss of the second."""


def pairwise(scores: Tensor, agreement: Tensor, *, margin: float = MARGIN) -> Tensor:
    """Mean of -log sigmoid(r_j - r_k) over all pairs of a row with j preferred to k, weighted by how far.

    Zero when no row holds a preference.
    """
    gap = agreement[:, :, None] - agreement[:, None, :]  # (rows, j, k)
    weight = torch.where(gap > margin, gap, torch.zeros_like(gap))  # 0 as well where either is not rated
    losses = -logsigmoid(scores[:, :, None] - scores[:, None, :])
    return (weight * losses).sum() / weight.sum().clamp_min(1e-6)


def round_loss(scores: Tensor, agreement: Tensor, terms: Terms, *, whole: bool = False) -> Tensor:
    """Pairwise within each person and within each candidate, cross-entropy, and pairwise over the group.

    The second makes the model ask who says it; the third keeps scores of different rounds on one scale; the
    fourth, for whole groups only, teaches what is broadly acceptable, which is what is chosen by.
    """
    within_person = pairwise(scores, agreement)
    within_candidate = pairwise(scores.T, agreement.T)
    rated = ~torch.isnan(agreement)
    level = binary_cross_entropy_with_logits(scores[rated], agreement[rated])
    loss = within_person + terms.within_candidate * within_candidate + terms.absolute * level
    if whole and terms.group:
        means = GROUP_SCALE * scores.mean(dim=0, keepdim=True), agreement.mean(dim=0, keepdim=True)
        loss = loss + terms.group * pairwise(*means, margin=GROUP_MARGIN)
    return loss


def drawn_near(scores: Tensor, better: Tensor) -> Tensor:
    """How far the ratings of one way of reading are from those of a better one, which it does not move."""
    return NEARNESS * (torch.sigmoid(scores) - torch.sigmoid(better.detach())).square().mean()
