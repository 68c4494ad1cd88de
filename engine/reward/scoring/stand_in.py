"""Two reward models for a round: the one that is wished for, and the one that stands in for it.

Reads:  how many members a round has, and which of its models failed.
Gives:  the models to score a round with, in order. Each scores the whole round or nothing of it: ratings by
        two models cannot be compared, so who steps in begins at the first candidate.
Refrains from any model's library: models are given.
"""

import logging
from collections.abc import Sequence

from engine.arrays import Floats
from engine.errors import ScoringError
from engine.ports import PicksByRound, RewardModel

log = logging.getLogger(__name__)


class WithStandIn:
    """`first` for groups of at most `most_members` (None: of any size), else and where it fails `other`."""

    def __init__(self, first: RewardModel, other: RewardModel, most_members: int | None = None) -> None:
        self.first, self.other = first, other
        self._most_members = most_members

    @property
    def name(self) -> str:
        """Of the model that is wished for; a result names the one that scored it."""
        return self.first.name

    @property
    def described(self) -> str:
        """Both, in a line."""
        most = self._most_members
        for_whom = "" if most is None else f" for groups of up to {most}"
        return f"{self.first.described}{for_whom}; else {self.other.name} ({self.other.described})"

    @property
    def models(self) -> tuple[RewardModel, ...]:
        """All models that may score a round."""
        return self.first, self.other

    def for_round(self, members: int) -> tuple[RewardModel, ...]:
        """The models for a round of so many members, the one to begin with first."""
        if self._most_members is not None and members > self._most_members:
            return (self.other,)
        return self.models

    async def score(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Predict as `RewardModel.score` does; each call is taken to be a round of its own."""
        first, *others = self.for_round(len(opinions))
        try:
            return await first.score(question, opinions, candidates)
        except ScoringError as exc:
            if not others:
                raise
            log.warning("scoring with another reward model (%s)", exc)
        return await others[0].score(question, opinions, candidates)


def models_for(model: RewardModel, members: int) -> Sequence[RewardModel]:
    """The reward models for a round, in order: a model that picks no other is the only one."""
    return model.for_round(members) if isinstance(model, PicksByRound) else (model,)


def without_judge(model: RewardModel) -> RewardModel:
    """What scores where no language model may read opinions: the model that stands in for the judge."""
    return model.other if isinstance(model, WithStandIn) else model


def model_named(model: RewardModel, name: str) -> RewardModel:
    """The one of its models that has scored a round, by the name in the result.

    Raises:
        ScoringError: none has that name any more.
    """
    models = model.models if isinstance(model, PicksByRound) else (model,)
    for each in models:
        if each.name == name:
            return each
    raise ScoringError("The reward model {name}, which scored this round, is no longer in use.", name=name)
