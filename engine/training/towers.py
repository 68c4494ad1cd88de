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

from engine.reward.calibration import Calibration
from engine.reward.checkpoint import Checkpoint, TowerConfig, load_checkpoint, save_checkpoint
from engine.reward.texts import Reader, batches, padded
from engine.reward.towers import Towers
from engine.reward.two_tower import TwoTower
from engine.training.base import base_folder, load_base, spare_memory
from engine.training.config import RewardConfig
from engine.training.learner import Learner
from engine.training.precision import in_bf16
from engine.training.rounds import Round

ENCODED_TOGETHER = 24
"""Texts of like length per pass through the encoder; padding costs more than the passes do."""


class TowerLearner(Learner):
    """One shared encoder and a head over pairs of vectors."""

    def __init__(self, config: RewardConfig) -> None:
        super().__init__()
        self._shape, self._hidden, self._max_tokens, self._tokenizer = _shape(config)
        dropout = {"hidden_dropout_prob": config.dropout, "attention_probs_dropout_prob": config.dropout}
        torch.manual_seed(config.head_seed)
        self.towers = Towers(self._shape | dropout, self._hidden)
        if config.start is None:
            load_base(self.towers, base_folder(config.base))
        else:
            self.towers.load_state_dict(load_checkpoint(config.start).towers.state_dict())
        self.towers.encoder.get_input_embeddings().weight.requires_grad_(not config.freeze_words)
        if config.gradient_checkpointing:
            spare_memory(self.towers.encoder)
        if not torch.cuda.is_available():  # a quarter faster there, as texts are short
            self.towers.encoder.set_attn_implementation("eager")
        self._reader = Reader(self._tokenizer, min(config.train_tokens, self._max_tokens))
        self._config = config

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

    def save(self, calibration: Calibration, folder: Path) -> None:
        """Write a two-tower checkpoint."""
        save_checkpoint(self._checkpoint(calibration), folder)

    def _checkpoint(self, calibration: Calibration) -> Checkpoint:
        config = self._config
        shape = TowerConfig(
            name=config.name, encoder=self._shape, hidden=self._hidden, max_tokens=self._max_tokens
        )
        return Checkpoint(shape, self.towers, self._tokenizer, calibration)

    @property
    def _device(self) -> torch.device:
        return self.towers.head.skip.device

    def _encode(self, rows: list[list[int]]) -> Tensor:
        order: list[int] = []
        parts: list[Tensor] = []
        device, half = self._device, in_bf16(self._config.precision)
        for indices in batches(rows, ENCODED_TOGETHER):
            ids, mask = padded([rows[index] for index in indices])
            with torch.autocast(device.type, torch.bfloat16, enabled=half):
                parts.append(self.towers.encode(ids.to(device), mask.to(device)))
            order += indices
        return torch.cat(parts)[places(order).to(device)]  # in the rows' order again


def _shape(config: RewardConfig) -> tuple[dict[str, Any], int, int, Tokenizer]:
    """Of the start, else the base: the encoder's configuration, the head's size, most tokens, the words."""
    if config.start is not None:
        before = load_checkpoint(config.start)
        most = min(config.max_tokens, before.config.max_tokens)
        return before.config.encoder, before.config.hidden, most, before.tokenizer
    folder = base_folder(config.base)
    encoder: dict[str, Any] = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    words = Tokenizer.from_file(str(folder / "tokenizer.json"))
    return encoder, config.hidden, config.max_tokens, words


def places(order: Sequence[int]) -> Tensor:
    """Where each index of `order` stands in it: puts rows computed in that order back in their own."""
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return back
