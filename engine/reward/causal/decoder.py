"""Decoders of the Llama and Qwen shape, layer by layer, so that nothing is computed twice or in vain.

Reads:  token ids of prefixes and of endings, as `engine.reward.causal.prefixes`.
Gives:  the same scores with less work than the model's own forward: what all rows begin with goes through the
        model once; keys and values of a prefix serve all its endings where they lie; before the first
        attention an ending is the same behind every prefix; and the last layer is finished for the one token
        whose state the head reads.
Refrains from other shapes: the modules are the model's own, but the order in which they are called is
written here, so `two_steps` takes this only for models that are known to call them so.
Source: Juravsky et al. 2024, "Hydragen" (arXiv:2402.05099), for attention over a shared prefix in two parts.
"""

from collections.abc import Sequence
from itertools import takewhile
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from engine.reward.causal.prefixes import KeysAndValues, Prefixes, PrefixModel

SHAPES = {"llama", "mistral", "qwen2", "qwen3"}
"""Model types of transformers whose layers are: norm, attention, add, norm, gated MLP, add."""


def two_steps(model: Any, device: torch.device, dtype: torch.dtype = torch.float32) -> PrefixModel:
    """The quickest way to run this sequence classifier; `PrefixModel` runs any causal model."""
    config = model.config
    known = config.model_type in SHAPES and getattr(config, "sliding_window", None) is None
    return (Decoder if known else PrefixModel)(model, device, dtype)


