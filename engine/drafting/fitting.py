"""Fitting: what each candidate is drafted from when the opinions do not all fit into the model's window.

Reads:  the briefs of one round, what each opinion costs in tokens, and the room for them in one prompt.
Gives:  for each brief the opinions to show, in its own order: all of them where they fit, otherwise a hand of
        them, so that each opinion is read for some candidate.
Refrains from counting tokens and from I/O; equal briefs give equal readings.

Opinions are dealt like cards. They lie in an order that chance and their kinds decide and that has nothing to
do with their length: from the top, each part of it holds each kind in proportion. First every candidate gets
an opinion of each kind; then the rest goes round, each to the candidate with the most room. When a card has
no room, long opinions are shortened to what all can be given, but not below `SHORTEST_EXCERPT`; then dealing
ends, and what lies below is not read. Room that is left when all have been dealt goes to more opinions,
those that were read for the fewest candidates first. Critiques of a previous statement are dealt too, as a
kind of their own, so that each candidate is drafted from some of them.

Whoever can draft for parts of a group first has them from `parted`, which leaves no opinion out.

Where a hand for each order of the opinions is enough to read all of them whole, the candidates of an order
share it: the server then reads their prompt once.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf

from engine.errors import PromptRejectedError
from engine.types import Brief, Revision

SHORTEST_EXCERPT = 40
"""Tokens down to which opinions are shortened; less would say too little to be weighed."""
_ASCII = bytes(range(128))
_PIECES = re.compile(r"\w+|[^\w\s]+")
_SURELY = 0.9  # some tokenizers have a token for two short words
_SHRINKING = 0.9
_CUT_SHORT = 0.9  # tokens are not spread evenly over the characters

Item = tuple[str, int]
"""An opinion: its text, and which of those with the same text it is."""


@dataclass(frozen=True)
class Reading:
    """What one candidate is drafted from, in the brief's order.

    places: where these opinions and critiques stand in `Brief.lines`; shortened: those of them that were cut.
    revision: the statement of a further round, and the critiques that are shown.
    """

    opinions: tuple[str, ...]
    places: tuple[int, ...]
    shortened: tuple[int, ...] = ()
    revision: Revision | None = None

    def is_all_of(self, brief: Brief) -> bool:
        """Whether nothing was left out or cut."""
        return self.opinions == brief.opinions and self.revision == brief.revision


def guessed_tokens(text: str) -> int:
    """Tokens of a text by a careful guess, for servers that cannot count; for English a third too many."""
    encoded = text.encode()
    others = len(encoded.translate(None, _ASCII))
    return (len(encoded) - others) // 3 + others // 2 + 1


def least_tokens(text: str) -> int:
    """Tokens that a text surely has: nearly one for each word and mark; few of a script without spaces."""
    return int(len(_PIECES.findall(text)) * _SURELY)


def whole(brief: Brief) -> Reading:
    """The reading of a brief that fits."""
    return Reading(brief.opinions, tuple(range(len(brief.lines))), revision=brief.revision)


def fitted(briefs: Sequence[Brief], costs: Mapping[str, int], room: int) -> list[Reading]:
    """Choose what each brief's candidate is drafted from.

    Args:
        briefs: those of one round hold the same opinions, each in its own order. Further questions and ideas
            of single opinions have briefs of their own: opinions are dealt among those that hold the same.
        costs: tokens of the line of each opinion and critique in the prompt, by its text.
        room: tokens that one prompt has for those lines.

    Returns:
        One reading per brief; none costs more than `room`.

    Raises:
        PromptRejectedError: there is no room for opinions at all.
    """
    if all(sum(costs[text] for text in brief.lines) <= room for brief in briefs):
        return [whole(brief) for brief in briefs]
    _require_room(room)
    alike: defaultdict[frozenset[str], list[int]] = defaultdict(list)
    for at, brief in enumerate(briefs):
        alike[frozenset(brief.lines)].append(at)
    readings: dict[int, Reading] = {}
    for places in alike.values():
        readings |= zip(places, _dealt([briefs[at] for at in places], costs, room), strict=True)
    return [readings[at] for at in range(len(briefs))]


def _dealt(briefs: Sequence[Brief], costs: Mapping[str, int], room: int) -> list[Reading]:
    """Readings of briefs that hold the same opinions, which do not all fit into one prompt."""
    kinds = _kinds(briefs[0])
    orders = list(dict.fromkeys(brief.lines for brief in briefs))
    few = _Deal(kinds, costs, len(orders), room, longest=inf)
    if few.everybody():
        hands = dict(zip(orders, few.hands, strict=True))
        return [_reading(brief, hands[brief.lines], costs, inf) for brief in briefs]
    longest = room
    while not (deal := _Deal(kinds, costs, len(briefs), room, longest)).everybody():
        if longest == SHORTEST_EXCERPT:
            break
        longest = max(int(longest * _SHRINKING), SHORTEST_EXCERPT)
    return [_reading(brief, hand, costs, longest) for brief, hand in zip(briefs, deal.hands, strict=True)]


def parted(brief: Brief, costs: Mapping[str, int], room: int) -> list[tuple[int, ...]]:
    """The places of the brief's opinions in parts that each fit one prompt, as even as their order allows.

    Args:
        brief: of a first round; each kind of its opinions has parts of its own.
        costs: tokens of the line of each opinion in the prompt, by its text.
        room: tokens that one prompt has for those lines. A single longer opinion is a part.

    Returns:
        One part where all fit.

    Raises:
        PromptRejectedError: there is no room for opinions at all.
    """
    if sum(costs[text] for text in brief.opinions) <= room:
        return [tuple(range(len(brief.opinions)))]
    _require_room(room)
    of_kind: defaultdict[int, list[int]] = defaultdict(list)
    for place, kind in enumerate(brief.kinds or [0] * len(brief.opinions)):
        of_kind[kind].append(place)
    return [part for kind in sorted(of_kind) for part in _even_parts(brief, of_kind[kind], costs, room)]


def _even_parts(
    brief: Brief, places: Sequence[int], costs: Mapping[str, int], room: int
) -> list[tuple[int, ...]]:
    total = sum(costs[brief.opinions[place]] for place in places)
    share = total / ceil(total / room)
    parts: list[list[int]] = [[]]
    used = 0
    for place in places:
        cost = costs[brief.opinions[place]]
        if parts[-1] and (used >= share or used + cost > room):
            parts.append([])
            used = 0
        parts[-1].append(place)
        used += cost
    return [tuple(part) for part in parts]


def _require_room(room: int) -> None:
    if room < SHORTEST_EXCERPT:
        raise PromptRejectedError(
            "The prompt leaves no room for opinions in the model's window. Shorten the question, set "
            "ACCORD_PROMPT=zero-shot, or use a model with a larger window."
        )


def dealing_order(kinds: Sequence[Sequence[Item]]) -> list[Item]:
    """All opinions in the order in which they are dealt: each beginning of it holds each kind in proportion.

    Args:
        kinds: the opinions of each kind, as chance has ordered them.
    """
    placed = [
        (at / len(items), len(items), number, item)
        for number, items in enumerate(kinds)
        for at, item in enumerate(items)
    ]
    return [item for *_, item in sorted(placed, key=lambda one: one[:3])]  # of equals the smaller kind's


class _Deal:
    """One dealing of all opinions, none of which may cost more than `longest`.

    hands: the opinions that each candidate is dealt.
    """

    def __init__(
        self,
        kinds: Sequence[Sequence[Item]],
        costs: Mapping[str, int],
        candidates: int,
        room: int,
        longest: float,
    ) -> None:
        self._kinds, self._costs, self._longest = kinds, costs, longest
        self.hands: list[set[Item]] = [set() for _ in range(candidates)]
        self._free: list[float] = [room] * candidates
        self._read: Counter[Item] = Counter()
        self._all = dealing_order(kinds)
        self._kinds_wanted = min(len(kinds), int(room // SHORTEST_EXCERPT))

    def everybody(self) -> bool:
        """Deal; whether as many kinds as have room came into each hand, and each opinion into some."""
        fewest = self._one_of_each_kind()
        for item in self._all:
            if item not in self._read and not self._give(item, self._roomiest()):
                return False
        self._fill_up()
        return fewest >= self._kinds_wanted

    def _one_of_each_kind(self) -> int:
        """Give each candidate an opinion of each kind, another one where there is another.

        Gives how many kinds came into the hand that has the fewest.
        """
        dealt = [0] * len(self.hands)
        for candidate in range(len(self.hands)):
            for at in range(len(self._kinds)):
                items = self._kinds[(candidate + at) % len(self._kinds)]  # not always the same kind in vain
                dealt[candidate] += self._give(items[candidate % len(items)], candidate)
        return min(dealt)

    def _fill_up(self) -> None:
        for candidate in range(len(self.hands)):
            for item in sorted(self._all, key=self._read.__getitem__):
                if item not in self.hands[candidate]:
                    self._give(item, candidate)

    def _give(self, item: Item, candidate: int) -> bool:
        """Put an opinion into a hand; False where it has no room there."""
        cost = min(self._costs[item[0]], self._longest)
        if cost > self._free[candidate]:
            return False
        self.hands[candidate].add(item)
        self._free[candidate] -= cost
        self._read[item] += 1
        return True

    def _roomiest(self) -> int:
        return max(range(len(self.hands)), key=self._free.__getitem__)


def _kinds(brief: Brief) -> list[list[Item]]:
    """The opinions of each kind, in the brief's order, which is chance; critiques are a kind of their own."""
    found: defaultdict[int, list[Item]] = defaultdict(list)
    kinds = brief.kinds or [0] * len(brief.opinions)
    critiques = [max(kinds, default=0) + 1] * (len(brief.lines) - len(brief.opinions))
    for item, kind in zip(_items(brief.lines), (*kinds, *critiques), strict=True):
        found[kind].append(item)
    return [found[kind] for kind in sorted(found)]


