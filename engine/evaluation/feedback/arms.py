"""How the arms of a study did with the people who rated them.

Reads:  `Ratings`.
Gives:  per arm agreement, quality, unanimity and dissent; win rates within rater; included against excluded.
Refrains from models and from texts.
Source: the human evaluation of Bakker et al. 2022 (arXiv:2211.15006).
"""

from collections.abc import Callable, Iterable
from itertools import product

import numpy as np
from pydantic import Field

from engine.arrays import Floats
from engine.evaluation.feedback.ratings import Mask, Ratings
from engine.evaluation.intervals import Bootstrap, Estimate, rounded
from engine.types import HIGHEST_RATING, LOWEST_RATING, MIDPOINT, AnyArm, Frozen

Counts = tuple[int, int, int, int, int, int, int]
"""How often 1, 2, … 7 was given."""


class ArmResult(Frozen):
    """One arm. Shares are of statements that two people or more rated; None where there is none.

    unanimous: everybody's rating is above the midpoint. dissent: somebody's is below it.
    quality, quality_counts: None where quality was not asked.
    """

    arm: AnyArm
    statements: int = Field(ge=1)
    agreement: Estimate
    agreement_counts: Counts
    quality: Estimate | None
    quality_counts: Counts | None
    unanimous: Estimate | None
    dissent: Estimate | None


class WinRate(Frozen):
    """How often people rated a statement of `arm` above one of `over` that they saw too; a tie is half a win.

    rate: over all such pairs; `ties` is the share of equal ratings among them.
    """

    arm: AnyArm
    over: AnyArm
    rate: Estimate
    ties: float = Field(ge=0, le=1)


class Outsiders(Frozen):
    """People whose opinion the drafter did not read, beside those whose it did, on the same statements.

    difference: mean rating of the excluded less that of the included, averaged over statements.
    """

    arm: AnyArm
    included: Estimate
    excluded: Estimate
    difference: Estimate


class Comparison(Frozen):
    """The arms side by side.

    wins, quality_wins: every ordered pair of arms that somebody rated both of, by agreement and by quality.
    """

    arms: tuple[ArmResult, ...]
    wins: tuple[WinRate, ...]
    quality_wins: tuple[WinRate, ...] = ()


def compared(ratings: Ratings, bootstrap: Bootstrap) -> Comparison:
    """Every arm by itself and against every other."""
    results = tuple(_result(arm, ratings.of_arm(arm), bootstrap) for arm in ratings.arms())
    judged = ratings.where(np.isfinite(ratings.quality))
    return Comparison(
        arms=results,
        wins=tuple(_wins(ratings, ratings.agreement, bootstrap)),
        quality_wins=tuple(_wins(judged, judged.quality, bootstrap)) if len(judged) else (),
    )


def outsiders(ratings: Ratings, bootstrap: Bootstrap) -> tuple[Outsiders, ...]:
    """For each arm with statements that both included and excluded people rated."""
    found = (_outsiders(arm, ratings.of_arm(arm), bootstrap) for arm in ratings.arms())
    return tuple(each for each in found if each is not None)


def counts(values: Floats) -> Counts:
    """How often each point of the scale was given, NaN left out."""
    given = values[np.isfinite(values)].astype(np.int64)
    one, two, three, four, five, six, seven = (
        int((given == point).sum()) for point in range(LOWEST_RATING, HIGHEST_RATING + 1)
    )
    return one, two, three, four, five, six, seven


# -- one arm -------------------------------------------------------------------------------------


def _result(arm: AnyArm, ratings: Ratings, bootstrap: Bootstrap) -> ArmResult:
    judged = ratings.where(np.isfinite(ratings.quality))
    return ArmResult(
        arm=arm,
        statements=len(np.unique(ratings.statement)),
        agreement=bootstrap.mean(ratings.agreement, ratings.group),
        agreement_counts=counts(ratings.agreement),
        quality=bootstrap.mean(judged.quality, judged.group) if len(judged) else None,
        quality_counts=counts(judged.quality) if len(judged) else None,
        unanimous=_share(ratings, _everybody, bootstrap),
        dissent=_share(ratings, _somebody_not, bootstrap),
    )


def _everybody(agreement: Floats) -> bool:
    return bool((agreement > MIDPOINT).all())


def _somebody_not(agreement: Floats) -> bool:
    return bool((agreement < MIDPOINT).any())


def _share(ratings: Ratings, holds: Callable[[Floats], bool], bootstrap: Bootstrap) -> Estimate | None:
    """Of the statements that two people or more rated, those for whose ratings `holds` is true."""
    shared = [rows for rows in ratings.by(ratings.statement) if rows.size > 1]
    if not shared:
        return None
    hits = np.array([float(holds(ratings.agreement[rows])) for rows in shared])
    group = np.array([ratings.group[rows[0]] for rows in shared])
    return bootstrap.mean(hits, group, ratings=sum(map(len, shared)))


# -- one against another -------------------------------------------------------------------------


def _wins(ratings: Ratings, values: Floats, bootstrap: Bootstrap) -> Iterable[WinRate]:
    """values: what statements are compared by, shape (ratings,), no NaN."""
    pairs: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for rows in ratings.by(ratings.rater):
        for mine, other in product(rows.tolist(), repeat=2):
            a, b = int(ratings.arm[mine]), int(ratings.arm[other])
            if a != b:
                pairs.setdefault((a, b), []).append((mine, other))
    for (a, b), found in sorted(pairs.items()):
        mine, other = np.array(found).T
        won = (np.sign(values[mine] - values[other]) + 1) / 2  # (pairs,)
        rate = bootstrap.mean(won, ratings.group[mine], ratings=len(np.unique(found)))
        yield WinRate(
            arm=ratings.names[a], over=ratings.names[b], rate=rate, ties=rounded(float((won == 0.5).mean()))
        )


def _outsiders(arm: AnyArm, ratings: Ratings, bootstrap: Bootstrap) -> Outsiders | None:
    both = [rows for rows in ratings.by(ratings.statement) if len(set(ratings.included[rows])) > 1]
    if not both:
        return None
    rows = np.concatenate(both)
    inside, outside = rows[ratings.included[rows]], rows[~ratings.included[rows]]
    gaps = np.array([_gap(ratings.agreement[each], ratings.included[each]) for each in both])
    group = np.array([ratings.group[each[0]] for each in both])
    return Outsiders(
        arm=arm,
        included=bootstrap.mean(ratings.agreement[inside], ratings.group[inside]),
        excluded=bootstrap.mean(ratings.agreement[outside], ratings.group[outside]),
        difference=bootstrap.mean(gaps, group, ratings=rows.size),
    )


def _gap(agreement: Floats, included: Mask) -> float:
    return float(agreement[~included].mean() - agreement[included].mean())
