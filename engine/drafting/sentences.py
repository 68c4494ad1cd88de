"""Words and sentences as drafting sees them: how long a text is, and a sentence made fit to stand by itself.

Reads:  texts of any language.
Gives:  a length in words; a sentence with a capital and an ending.
Refrains from changing words.
"""

import re

from engine.text import EMOJI, normalised, words

_ENDS = re.compile("[.!?…。！？｡؟۔।॥።][\"'”’»)\\]}」』]*$")
_PICTURES = re.compile(rf"(?:\s*+[{EMOJI}]++)*$")
_LOOSE_END = re.compile(r"[\s,;:、，；：–—-]+$")
_FULL_STOPS = (
    (re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]$"), "。"),
    (re.compile("[\u0900-\u097f]$"), "।"),
    (re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]$"), ""),  # scripts that end sentences with a space
    (re.compile(r"\w$"), "."),
)


def polished(sentence: str) -> str:
    """The sentence with a capital at its head and an ending, in the manner of its script."""
    pictures = _PICTURES.search(sentence)
    if pictures and pictures.group():
        return polished(sentence[: pictures.start()]) + pictures.group()
    sentence = _LOOSE_END.sub("", sentence)
    if not sentence:
        return sentence
    head, capital = sentence[:1], sentence[:1].upper()
    if len(capital) == 1 and not sentence[1:2].isupper() and "://" not in sentence.split()[0]:
        sentence = capital + sentence[len(head) :]
    if _ENDS.search(sentence):
        return sentence
    return sentence + next((stop for last, stop in _FULL_STOPS if last.search(sentence)), "")


def length_of(text: str) -> int:
    """Words, where two characters of a script without spaces count as one."""
    return max(len(text.split()), len(words(normalised(text))) // 2)
