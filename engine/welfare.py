"""Social welfare: from one reward per participant to one number per candidate.

Reads:  predicted rewards, shape (participants, candidates), from `engine.reward.scoring.scorer`.
Gives:  welfare per candidate and the order of the candidates, to `engine.mediator`, which takes the first.
Pure numpy: no I/O, no torch, no clock, no randomness.
Source: Bakker et al. 2022 (arXiv:2211.15006), isoelastic social welfare functions; those over groups: Small
et al. 2021, "Polis: Scaling deliberation by mapping high dimensional opinion spaces".
"""

import math
from collections.abc import Sequence
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Floats
from engine.errors import ScoringError
from engine.types import MIDPOINT, WelfareFunction, WelfareName

TIE = 1e-9
"""Welfare and rewards that differ by no more than this (rating points) count as equal."""

Counts = NDArray[np.int64]
Places = Sequence[Sequence[int]]
"""Participants' places by group, each once; no group where there are none to tell apart."""


def welfare(rewards: Floats, function: WelfareFunction, groups: Places = ()) -> Floats:
    """Aggregate rewards with the chosen welfare function.

    Args:
        rewards: shape (participants, candidates), finite; positive for Bernoulli-Nash and isoelastic.
        groups: for the functions over groups.

    Returns:
        Welfare, shape (candidates,), in the unit of the rewards (`group_informed`: none); higher is better.

    Raises:
        ScoringError: `rewards` is empty, of another rank, not finite, or not positive where it has to be.
    """
    match function.name:
        case WelfareName.UTILITARIAN:
            return utilitarian(rewards)
        case WelfareName.RAWLSIAN:
            return rawlsian(rewards)
        case WelfareName.BERNOULLI_NASH:
            return bernoulli_nash(rewards)
        case WelfareName.ISOELASTIC:
            return isoelastic(rewards, alpha=function.alpha)
        case WelfareName.GROUP_RAWLSIAN:
            return group_rawlsian(rewards, groups)
        case WelfareName.GROUP_INFORMED:
            return group_informed(rewards, groups)
        case unknown:
            assert_never(unknown)


def utilitarian(rewards: Floats) -> Floats:
    """Mean over participants: shape (candidates,). Negative raw scores are welcome.

    Raises:
        ScoringError: `rewards` is empty, of another rank or not finite.
    """
    means: Floats = _checked(rewards).mean(axis=0)
    return means


def rawlsian(rewards: Floats) -> Floats:
    """Reward of the worst-off participant: shape (candidates,). Negative raw scores are welcome.

    Raises:
        ScoringError: `rewards` is empty, of another rank or not finite.
    """
    minima: Floats = _checked(rewards).min(axis=0)
    return minima


def bernoulli_nash(rewards: Floats) -> Floats:
    """Geometric mean over participants: shape (candidates,).

    Raises:
        ScoringError: `rewards` is empty, of another rank, not finite or not positive.
    """
    return isoelastic(rewards, alpha=1.0)


def isoelastic(rewards: Floats, *, alpha: float) -> Floats:
    """Aggregate rewards over participants with inequality aversion `alpha`.

    W = [1/n Σ u_i^(1−α)]^(1/(1−α)), the geometric mean at α = 1, the minimum at α = ∞.

    Args:
        rewards: shape (participants, candidates); expected agreement in rating
            points (1..7), so finite and positive; higher is better.
        alpha: >= 0, no unit. 0 utilitarian (mean), 1 Bernoulli-Nash (geometric
            mean), `math.inf` Rawlsian (minimum).

    Returns:
        Welfare, shape (candidates,), in rating points; for each candidate it lies
        between the worst-off and the best-off participant's reward and does not
        rise with alpha.

    Raises:
        ScoringError: `rewards` is empty, of another rank, not finite or not positive.
        ValueError: `alpha` is negative or NaN (the caller's mistake).
    """
    if math.isnan(alpha) or alpha < 0:
        raise ValueError(f"alpha must be 0 or more, not {alpha}")
    rewards = _checked(rewards)
    if (rewards <= 0).any():
        raise ScoringError("This welfare function needs rewards above zero; calibrate them to ratings first.")
    worst: Floats = rewards.min(axis=0)
    best: Floats = rewards.max(axis=0)
    if math.isinf(alpha):
        return worst
    power = 1.0 - alpha
    # Relative to the largest term of the sum no power exceeds 1, whatever alpha is; and with expm1 and
    # log1p the nearly equal terms around alpha = 1 keep their digits.
    reference = best if power > 0 else worst
    logs = np.log(rewards) - np.log(reference)
    if power == 0:
        mean_log = logs.mean(axis=0)
    else:
        with np.errstate(over="ignore"):  # a huge alpha times a log may be -inf: that term is rightly nothing
            mean_log = np.log1p(np.expm1(power * logs).mean(axis=0)) / power
    aggregated: Floats = np.clip(reference * np.exp(mean_log), worst, best)
    return aggregated


