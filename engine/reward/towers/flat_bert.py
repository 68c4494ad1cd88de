"""A BERT encoder on the CPU that reads texts laid end to end: no padding, and no mask.

Reads:  the encoder, a module of transformers; then token ids of texts, or of two texts in one row.
Gives:  what `Towers.encode` and `JointTowers.encode_pairs` give, up to rounding, in less time. All tokens of
        a batch go through each linear layer as one matrix; only attention looks at texts, those of one
        length together.
Refrains from training, from other devices, and from other encoders: `can_read` says which ones it takes.

Where the processor multiplies in bf16, linear layers do, and what is between two of them, in half the time.
Sums and norms, through which a state goes from layer to layer, stay in fp32, and so does all of a small
encoder.

Rows should come sorted by length, for texts of one length are only found where they stand side by side.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from engine.reward.towers.networks import SEGMENTS, scaled

Rows = Sequence[Sequence[int]]
Linear = Callable[[Tensor], Tensor]
AT_ONCE = 512
"""Tokens that go through linear layers together: what one layer gives is then in the cache for the next."""
_ROWS = 64
"""Tokens go through bf16 in multiples of these: for each number of rows there is code of its own, which torch
makes and keeps, so that reading thousands of texts would keep hundreds of megabytes."""
_WIDE = 256
"""Size of an encoder from which linear layers take most of its time."""


def can_read(encoder: Any) -> bool:
    """Whether this module is a BERT such as `FlatBert` computes, in fp32 on the CPU."""
    config, weights = encoder.config, next(encoder.parameters())
    plain = config.model_type == "bert" and config.hidden_act == "gelu" and not config.is_decoder
    return plain and weights.device.type == "cpu" and weights.dtype == torch.float32


def multiplies_in_bf16() -> bool:
    """Whether this processor has instructions for it; others would take longer than in fp32."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


@dataclass(frozen=True)
class _Layer:
    """One layer, its parts in the order in which they are called."""

    asked: Linear  # queries, keys and values at once
    mixed: Linear
    mixed_norm: Linear
    wide: Linear
    narrow: Linear
    narrow_norm: Linear


