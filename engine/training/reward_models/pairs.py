"""The families that read opinion and candidate together, in training: cross-encoders and causal models.

Reads:  the folder of a pre-trained transformers model, and rounds of texts.
Gives:  a `Learner` that scores every pair of a round, whole or with adapters, and writes what
        `engine.reward.cross_encoder` or `engine.reward.causal` loads: texts and limits are the same there.
Refrains from sharing a prefix between pairs: gradients would have to be kept for it.
"""

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import Parameter
from transformers import AutoTokenizer

from engine.arrays import Floats
from engine.reward.model_info.calibration import Calibration
from engine.reward.model_info.source import Manifest, save_manifest
from engine.reward.texts import PrefixReader, batches, cut_question, line, padded
from engine.training.data.rounds import Round
from engine.training.reward_models.learner import Learner
from engine.training.reward_models.towers import places
from engine.training.runs.adapters import adapted
from engine.training.runs.base import HUB_ID, base_folder, load_classifier, spare_memory
from engine.training.runs.config import RewardConfig
from engine.training.runs.precision import in_bf16

SCORED_TOGETHER = 24
"""Pairs of like length per pass; padding costs more than the passes do."""
HEADS = {"score", "classifier", "modules_to_save"}
"""Parts of the names of new weights: the head of a causal model and of an encoder, in transformers' words,
and all that is trained whole beside adapters, in peft's."""

Row = tuple[list[int], list[int]]
"""Token ids, and of each which of two texts it belongs to (no ids where the model does not ask for that)."""


