"""The head of a GGUF file: what a model says of itself before its weights.

Reads:  the beginning of the file; weights and the words of the vocabulary are passed over.
Gives:  a `GgufHeader`, or `NotGgufError` with one sentence.
Refrains from loading anything.
Source: the specification at github.com/ggml-org/ggml, docs/gguf.md (versions 2 and 3, little-endian).
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from engine.errors import ModelFileError

MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_STRING, _ARRAY = 8, 9
_FORMS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_MOST_KEPT = 4_096
"""Longest array that is kept: lists with a value per layer are, vocabularies are not."""
_LONGEST_STRING = 2**24
_BYTES_PER_VALUE = 2  # llama.cpp keeps what it has read in 16 bits, unless told otherwise


class NotGgufError(ModelFileError):
    """A file is no GGUF file, or one of a kind that cannot be used."""


@dataclass(frozen=True)
class GgufHeader:
    """What a file says of its model.

    window:         tokens that it was trained to read and write together; 0 where it does not say.
    chats:          whether it brings a chat template, as models that follow instructions do.
    bytes_per_token: of memory that each token of the window takes, in each slot; 0 where that is unknown.
    parts:          files that the model is spread over.
    """

    architecture: str
    window: int
    chats: bool
    bytes_per_token: int
    parts: int = 1


def read_header(path: Path) -> GgufHeader:
    """Read the head of a GGUF file.

    Raises:
        NotGgufError: it is no such file, or ends too early.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise NotGgufError(f"{path} is no GGUF file. Name a file that ends in .gguf, made for llama.cpp.")
        try:
            return _header(_fields(file))
        except (struct.error, UnicodeDecodeError, KeyError, TypeError, EOFError) as error:
            raise NotGgufError(
                f"{path} is damaged, or a GGUF file of a kind that Accord does not know. Fetch it again."
            ) from error


def _fields(file: BinaryIO) -> dict[str, Any]:
    if _value(file, 4) not in _VERSIONS:
        raise EOFError
    _value(file, 10)  # how many tensors there are
    fields = {}
    for _ in range(_value(file, 10)):
        name = _string(file)
        fields[name] = _value(file, _value(file, 4))
    return fields


def _value(file: BinaryIO, kind: int) -> Any:
    if kind == _STRING:
        return _string(file)
    if kind == _ARRAY:
        return _array(file)
    form = "<" + _FORMS[kind]
    return struct.unpack(form, file.read(struct.calcsize(form)))[0]


def _string(file: BinaryIO) -> str:
    length = _value(file, 10)
    if length > _LONGEST_STRING or len(data := file.read(length)) < length:
        raise EOFError
    return data.decode("utf-8", "replace")


def _array(file: BinaryIO) -> list[Any]:
    """The values of an array, or none of one that is long."""
    kind, length = _value(file, 4), _value(file, 10)
    if length <= _MOST_KEPT:
        return [_value(file, kind) for _ in range(length)]
    if kind in (_STRING, _ARRAY):
        for _ in range(length):
            _value(file, kind)
    else:
        file.seek(length * struct.calcsize("<" + _FORMS[kind]), 1)
    return []


def _header(fields: Mapping[str, Any]) -> GgufHeader:
    architecture = str(fields["general.architecture"])
    return GgufHeader(
        architecture=architecture,
        window=int(fields.get(f"{architecture}.context_length") or 0),
        chats=bool(fields.get("tokenizer.chat_template")),
        bytes_per_token=_bytes_per_token(fields, architecture),
        parts=int(fields.get("split.count") or 1),
    )


def _bytes_per_token(fields: Mapping[str, Any], architecture: str) -> int:
    """Keys and values of all layers; an upper bound where some layers read only the latest tokens."""
    layers = int(fields.get(f"{architecture}.block_count") or 0)
    heads = fields.get(f"{architecture}.attention.head_count") or 1
    kept = fields.get(f"{architecture}.attention.head_count_kv") or heads
    size = int(fields.get(f"{architecture}.embedding_length") or 0) // max(1, _most(heads))
    key = int(fields.get(f"{architecture}.attention.key_length") or size)
    value = int(fields.get(f"{architecture}.attention.value_length") or size)
    all_heads = sum(kept) if isinstance(kept, list) else layers * int(kept)
    return all_heads * (key + value) * _BYTES_PER_VALUE


def _most(count: Any) -> int:
    return max(count) if isinstance(count, list) else int(count)
