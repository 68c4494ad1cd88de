"""Which words of a text were kept, removed and added.

Reads:  two texts, the one before and the one after.
Gives:  `Span`s in reading order, which screens draw as they like: those kept and added make up the text
        after, those kept and removed the text before, apart from spaces.
Refrains from words of its own, and from any markup.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff"
"""Scripts without spaces between words: there each character is compared by itself."""
_WORD = re.compile(rf"[{_UNSPACED}]\s*|[^\s{_UNSPACED}]+\s*")


class Kind(StrEnum):
    """What became of some words."""

    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True)
class Span:
    """Words in a row that have the same fate, with the space after each."""

    kind: Kind
    text: str


def word_diff(before: str, after: str) -> tuple[Span, ...]:
    """The spans of both texts; where words were replaced, those removed come first."""
    return tuple(span for span in _spans(_WORD.findall(before), _WORD.findall(after)) if span.text)


def _spans(old: list[str], new: list[str]) -> Iterator[Span]:
    keys = [word.rstrip() for word in old], [word.rstrip() for word in new]
    for fate, i, j, k, m in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if fate == "equal":
            yield Span(Kind.KEPT, "".join(new[k:m]))
        else:
            yield Span(Kind.REMOVED, "".join(old[i:j]))
            yield Span(Kind.ADDED, "".join(new[k:m]))
