"""Whether two names look alike, so that nobody passes for somebody else by how they type a name.

Two names are alike when they share one of their `shapes`: by these a store finds a name, instead of comparing
it with every other.

Case, spaces, punctuation, what is not drawn at all, and accents on Latin, Greek and Cyrillic letters do not
count, nor do letters that are drawn like others: Greek and Cyrillic ones, digits, `rn` for `m`. A letter may
look like one and mean another (a Greek capital Ν is drawn as N, its small ν as v), so names are compared by
how they are drawn and by what their letters mean.
Made to refuse: names that really differ may count as alike, which costs their bearer another spelling.
"""

import unicodedata
from enum import StrEnum

# Capital by capital and small by small: how letters are drawn.
_DRAWN = str.maketrans(
    "АВЕЅІЈКМНОРСТУХԌԚԜабсԁеѕіјӏорԛԝухѵгпитқɡΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβγεικνορτυχωøØłŁđĐðħıɩ",
    "ABESIJKMHOPCTYXGQWabcdesijlopqwyxvrnutkgABEZHIKMNOPTYXaByeiKvoptuxwoOlLdDdhii",
)
# After all became small: what they mean.
_MEANT = str.maketrans("авекмнорстухіјѕαβεζηικμνορτυχøłđðħı", "abekmhopctyxijsabezhikmnoptyxolddhi")
_SHAPES = str.maketrans(
    {"l": "i", "1": "i", "|": "i", "0": "o", "3": "e", "4": "a", "@": "a", "5": "s", "$": "s"}
    | {"æ": "ae", "œ": "oe"}
)
_PAIRS = (("rn", "m"), ("vv", "w"))
# Letters and marks that take no ink.
_UNSEEN = {0x115F, 0x1160, *range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
# Latin, Greek and Cyrillic, whose marks are accents. In other scripts they are vowels, or other letters.
_ACCENTED_BELOW = 0x0530


class Signing(StrEnum):
    """How the writer of an opinion came by their name, and so whether it may be like another's.

    AS_KNOWN: the platform knows its people, and two of them may have one name; nobody's is compared.
    BY_LINK: it was given with a personal link. It is theirs, even where somebody answered under it before.
    TYPED: refused where somebody else answered under one that looks alike.
    """

    AS_KNOWN = "as-known"
    BY_LINK = "by-link"
    TYPED = "typed"


def look_alike(one: str, other: str) -> bool:
    """Whether somebody could take one name for the other."""
    return not shapes(one).isdisjoint(shapes(other))


def shapes(name: str) -> frozenset[str]:
    """What a name comes down to: how it is drawn, and what its letters mean."""
    plain = _without_accents(unicodedata.normalize("NFKD", name))
    return frozenset(
        (
            _skeleton(plain.translate(_DRAWN).casefold()),
            _skeleton(plain.casefold().translate(_MEANT)),
        )
    )


def _without_accents(decomposed: str) -> str:
    kept = []
    accented = True
    for letter in decomposed:
        is_mark = unicodedata.category(letter)[0] == "M"
        if not is_mark:
            accented = ord(letter) < _ACCENTED_BELOW
        if ord(letter) not in _UNSEEN and not (is_mark and accented):
            kept.append(letter)
    return "".join(kept)


def _skeleton(letters: str) -> str:
    letters = letters.translate(_SHAPES)
    for pair, shape in _PAIRS:
        letters = letters.replace(pair, shape)
    bare = "".join(c for c in letters if unicodedata.category(c)[0] in "LMN")
    # A name of signs alone is all that there is to compare.
    return bare or letters
