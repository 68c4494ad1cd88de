"""How token ids go through the encoder: padded, as transformers does it, or flat (`flat_bert`).

Reads:  towers on their device; then token ids.
Gives:  an `Encoder`: vectors of texts, and of two texts that are read in one row.
Refrains from batching: what it is given goes through at once.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import torch
from torch import Tensor

from engine.reward.texts import RowPair, padded, padded_pairs
from engine.reward.towers.flat_bert import FlatBert, can_read
from engine.reward.towers.networks import Towers


class Encoder(Protocol):
    """The encoder with what is done to its states; vectors are in fp32, on its device."""

    def encode(self, rows: Sequence[Sequence[int]]) -> Tensor:
        """As `Towers.encode`: (texts, size)."""
        ...

    def encode_pairs(self, pairs: Sequence[RowPair]) -> tuple[Tensor, Tensor]:
        """As `JointTowers.encode_pairs`: two times (pairs, size)."""
        ...


class PaddedEncoder:
    """The module itself, for any encoder and device; bf16 on a GPU."""

    def __init__(self, towers: Towers, device: torch.device) -> None:
        self._towers: Any = towers
        self._device = device

    @torch.inference_mode()
    def encode(self, rows: Sequence[Sequence[int]]) -> Tensor:
        """Of all rows, padded to the longest."""
        ids, mask = padded(rows)
        with self._precision():
            vectors: Tensor = self._towers.encode(ids.to(self._device), mask.to(self._device))
        return vectors.float()

    @torch.inference_mode()
    def encode_pairs(self, pairs: Sequence[RowPair]) -> tuple[Tensor, Tensor]:
        """Of all pairs, padded to a multiple of `families.ROUNDED`."""
        ids, mask, kinds = (each.to(self._device) for each in padded_pairs(pairs))
        with self._precision():
            said, heard = self._towers.encode_pairs(ids, mask, kinds)
        return said.float(), heard.float()

    def _precision(self) -> torch.autocast:
        return torch.autocast("cuda", torch.bfloat16, enabled=self._device.type == "cuda")


def encoder_of(towers: Towers, device: torch.device) -> Encoder:
    """The quickest that gives the same vectors."""
    return FlatBert(towers.encoder) if can_read(towers.encoder) else PaddedEncoder(towers, device)
