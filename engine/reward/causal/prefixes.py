"""A causal model with a scalar head, read in two steps: prefixes once, then endings behind them.

Reads:  token ids of "Question: … Opinion: …" and of " Consensus: …".
Gives:  what the model keeps of the prefixes (keys and values); raw scores of every prefix with every ending.
Refrains from text, files, calibration and threads; memory is the caller's to bound.

P prefixes and E endings cost the tokens of P prefixes and of P x E endings; whole texts would cost those of
P x E prefixes too. Prefixes are padded on the left, so that an ending follows its prefix without a gap and
distances between tokens are right for sliding windows too. Endings are padded on the right, unseen.
"""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers import Cache, DynamicCache
from transformers.cache_utils import DynamicLayer

from engine.reward.causal.packed import pack

KeysAndValues = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Prefixes:
    """What the model keeps of some prefixes.

    mask:   shape (prefixes, longest), 1 for tokens and 0 for padding.
    layers: keys and values of each layer, each of shape (prefixes, heads, longest, size of a head).
    """

    mask: Tensor
    layers: tuple[KeysAndValues, ...]

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(kept.nbytes for layer in self.layers for kept in layer)


class PrefixModel:
    """The model in two steps; `dtype` inside, fp32 in the head."""

    def __init__(self, model: Any, device: torch.device, dtype: torch.dtype = torch.float32) -> None:
        """`model`: a transformers sequence classifier over a causal model, its head named `score`."""
        self._dtype = dtype
        self._device = device
        self._inner: Any = getattr(model, model.base_model_prefix).to(device, self._dtype).eval()
        pack(self._inner)
        # transformers 5.24 renamed it, shape by shape
        self._cache_name = _name_taken(self._inner.forward, "cache", "past_key_values")
        self._head: nn.Module = model.score.to(device, torch.float32)

    @torch.inference_mode()
    def read(self, rows: Sequence[Sequence[int]]) -> Prefixes:
        """Run the prefixes through the model."""
        longest = max(len(row) for row in rows)
        ids = torch.tensor([[*[0] * (longest - len(row)), *row] for row in rows], device=self._device)
        lengths = torch.tensor([len(row) for row in rows], device=self._device)
        mask = (torch.arange(longest, device=self._device) >= longest - lengths[:, None]).long()
        cache = DynamicCache()  # without the configuration: whole layers even where attention has a window
        positions = (mask.cumsum(dim=1) - 1).clamp(min=0)
        self._states(ids, mask, positions, cache)
        layers: Any = cache.layers
        return Prefixes(mask, tuple((layer.keys, layer.values) for layer in layers))

    def begun(
        self, prefixes: Prefixes, endings: Sequence[Sequence[int]]
    ) -> tuple[Prefixes, list[Sequence[int]]]:
        """Prefixes and endings for `scores`; where a model can, what all endings begin with has moved."""
        return prefixes, list(endings)

    @torch.inference_mode()
    def scores(self, prefixes: Prefixes, endings: Sequence[Sequence[int]]) -> Tensor:
        """Raw scores, shape (prefixes, endings), fp32, of each ending behind each prefix."""
        many, few = len(prefixes.mask), len(endings)
        longest = max(len(ending) for ending in endings)
        ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in endings], device=self._device)
        places = torch.arange(longest, device=self._device)
        last = torch.tensor([len(row) - 1 for row in endings], device=self._device)
        real = (places <= last[:, None]).long()  # (endings, longest)
        # every row below is one prefix with one ending, the endings of a prefix together
        mask = torch.cat(
            [
                prefixes.mask[:, None, :].expand(many, few, -1),
                real[None].expand(many, few, longest),
            ],
            dim=2,
        ).flatten(0, 1)
        starts = prefixes.mask.sum(dim=1)  # (prefixes,)
        positions = (starts[:, None, None] + places).expand(many, few, longest).flatten(0, 1)
        cache = Cache(layers=[_Behind(keys, values) for keys, values in prefixes.layers])
        states = self._states(ids.repeat(many, 1), mask, positions, cache)
        ends = states[torch.arange(many * few, device=self._device), last.repeat(many)]  # (rows, size)
        scores: Tensor = self._head(ends.float())
        return scores.view(many, few)

    def _states(self, ids: Tensor, mask: Tensor, positions: Tensor, cache: Cache) -> Tensor:
        """Of the last layer: shape (rows, tokens, size)."""
        kept = {self._cache_name: cache}
        states: Tensor = self._inner(
            input_ids=ids, attention_mask=mask, position_ids=positions, use_cache=True, **kept
        ).last_hidden_state
        return states


def _name_taken(function: Callable[..., Any], new: str, old: str) -> str:
    """Which of two names of one argument a function takes."""
    return new if new in inspect.signature(function).parameters else old


class _Behind(DynamicLayer):  # type: ignore[no-untyped-call]
    """Puts a layer's prefixes before the endings and keeps nothing of these, so prefixes serve again."""

    def __init__(self, keys: Tensor, values: Tensor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.keys, self.values = keys, values
        self._prefixes = keys, values
        self.dtype, self.device = keys.dtype, keys.device
        self.is_initialized = True

    def update(self, key_states: Tensor, value_states: Tensor, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Keys and values of the whole rows: shape (prefixes x endings, heads, tokens, size of a head)."""
        keys, values = self._prefixes
        return _joined(keys, key_states), _joined(values, value_states)


def _joined(prefixes: Tensor, endings: Tensor) -> Tensor:
    """Each ending's states behind those of its prefix; the prefixes are copied here and nowhere else."""
    many = len(prefixes)
    apart = endings.view(many, -1, *endings.shape[1:])  # (prefixes, endings, heads, tokens, size)
    shared = prefixes[:, None].expand(many, apart.shape[1], *prefixes.shape[1:])
    return torch.cat([shared, apart], dim=-2).flatten(0, 1)