def _items(opinions: Sequence[str]) -> list[Item]:
    seen: Counter[str] = Counter()
    items = []
    for text in opinions:
        items.append((text, seen[text]))
        seen[text] += 1
    return items


def _reading(brief: Brief, share: set[Item], costs: Mapping[str, int], longest: float) -> Reading:
    places = [place for place, item in enumerate(_items(brief.lines)) if item in share]
    shown = {place: _cut(brief.lines[place], costs[brief.lines[place]], longest) for place in places}
    return Reading(
        opinions=tuple(text for place, text in shown.items() if place < len(brief.opinions)),
        places=tuple(places),
        shortened=tuple(place for place in places if costs[brief.lines[place]] > longest),
        revision=_shown_critiques(brief, shown),
    )


def _shown_critiques(brief: Brief, shown: Mapping[int, str]) -> Revision | None:
    """The revision with those critiques alone that are shown, as they are shown."""
    if brief.revision is None:
        return None
    critiques = enumerate(brief.revision.critiques, len(brief.opinions))
    return replace(
        brief.revision,
        critiques=tuple(replace(each, text=shown[place]) for place, each in critiques if place in shown),
    )


def _cut(text: str, cost: int, longest: float) -> str:
    """The beginning of the text that costs about `longest` tokens, up to the end of a word where it has
    spaces."""
    if cost <= longest:
        return text
    beginning = text[: max(1, int(len(text) * longest / cost * _CUT_SHORT))]
    at_space = beginning.rfind(" ")
    return (beginning[:at_space] if at_space > len(beginning) // 2 else beginning).rstrip() + " …"
