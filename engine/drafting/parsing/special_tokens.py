"""Special tokens: what a server should have kept to itself.

Reads:  a reply without its thoughts.
Gives:  the words of its first turn: no tokens that open, close or fill a turn, and nothing after its end.
Refrains from dropping a reply for them: a leading `<s>` says nothing about the words behind it.
"""

import re

from engine.drafting.parsing.marks import MARK, is_filling, is_thinking, is_turn, name_of

_BYTES = re.compile(r"(?:<0x[0-9A-Fa-f]{2}>)+")
_ROLE = re.compile(r"\A(?:assistant|model|chatbot|gpt|bot)(?:\s*\n|\Z)", re.IGNORECASE)
_SYS = re.compile(r"<</?SYS>>", re.IGNORECASE)
_SEVERAL = 3


def first_turn(text: str) -> str:
    """The first turn that says something, without special tokens."""
    text = MARK.sub(lambda mark: "" if is_filling(mark) else mark[0], _spelt_out(_SYS.sub("", text)))
    parts, at = [], 0
    for mark in MARK.finditer(text):
        if is_turn(mark) and not is_thinking(name_of(mark)):
            parts.append(text[at : mark.start()])
            at = mark.end()
    parts.append(text[at:])
    said = (_ROLE.sub("", part.strip()).strip() for part in parts)
    return next(filter(None, said), "")


def _spelt_out(text: str) -> str:
    """With the bytes, spaces and line breaks that tokenizers write in signs of their own."""
    text = _BYTES.sub(lambda run: _decoded(run[0]), text)
    if text.count("▁") >= _SEVERAL:
        text = text.replace("▁", " ")
    if text.count("Ġ") >= _SEVERAL:
        text = text.replace("Ġ", " ").replace("Ċ", "\n")
    return text


def _decoded(run: str) -> str:
    return bytes.fromhex(run.replace("<0x", "").replace(">", "")).decode(errors="replace")