def group_rawlsian(rewards: Floats, groups: Places = ()) -> Floats:
    """Mean reward of the worst-off group: shape (candidates,), in the unit of the rewards.

    Without groups everybody is a group of their own: it is Rawlsian then. With one it is utilitarian.

    Raises:
        ScoringError: `rewards` is empty, of another rank or not finite.
        ValueError: somebody is in no group, or in two (the caller's mistake).
    """
    minima: Floats = np.stack([own.mean(axis=0) for own in _by_group(rewards, groups)]).min(axis=0)
    return minima


def group_informed(rewards: Floats, groups: Places = ()) -> Floats:
    """Product over groups of the share that agrees: shape (candidates,), in (0, 1), no unit.

    A group's share is (agree + 1) / (size + 2), where those agree whose reward is above the midpoint of the
    scale: a small group of one mind does not count as certain. This is the group-informed consensus of Polis.
    Without groups everybody counts as one group; were each a group, candidates would have the same order.

    Raises:
        ScoringError: `rewards` is empty, of another rank or not finite.
        ValueError: somebody is in no group, or in two (the caller's mistake).
    """
    everybody = groups or (range(len(rewards)),)
    owns = _by_group(rewards, everybody)
    agree = np.stack([(own > MIDPOINT).sum(axis=0) for own in owns])
    return shared_agreement(agree, np.array([[len(own)] for own in owns]))


def shared_agreement(agree: Counts, seen: Counts) -> Floats:
    """Product over groups of (agree + 1) / (seen + 2), in (0, 1), no unit: `group_informed` from counts.

    Args:
        agree, seen: shape (groups, candidates), or what numpy takes for it.
    """
    product: Floats = np.prod((agree + 1) / (seen + 2), axis=0)
    return product


def rank(rewards: Floats, welfare: Floats) -> list[int]:
    """Order the candidates, best first.

    Higher welfare goes first; among equals the higher reward of the worst-off participant; among
    those the earlier draft. Numbers within `TIE` of a neighbour count as equal to it.

    Args:
        rewards: shape (participants, candidates), finite.
        welfare: shape (candidates,), of the same candidates.

    Returns:
        The candidates' indices, each once.

    Raises:
        ScoringError: the shapes do not belong together, or a number is not finite.
    """
    worst = rawlsian(rewards)
    if welfare.shape != worst.shape or not np.isfinite(welfare).all():
        raise ScoringError(f"{worst.size} candidates need one finite welfare each.")
    order = np.lexsort((np.arange(worst.size), -_levels(worst), -_levels(welfare)))
    return [int(candidate) for candidate in order]


def part_ties(
    order: Sequence[int], welfare: Floats, closeness: Floats, *, within: float
) -> tuple[list[int], int]:
    """Put those that cannot be told from the best by welfare in the order of their closeness, closest first.

    Args:
        order: the candidates' indices, best first, as `rank` gives them.
        welfare, closeness: shape (candidates,), of the same candidates; higher is better.
        within: the reward model's own uncertainty, in rating points.

    Returns:
        The new order, in which the others stay where they are; and how many were parted, 0 where the best
        stands alone.
    """
    best = welfare[order[0]]
    tied = [candidate for candidate in order if best - welfare[candidate] <= within]
    if len(tied) < 2:
        return list(order), 0
    others = [candidate for candidate in order if candidate not in tied]
    return [*sorted(tied, key=lambda candidate: -closeness[candidate]), *others], len(tied)


def stays(welfare: Floats, previous: int, *, within: float) -> bool:
    """Whether no candidate is better than the previous statement by more than the reward model can tell.

    Args:
        welfare: shape (candidates,), higher is better.
        previous: the place of the previous statement among the candidates.
        within: the reward model's own uncertainty, in rating points; 0 where it has none.
    """
    return bool(welfare.max() - welfare[previous] <= max(within, TIE))


def _levels(values: Floats) -> Floats:
    """Replace each value by its height among the distinct ones, so that ties are exactly equal."""
    order = np.argsort(values, kind="stable")
    steps = np.diff(values[order], prepend=values[order[0]]) > TIE
    levels = np.empty_like(values)
    levels[order] = np.cumsum(steps)
    return levels


def _by_group(rewards: Floats, groups: Places) -> list[Floats]:
    """The rows of each group; of each participant where there is no group."""
    checked = _checked(rewards)
    groups = groups or [[at] for at in range(len(checked))]
    if sorted(at for group in groups for at in group) != list(range(len(checked))):
        raise ValueError("everybody has to be in one group, and in no other")
    return [checked[list(group)] for group in groups if group]


def _checked(rewards: Floats) -> Floats:
    if rewards.ndim != 2 or rewards.size == 0:
        raise ScoringError(f"Rewards must be (participants, candidates) and not empty, not {rewards.shape}.")
    if not np.isfinite(rewards).all():
        raise ScoringError("Rewards must be finite numbers.")
    return rewards
