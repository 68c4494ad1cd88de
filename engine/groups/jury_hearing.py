"""One round before a jury: verdicts, what other juries would choose, and who dissents.

Reads:  a mediation with predicted ratings, the opinions, and the members' values of the jury's attribute.
Gives:  a `Hearing`, to whoever asked (`accord jury`).
Pure: no I/O, no torch. Opinions are members' own words: quotes are for whoever holds the opinions anyway.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.errors import ScoringError
from engine.groups.juries import DRAWS, Jury, JuryPool, Verdicts, members_by_value
from engine.groups.jury_changes import Counterfactual, counterfactual
from engine.text import sentences, words
from engine.types import MIDPOINT, Mediation, ParticipantOpinion

MOST_ASKS = 3
"""Members of a dissenting seat who are quoted."""
SHORTEST_ASK = 4
"""Words from which a sentence tells what somebody asks for; a shorter one only where there is no other."""


@dataclass(frozen=True)
class Dissent:
    """Seats of one value whose members are likely to disagree with the winner, in the mean.

    mean: predicted rating of the winner by the members present with that value, below the midpoint.
    against: how many of the `present` are below the midpoint themselves.
    asks: of those, the ones most against it: the shortest sentence that each wrote.
    """

    value: str
    seats: int
    mean: float
    against: int
    present: int
    asks: tuple[str, ...]

    @property
    def below(self) -> float:
        """Rating points below the midpoint."""
        return MIDPOINT - self.mean


@dataclass(frozen=True)
class Hearing:
    """What juries of one composition make of a round's candidates.

    verdicts, counterfactual: candidates by their place in the mediation.
    by_seat: for each value with seats, the mean predicted rating of each candidate by its members present.
    dissent: values whose mean is below the midpoint for the winner, the lowest first.
    uncertainty: as in `Mediation`.
    """

    jury: Jury
    draws: int
    present: Mapping[str, int]
    verdicts: Verdicts
    by_seat: Mapping[str, tuple[float, ...]]
    counterfactual: Counterfactual
    dissent: tuple[Dissent, ...]
    uncertainty: float = 0.0

    @property
    def winner(self) -> int:
        """The place of the candidate with the best verdict."""
        return self.verdicts.order[0]

    @property
    def as_good(self) -> tuple[int, ...]:
        """The candidates, by verdicts, that the reward model cannot tell from the winner."""
        verdict = self.verdicts.verdict
        return tuple(
            at
            for at in self.verdicts.order[1:]
            if self.uncertainty and verdict[self.winner] - verdict[at] <= self.uncertainty
        )

    @property
    def change_is_uncertain(self) -> bool:
        """Whether the reward model cannot tell that the smallest change has another winner at all."""
        change = self.counterfactual.smallest
        return change is not None and change.ahead <= self.uncertainty


def hear(
    jury: Jury,
    mediation: Mediation,
    opinions: Sequence[ParticipantOpinion],
    values: Mapping[str, str],
    *,
    draws: int = DRAWS,
) -> Hearing:
    """Draw juries from the mediation's participants, with its seed, and let its welfare function judge.

    Args:
        opinions: of the mediation's participants, in any order.
        values: by participant, the value of the jury's attribute.

    Raises:
        ScoringError: nobody's agreement was predicted.
        ValueError: the seats cannot be filled (the caller's mistake; see `engine.groups.juries.shortages`).
    """
    if mediation.models.unpredicted:
        raise ScoringError("No jury can judge a round whose ratings were not predicted.")
    rewards = np.array([candidate.rewards for candidate in mediation.candidates]).T
    members = members_by_value(mediation.participants, values)
    pool = JuryPool(
        rewards,
        mediation.participants,
        members,
        function=mediation.welfare_function,
        draws=draws,
        seed=mediation.seed,
        with_replacement=jury.with_replacement,
    )
    verdicts = pool.verdicts(jury.seats)
    seated = [value for value, count in jury.seats.items() if count]
    said = {opinion.participant: opinion.text for opinion in opinions}
    texts = [said[who] for who in mediation.participants]
    dissent = [_dissent(pool, value, jury.seats[value], verdicts.order[0], texts) for value in seated]
    return Hearing(
        jury=jury,
        draws=draws,
        present={value: len(members.get(value, ())) for value in {**jury.seats, **members}},
        verdicts=verdicts,
        by_seat={value: tuple(pool.means(value).tolist()) for value in seated},
        counterfactual=counterfactual(pool, jury.seats),
        dissent=tuple(sorted((each for each in dissent if each.below > 0), key=lambda each: each.mean)),
        uncertainty=mediation.uncertainty,
    )


def _dissent(pool: JuryPool, value: str, seats: int, winner: int, texts: Sequence[str]) -> Dissent:
    rated = sorted(pool.of_each(value, winner), key=lambda each: each[1])
    against = [at for at, rating in rated if rating < MIDPOINT]
    return Dissent(
        value=value,
        seats=seats,
        mean=float(pool.means(value)[winner]),
        against=len(against),
        present=len(rated),
        asks=tuple(_ask(texts[at]) for at in against[:MOST_ASKS]),
    )


def _ask(opinion: str) -> str:
    """The shortest sentence of an opinion that is one."""
    found = sentences(opinion) or [opinion]
    telling = [sentence for sentence in found if len(words(sentence)) >= SHORTEST_ASK]
    return min(telling or found, key=len)