class FlatBert:
    """The encoder with the module's weights."""

    def __init__(self, encoder: Any, *, bf16: bool | None = None) -> None:
        """`bf16`: None: where it saves time."""
        if bf16 is None:
            bf16 = encoder.config.hidden_size >= _WIDE and multiplies_in_bf16()
        self._tables = encoder.embeddings
        self._heads = encoder.config.num_attention_heads
        self._first_norm = _norm(self._tables.LayerNorm)
        self._layers = [_layer(each, _in_bf16 if bf16 else _linear) for each in encoder.encoder.layer]

    @torch.inference_mode()
    def encode(self, rows: Rows) -> Tensor:
        """A vector of each text: (texts, size)."""
        owners = torch.repeat_interleave(torch.tensor([len(row) for row in rows]))
        return _means(self._states(rows, torch.zeros_like(owners)), owners)

    @torch.inference_mode()
    def encode_pairs(self, pairs: Sequence[tuple[Sequence[int], Sequence[int]]]) -> tuple[Tensor, Tensor]:
        """Two times (pairs, size): each pair's first text and its second."""
        owners = torch.repeat_interleave(torch.tensor([len(text) for pair in pairs for text in pair]))
        rows = [[*first, *second] for first, second in pairs]
        states = self._states(rows, owners % SEGMENTS)
        said, heard = _means(states, owners).view(len(pairs), SEGMENTS, -1).unbind(dim=1)
        return said, heard

    def _states(self, rows: Rows, kinds: Tensor) -> Tensor:
        """(tokens, size): behind the last layer."""
        lengths = [len(row) for row in rows]
        states = self._first_norm(self._embedded(rows, kinds))
        for layer in self._layers:
            mixed = self._attended(_in_steps(layer.asked, states), lengths)
            states = _in_steps(partial(_rest, layer), states, mixed)
        return states

    def _embedded(self, rows: Rows, kinds: Tensor) -> Tensor:
        ids = torch.tensor([each for row in rows for each in row])
        places = torch.tensor([place for row in rows for place in range(len(row))])
        tables = self._tables
        words: Tensor = tables.word_embeddings.weight[ids]
        words += tables.token_type_embeddings.weight[kinds]
        words += tables.position_embeddings.weight[places]
        return words

    def _attended(self, asked: Tensor, lengths: Sequence[int]) -> Tensor:
        """Attention within each text: (tokens, 3 x size) -> (tokens, size)."""
        mixed = asked.new_empty(len(asked), asked.shape[1] // 3)
        for some, length in _of_one_length(lengths):
            split = asked[some].view(-1, length, 3, self._heads, mixed.shape[1] // self._heads)
            queries, keys, values = split.permute(
                2, 0, 3, 1, 4
            )  # (texts, heads, tokens, size of a head) each
            heads = functional.scaled_dot_product_attention(queries, keys, values)
            mixed[some].view(split.shape[:2] + split.shape[3:]).copy_(heads.transpose(1, 2))
        return mixed


def _layer(layer: Any, linear: Callable[[Tensor, Tensor], Linear]) -> _Layer:
    attention, between = layer.attention.self, layer.attention.output
    three = attention.query, attention.key, attention.value
    weights = torch.cat([each.weight.detach() for each in three])
    biases = torch.cat([each.bias.detach() for each in three])
    return _Layer(
        asked=linear(weights, biases),
        mixed=linear(*_of(between.dense)),
        mixed_norm=_norm(between.LayerNorm),
        wide=linear(*_of(layer.intermediate.dense)),
        narrow=linear(*_of(layer.output.dense)),
        narrow_norm=_norm(layer.output.LayerNorm),
    )


def _rest(layer: _Layer, states: Tensor, mixed: Tensor) -> Tensor:
    """What a layer does behind attention: (tokens, size) twice -> (tokens, size)."""
    between = layer.mixed_norm(states + layer.mixed(mixed))
    return layer.narrow_norm(between + layer.narrow(functional.gelu(layer.wide(between))))


def _linear(weight: Tensor, bias: Tensor) -> Linear:
    return partial(functional.linear, weight=weight, bias=bias)


def _in_bf16(weight: Tensor, bias: Tensor) -> Linear:
    """Takes fp32 or bf16, and gives bf16."""
    small = _linear(weight.bfloat16(), bias.bfloat16())

    def quick(states: Tensor) -> Tensor:
        room = -len(states) % _ROWS
        return small(functional.pad(states.bfloat16(), (0, 0, 0, room)))[: len(states)]

    return quick


def _norm(norm: Any) -> Linear:
    weight, bias = _of(norm)
    return partial(
        functional.layer_norm, normalized_shape=weight.shape, weight=weight, bias=bias, eps=norm.eps
    )


def _of(module: Any) -> tuple[Tensor, Tensor]:
    return module.weight.detach(), module.bias.detach()


def _in_steps(work: Callable[..., Tensor], *flat: Tensor) -> Tensor:
    """The work on a few rows of these at a time."""
    parts = [torch.split(each, AT_ONCE) for each in flat]
    return torch.cat([work(*some) for some in zip(*parts, strict=True)])


def _of_one_length(lengths: Sequence[int]) -> Iterator[tuple[slice, int]]:
    """The tokens of texts of one length that stand side by side, and that length."""
    start = 0
    for length, some in groupby(lengths):
        end = start + length * sum(1 for _ in some)
        yield slice(start, end), length
        start = end


def _means(states: Tensor, owners: Tensor) -> Tensor:
    """(tokens, size) -> (texts, size): the mean of each text's tokens; `owners`: whose each token is."""
    counts = torch.bincount(owners)
    sums = states.new_zeros(len(counts), states.shape[1]).index_add_(0, owners, states)
    return scaled(sums / counts[:, None])
