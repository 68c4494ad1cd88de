"""Which arm wins by whose agreement counts: juries of the two sides of a position statement.

Reads:  `Ratings` of rounds in which the same people rated several statements, with their baselines.
Gives:  how often each arm's statement wins, by jury, and how often the winner is another than with everybody.
Refrains from members' attributes and opinion groups: the records hold no attributes, as those could name
somebody, and groups are told of in everyday questions alone, where one statement is rated. What a member said
of the position statement is there, and is what a jury was to weigh. Counts are over rounds: no single group's
sides are told.
Source: Gordon et al. 2022, "Jury Learning" (arXiv:2202.02950). Seats that are shared equally are filled with
members drawn again and again, so that a statement is worth the mean of the sides' means.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from pydantic import Field

from engine.arrays import Floats
from engine.evaluation.feedback.ratings import Ratings, tables
from engine.evaluation.intervals import Bootstrap, Estimate, Integers
from engine.types import MIDPOINT, AnyArm, Frozen

FOR, AGAINST = "for", "against"
JURIES: Mapping[str, tuple[str, ...]] = {
    "everybody counts alike": (),
    "both sides count alike": (FOR, AGAINST),
    "only those in favour": (FOR,),
    "only those against": (AGAINST,),
}
"""Which sides have seats, as many each; everybody has one where none is named."""
FEWEST = 3
"""Rounds, and people on each side of them, below which nothing is told."""


class ArmWins(Frozen):
    """In what share of rounds a statement of this arm has the best verdict; equals share a win."""

    arm: AnyArm
    share: Estimate


class JuryWinners(Frozen):
    """What one jury chooses. changed: share of rounds whose winner is none of everybody's."""

    jury: str
    arms: tuple[ArmWins, ...]
    changed: Estimate


class Winners(Frozen):
    """rounds: with people on both sides. in_favour, against: how many they were, counted in each round."""

    rounds: int = Field(ge=FEWEST)
    in_favour: int = Field(ge=FEWEST)
    against: int = Field(ge=FEWEST)
    juries: tuple[JuryWinners, ...]


class _Round:
    """What one round's people gave: shape (raters, statements), without gaps, and who is on which side."""

    def __init__(self, ratings: Ratings, rows: Integers) -> None:
        self.agreement: Floats = ratings.agreement[rows]
        self.arms = ratings.arm[rows[0]]
        self.group = int(ratings.group[rows[0, 0]])
        said = [ratings.records[row].baseline or MIDPOINT for row in rows[:, 0].tolist()]
        self.sides = {FOR: np.array(said) > MIDPOINT, AGAINST: np.array(said) < MIDPOINT}

    @property
    def has_both(self) -> bool:
        return all(side.any() for side in self.sides.values())

    def best(self, seated: tuple[str, ...]) -> Floats:
        """1 for the statement of the best verdict, shared by equals: shape (statements,)."""
        of_sides = [self.agreement[self.sides[side]].mean(axis=0) for side in seated]
        verdict = np.mean(of_sides, axis=0) if of_sides else self.agreement.mean(axis=0)
        best = np.isclose(verdict, verdict.max())
        shared: Floats = best / best.sum()
        return shared


def winners(ratings: Ratings, bootstrap: Bootstrap) -> Winners | None:
    """None where too few rounds have people on both sides who rated the same two statements or more."""
    rounds = list(_rounds(ratings))
    people = {side: sum(int(each.sides[side].sum()) for each in rounds) for side in (FOR, AGAINST)}
    if min(len(rounds), *people.values()) < FEWEST:
        return None
    return Winners(
        rounds=len(rounds),
        in_favour=people[FOR],
        against=people[AGAINST],
        juries=tuple(_jury(name, seated, rounds, ratings, bootstrap) for name, seated in JURIES.items()),
    )


def _rounds(ratings: Ratings) -> Iterator[_Round]:
    for table in tables(ratings):
        whole = table.rows[(table.rows >= 0).all(axis=1)]
        if whole.shape[0] > 1 and whole.shape[1] > 1 and (found := _Round(ratings, whole)).has_both:
            yield found


def _jury(
    name: str, seated: tuple[str, ...], rounds: list[_Round], ratings: Ratings, bootstrap: Bootstrap
) -> JuryWinners:
    group = np.array([each.group for each in rounds])
    held = sum(each.agreement.size for each in rounds)
    best = [each.best(seated) for each in rounds]
    changed = [float(not (one * each.best(())).any()) for one, each in zip(best, rounds, strict=True)]
    arms = []
    for arm in ratings.arms():
        place = ratings.names.index(arm)
        there = [at for at, each in enumerate(rounds) if (each.arms == place).any()]
        if there:
            won = np.array([best[at][rounds[at].arms == place].sum() for at in there])
            arms.append(ArmWins(arm=arm, share=bootstrap.mean(won, group[there], ratings=held)))
    return JuryWinners(
        jury=name, arms=tuple(arms), changed=bootstrap.mean(np.array(changed), group, ratings=held)
    )
