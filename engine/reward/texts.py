"""Text to token ids, in the words of the paper: "Question: … Opinion: … Consensus: …".

Reads:  strings, and the tokenizer of the checkpoint.
Gives:  token ids within the model's limit, and batches of texts of like length; the lines themselves for a
        library that tokenizes on its own.
Refrains from torch models: only the padded tensors are torch's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from tokenizers import Tokenizer
from torch import Tensor

from engine.errors import ScoringError
from engine.prompts import quoted
from engine.reward.model_info.families import PairTokens, rounded

Tower = Literal["Opinion", "Consensus"]
RowPair = tuple[list[int], list[int]]
"""Token ids of two texts that are read in one row."""
READING = 1
"""Goes up with every change of how `Reader` makes ids of a text (`line` and `quoted` included): vectors that
were kept before such a change are then encoded anew."""
QUESTION_SHARE = 0.5
"""Of the tokens at most, so that a long question never pushes the opinion out."""
PART_SHARE = 0.25
"""Of all tokens of a pair at most: for the question, and again for the candidate."""

TOKENIZED = 64
"""Texts at once: of each the tokenizer makes much more than ids, which is not to add up over many people."""


def line(label: Literal["Question"] | Tower, text: str) -> str:
    """One part of the input, in which nothing can pass for another part; parts have a space between."""
    return f"{label}: {quoted(text)}"


def once(texts: Sequence[str]) -> tuple[list[str], list[int]]:
    """Every text once, and where among those each of the given ones is."""
    places = {text: at for at, text in enumerate(dict.fromkeys(texts))}
    return list(places), [places[text] for text in texts]


class Reader:
    """Makes token ids; texts longer than `max_tokens` are cut at their end.

    Raises:
        ValueError: the tokenizer lacks the start and end marks.
    """

    def __init__(self, tokenizer: Tokenizer, max_tokens: int) -> None:
        self._tokenizer = _whole(tokenizer)
        self._max_tokens = max_tokens
        self._start, self._end = _start_and_end(tokenizer)

    def read(self, question: str, tower: Tower, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of "Question: {question} {tower}: {text}" for each text, marks included."""
        room = self._max_tokens - 2
        asked = _ids(self._tokenizer, [line("Question", question)])[0][: int(room * QUESTION_SHARE)]
        told = _ids(self._tokenizer, [line(tower, text) for text in texts])
        return [[self._start, *asked, *ids[: room - len(asked)], self._end] for ids in told]


