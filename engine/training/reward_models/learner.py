"""The port between the training loop and what is trained: the same loop serves every family of reward models.

Reads:  rounds of texts.
Gives:  `Learner`, which scores them with gradients, can be judged, and writes a checkpoint that
        `engine.reward` loads; and the running average of the trained weights.
Refrains from optimising: that is the loop's, in `engine.training.reward_models.loop`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import Parameter

from engine.evaluation.accuracy.suites import Scorer
from engine.reward.model_info.calibration import Calibration
from engine.training.data.rounds import Round

Weights = dict[str, Tensor]
"""Copies of the weights that are trained, by name; frozen ones are the base's and are never copied."""


Cost = Callable[[Tensor], Tensor]
"""From raw scores, shape (opinions, candidates), to one number to lower."""


class Learner(nn.Module, ABC):
    """One model in training. A weight that needs no gradient stays as the base has it."""

    @abstractmethod
    def forward(self, rounds: Sequence[Round]) -> list[Tensor]:
        """Raw scores of each round, shape (opinions, candidates) in fp32, with gradients."""

    @abstractmethod
    def groups(self) -> tuple[list[Parameter], list[Parameter]]:
        """The weights to train: those that were pre-trained (or adapt such), and those of the new head."""

    @abstractmethod
    def scorer(self) -> Scorer:
        """The model as it is now, to be judged; valid until the weights change."""

    def ways(self) -> tuple[Scorer, ...]:
        """The model as it is now in each way that it reads, each of which has a calibration of its own."""
        return (self.scorer(),)

    def loss(self, scores: Tensor, cost: Cost) -> Tensor:
        """Of one round: from what `forward` gives of it, and what a matrix of raw scores costs."""
        return cost(scores)

    @abstractmethod
    def save(self, calibrations: Sequence[Calibration], folder: Path) -> None:
        """Write the weights as they are now, as a checkpoint; a calibration for each of `ways`."""

    def trained(self) -> dict[str, Parameter]:
        """The trained weights themselves (not copies), by name."""
        return {name: weight for name, weight in self.named_parameters() if weight.requires_grad}


@torch.no_grad()
def put(learner: Learner, weights: Weights) -> None:
    """Copy `weights` into the learner.

    Raises:
        ValueError: they are not those that this learner trains.
    """
    ours = learner.trained()
    if ours.keys() != weights.keys():
        raise ValueError("the saved weights are not those that this configuration trains")
    for name, weight in ours.items():
        weight.copy_(weights[name])


def copied(learner: Learner) -> Weights:
    """Copies of the trained weights."""
    return {name: weight.detach().clone() for name, weight in learner.trained().items()}


@torch.no_grad()
def draw_near(average: Weights, learner: Learner, keep: float) -> None:
    """Move a running average towards the learner's weights: `keep` of it stays."""
    for name, weight in learner.trained().items():
        average[name].lerp_(weight, 1 - keep)


@contextmanager
def wearing(learner: Learner, weights: Weights) -> Iterator[None]:
    """Inside, the learner has the given weights; afterwards its own again."""
    own = copied(learner)
    put(learner, weights)
    try:
        yield
    finally:
        put(learner, own)
