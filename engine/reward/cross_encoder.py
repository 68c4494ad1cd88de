"""The cross-encoder reward model: an encoder (MiniLM, ModernBERT) that reads opinion and candidate together.

Reads:  a folder of transformers files or a hub id; then questions, opinions and candidates.
Gives:  expected ratings in [1, 7]. Every pair is read whole: accurate, and the slowest of the families.
Refrains from batching by itself: `sentence_transformers` sorts by length, packs and pads.

fp32 on the CPU; on a GPU bf16 in the encoder and fp32 in the head. Work runs in a thread, a piece at a time.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from sentence_transformers import CrossEncoder

from engine.arrays import Floats
from engine.errors import ScoringError
from engine.reward.device_queue import Slot, matrix
from engine.reward.model_info.calibration import Calibration
from engine.reward.model_info.source import Manifest, find, reason
from engine.reward.texts import cut_question, line

MAX_TOKENS = 1024
"""Where the manifest says nothing and the encoder reads as many: an opinion of 3,000 characters fits."""
BATCH_ON_CPU, BATCH_ELSEWHERE = 16, 32
"""Pairs that go through the encoder together. On the CPU 32 are no faster, and the C library gives less of
their larger states back: they make memory grow with the number of people."""
PAIRS_ON_CPU, PAIRS_ELSEWHERE = 256, 8192
"""In one piece of work: enough for the library to put pairs of like length together."""


class CrossEncoderReward:
    """Predicts agreement pair by pair (a `RewardModel`)."""

    def __init__(
        self,
        encoder: CrossEncoder,
        manifest: Manifest,
        *,
        device: str | None = None,
        pairs: int | None = None,
    ) -> None:
        """Put a loaded encoder on a device; `pairs`: in one piece of work.

        Raises:
            ScoringError: the encoder gives more than one number for a pair.
        """
        if encoder.num_labels != 1:
            raise ScoringError(
                f"{manifest.name} gives {encoder.num_labels} numbers for a pair instead of one."
            )
        self.name = manifest.name
        self._slot = Slot(device)
        self._encoder = encoder.to(self._slot.device)
        limit = manifest.max_tokens or MAX_TOKENS
        self._max_tokens = min(limit, encoder.max_seq_length or limit)
        encoder.max_seq_length = self._max_tokens
        self._calibration = manifest.calibration or Calibration()
        self._batch = BATCH_ON_CPU if self._slot.on_cpu else BATCH_ELSEWHERE
        self._pairs = pairs or (PAIRS_ON_CPU if self._slot.on_cpu else PAIRS_ELSEWHERE)
        self.described = manifest.described(self._slot.device)

    @classmethod
    def load(cls, source: str | Path, *, device: str | None = None) -> "CrossEncoderReward":
        """Load a model from a folder or the hub.

        Raises:
            ScoringError: there is no such model, or it is no cross-encoder with one trained score.
        """
        folder, manifest = find(str(source))
        slot = Slot(device)
        try:
            encoder = _loaded(folder, slot)
        except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
            raise ScoringError(f"{source} cannot be loaded as a cross-encoder ({reason(error)}).") from error
        return cls(encoder, manifest, device=device)

    async def score(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Predict expected ratings: shape (participants, candidates), in [1, 7].

        Raises:
            ScoringError: nothing to score, or the model's answer is not finite.
        """
        blocks = await self._slot.every(self._scored(question, opinions, candidates))
        return self._calibration.ratings(matrix(blocks, len(opinions), len(candidates)))

    def raw_scores(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Uncalibrated scores, at once and in this thread: for calibration and evaluation.

        Returns:
            shape (opinions, candidates), no unit, higher is more agreement.
        """
        return matrix(list(self._scored(question, opinions, candidates)), len(opinions), len(candidates))

    def _scored(
        self, question: str, opinions: Sequence[str], candidates: Sequence[str]
    ) -> Iterator[tuple[list[int], Floats]]:
        """For each piece of work the pairs' places in the matrix, row by row, and their raw scores."""
        if not opinions or not candidates:
            raise ScoringError("there is nothing to score: no opinion or no candidate")
        asked = line("Question", cut_question(self._encoder.tokenizer, question, self._max_tokens))
        said = [line("Consensus", candidate) for candidate in candidates]
        wide = len(said)
        # opinions of like length together, as the library sorts within a piece and not beyond
        order = sorted(range(len(opinions)), key=lambda at: -len(opinions[at]))
        places = [at * wide + column for at in order for column in range(wide)]
        for start in range(0, len(places), self._pairs):
            some = places[start : start + self._pairs]
            yield some, self._raw([
                (f"{asked} {line('Opinion', opinions[at // wide])}", said[at % wide]) for at in some
            ])  # fmt: skip

    def _raw(self, pairs: list[tuple[str, str]]) -> Floats:
        scores = self._encoder.predict(
            pairs, batch_size=self._batch, activation_fn=torch.nn.Identity(), show_progress_bar=False
        )
        if scores.shape != (len(pairs),) or not np.isfinite(scores).all():
            raise ScoringError(f"{self.name}: scores of another shape or not finite")
        return scores.astype(np.float64)


def _loaded(folder: Path, slot: Slot) -> CrossEncoder:
    """The library's model, its last layer kept in fp32 where the rest is bf16."""
    options: dict[str, Any] = {"use_safetensors": True}
    if not slot.on_cpu:
        options["dtype"] = slot.precision
    encoder: CrossEncoder = CrossEncoder(
        str(folder), device=str(slot.device), local_files_only=True, model_kwargs=options
    )
    named = (getattr(encoder.config, "architectures", None) or ["a model of no name"])[0]
    if not named.endswith("ForSequenceClassification"):
        raise ScoringError(f"{folder.name} has no trained head: its {named} gives no score for a pair.")
    if not slot.on_cpu:
        encoder.set_keep_in_fp32_modules([_head(encoder)])
    return encoder


def _head(encoder: CrossEncoder) -> str:
    """The name of the layer that gives the score."""
    linear: list[str] = [
        name for name, module in encoder.named_modules() if isinstance(module, torch.nn.Linear)
    ]
    return linear[-1]
