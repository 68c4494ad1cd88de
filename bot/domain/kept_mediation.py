"""A round's mediation as it is kept: with the models that made it, as others may be set up meanwhile.

Gives:  plain data. A worker keeps it before anything is posted, and reads there whom the statement is by.
What is somebody's stands apart from what is everybody's (`parts_of`, `joined`): pages, cards and lists need
sums alone (`MediationInSum`), which are as large for ten thousand people as for ten.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self, TypeVar

from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import counts_of
from engine.types import HIGHEST_RATING, LOWEST_RATING, MIDPOINT, Frozen, Mediation, OpinionGroup

T = TypeVar("T")

MILLION = 1_000_000


class KeptMediation(Mediation):
    """A mediation, and what is said of its models.

    drafter: which models these were; None where that was not known, or was kept before this was noted.
    """

    drafter: ModelNotice | None = None

    @classmethod
    def of(cls, made: Mediation, drafter: ModelNotice | None = None) -> Self:
        """This mediation, to be kept."""
        return cls(**{**dict(made), "drafter": drafter})

    def public(self) -> dict[str, Any]:
        """The documented JSON form, which has the engine's part alone."""
        told = super().public()
        del told["drafter"]
        return told


class Predicted(Frozen):
    """Everybody's expected rating of the chosen statement, summed.

    steps: how many are expected at each of 1..7, at the nearest step each.
    millionths: the sum, in millionths of a rating point: whole, so that it is the same in whatever order.
    dissenters: how many are below the midpoint.
    preferred: the candidate that these would agree with most, on average, where that is not the statement;
        None too once somebody was forgotten.
    """

    steps: tuple[int, ...]
    millionths: int
    dissenters: int
    preferred: int | None = None

    @property
    def people(self) -> int:
        """Of how many."""
        return sum(self.steps)

    @property
    def mean(self) -> float:
        """The mean expected rating (1..7)."""
        return self.millionths / self.people / MILLION

    @classmethod
    def of(cls, rewards: Sequence[float], preferred: int | None = None) -> Self:
        """These rewards, summed."""
        return cls(
            steps=counts_of(_step(reward) for reward in rewards),
            millionths=sum(round(reward * MILLION) for reward in rewards),
            dissenters=sum(reward < MIDPOINT for reward in rewards),
            preferred=preferred,
        )

    def without(self, reward: float) -> Self:
        """With one person's taken out."""
        one = Predicted.of([reward])
        steps = tuple(all_ - own for all_, own in zip(self.steps, one.steps, strict=True))
        left = {"millionths": self.millionths - one.millionths, "preferred": None}
        return self.model_copy(update=left | {"steps": steps, "dissenters": self.dissenters - one.dissenters})


class MediationInSum(KeptMediation):
    """A mediation without what is somebody's: no participants, rewards and points, nor who is left out.

    Of each group there is its middle as its only point, until somebody is forgotten. Ids stand only where
    words do: of the best opinion, of those that stand for a group, and of who asks for what is left open.

    people: how many participants there are.
    expected: None where nobody's agreement was predicted.
    """

    people: int
    expected: Predicted | None

    @classmethod
    def summed(cls, made: Mediation) -> Self:
        """What is everybody's of a mediation."""
        rewards = made.candidates[made.winner].rewards
        best = made.best_opinion
        changed = {
            "participants": (),
            "candidates": tuple(each.model_copy(update={"rewards": ()}) for each in made.candidates),
            "best_opinion": best and best.model_copy(update={"rewards": ()}),
            "groups": tuple(_summed(group, told=not made.forgotten) for group in made.groups),
            "left_out": (),
            "people": len(made.participants),
            "expected": Predicted.of(rewards, _preferred(made)) if rewards else None,
        }
        return cls(**dict(made) | changed)

    def dissenters(self) -> int:
        """How many participants are predicted to stand below the scale's midpoint."""
        return self.expected.dissenters if self.expected else 0

    def without_part(self, participant: str, part: "OfParticipant") -> Self:
        """With one participant's part taken out of it, as `Mediation.without` does."""
        reward, best = part.rewards[self.winner], self.best_opinion
        return self.model_copy(
            update={
                "candidates": tuple(
                    each if index == self.winner else each.model_copy(update={"text": ""})
                    for index, each in enumerate(self.candidates)
                ),
                "best_opinion": None if best and best.participant == participant else best,
                "groups": tuple(
                    _summed(group.model_copy(update={"opinions": _others(group.opinions, participant)}))
                    for group in self.groups
                ),
                "leaves_open": tuple(each for each in self.leaves_open if participant not in each.asked_by),
                "forgotten": self.forgotten + 1,
                "people": self.people - 1,
                "expected": None
                if self.expected is None or reward is None or self.people == 1
                else self.expected.without(reward),
            }
        )


