"""The two towers as a torch module: one shared encoder, and a head that reads two vectors together.

Reads:  token ids of "Question: … Opinion: …" and of "Question: … Consensus: …", or of both in one row.
Gives:  vectors, and raw scores (no unit; higher is more agreement) of every opinion with every candidate.
Refrains from text, files and calibration.

M opinions and N candidates cost M + N passes through the encoder; only the head sees M x N pairs.
`JointTowers` can also read each pair in one pass, so that every word of the opinion meets every word of the
candidate; that takes M x N passes, and a head of its own.
Source of the head's features [u, v, |u - v|, u * v]: Conneau et al. 2017, "Supervised learning of universal
sentence representations from natural language inference data".
"""

import math
from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

FEATURES = 4  # u, v, |u - v|, u * v
SEGMENTS = 2  # texts in one row
MIB = 2**20


class Head(nn.Module):
    """Scores every pair of two sets of vectors; `hidden` units between features and score."""

    def __init__(self, size: int, hidden: int) -> None:
        super().__init__()
        self.inner = nn.Linear(FEATURES * size, hidden)
        self.outer = nn.Linear(hidden, 1)
        self.skip = nn.Parameter(torch.tensor(1.0))  # weight of the plain cosine

    def forward(self, opinions: Tensor, candidates: Tensor) -> Tensor:
        """(m, size) and (n, size) -> raw scores (m, n).

        The first layer is applied feature by feature, so that those of one vector alone are computed
        m + n times and not m x n times.
        """
        of_u, of_v, of_gap, of_product = self.inner.weight.chunk(FEATURES, dim=1)  # (hidden, size) each
        u, v = opinions[:, None, :], candidates[None, :, :]  # (m, 1, size), (1, n, size)
        alone = (opinions @ of_u.T)[:, None, :] + (candidates @ of_v.T)[None, :, :]  # (m, n, hidden)
        together = (u - v).abs() @ of_gap.T + (u * v) @ of_product.T  # (m, n, hidden)
        scores = self.outer(nn.functional.gelu(alone + together + self.inner.bias)).squeeze(-1)  # (m, n)
        cosine = opinions @ candidates.T / opinions.shape[-1]  # vectors have length sqrt(size)
        total: Tensor = scores + self.skip * cosine
        return total

    def of_pairs(self, opinions: Tensor, candidates: Tensor) -> Tensor:
        """(pairs, size) twice -> raw scores (pairs,): each opinion with the candidate at the same place."""
        gap, product = (opinions - candidates).abs(), opinions * candidates
        features = torch.cat([opinions, candidates, gap, product], dim=-1)  # (pairs, 4 x size)
        scores = self.outer(nn.functional.gelu(self.inner(features))).squeeze(-1)
        total: Tensor = scores + self.skip * product.sum(dim=-1) / product.shape[-1]
        return total

    def in_blocks(self, opinions: Tensor, candidates: Tensor, *, memory_mib: int) -> Tensor:
        """The same scores with the pairs' features held to about `memory_mib` at a time."""
        floats_per_row = candidates.shape[0] * (3 * opinions.shape[1] + 2 * self.outer.in_features)
        rows = max(1, memory_mib * MIB // (4 * floats_per_row))
        return torch.cat([self(block, candidates) for block in torch.split(opinions, rows)])


class Towers(nn.Module):
    """The shared encoder with its head.

    encoder: configuration of a transformers encoder, as in its own config.json.
    hidden:  size of the head's inner layer.
    """

    def __init__(self, encoder: dict[str, Any], hidden: int) -> None:
        super().__init__()
        settings = {key: value for key, value in encoder.items() if key != "model_type"}
        config = AutoConfig.for_model(encoder["model_type"], **settings)
        self.encoder: Any = AutoModel.from_config(config, **_without_pooler(encoder))  # type: ignore[no-untyped-call]
        self.head = Head(config.hidden_size, hidden)

    def start_from(self, towers: "Towers") -> None:
        """Take over the weights of encoder and head."""
        self.encoder.load_state_dict(towers.encoder.state_dict())
        self.head.load_state_dict(towers.head.state_dict())

    def encode(self, ids: Tensor, mask: Tensor) -> Tensor:
        """(texts, tokens) -> (texts, size) in fp32: the mean over tokens, scaled to length sqrt(size)."""
        return _mean(self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state, mask)


class JointTowers(Towers):
    """Towers that can also read opinion and candidate together, with a head of its own for that.

    The second head starts as a copy of the first.

    Raises:
        ValueError: the encoder cannot tell two texts in one row apart.
    """

    def __init__(self, encoder: dict[str, Any], hidden: int) -> None:
        super().__init__(encoder, hidden)
        if getattr(self.encoder.config, "type_vocab_size", 0) < SEGMENTS:
            raise ValueError(
                f"an encoder of type {encoder['model_type']} has no token types, so it cannot tell an "
                "opinion from the statement beside it; take a BERT"
            )
        self.together = deepcopy(self.head)

    def start_from(self, towers: Towers) -> None:
        """Take over all weights; from towers that only read apart both heads start as theirs."""
        super().start_from(towers)
        second = towers.together if isinstance(towers, JointTowers) else towers.head
        self.together.load_state_dict(second.state_dict())

    def encode_pairs(self, ids: Tensor, mask: Tensor, kinds: Tensor) -> tuple[Tensor, Tensor]:
        """(pairs, tokens) -> two times (pairs, size) in fp32, as `encode`: each row's first text, and second.

        kinds: 0 for tokens of question and opinion, 1 for those of the candidate; marks belong to the text
        before them.
        """
        found = self.encoder(input_ids=ids, attention_mask=mask, token_type_ids=kinds)
        states, second = found.last_hidden_state, mask * kinds
        return _mean(states, mask - second), _mean(states, second)


def _mean(states: Tensor, weights: Tensor) -> Tensor:
    """The mean of (texts, tokens, size) over the tokens that count, scaled to length sqrt(size), in fp32."""
    counts = weights[:, :, None].float()
    return scaled((states.float() * counts).sum(dim=1) / counts.sum(dim=1))


def scaled(vectors: Tensor) -> Tensor:
    """Vectors of (…, size) numbers, made sqrt(size) long, as heads read them."""
    return nn.functional.normalize(vectors, dim=-1) * math.sqrt(vectors.shape[-1])


def _without_pooler(encoder: dict[str, Any]) -> dict[str, Any]:
    """BERT's pooler is never used here; its weights need not be shipped."""
    return {"add_pooling_layer": False} if encoder["model_type"] == "bert" else {}