@dataclass(frozen=True)
class Pairs:
    """Every opinion with every candidate, opinion by opinion, each text held once.

    firsts:  ids of "[CLS] Question: … Opinion: … [SEP]"; seconds: of "Consensus: … [SEP]".
    """

    firsts: list[list[int]]
    seconds: list[list[int]]

    def batches(self, tokens: int) -> Iterator[list[int]]:
        """Places of pairs of like length, the longest first: one, or as many as `tokens` has room for."""
        wide = len(self.seconds)
        lengths = [len(first) + len(second) for first in self.firsts for second in self.seconds]
        order = sorted(range(len(self.firsts) * wide), key=lambda at: -lengths[at])
        start = 0
        while start < len(order):
            fit = max(1, tokens // rounded(lengths[order[start]]))
            yield order[start : start + fit]
            start += fit

    def at(self, places: Sequence[int]) -> list[RowPair]:
        """The pairs at these places."""
        wide = len(self.seconds)
        return [(self.firsts[at // wide], self.seconds[at % wide]) for at in places]

    def padded(self, some: Sequence[int]) -> tuple[Tensor, Tensor, Tensor]:
        """The pairs at these places, as `padded_pairs`."""
        return padded_pairs(self.at(some))


class PairReader:
    """Makes token ids of opinion and candidate in one row, for an encoder with token types.

    Each part is cut by a limit of its own, so that a pair scores the same in any company.

    Raises:
        ValueError: the tokenizer lacks the start and end marks.
    """

    def __init__(self, tokenizer: Tokenizer, limits: PairTokens) -> None:
        self._tokenizer = _whole(tokenizer)
        self._limits = limits
        self._start, self._end = _start_and_end(tokenizer)

    def read(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Pairs:
        """Token ids of all pairs; where there is no question, the opinion stands alone."""
        limits = self._limits
        asked = self._cut([line("Question", question)] if question else [], limits.question)
        before = [self._start, *(asked[0] if asked else [])]
        told = self._cut([line("Opinion", opinion) for opinion in opinions], limits.opinion)
        said = self._cut([line("Consensus", candidate) for candidate in candidates], limits.statement)
        return Pairs([[*before, *ids, self._end] for ids in told], [[*ids, self._end] for ids in said])

    def _cut(self, texts: Sequence[str], most: int) -> list[list[int]]:
        return [ids[:most] for ids in _ids(self._tokenizer, texts)]


class PrefixReader:
    """Makes token ids for a causal model: question and opinion as a prefix, the candidate as what follows.

    Each part is tokenized by itself, so it has the same tokens whatever stands beside it, and is cut at its
    end by a limit of its own, so a pair scores the same in any company.
    """

    def __init__(self, tokenizer: Any, max_tokens: int) -> None:
        """`tokenizer`: of transformers; the marks that it puts around a text are kept."""
        self._tokenizer = tokenizer
        self._before, self._after = _marks(tokenizer)
        self._room = max_tokens - len(self._before) - len(self._after)
        self._part = int(self._room * PART_SHARE)

    def prefixes(self, question: str, opinions: Sequence[str]) -> list[list[int]]:
        """Token ids of "Question: {question} Opinion: {opinion}" for each opinion."""
        asked = [*self._before, *self._ids([line("Question", question)], self._part)[0]]
        room = self._room + len(self._before) - len(asked) - self._part
        told = self._ids([f" {line('Opinion', opinion)}" for opinion in opinions], room)
        return [[*asked, *ids] for ids in told]

    def endings(self, candidates: Sequence[str]) -> list[list[int]]:
        """Token ids of " Consensus: {candidate}" for each candidate."""
        said = self._ids([f" {line('Consensus', candidate)}" for candidate in candidates], self._part)
        return [[*ids, *self._after] for ids in said]

    def _ids(self, texts: Sequence[str], room: int) -> list[list[int]]:
        rows: list[list[int]] = []
        for some in _few(texts):
            rows += self._tokenizer(
                some, add_special_tokens=False, truncation=True, max_length=room
            ).input_ids
        if not all(rows):
            raise ScoringError(
                "the tokenizer finds no token in a text that is not empty; it is not the model's"
            )
        return rows


def _whole(tokenizer: Tokenizer) -> Tokenizer:
    """The tokenizer, set to leave texts as long as they are."""
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _start_and_end(tokenizer: Tokenizer) -> tuple[int, int]:
    start, end = tokenizer.token_to_id("[CLS]"), tokenizer.token_to_id("[SEP]")
    if start is None or end is None:
        raise ValueError("the tokenizer has no [CLS] and [SEP]")
    return start, end


def _ids(tokenizer: Tokenizer, texts: Sequence[str]) -> list[list[int]]:
    return [
        each.ids for some in _few(texts) for each in tokenizer.encode_batch(some, add_special_tokens=False)
    ]


def _few(texts: Sequence[str]) -> Iterator[list[str]]:
    return (list(texts[at : at + TOKENIZED]) for at in range(0, len(texts), TOKENIZED))


def _marks(tokenizer: Any) -> tuple[list[int], list[int]]:
    """What the tokenizer puts before and after a text."""
    bare, whole = tokenizer("a", add_special_tokens=False).input_ids, tokenizer("a").input_ids
    for start in range(len(whole) - len(bare) + 1):
        if whole[start : start + len(bare)] == bare:
            return whole[:start], whole[start + len(bare) :]
    return [], []


def cut_question(tokenizer: Any, question: str, max_tokens: int) -> str:
    """The question of a pair of texts, its end cut off where it would push the opinion out."""
    room = int(max_tokens * QUESTION_SHARE / 2)  # of the half that question and opinion may count on
    ids = tokenizer(question, add_special_tokens=False, return_offsets_mapping=True)
    ends = [end for _, end in ids["offset_mapping"]]
    return question[: ends[room - 1]] if len(ends) > room else question


def batches(rows: Sequence[Sequence[int]], size: int) -> Iterator[list[int]]:
    """Indices of rows of like length, at most `size` together, the longest first."""
    order = sorted(range(len(rows)), key=lambda row: -len(rows[row]))
    for start in range(0, len(order), size):
        yield order[start : start + size]


def padded(rows: Sequence[Sequence[int]], *, longest: int | None = None) -> tuple[Tensor, Tensor]:
    """Ids and mask, each (rows, tokens), by default of the longest row; the padding is id 0 and masked."""
    longest = longest or max(len(row) for row in rows)
    ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows])
    lengths = torch.tensor([len(row) for row in rows])
    return ids, (torch.arange(longest)[None, :] < lengths[:, None]).long()


def padded_pairs(pairs: Sequence[RowPair]) -> tuple[Tensor, Tensor, Tensor]:
    """Ids, mask and kinds, each (pairs, tokens); a kind is 0 for a row's first text and 1 for its second."""
    longest = rounded(max(len(first) + len(second) for first, second in pairs))
    ids, mask = padded([first + second for first, second in pairs], longest=longest)
    begins = torch.tensor([len(first) for first, _ in pairs])
    return ids, mask, (torch.arange(longest)[None, :] >= begins[:, None]).long() * mask