class OfParticipant(Frozen):
    """What a mediation holds of one participant.

    place: their place among all participants, and among those who are left out: None where they are not.
    rewards: of each candidate, None where nobody's was predicted of it. best: of the best opinion.
    group: which one, and their place in it; None without groups.
    """

    place: int
    rewards: tuple[float | None, ...]
    best: float | None = None
    group: tuple[int, int] | None = None
    point: tuple[float, float] | None = None
    left_out: int | None = None


def in_sum(mediation: Mediation) -> MediationInSum:
    """A mediation as pages and cards need it."""
    return mediation if isinstance(mediation, MediationInSum) else MediationInSum.summed(mediation)


def parts_of(made: Mediation) -> dict[str, OfParticipant]:
    """What is somebody's of a mediation, by participant."""
    best = made.best_opinion.rewards if made.best_opinion else ()
    groups = {
        who: ((number, place), group.points[place] if group.points else None)
        for number, group in enumerate(made.groups)
        for place, who in enumerate(group.participants)
    }
    left_out = {who: place for place, who in enumerate(made.left_out)}
    return {
        who: OfParticipant(
            place=place,
            rewards=tuple(each.rewards[place] if each.rewards else None for each in made.candidates),
            best=best[place] if best else None,
            group=groups[who][0] if who in groups else None,
            point=groups[who][1] if who in groups else None,
            left_out=left_out.get(who),
        )
        for place, who in enumerate(made.participants)
    }


def joined(summed: MediationInSum, parts: Mapping[str, OfParticipant]) -> KeptMediation:
    """The mediation that these were taken from."""
    ordered = sorted(parts, key=lambda who: parts[who].place)
    of_all = [parts[who] for who in ordered]
    best = summed.best_opinion
    out = [who for who in ordered if parts[who].left_out is not None]
    changed = {
        "participants": tuple(ordered),
        "candidates": tuple(
            each.model_copy(update={"rewards": _given(part.rewards[index] for part in of_all)})
            for index, each in enumerate(summed.candidates)
        ),
        "best_opinion": best and best.model_copy(update={"rewards": _given(p.best for p in of_all)}),
        "groups": tuple(_joined(group, number, parts) for number, group in enumerate(summed.groups)),
        "left_out": tuple(sorted(out, key=lambda who: parts[who].left_out or 0)),
    }
    kept = {name: getattr(summed, name) for name in KeptMediation.model_fields}
    return KeptMediation(**kept | changed)


def _joined(group: OpinionGroup, number: int, parts: Mapping[str, OfParticipant]) -> OpinionGroup:
    places = {who: part.group[1] for who, part in parts.items() if part.group and part.group[0] == number}
    members = tuple(sorted(places, key=places.__getitem__))
    points = _given(parts[who].point for who in members)
    return group.model_copy(update={"participants": members, "points": points})


def _summed(group: OpinionGroup, *, told: bool = False) -> OpinionGroup:
    """A group without whose it is; told: with the middle of its points, where it has any."""
    many = len(group.points)
    middle = tuple(sum(each) / many for each in zip(*group.points, strict=True))
    return group.model_copy(update={"participants": (), "points": (middle,) if told and many else ()})


def _preferred(made: Mediation) -> int | None:
    chosen = made.candidates[made.winner].rewards
    dissenters = [index for index, reward in enumerate(chosen) if reward < MIDPOINT]
    if made.forgotten or not dissenters:
        return None
    liked = [sum(each.rewards[index] for index in dissenters) for each in made.candidates]
    preferred = max(range(len(liked)), key=liked.__getitem__)
    return preferred if liked[preferred] > liked[made.winner] else None


def _step(reward: float) -> int:
    return min(max(round(reward), LOWEST_RATING), HIGHEST_RATING)


def _given(values: Iterable[T | None]) -> tuple[T, ...]:
    return tuple(value for value in values if value is not None)


def _others(participants: Sequence[str], participant: str) -> tuple[str, ...]:
    return tuple(each for each in participants if each != participant)
