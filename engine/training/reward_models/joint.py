"""The joint family in training: towers that read opinion and candidate apart, and together in one row.

Reads:  a joint or two-tower checkpoint to go on from, or the pre-trained encoder's folder; rounds of texts.
Gives:  a `Learner` that scores each round in both ways and learns both; what it writes is calibrated in each.
Refrains from choosing between the ways: at every step all rounds are read in both, whatever their size.

The way apart is also drawn towards the ratings of the way together, which tells more (distillation within one
model, as in Zhang et al. 2019, arXiv:1905.08094): large groups then get what small ones would.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from engine.evaluation.accuracy.suites import Scorer
from engine.reward.model_info.calibration import Calibration
from engine.reward.texts import PairReader
from engine.reward.towers.checkpoint import Checkpoint, JointCheckpoint, JointConfig, save_checkpoint
from engine.reward.towers.joint import JointReward
from engine.reward.towers.networks import JointTowers
from engine.reward.towers.two_tower import TwoTower
from engine.training.data.rounds import Round
from engine.training.reward_models.learner import Cost
from engine.training.reward_models.losses import drawn_near
from engine.training.reward_models.towers import TowerLearner, places
from engine.training.runs.config import RewardConfig
from engine.training.runs.precision import in_bf16

TOKENS = 2048
"""In one pass of pairs through the encoder, padding included."""
FULL_ROWS = 8
"""Rows of a pass are filled up to a multiple of this, as those that are short are (`ROUNDED`)."""


class JointLearner(TowerLearner):
    """One shared encoder, a head over vectors of texts read apart, and one for texts read together."""

    towers: JointTowers
    _shape: JointConfig

    def __init__(self, config: RewardConfig) -> None:
        """Raises ValueError where pairs of the length that is asked for do not fit into the encoder."""
        super().__init__(config)
        self._pair_reader = PairReader(self._tokenizer, self._shape.together_tokens)

    def _shaped(self, facts: dict[str, Any], before: Checkpoint | None) -> JointConfig:
        """The limits are those of the start where it is joint: its heads and calibration rest on them."""
        known = before.config if before else None
        of = known if isinstance(known, JointConfig) else self._config
        return JointConfig(**facts, together_up_to=of.together_up_to, together_tokens=of.together_tokens)

    def _empty(self, encoder: dict[str, Any]) -> JointTowers:
        return JointTowers(encoder, self._shape.hidden)

    def forward(self, rounds: Sequence[Round]) -> list[Tensor]:
        """Raw scores of each round, shape (2, opinions, candidates): read together, and apart."""
        together = [self._read_together(each) for each in rounds]
        return [torch.stack(both) for both in zip(together, super().forward(rounds), strict=True)]

    def loss(self, scores: Tensor, cost: Cost) -> Tensor:
        """What the way together costs, and a part of what the way apart does and of its distance to it."""
        together, apart = scores
        return cost(together) + self._config.apart * (cost(apart) + drawn_near(apart, together))

    def groups(self) -> tuple[list[Parameter], list[Parameter]]:
        """The encoder's weights and both heads'."""
        encoder, head = super().groups()
        return encoder, [*head, *self.towers.together.parameters()]

    def scorer(self) -> JointReward:
        """As it is served."""
        return JointReward(self._saved(Calibration(), Calibration()), device=str(self._device))

    def ways(self) -> tuple[Scorer, ...]:
        """Together, whatever the size of the group; and apart."""
        saved = self._saved(Calibration(), Calibration())
        always = saved.config.model_copy(update={"together_up_to": sys.maxsize})
        together = JointReward(replace(saved, config=always), device=str(self._device))
        return together, TwoTower(saved, device=str(self._device))

    def save(self, calibrations: Sequence[Calibration], folder: Path) -> None:
        """Write a joint checkpoint."""
        save_checkpoint(self._saved(*calibrations), folder)

    def _saved(self, together: Calibration, apart: Calibration) -> JointCheckpoint:
        return JointCheckpoint(self._shape, self.towers, self._tokenizer, apart, together)

    def _read_together(self, each: Round) -> Tensor:
        pairs = self._pair_reader.read(each.question, each.opinions, each.candidates)
        order: list[int] = []
        parts: list[Tensor] = []
        device, half = self._device, in_bf16(self._config.precision)
        for some in pairs.batches(TOKENS):
            full = [*some, *some[:1] * (-len(some) % FULL_ROWS)]
            ids, mask, kinds = (part.to(device) for part in pairs.padded(full))
            with torch.autocast(device.type, torch.bfloat16, enabled=half):
                said, heard = self.towers.encode_pairs(ids, mask, kinds)
            parts.append(self.towers.together.of_pairs(said, heard)[: len(some)])
            order += some
        scores = torch.cat(parts)[places(order).to(device)]  # in the pairs' order again
        return scores.view(len(each.opinions), len(each.candidates))
