"""The two-tower reward model: the default, and small enough for a machine without a GPU.

Reads:  a checkpoint folder (`engine.reward.towers.checkpoint`), then questions, opinions and candidates.
Gives:  expected ratings in [1, 7]; also the opinions' vectors, so that they can be computed when an opinion
        is given and only the candidates are left to encode after the close.
Refrains from keeping vectors: whoever asked for them stores them, and erases them with the opinion.

fp32 on the CPU; on a GPU bf16 in the encoder and fp32 in the head. Work runs in a thread, a piece at a time.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.arrays import Floats
from engine.errors import ScoringError
from engine.reward.device_queue import Slot, give_back_freed
from engine.reward.texts import Reader, Tower, batches, once
from engine.reward.towers.checkpoint import Checkpoint, encoder_fingerprint, load_checkpoint
from engine.reward.towers.encoders import encoder_of

Vectors = NDArray[np.float32]
"""shape (texts, size of the encoder); valid for the checkpoint that made them, named by `TwoTower.name`."""

BATCH = 32
HEAD_MEMORY_MIB = 16


class TwoTower:
    """Predicts agreement from separately encoded opinions and candidates (a `RewardModel`).

    Safe to call from many tasks: one slot per instance, so one per device, keeps memory bounded.
    """

    def __init__(self, checkpoint: Checkpoint, *, device: str | None = None, batch: int = BATCH) -> None:
        """`device`: a torch device, by default the GPU if there is one; `batch`: texts encoded together."""
        self.name = checkpoint.config.name
        self.uncertainty = checkpoint.config.uncertainty
        self.closeness_weight = checkpoint.config.closeness_weight
        self.size = checkpoint.towers.head.inner.in_features // 4
        self._checkpoint = checkpoint
        self._fingerprint: str | None = None
        self._slot = Slot(device)
        self._device = self._slot.device
        self.described = f"two-tower on {self._device}, calibrated"
        self._towers = checkpoint.towers.to(self._device).eval()
        self._encoder = encoder_of(self._towers, self._device)
        self._reader = Reader(checkpoint.tokenizer, checkpoint.config.max_tokens)
        self._calibration = checkpoint.calibration
        self._batch = batch

    @classmethod
    def load(cls, folder: Path, *, device: str | None = None) -> "TwoTower":
        """Read the checkpoint in `folder`.

        Raises:
            ScoringError: the folder holds no usable two-tower checkpoint.
        """
        return cls(load_checkpoint(folder), device=device)

    async def score(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Predict expected ratings: shape (participants, candidates), in [1, 7].

        Raises:
            ScoringError: nothing to score, or the model's answer is not finite.
        """
        return await self.score_encoded(await self.encode_opinions(question, opinions), question, candidates)

    async def encode_opinions(self, question: str, opinions: Sequence[str]) -> Vectors:
        """Encode opinions ahead of the close: shape (opinions, size), float32, in the given order.

        The same words from several people are encoded once.

        Raises:
            ScoringError: no opinions, or the encoder's answer is not finite.
        """
        vectors = (await self._vectors(question, opinions)).cpu().numpy()
        if self._slot.on_cpu and len(opinions) > self._batch:
            await self._slot.do(give_back_freed)
        return vectors

    def fingerprint(self) -> str:
        """Names the encoder's weights and how it reads; hashed when it is first asked for."""
        if self._fingerprint is None:
            self._fingerprint = encoder_fingerprint(self._checkpoint)
        return self._fingerprint

    async def score_encoded(self, vectors: Vectors, question: str, candidates: Sequence[str]) -> Floats:
        """Predict expected ratings from stored vectors of the opinions.

        Args:
            vectors: shape (participants, size), from `encode_opinions` of the same checkpoint and question.

        Returns:
            shape (participants, candidates), in [1, 7].

        Raises:
            ScoringError: vectors or scores of another shape or not finite, or no candidates.
        """
        if vectors.ndim != 2 or vectors.shape[1] != self.size or not np.isfinite(vectors).all():
            raise ScoringError(f"opinion vectors must be finite and of shape (participants, {self.size})")
        return await self._slot.do(lambda: self._score(vectors, question, candidates))

    def raw_scores(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Uncalibrated scores, at once and in this thread: for calibration and evaluation.

        Returns:
            shape (opinions, candidates), no unit, higher is more agreement.
        """
        encoded = self._encode(question, "Opinion", opinions)
        return self._raw(encoded, self._encode(question, "Consensus", candidates))

    async def _vectors(self, question: str, opinions: Sequence[str]) -> Tensor:
        """Of the opinions: shape (opinions, size), on the device."""
        distinct, places = once(opinions)
        pieces = await self._slot.every(self._pieces(question, "Opinion", distinct))
        return self._together(pieces, len(distinct))[places]

    def _encode(self, question: str, tower: Tower, texts: Sequence[str]) -> Tensor:
        """All texts at once."""
        return self._together(self._pieces(question, tower, texts), len(texts))

    def _pieces(
        self, question: str, tower: Tower, texts: Sequence[str]
    ) -> Iterator[tuple[list[int], Tensor]]:
        """A batch for each piece of work: the texts' places, and their vectors."""
        if not texts:
            raise ScoringError("there is nothing to encode")
        rows = self._reader.read(question, tower, texts)
        for indices in batches(rows, self._batch):
            yield indices, self._encoded([rows[index] for index in indices])

    @torch.inference_mode()
    def _encoded(self, rows: Sequence[Sequence[int]]) -> Tensor:
        vectors = self._encoder.encode(rows)
        if not bool(torch.isfinite(vectors).all()):
            raise ScoringError(f"{self.name}: the encoder gave numbers that are not finite")
        return vectors

    @torch.inference_mode()
    def _together(self, pieces: Iterable[tuple[list[int], Tensor]], count: int) -> Tensor:
        vectors = torch.empty(count, self.size, device=self._device)
        for indices, some in pieces:
            vectors[indices] = some
        return vectors

    def _score(self, vectors: Vectors, question: str, candidates: Sequence[str]) -> Floats:
        opinions = torch.from_numpy(np.ascontiguousarray(vectors)).to(self._device)
        return self._calibration.ratings(self._raw(opinions, self._encode(question, "Consensus", candidates)))

    @torch.inference_mode()
    def _raw(self, opinions: Tensor, candidates: Tensor) -> Floats:
        scores = self._towers.head.in_blocks(opinions, candidates, memory_mib=HEAD_MEMORY_MIB)
        if scores.shape != (len(opinions), len(candidates)) or not bool(torch.isfinite(scores).all()):
            raise ScoringError(f"{self.name}: scores of another shape or not finite")
        raw: Floats = scores.double().cpu().numpy()
        return raw
