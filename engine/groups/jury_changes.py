"""What other juries would choose: the counterfactual of a verdict.

Reads:  a pool of members and the seats of one jury (`engine.groups.juries`).
Gives:  the smallest change of seats that changes the winner, and how many other compositions choose which
        candidate, to `engine.groups.jury_hearing`.
Pure numpy: no I/O, no randomness of its own.

One move takes a seat from one value and gives it to another. Compositions are looked at by rising number of
moves, up to `MOST_MOVES` moves and `MOST_TRIED` compositions; those that lack members are counted and passed
over. Among changes of equally many moves the one counts whose new winner is farthest ahead of the old one.
Source: counterfactual juries of Gordon et al. 2022 (arXiv:2202.02950).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, islice

from engine.groups.juries import JuryPool, Seats

MOST_MOVES = 6
MOST_TRIED = 300
"""Compositions that are looked at, at most, those that lack members included."""
MOST_VALUES = 12
"""Values between which seats move: the jury's own first, then those that most members have."""


@dataclass(frozen=True)
class Move:
    """So many seats that go from one value to another."""

    from_value: str
    to_value: str
    seats: int


@dataclass(frozen=True)
class Change:
    """Another composition, and the candidate that it chooses.

    ahead: by so much its verdict is better than that on the stated jury's winner, in the same unit.
    """

    moves: tuple[Move, ...]
    seats: Seats
    winner: int
    ahead: float = 0.0


@dataclass(frozen=True)
class Counterfactual:
    """What other compositions would choose; candidates by their place.

    smallest: the change of fewest moves with another winner; None where none was found.
    moves: so many moves were looked through completely.
    tried, lacking: compositions that were heard, and that could not be for want of members.
    winners: how many of those heard choose which candidate.
    alone: what a jury of one value alone chooses: of as many seats, or of all its members if they are fewer.
    everyone: what all members with the attribute choose, each with one seat.
    """

    smallest: Change | None
    moves: int
    tried: int
    lacking: int
    winners: Mapping[int, int]
    alone: Mapping[str, int]
    everyone: int


def counterfactual(pool: JuryPool, seats: Seats) -> Counterfactual:
    """Look for the smallest change of seats with another winner, and tell what other juries choose.

    Args:
        seats: of the stated jury; the pool can fill them.
    """
    stated = pool.verdicts(seats).order[0]
    found = list(islice(_changes(_values(pool, seats), seats), MOST_TRIED + 1))
    moves = MOST_MOVES if len(found) <= MOST_TRIED else _seats_moved(found[-1]) - 1
    others = [(each, _after(seats, each)) for each in found[:MOST_TRIED]]
    heard = [(each, other) for each, other in others if pool.can_fill(other)]
    winners: Counter[int] = Counter()
    changes: list[tuple[int, float, Change]] = []
    for each, other in heard:
        verdicts = pool.verdicts(other)
        winner = verdicts.order[0]
        winners[winner] += 1
        if winner != stated:
            ahead = float(verdicts.verdict[winner] - verdicts.verdict[stated])
            changes.append((_seats_moved(each), -ahead, Change(each, other, winner, ahead)))
    return Counterfactual(
        smallest=min(changes, key=lambda change: change[:2])[2] if changes else None,
        moves=moves,
        tried=len(heard),
        lacking=len(others) - len(heard),
        winners=dict(winners),
        alone={value: _winner_alone(pool, value, sum(seats.values())) for value in _values(pool, seats)},
        everyone=pool.choice_of_everyone(),
    )


def _values(pool: JuryPool, seats: Seats) -> list[str]:
    """The values that somebody present has and between which seats move, in the order of the alphabet."""
    present = [value for value, who in pool.members.items() if who]
    first = sorted(present, key=lambda value: (not seats.get(value), -len(pool.members[value]), value))
    return sorted(first[:MOST_VALUES])


def _changes(values: Sequence[str], seats: Seats) -> Iterator[tuple[Move, ...]]:
    """All compositions that so many moves lead to, each once, fewer moves first."""
    for moves in range(1, MOST_MOVES + 1):
        for taken in combinations_with_replacement(values, moves):
            if any(seats.get(value, 0) < count for value, count in Counter(taken).items()):
                continue
            givable = [value for value in values if value not in taken]
            for given in combinations_with_replacement(givable, moves):
                pairs = Counter(zip(taken, given, strict=True))
                yield tuple(Move(one, other, count) for (one, other), count in pairs.items())


def _after(seats: Seats, moves: Sequence[Move]) -> dict[str, int]:
    after = Counter(seats)
    for move in moves:
        after[move.from_value] -= move.seats
        after[move.to_value] += move.seats
    return dict(sorted(after.items()))


def _seats_moved(moves: Sequence[Move]) -> int:
    return sum(move.seats for move in moves)


def _winner_alone(pool: JuryPool, value: str, size: int) -> int:
    count = size if pool.with_replacement else min(size, len(pool.members[value]))
    return pool.verdicts({value: count}).order[0]