class PairLearner(Learner):
    """A transformers sequence classifier with one score."""

    family: ClassVar[Literal["cross-encoder", "causal"]]
    head: ClassVar[str]

    def __init__(self, config: RewardConfig) -> None:
        super().__init__()
        folder = base_folder(config.base)
        self._config = config
        self._tokenizer = AutoTokenizer.from_pretrained(folder)
        torch.manual_seed(config.head_seed)
        self.model = self._loaded(folder)
        if config.gradient_checkpointing:
            spare_memory(self._bare)

    def forward(self, rounds: Sequence[Round]) -> list[Tensor]:
        """Raw scores of each round, shape (opinions, candidates)."""
        return self._scores(rounds, self._config.train_tokens, half=in_bf16(self._config.precision))

    def groups(self) -> tuple[list[Parameter], list[Parameter]]:
        """The pre-trained weights (or their adapters), and the head's."""
        parts: tuple[list[Parameter], list[Parameter]] = ([], [])
        for name, weight in self.trained().items():
            parts[not HEADS.isdisjoint(name.split("."))].append(weight)
        return parts

    def scorer(self) -> "PairLearner":
        """Itself, as `raw_scores` changes nothing."""
        return self

    @torch.inference_mode()
    def raw_scores(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Uncalibrated scores, shape (opinions, candidates); the whole limit of tokens, no dropout."""
        self.eval()
        nothing = np.zeros((len(opinions), len(candidates)))
        each = Round(question, tuple(opinions), tuple(candidates), nothing)
        (scores,) = self._scores([each], self._config.max_tokens, half=self._half_base)
        raw: Floats = scores.double().cpu().numpy()
        return raw

    def save(self, calibrations: Sequence[Calibration], folder: Path) -> None:
        """Write model or adapters, tokenizer and manifest."""
        (calibration,) = calibrations
        self.model.save_pretrained(folder)
        self._tokenizer.save_pretrained(folder)
        config = self._config
        manifest = Manifest(
            family=self.family, name=config.name, max_tokens=config.max_tokens, calibration=calibration
        )
        save_manifest(manifest, folder)

    @abstractmethod
    def _rows(self, each: Round, max_tokens: int) -> list[Row]:
        """Every pair of a round, opinion by opinion."""

    @abstractmethod
    def _scored(self, ids: Tensor, kinds: Tensor, mask: Tensor, *, half: bool) -> Tensor:
        """Raw scores of padded rows, shape (rows,)."""

    @property
    def _bare(self) -> Any:
        """The transformers model; adapters, where there are any, sit inside it."""
        return self.model.get_base_model() if self._config.lora else self.model

    @property
    def _device(self) -> torch.device:
        return next(self.parameters()).device

    @property
    def _half_base(self) -> bool:
        """Judged as it is served, in bf16 on a GPU only, unless the frozen base is in bf16 here."""
        return self._device.type != "cpu" or (
            self._config.lora is not None and in_bf16(self._config.precision)
        )

    def _scores(self, rounds: Sequence[Round], max_tokens: int, *, half: bool) -> list[Tensor]:
        rows = [row for each in rounds for row in self._rows(each, max_tokens)]
        order: list[int] = []
        parts: list[Tensor] = []
        for indices in batches([ids for ids, _ in rows], SCORED_TOGETHER):
            ids, mask = padded([rows[index][0] for index in indices])
            kinds, _ = padded([rows[index][1] for index in indices])
            device = self._device
            parts.append(self._scored(ids.to(device), kinds.to(device), mask.to(device), half=half))
            order += indices
        scores = torch.cat(parts)[places(order).to(self._device)]  # in the rows' order again
        sizes = [len(each.opinions) * len(each.candidates) for each in rounds]
        return [
            some.view(len(each.opinions), len(each.candidates))
            for some, each in zip(torch.split(scores, sizes), rounds, strict=True)
        ]

    def _loaded(self, folder: Path) -> Any:
        config = self._config
        frozen_in_half = config.lora is not None and in_bf16(config.precision)
        start = None if config.lora else config.start
        dtype = torch.bfloat16 if frozen_in_half else torch.float32
        model, new = load_classifier(start or folder, dtype, dropout=config.dropout)
        self._check(model)
        if config.lora:
            named = config.base if HUB_ID.fullmatch(config.base) else str(folder.resolve())
            return adapted(model, config.lora, new=new, base=named, start=config.start)
        model.get_input_embeddings().weight.requires_grad_(not config.freeze_words)
        return model

    def _check(self, model: Any) -> None:
        base, limit = self._config.base, getattr(model.config, "max_position_embeddings", None)
        if not hasattr(model, self.head):
            raise ValueError(f"{base}: a {type(model).__name__} cannot be trained as family: {self.family}")
        if limit and max(self._config.max_tokens, self._config.train_tokens) > limit:
            raise ValueError(f"max_tokens, train_tokens: {base} reads {limit} tokens at most")


class CausalLearner(PairLearner):
    """A language model; its state at the last token goes to a scalar head in fp32."""

    family = "causal"
    head = "score"

    def _rows(self, each: Round, max_tokens: int) -> list[Row]:
        reader = PrefixReader(self._tokenizer, max_tokens)
        endings = reader.endings(each.candidates)
        return [
            ([*prefix, *ending], [])
            for prefix in reader.prefixes(each.question, each.opinions)
            for ending in endings
        ]

    def _scored(self, ids: Tensor, kinds: Tensor, mask: Tensor, *, half: bool) -> Tensor:
        inner = getattr(self._bare, self._bare.base_model_prefix)
        with torch.autocast(ids.device.type, torch.bfloat16, enabled=half):
            states = inner(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state
        rows = torch.arange(len(ids), device=ids.device)
        ends = states[rows, mask.sum(dim=1) - 1]  # (rows, size)
        scores: Tensor = self._bare.score(ends.float()).squeeze(-1)
        return scores


class CrossEncoderLearner(PairLearner):
    """An encoder that reads opinion and candidate as a pair of texts."""

    family = "cross-encoder"
    head = "classifier"

    def _rows(self, each: Round, max_tokens: int) -> list[Row]:
        asked = line("Question", cut_question(self._tokenizer, each.question, max_tokens))
        told = [f"{asked} {line('Opinion', opinion)}" for opinion in each.opinions for _ in each.candidates]
        said = [line("Consensus", candidate) for _ in each.opinions for candidate in each.candidates]
        read = self._tokenizer(told, said, truncation="longest_first", max_length=max_tokens)
        kinds = read.get("token_type_ids") or [[] for _ in told]
        return list(zip(read["input_ids"], kinds, strict=True))

    def _scored(self, ids: Tensor, kinds: Tensor, mask: Tensor, *, half: bool) -> Tensor:
        more = {"token_type_ids": kinds} if kinds.numel() else {}
        with torch.autocast(ids.device.type, torch.bfloat16, enabled=half):
            logits = self.model(input_ids=ids, attention_mask=mask, **more).logits
        scores: Tensor = logits.float().squeeze(-1)
        return scores
