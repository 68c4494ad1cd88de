"""The two-tower family in training.

Reads:  the pre-trained encoder's folder or a checkpoint to go on from, and rounds of texts.
Gives:  a `Learner`: opinions and candidates are encoded apart, in batches of like length; a head joins them.
Refrains from adapters: the encoder is small and is trained whole.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import Parameter

from engine.reward.model_info.calibration import Calibration
from engine.reward.model_info.families import rounded
from engine.reward.texts import Reader, batches, padded
from engine.reward.towers.checkpoint import (
    Checkpoint,
    JointConfig,
    TowerConfig,
    load_checkpoint,
    save_checkpoint,
)
from engine.reward.towers.networks import Towers
from engine.reward.towers.two_tower import TwoTower
from engine.training.data.rounds import Round
from engine.training.reward_models.learner import Learner
from engine.training.runs.base import base_folder, load_base, spare_memory
from engine.training.runs.config import RewardConfig
from engine.training.runs.precision import in_bf16

KEPT = {"encoder", "hidden", "uncertainty", "closeness_weight", "unknown_kinds"}
"""What a run keeps of its start's configuration: its limits too, as long as nobody has measured again."""
ENCODED_TOGETHER = 24
"""Texts of like length per pass through the encoder; padding costs more than the passes do."""


class TowerLearner(Learner):
    """One shared encoder and a head over pairs of vectors."""

    def __init__(self, config: RewardConfig) -> None:
        super().__init__()
        before = load_checkpoint(config.start) if config.start else None
        self._config = config
        self._shape = self._shaped(_facts(config, before), before)
        self._tokenizer = before.tokenizer if before else _words(config)
        dropout = {"hidden_dropout_prob": config.dropout, "attention_probs_dropout_prob": config.dropout}
        torch.manual_seed(config.head_seed)
        self.towers = self._empty(self._shape.encoder | dropout)
        if before is None:
            load_base(self.towers, base_folder(config.base))
        else:
            self.towers.start_from(before.towers)
        self.towers.encoder.get_input_embeddings().weight.requires_grad_(not config.freeze_words)
        if config.gradient_checkpointing:
            spare_memory(self.towers.encoder)
        if not torch.cuda.is_available():  # a quarter faster there, as texts are short
            self.towers.encoder.set_attn_implementation("eager")
        self._most_tokens = min(config.train_tokens, self._shape.max_tokens)
        self._reader = Reader(self._tokenizer, self._most_tokens)

    def _shaped(self, facts: dict[str, Any], before: Checkpoint | None) -> TowerConfig | JointConfig:
        """What config.json is going to say."""
        return TowerConfig(**facts)

    def _empty(self, encoder: dict[str, Any]) -> Towers:
        """Towers with random weights."""
        return Towers(encoder, self._shape.hidden)

    def forward(self, rounds: Sequence[Round]) -> list[Tensor]:
        """Raw scores of each round, shape (opinions, candidates)."""
        rows: list[list[int]] = []
        for each in rounds:
            rows += self._reader.read(each.question, "Opinion", each.opinions)
            rows += self._reader.read(each.question, "Consensus", each.candidates)
        vectors = self._encode(rows)  # (texts, size)
        scores, start = [], 0
        for each in rounds:
            middle = start + len(each.opinions)
            end = middle + len(each.candidates)
            scores.append(self.towers.head(vectors[start:middle], vectors[middle:end]))
            start = end
        return scores

    def groups(self) -> tuple[list[Parameter], list[Parameter]]:
        """The encoder's weights and the head's."""
        encoder = [p for p in self.towers.encoder.parameters() if p.requires_grad]
        return encoder, list(self.towers.head.parameters())

    def scorer(self) -> TwoTower:
        """As it is served."""
        return TwoTower(self._checkpoint(Calibration()), device=str(self._device))

    def save(self, calibrations: Sequence[Calibration], folder: Path) -> None:
        """Write a two-tower checkpoint."""
        (calibration,) = calibrations
        save_checkpoint(self._checkpoint(calibration), folder)

    def _checkpoint(self, calibration: Calibration) -> Checkpoint:
        return Checkpoint(self._shape, self.towers, self._tokenizer, calibration)

    @property
    def _device(self) -> torch.device:
        return self.towers.head.skip.device

    def _encode(self, rows: list[list[int]]) -> Tensor:
        order: list[int] = []
        parts: list[Tensor] = []
        device, half = self._device, in_bf16(self._config.precision)
        for indices in batches(rows, ENCODED_TOGETHER):
            some = [rows[index] for index in indices]
            longest = min(rounded(max(map(len, some))), self._most_tokens)
            ids, mask = padded(some, longest=longest)
            with torch.autocast(device.type, torch.bfloat16, enabled=half):
                parts.append(self.towers.encode(ids.to(device), mask.to(device)))
            order += indices
        return torch.cat(parts)[places(order).to(device)]  # in the rows' order again


def _facts(config: RewardConfig, before: Checkpoint | None) -> dict[str, Any]:
    """What config.json says of towers, of the start, else of the base."""
    if before is None:
        place = base_folder(config.base) / "config.json"
        encoder: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
        known = {"encoder": encoder, "hidden": config.hidden, "max_tokens": config.max_tokens}
        return known | {"name": config.name}
    most = min(config.max_tokens, before.config.max_tokens)
    known = before.config.model_dump(include=KEPT)
    return known | {"name": config.name, "max_tokens": most}


def _words(config: RewardConfig) -> Tokenizer:
    return Tokenizer.from_file(str(base_folder(config.base) / "tokenizer.json"))


def places(order: Sequence[int]) -> Tensor:
    """Where each index of `order` stands in it: puts rows computed in that order back in their own."""
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return back
