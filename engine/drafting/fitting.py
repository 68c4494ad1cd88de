"""Fitting: what each candidate is drafted from when the opinions do not all fit into the model's window.

Reads:  the briefs of one round, what each opinion costs in tokens, and the room for them in one prompt.
Gives:  for each brief the opinions to show, in its own order: all of them where they fit, otherwise a sample
        of its own, so that each opinion is read for some candidate.
Refrains from counting tokens and from I/O; equal briefs give equal readings.

Opinions are handed out like parcels, the largest first, each to the candidate with the most room; then each
candidate takes as many more as still fit, in its brief's order. When even that leaves some out, long opinions
are shortened to what all can be given, but not below `SHORTEST_EXCERPT`; beyond that some remain unread.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.errors import PromptRejectedError
from engine.types import Brief

SHORTEST_EXCERPT = 40
"""Tokens down to which opinions are shortened; less would say too little to be weighed."""
_PIECES = re.compile(r"\w+|[^\w\s]+")
_SURELY = 0.9  # some tokenizers have a token for two short words
_SHRINKING = 0.9
_CUT_SHORT = 0.9  # tokens are not spread evenly over the characters

Item = tuple[str, int]
"""An opinion: its text, and which of those with the same text it is."""


@dataclass(frozen=True)
class Reading:
    """What one candidate is drafted from, in the brief's order.

    places: where these opinions stand in `Brief.opinions`; shortened: those of them that were cut.
    """

    opinions: tuple[str, ...]
    places: tuple[int, ...]
    shortened: tuple[int, ...] = ()

    def is_all_of(self, brief: Brief) -> bool:
        """Whether nothing was left out or cut."""
        return self.opinions == brief.opinions


def guessed_tokens(text: str) -> int:
    """Tokens of a text by a careful guess, for servers that cannot count; for English a third too many."""
    encoded = text.encode()
    others = sum(byte > 127 for byte in encoded)
    return (len(encoded) - others) // 3 + others // 2 + 1


def least_tokens(text: str) -> int:
    """Tokens that a text surely has: nearly one for each word and mark; few of a script without spaces."""
    return int(len(_PIECES.findall(text)) * _SURELY)


def whole(brief: Brief) -> Reading:
    """The reading of a brief that fits."""
    return Reading(brief.opinions, tuple(range(len(brief.opinions))))


def fitted(briefs: Sequence[Brief], costs: Mapping[str, int], room: int) -> list[Reading]:
    """Choose what each brief's candidate is drafted from.

    Args:
        briefs: of one round, so that all hold the same opinions, each in its own order.
        costs: tokens of each opinion's line in the prompt, by the opinion's text.
        room: tokens that one prompt has for opinions.

    Returns:
        One reading per brief; none costs more than `room`.

    Raises:
        PromptRejectedError: there is no room for opinions at all.
    """
    if all(sum(costs[text] for text in brief.opinions) <= room for brief in briefs):
        return [whole(brief) for brief in briefs]
    if room < SHORTEST_EXCERPT:
        raise PromptRejectedError(
            "The prompt leaves no room for opinions in the model's window: a shorter question, "
            "ACCORD_PROMPT=zero-shot or a model with a larger window makes some."
        )
    longest = room
    while (shares := _handed_out(briefs, costs, room, longest)) is None:
        longest = max(int(longest * _SHRINKING), SHORTEST_EXCERPT)
    return [_reading(brief, share, costs, longest) for brief, share in zip(briefs, shares, strict=True)]


def _handed_out(
    briefs: Sequence[Brief], costs: Mapping[str, int], room: int, longest: int
) -> list[set[Item]] | None:
    """Each brief's share of the opinions, none costing more than `longest`; None when some are left over and
    could still be shortened."""
    free = [room] * len(briefs)
    shares: list[set[Item]] = [set() for _ in briefs]
    for item in sorted(_items(briefs[0].opinions), key=lambda item: -min(costs[item[0]], longest)):
        cost = min(costs[item[0]], longest)
        roomiest = max(range(len(briefs)), key=free.__getitem__)
        if cost <= free[roomiest]:
            shares[roomiest].add(item)
            free[roomiest] -= cost
        elif longest > SHORTEST_EXCERPT:
            return None
    for brief, share, left in zip(briefs, shares, free, strict=True):
        _fill_up(brief, share, left, costs, longest)
    return shares


def _fill_up(brief: Brief, share: set[Item], left: int, costs: Mapping[str, int], longest: int) -> None:
    """Add what still fits, in the brief's order."""
    for item in _items(brief.opinions):
        cost = min(costs[item[0]], longest)
        if item not in share and cost <= left:
            share.add(item)
            left -= cost


def _items(opinions: Sequence[str]) -> list[Item]:
    seen: Counter[str] = Counter()
    items = []
    for text in opinions:
        items.append((text, seen[text]))
        seen[text] += 1
    return items


def _reading(brief: Brief, share: set[Item], costs: Mapping[str, int], longest: int) -> Reading:
    places = [place for place, item in enumerate(_items(brief.opinions)) if item in share]
    texts = [brief.opinions[place] for place in places]
    return Reading(
        opinions=tuple(_cut(text, costs[text], longest) for text in texts),
        places=tuple(places),
        shortened=tuple(place for place in places if costs[brief.opinions[place]] > longest),
    )


def _cut(text: str, cost: int, longest: int) -> str:
    """The beginning of the text that costs about `longest` tokens, up to the end of a word where it has
    spaces."""
    if cost <= longest:
        return text
    beginning = text[: max(1, int(len(text) * longest / cost * _CUT_SHORT))]
    at_space = beginning.rfind(" ")
    return (beginning[:at_space] if at_space > len(beginning) // 2 else beginning).rstrip() + " …"
