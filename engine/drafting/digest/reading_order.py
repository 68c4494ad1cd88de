"""In which order points are read: a reply after what it answers.

Reads:  the points under one heading, in the order of their merit.
Gives:  the same points; each reply stands after the point that it answers, the others stay where they are.
Refrains from keeping the order in which members spoke: in an anonymous round it could tell who said what.

A reply opens with a question in another's words ("Turn about? …"), or proposes nothing and takes up a word
that only one other uses, who does.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import chain

from engine.drafting.digest.points import Said
from engine.drafting.digest.signs import content, states_wish
from engine.drafting.sentences import length_of
from engine.text import sentences

_ECHO = 4  # words of a question that only repeats


def replies_last(points: Sequence[Said]) -> list[Said]:
    """The points, each reply after what it answers."""
    before = _answered(points)
    placed: list[int] = []
    waiting = list(range(len(points)))
    while waiting:
        free = (at for at in waiting if before[at].issubset(placed))
        placed.append(next(free, waiting[0]))  # two that answer each other stay as they are
        waiting.remove(placed[-1])
    return [points[at] for at in placed]


def _answered(points: Sequence[Said]) -> list[set[int]]:
    """For each point the places of those that it answers."""
    about = [set(content(point.text)) for point in points]
    echoed = [_echoed(point.text) for point in points]
    proposes = [states_wish(point.text) for point in points]
    times = Counter(chain(*about))
    shared = [{word for word in own if times[word] == 2} for own in about]

    def answers(at: int, other: int) -> bool:
        if echoed[at] or echoed[other]:
            return bool(echoed[at]) and echoed[at] <= about[other]
        return proposes[other] and not proposes[at] and bool(shared[at] & shared[other])

    places = range(len(points))
    return [{other for other in places if other != at and answers(at, other)} for at in places]


def _echoed(text: str) -> set[str]:
    """What a point's first sentence is about where that is a question of a few words."""
    first, *_ = sentences(text) or [text]
    return set(content(first)) if first.endswith("?") and length_of(first) <= _ECHO else set()
