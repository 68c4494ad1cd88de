"""Sentences for people that are put together later: in English for a log, in their language for a reader.

Reads:  a sentence with named places, and what stands in them.
Gives:  `Said`, which can be kept and handed on; its English is `str` of it.
Refrains from translating: whoever shows a sentence does (`bot.wording.language.explained`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


def sentence(english: str) -> str:
    """A sentence that people read, which is collected from here to be translated (`make messages`)."""
    return english


@dataclass(frozen=True)
class Said:
    """A sentence of ours, such as "{count} are possible.", and what stands in its places."""

    sentence: str
    places: "Mapping[str, int | str | Said]" = field(default_factory=dict)

    def __str__(self) -> str:
        return in_english(self.sentence, self.places)


def in_a_row(some: Sequence[Said]) -> Said:
    """All of them, with commas between them."""
    places = {f"item_{at}": each for at, each in enumerate(some)}
    return Said(", ".join(f"{{{name}}}" for name in places), places)


def in_english(sentence: str, places: Mapping[str, object]) -> str:
    """The sentence with its places filled in: numbers, words, other sentences, or a list, a line each."""
    # By the methods of `str`: what translates itself says it in English here.
    if not places:
        return str.__str__(sentence)
    return str.format(sentence, **{name: _shown(each) for name, each in places.items()})


def _shown(place: object) -> object:
    if isinstance(place, list):
        return "\n".join(map(str, place))
    return f"{place:,}" if isinstance(place, int) else place
