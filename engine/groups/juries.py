"""Juries: whose agreement counts is a choice, stated as seats for members with an attribute.

Reads:  predicted ratings, shape (members, candidates), and which members have which value of one attribute.
Gives:  the verdict on each candidate with its spread, and the seats that a statement leaves below the
        midpoint, to `engine.groups.jury_hearing`.
Pure numpy: no I/O, no torch. Members come in the order of their ids, so that neither their order in a file
nor that of the candidates changes a verdict; the same seed gives the same juries.

A jury fills the seats of each value with members drawn from those who have it, all equally likely. The
verdict on a candidate is the median over juries of what it is worth to a jury: the mean of its members'
predicted ratings, or another welfare function of them, if one was chosen.
Source: Gordon et al. 2022, "Jury Learning: Integrating Dissenting Voices into Machine Learning Models"
(arXiv:2202.02950), which samples juries again and again and takes the median of their means. Theirs predicts
how an annotator would label; here a reward model predicts how each member present would rate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from engine.arrays import Floats
from engine.groups.k_means import Integers
from engine.types import WelfareFunction
from engine.welfare import rank, welfare

DRAWS = 100
"""Juries that are drawn where nothing else is said."""
MOST_SEATS = 200
LOW, HIGH = 5, 95
"""Percentiles over juries between which a verdict's spread is told."""

Seats = Mapping[str, int]
"""How many seats each value of the attribute has; 0 for a value without one."""
Members = Mapping[str, Sequence[int]]
"""Members' places by their value, each once; who has no value is left out."""


@dataclass(frozen=True)
class Jury:
    """Who sits on it: so many members with each value of one attribute.

    with_replacement: whether a member may have several seats of one jury.
    """

    attribute: str
    seats: Seats
    with_replacement: bool = False

    @property
    def size(self) -> int:
        """All seats."""
        return sum(self.seats.values())


@dataclass(frozen=True)
class Shortage:
    """A value with more seats than members who could fill them."""

    value: str
    needed: int
    present: int


@dataclass(frozen=True)
class Verdicts:
    """What juries make of each candidate, each of shape (candidates,), in the unit of the welfare function.

    low, high: the 5th and 95th percentile over juries; order: candidates' places, the best verdict first.
    """

    verdict: Floats
    low: Floats
    high: Floats
    order: tuple[int, ...]


def shortages(
    seats: Seats, members: Members, *, with_replacement: bool = False, fewest: int = 1
) -> tuple[Shortage, ...]:
    """The values whose seats cannot be filled: with replacement, those that fewer than `fewest` have."""
    needed = {value: fewest if with_replacement else max(count, fewest) for value, count in seats.items()}
    return tuple(
        Shortage(value, count, len(members.get(value, ())))
        for value, count in seats.items()
        if count and len(members.get(value, ())) < needed[value]
    )


def members_by_value(participants: Sequence[str], values: Mapping[str, str]) -> Members:
    """Members' places by their value of the attribute; `values` has nobody who has none."""
    found: dict[str, list[int]] = {}
    for at, who in enumerate(participants):
        if who in values:
            found.setdefault(values[who], []).append(at)
    return found


class JuryPool:
    """Members who may be drawn. Every composition is drawn from the same orders of them: two compositions
    differ by their seats, and as little as possible by who happened to be drawn."""

    def __init__(
        self,
        rewards: Floats,
        participants: Sequence[str],
        members: Members,
        *,
        function: WelfareFunction | None = None,
        draws: int = DRAWS,
        seed: int = 0,
        with_replacement: bool = False,
    ) -> None:
        """Prepare.

        Args:
            rewards: shape (members, candidates), predicted ratings in [1, 7].
            participants: the members' ids, in the order of the rows.
            function: what a candidate is worth to one jury; the mean where it is None. For the functions over
                groups the seats of each value are a group.
            draws: how many juries, 1 or more.
        """
        self._rewards = rewards
        self.members = {
            value: sorted(places, key=lambda at: participants[at]) for value, places in members.items()
        }
        self.with_replacement = with_replacement
        self._function = function or WelfareFunction()
        self._draws = draws
        self._seed = seed
        self._orders: dict[str, Integers] = {}

    def can_fill(self, seats: Seats) -> bool:
        """Whether there are members enough."""
        return not shortages(seats, self.members, with_replacement=self.with_replacement)

    def means(self, value: str) -> Floats:
        """The mean rating of everybody present with that value: shape (candidates,)."""
        means: Floats = self._rewards[self.members[value]].mean(axis=0)
        return means

    def of_each(self, value: str, candidate: int) -> list[tuple[int, float]]:
        """The members with that value, by place, with what they are predicted to rate one candidate."""
        return [(at, float(self._rewards[at, candidate])) for at in self.members[value]]

    def verdicts(self, seats: Seats) -> Verdicts:
        """Draw the juries and hear them.

        Raises:
            ValueError: no seat, or seats that cannot be filled (the caller's mistake; see `shortages`).
            ScoringError: the welfare function cannot take the ratings.
        """
        worth = self.worth(seats)
        verdict: Floats = np.median(worth, axis=0)
        low, high = np.percentile(worth, [LOW, HIGH], axis=0)
        return Verdicts(verdict, low, high, self._order(seats, verdict))

    def choice_of_everyone(self) -> int:
        """The candidate that is best for all members with a value, each with one seat."""
        groups = list(self.members.values())
        places = [at for group in groups for at in group]
        rewards = self._rewards[places]
        worth = welfare(rewards, self._function, _in_a_row([len(group) for group in groups]))
        return rank(rewards, worth)[0]

    def worth(self, seats: Seats) -> Floats:
        """What each candidate is worth to each jury: shape (draws, candidates). Raises as `verdicts` does."""
        if not self.can_fill(seats) or not any(seats.values()):
            raise ValueError("a jury needs seats, and members for all of them")
        filled = sorted(value for value, count in seats.items() if count)
        jurors = np.concatenate([self._drawn(value, seats[value]) for value in filled], axis=1)
        ratings = self._rewards[jurors]  # (draws, seats, candidates)
        # Every jury's candidates side by side, for functions that take one column a candidate.
        columns = ratings.transpose(1, 0, 2).reshape(jurors.shape[1], -1)
        groups = _in_a_row([seats[value] for value in filled])
        return welfare(columns, self._function, groups).reshape(self._draws, -1)

    def _drawn(self, value: str, count: int) -> Integers:
        """Members for the seats of one value: shape (draws, count)."""
        if value not in self._orders:
            random = np.random.default_rng([self._seed, *value.encode(errors="replace")])
            present = len(self.members[value])
            if self.with_replacement:
                self._orders[value] = random.integers(present, size=(self._draws, MOST_SEATS))
            else:
                self._orders[value] = random.random((self._draws, present)).argsort(axis=1)
        chosen: Integers = np.array(self.members[value])[self._orders[value][:, :count]]
        return chosen

    def _order(self, seats: Seats, verdict: Floats) -> tuple[int, ...]:
        """Of equal verdicts the one goes first whose worst-off member with a seat to fill is better off."""
        seated = [at for value, count in seats.items() if count for at in self.members[value]]
        return tuple(rank(self._rewards[seated], verdict))


def _in_a_row(sizes: Sequence[int]) -> list[range]:
    """The rows of groups of these sizes, one after the other."""
    ends = np.cumsum([0, *sizes]).tolist()
    return [range(begin, end) for begin, end in pairwise(ends)]