class Decoder(PrefixModel):
    """The model in two steps. In the shapes below: P prefixes, E endings, T tokens of each."""

    @torch.inference_mode()
    def read(self, rows: Sequence[Sequence[int]]) -> Prefixes:
        """Run the prefixes through the model; what all begin with only once."""
        same = shared_beginning(rows)
        if not same:
            return self._further(None, rows)
        return self._further(self._further(None, [rows[0][:same]]), [row[same:] for row in rows])

    @torch.inference_mode()
    def begun(
        self, prefixes: Prefixes, endings: Sequence[Sequence[int]]
    ) -> tuple[Prefixes, list[Sequence[int]]]:
        """Take what all endings begin with as the end of each prefix."""
        same = shared_beginning(endings)
        if not same:
            return prefixes, list(endings)
        more = [endings[0][:same]] * len(prefixes.mask)
        return self._further(prefixes, more), [ending[same:] for ending in endings]

    @torch.inference_mode()
    def scores(self, prefixes: Prefixes, endings: Sequence[Sequence[int]]) -> Tensor:
        """Raw scores, shape (prefixes, endings), fp32, of each ending behind each prefix."""
        ids, real = self._padded(endings)
        few, longest = ids.shape
        states = self._inner.embed_tokens(ids)[None]  # (1, E, T, size): behind no prefix yet
        turns = self._turns(states, prefixes.mask, longest)
        masks = self._unseen(prefixes.mask), self._later(longest)
        *layers, last = self._inner.layers
        for layer, before in zip(layers, prefixes.layers[:-1], strict=True):
            states, _ = _through(layer, states, turns, masks, before)
        rows, ends = torch.arange(few, device=self._device), real.sum(dim=1) - 1
        masks = masks[0], masks[1][ends][:, None]  # (E, 1, T): what each ending's last token sees
        states, _ = _through(last, states, turns, masks, prefixes.layers[-1], only=(rows, ends))
        ended = self._inner.norm(states[:, :, 0])  # (P, E, size)
        scores: Tensor = self._head(ended.float())[:, :, 0]
        return scores.expand(len(prefixes.mask), few)

    def _further(self, prefixes: Prefixes | None, rows: Sequence[Sequence[int]]) -> Prefixes:
        """Prefixes that go on with these rows: one row for each prefix, or all behind the only one."""
        ids, real = self._padded(rows)
        many, longest = ids.shape
        mask = prefixes.mask if prefixes else real[:, :0]
        layers = prefixes.layers if prefixes else [None] * len(self._inner.layers)
        states = self._inner.embed_tokens(ids)[:, None]  # (P, 1, T, size): each has one ending
        turns = self._turns(states, mask, longest)
        masks = self._unseen(mask), self._later(longest)
        kept = []
        for layer, before in zip(self._inner.layers, layers, strict=True):
            if layer is self._inner.layers[-1]:
                new = _keys_and_values(layer, _normed(layer.input_layernorm, states), turns)
            else:
                states, new = _through(layer, states, turns, masks, before)
            kept.append(_joined(before, new))
        return Prefixes(torch.cat([mask.expand(many, -1), real], dim=1), tuple(kept))

    def _padded(self, rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Ids and mask, each (rows, longest). Padding is on the right, where no token looks."""
        longest = max(len(row) for row in rows)
        ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows], device=self._device)
        lengths = torch.tensor([len(row) for row in rows], device=self._device)
        return ids, (torch.arange(longest, device=self._device) < lengths[:, None]).long()

    def _turns(self, states: Tensor, mask: Tensor, longest: int) -> tuple[Tensor, Tensor]:
        """Cosine and sine of the positions behind each prefix: shape (P, 1, T, 1, size of a head)."""
        starts = mask.sum(dim=1)[:, None]
        positions = starts + torch.arange(longest, device=self._device)
        cos, sin = self._inner.rotary_emb(states, positions)
        return cos[:, None, :, None], sin[:, None, :, None]

    def _unseen(self, mask: Tensor) -> Tensor | None:
        """To be added to attention over prefixes, shape (P, 1, 1, 1, T of the prefix); None: all is seen."""
        if bool(mask.all()):
            return None
        return _hidden(mask == 0, self._dtype)[:, None, None, None]

    def _later(self, longest: int) -> Tensor:
        """To be added to attention over an ending: shape (T, T)."""
        places = torch.arange(longest, device=self._device)
        return _hidden(places > places[:, None], self._dtype)


def shared_beginning(rows: Sequence[Sequence[int]]) -> int:
    """How many tokens all rows begin with, one less than the shortest row at most; 0 for a single row."""
    if len(rows) == 1:
        return 0
    places = zip(*(row[:-1] for row in rows), strict=False)  # as many as the shortest has
    alike = (len(set(tokens)) == 1 for tokens in places)
    return sum(1 for _ in takewhile(bool, alike))


def _through(
    layer: Any,
    states: Tensor,
    turns: tuple[Tensor, Tensor],
    masks: tuple[Tensor | None, Tensor],
    before: KeysAndValues | None,
    *,
    only: tuple[Tensor, Tensor] | None = None,
) -> tuple[Tensor, KeysAndValues]:
    """One layer: states (P, E, T, size), and the keys and values of these tokens.

    only: endings and one place in each, (E,) both; states are then (P, E, 1, size).
    """
    normed = _normed(layer.input_layernorm, states)
    own = _keys_and_values(layer, normed, turns)
    if only:
        rows, ends = only
        states, normed = states[:, rows, ends][:, :, None], normed[:, rows, ends][:, :, None]
        turns = turns[0][:, 0, ends][:, :, None], turns[1][:, 0, ends][:, :, None]
    attention = layer.self_attn
    queries = _turned(_heads(attention, "q", normed), turns)
    states = states + attention.o_proj(_attended(queries, own, before, masks, attention.scaling))
    inside = _normed(layer.post_attention_layernorm, states)
    gates = layer.mlp.act_fn(layer.mlp.gate_proj(inside))
    return states + layer.mlp.down_proj(gates.mul_(layer.mlp.up_proj(inside))), own


def _normed(norm: Any, states: Tensor) -> Tensor:
    """As the model's own module, which writes each step of it to memory."""
    normed: Tensor = functional.rms_norm(states, states.shape[-1:], norm.weight, norm.variance_epsilon)
    return normed


def _keys_and_values(layer: Any, normed: Tensor, turns: tuple[Tensor, Tensor]) -> KeysAndValues:
    """Of these tokens: shape (P, E, T, heads, size of a head)."""
    attention = layer.self_attn
    return _turned(_heads(attention, "k", normed), turns), _heads(attention, "v", normed)


def _heads(attention: Any, which: str, normed: Tensor) -> Tensor:
    """Queries, keys or values: shape (P, E, T, heads, size of a head)."""
    flat: Tensor = getattr(attention, f"{which}_proj")(normed)
    heads = flat.view(*flat.shape[:-1], -1, attention.head_dim)
    norm = getattr(attention, f"{which}_norm", None)  # Qwen 3 has one for queries and one for keys
    return heads if norm is None else _normed(norm, heads)


def _turned(heads: Tensor, turns: tuple[Tensor, Tensor]) -> Tensor:
    """Rotated by their position, as transformers pairs the numbers: those of one half with the other's."""
    cos, sin = turns
    half = heads.shape[-1] // 2
    turned = heads * cos
    turned[..., :half].addcmul_(heads[..., half:], sin[..., :half], value=-1)
    turned[..., half:].addcmul_(heads[..., :half], sin[..., half:])
    return turned


def _attended(
    queries: Tensor,
    own: KeysAndValues,
    before: KeysAndValues | None,
    masks: tuple[Tensor | None, Tensor],
    scaling: float,
) -> Tensor:
    """Attention of every token over its prefix and over its own ending: shape (P, E, T, heads x size)."""
    many, few, tokens, heads, size = queries.shape
    keys, values = (
        each.permute(0, 3, 1, 2, 4)[:, :, None] for each in own
    )  # (P, heads of keys, 1, E, T, size)
    grouped = (queries * scaling).view(many, few, tokens, keys.shape[1], -1, size)
    asked = grouped.permute(0, 3, 4, 1, 2, 5)  # (P, heads of keys, group, E, T, size)
    unseen, later = masks
    weights = asked @ keys.transpose(-1, -2) + later  # (P, heads of keys, group, E, T, T)
    if before is None:
        mixed = _shares(weights) @ values
    else:
        flat = (many, keys.shape[1], -1, size)  # all endings as one: the prefix is read in place
        over = (asked.reshape(flat) @ before[0].transpose(-1, -2)).view(*weights.shape[:-1], -1)
        if unseen is not None:
            over = over + unseen[:, :, None]
        shares = _shares(torch.cat([over, weights], dim=-1))
        length = over.shape[-1]
        mixed = shares[..., length:] @ values
        mixed += (shares[..., :length].reshape(*flat[:3], length) @ before[1]).view(mixed.shape)
    return mixed.permute(0, 3, 4, 1, 2, 5).reshape(many, few, tokens, heads * size)


def _shares(weights: Tensor) -> Tensor:
    return functional.softmax(weights, dim=-1, dtype=torch.float32).to(weights.dtype)


def _joined(before: KeysAndValues | None, new: KeysAndValues) -> KeysAndValues:
    """What a layer keeps: shape (P, heads, T, size of a head), the new tokens behind those before."""
    kept = [each[:, 0].transpose(1, 2) for each in new]
    if before:
        kept = [torch.cat([old.expand(len(more), -1, -1, -1), more], dim=2)
                for old, more in zip(before, kept, strict=True)]  # fmt: skip
    return kept[0].contiguous(), kept[1].contiguous()


def _hidden(where: Tensor, dtype: torch.dtype) -> Tensor:
    """0 for what is seen, and as little as there is for what is not."""
    return torch.zeros(where.shape, dtype=dtype, device=where.device).masked_fill(
        where, torch.finfo(dtype).min
    )
