"""Text to token ids for the two towers, in the words of the paper: "Question: … Opinion: … Consensus: …".

Reads:  strings, and the tokenizer of the checkpoint.
Gives:  token ids within the model's limit, and batches of texts of like length.
Refrains from torch models: only the padded tensors are torch's.
"""

from collections.abc import Iterator, Sequence
from typing import Literal

import torch
from tokenizers import Tokenizer
from torch import Tensor

Tower = Literal["Opinion", "Consensus"]
QUESTION_SHARE = 0.5
"""Of the tokens at most, so that a long question never pushes the opinion out."""


class Reader:
    """Makes token ids; texts longer than `max_tokens` are cut at their end.

    Raises:
        ValueError: the tokenizer lacks the start and end marks.
    """

    def __init__(self, tokenizer: Tokenizer, max_tokens: int) -> None:
        self._tokenizer = tokenizer
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._max_tokens = max_tokens
        start, end = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
        if start is None or end is None:
            raise ValueError("the tokenizer has no [CLS] and [SEP]")
        self._start, self._end = start, end

    def read(self, question: str, tower: Tower, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of "Question: {question} {tower}: {text}" for each text, marks included."""
        room = self._max_tokens - 2
        asked = self._ids([f"Question: {question}"])[0][: int(room * QUESTION_SHARE)]
        told = self._ids([f"{tower}: {text}" for text in texts])
        return [[self._start, *asked, *ids[: room - len(asked)], self._end] for ids in told]

    def _ids(self, texts: Sequence[str]) -> list[list[int]]:
        return [each.ids for each in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]


def batches(rows: Sequence[Sequence[int]], size: int) -> Iterator[list[int]]:
    """Indices of rows of like length, at most `size` together, the longest first."""
    order = sorted(range(len(rows)), key=lambda row: -len(rows[row]))
    for start in range(0, len(order), size):
        yield order[start : start + size]


def padded(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Ids and mask, each (rows, longest row); the padding is id 0 and masked."""
    longest = max(len(row) for row in rows)
    ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
    lengths = torch.tensor([len(row) for row in rows])
    return ids, (torch.arange(longest)[None, :] < lengths[:, None]).long()
