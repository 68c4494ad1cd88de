"""Listing: the models that a server has, and which of them write.

Reads:  the answer of `/models`, as the servers of OpenAI's API give it.
Gives:  each model with its window, where that is told, and whether it writes text at all.
Refrains from guessing windows, and from passing over a model that an operator names.

A model that makes vectors, ranks, listens, speaks or paints is known by what the server says of it, else by
its name; one that is not known for that is taken to write.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_WINDOWS = ("max_model_len", "context_length", "context_window", "max_context_length", "n_ctx")
_SAYS = ("type", "task", "pipeline_tag", "model_type", "mode", "capability")
_OTHER_WORK = re.compile(
    r"embed|rerank|rank(?:er|ing)\b|similarity|moderation|whisper|transcri|speech|\btts\b|audio|\bstt\b"
    r"|image|dall-?e|diffusion|\bflux\b|feature-extraction|classif|\bclip\b",
    re.IGNORECASE,
)
_OTHER_NAMES = re.compile(
    r"(?:^|[/:_-])(?:bge|e5|gte|minilm|mpnet|sbert|colbert|voyage|arctic-embed|sora|veo|imagen)(?:[-_:.\d]|$)",
    re.IGNORECASE,
)
_WRITING = ("chat", "llm", "vlm", "completion", "text-generation", "language", "text2text")


@dataclass(frozen=True)
class Listed:
    """A model of a server. window: tokens of prompt and reply together; None where the server tells none."""

    window: int | None
    writes: bool


def models_in(answer: Any) -> dict[str, Listed]:
    """The models in an answer, in its order; TypeError or LookupError where there are none in it.

    TGI's own description promises its one model without a list around it; its router sends a list.
    """
    entries = answer if isinstance(answer, list) else [answer] if "id" in answer else answer["data"]
    return {str(entry["id"]): Listed(_window(entry), _writes(entry)) for entry in entries}


def _window(entry: Mapping[str, Any]) -> int | None:
    """The window in an entry, wherever this kind of server puts it."""
    for place in (entry, entry.get("meta") or {}):
        for name in _WINDOWS:
            if isinstance(size := place.get(name), int) and size > 0:
                return size
    return None


def _writes(entry: Mapping[str, Any]) -> bool:
    able = entry.get("capabilities")
    if isinstance(able, Mapping) and isinstance(able.get("completion_chat"), bool):
        return bool(able["completion_chat"])
    said = " ".join(str(entry[name]) for name in _SAYS if isinstance(entry.get(name), str))
    said += " " + " ".join(map(str, able)) if isinstance(able, list) else ""
    if any(word in said.lower() for word in _WRITING):
        return True
    name = str(entry["id"])
    return not (_OTHER_WORK.search(said) or _OTHER_WORK.search(name) or _OTHER_NAMES.search(name))
