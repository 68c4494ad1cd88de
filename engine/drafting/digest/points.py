"""What the members of a group said, as points: each one member's own words, and fit to stand by itself.

Reads:  the opinions of one mediation, in any order.
Gives:  points with who said so, whether they state a condition or a need, and how well each speaks for the
        group; and what a member opened with, for `engine.drafting.digest.positions`.
Refrains from changing words: a point is a run of one member's sentences without the "Yes, but" in front, and
with a capital and an ending. Sentences of two members never meet in one.

A sentence that leans on the one before it ("They are …", "Otherwise …", "But …") stays with that one, or is
left out; so do a few words, and the reason after an answer of a few words ("None at all. I moved away."). A
short opinion stays whole where there is room; so does one that says yes to one part and no to another, which
counts as a condition. Points of several members that say the same are joined: the same words but for their
order and endings, the same numbers, and the same yes or no. What a sentence tells is read in
`engine.drafting.digest.signs`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain

import numpy as np

from engine.arrays import Floats
from engine.drafting.digest.signs import (
    asks,
    content,
    counts,
    is_condition,
    is_mixed,
    leans,
    refers_back,
    says_little,
    states_wish,
    thanks,
    without_opening,
)
from engine.drafting.sentences import length_of, polished
from engine.errors import GenerationError
from engine.prompts import echoes, leaks
from engine.text import DENIALS, normalised, sentences, word_set, words

POOL = 1_000
"""Most points that are compared with each other; beyond that those of least merit are left out."""
LONGEST = 60
"""Words of a point from which no further sentence is added to it."""
SHORT = 30
"""Words up to which an opinion is never shown in several points."""
SAME, SAME_CONDITION = 0.75, 0.9
"""Likeness, in [0, 1], from which two points say the same; of a condition no part may be lost."""

_VOCABULARY = 20_000  # words by which points are compared
_ANSWER = 6  # words under which a sentence takes the next one in
_OTHERS = word_set("they them him her sie ihn ihnen ils elles eux ellos ellas")
_POINTS_BACK = word_set("that this it them so either")
_ENDED = re.compile("[.!?…:。！？｡؟۔।॥።\\])”»\"']\\W*$")
_NO_SPACE_AFTER = re.compile("(?<=[。！？｡]) ")


@dataclass(frozen=True)
class Said:
    """One point.

    text: as it is shown.
    members: who said so, by their place in `Points.opinions`.
    place: how far down in its opinion it begins, in sentences.
    condition: whether it states a condition, or what somebody needs or cannot do.
    merit: how well it speaks for the group, in [0, 1].
    telling: how much would be missed without it, in [0, 1]: what is asked, counted, wished or needed, and
        what others do not say.
    """

    text: str
    members: frozenset[int]
    place: int
    condition: bool
    merit: float = 0.0
    telling: float = 0.0


class Points:
    """The points of a set of opinions.

    opinions: sorted, so that the order in which they came cannot matter.
    said: all points, best first; those of several members once.
    """

    def __init__(
        self, opinions: Sequence[str], *, whole: int = 0, trimmed: Collection[int] = frozenset()
    ) -> None:
        """Find the points.

        Args:
            opinions: in any order.
            whole: words up to which an opinion stays one point, unless somebody else said a part of it too.
            trimmed: members of whom no more is kept than conditions or the one point that tells most.

        Raises:
            GenerationError: the opinions hold nothing that could be shown.
        """
        self.opinions = sorted(opinions)
        found = [list(points_of(member, text)) for member, text in enumerate(self.opinions)]
        joined = self._joined(list(chain(*found)))
        if whole:
            shared = set().union(*(said.members for said in joined if len(said.members) > 1))
            for member in set(range(len(found))) - shared:
                as_one = _whole(found[member], self.opinions[member], whole) or found[member]
                found[member] = _trimmed(found[member], as_one) if member in trimmed else as_one
            joined = self._joined(list(chain(*found)))
        self.said = tuple(joined)

    def _joined(self, found: "list[Said]") -> "list[Said]":
        if not found:
            raise GenerationError("The opinions have no sentence to make a digest from.")
        told = _told([point.text for point in found])
        found = _weighed(found, told)
        kept = _best(found, [said.merit for said in found])
        return _joined([found[at] for at in kept], _vectors([told[at] for at in kept]))

    def of(self, member: int) -> tuple[Said, ...]:
        """A member's points, in the order they were written."""
        return self._own.get(member, ())

    @cached_property
    def _own(self) -> "dict[int, tuple[Said, ...]]":
        own: defaultdict[int, list[Said]] = defaultdict(list)
        for said in self.said:
            for member in said.members:
                own[member].append(said)
        return {member: tuple(sorted(said, key=lambda one: one.place)) for member, said in own.items()}


def points_of(member: int, opinion: str, *, apart: bool = False) -> Iterator[Said]:
    """An opinion's points; where none stands alone, what there is.

    apart: whether each is to hold one idea, so that a short sentence does not take in the next one.
    """
    own = [sentence for sentence in sentences(opinion) if not (leaks(sentence) or echoes(sentence))]
    runs = _mixed(own) or list(_runs(own, apart)) or [(0, _spaced(own[:1]))]
    if not own:
        whole = " ".join(opinion.split())
        runs = [] if leaks(whole) or normalised(whole) else [(0, whole)]
    for place, text in runs:
        if shown := polished(text) or text:
            yield Said(shown, frozenset({member}), place, is_condition(shown))


def _mixed(own: Sequence[str]) -> list[tuple[int, str]]:
    """The opinion as one point where it is of two minds and that is not too long."""
    text = _spaced(own)
    ended = all(map(_ENDED.search, own[:-1]))
    return [(0, text)] if is_mixed(text) and ended and length_of(text) <= LONGEST else []


def _spaced(parts: Sequence[str]) -> str:
    return _NO_SPACE_AFTER.sub("", " ".join(parts))


def _whole(found: list[Said], opinion: str, most: int) -> list[Said]:
    """A short opinion as one point; none for a longer one, or one with a need beside something long."""
    own = sentences(opinion)
    if (
        not found
        or len(own) < 2
        or not all(map(_ENDED.search, own[:-1]))
        or leaks(opinion)
        or echoes(opinion)
    ):
        return []
    start = _begin(own)
    stripped = without_opening(own[start])
    text = _spaced([own[start] if not stripped or leans(stripped) else stripped, *own[start + 1 :]])
    several = len({said.condition for said in found}) > 1
    if length_of(text) > (min(most, SHORT) if several else most):
        return []
    shown = polished(text)
    return [replace(found[0], text=shown, place=start, condition=is_condition(shown))]


def _begin(own: Sequence[str]) -> int:
    """Where an opinion begins after its thanks and its "Yes."; with the "Yes." where the rest leans on it."""
    start = next((at for at, sentence in enumerate(own) if without_opening(sentence)), 0)
    start += thanks(own[start]) and start + 1 < len(own)
    answered = start > 0 and leans(own[start]) and not thanks(own[start - 1])
    return start - answered


def _trimmed(found: list[Said], whole: list[Said]) -> list[Said]:
    """Of a short opinion its one condition, or the point that tells most; all where it has more of them.

    whole: the opinion as one point; a longer one has its points, among which a draft chooses.
    """
    needed = [said for said in found if said.condition]
    if len(whole) != 1 or length_of(whole[0].text) > SHORT:
        return found
    if len(needed) > 1:
        return whole
    return needed or [max(found, key=lambda said: (_telling(said), -said.place))]


def _runs(own: Sequence[str], apart: bool) -> Iterator[tuple[int, str]]:
    """Runs of sentences that belong together, with the place of the first.

    A "Yes." alone is kept only where the next sentence leans on it. What leans on nothing that is shown is
    left out, but for a condition, which is shown with what stands before it.
    """
    run, begun, before = "", 0, ""
    for place, sentence in enumerate(own):
        stripped = without_opening(sentence)
        if run and _goes_on(run, sentence, stripped, apart) and _fits(run, sentence):
            run = _spaced([run, sentence])
            continue
        if not stripped:
            before = "" if run or thanks(sentence) else sentence
            continue
        if leans(stripped) and not run:
            run, begun = _leaning_start(before, sentence, place)
            before = "" if run else sentence
            continue
        if leans(stripped):
            continue
        if run:
            yield begun, run
        run, begun, before = stripped, place, ""
    if run:
        yield begun, run


def _leaning_start(before: str, sentence: str, place: int) -> tuple[str, int]:
    """A run that begins with a sentence which leans: a wish, or a condition, with what stands before it."""
    stripped = without_opening(sentence)
    if states_wish(stripped) and not says_little(stripped):
        return stripped, place
    if before and (is_condition(sentence) or not without_opening(before)):
        return _spaced([before, sentence]), place - 1
    return (sentence, place) if is_condition(sentence) else ("", 0)


def _goes_on(run: str, sentence: str, stripped: str, apart: bool) -> bool:
    """Whether a sentence cannot stand without the run before it, or the run not without the sentence."""
    if refers_back(sentence) or refers_back(stripped):
        return True
    answer = says_little(run) if apart else length_of(run) < _ANSWER
    short = answer or (says_little(sentence) and not thanks(sentence))
    return short and bool(_ENDED.search(run))


def _fits(run: str, sentence: str) -> bool:
    """Whether a sentence may join a run: there is room, or it is a condition that leans on it."""
    leaning = leans(sentence) or leans(without_opening(sentence))
    return length_of(run) + length_of(sentence) <= LONGEST or (leaning and is_condition(sentence))


def _told(texts: Sequence[str]) -> list[frozenset[str]]:
    """What each text is about: of all their words those that most texts have, at most `_VOCABULARY`."""
    told = [frozenset(content(text)) for text in texts]
    common = Counter(word for each in told for word in sorted(each))
    known = {word for word, _ in common.most_common(_VOCABULARY)}
    return [each & known for each in told]


def _vectors(told: Sequence[frozenset[str]]) -> Floats:
    """Which words each text has: shape (texts, words), rows of unit length, or zero without a word."""
    columns = {word: at for at, word in enumerate(sorted(frozenset().union(*told)))}
    rows = np.zeros((len(told), max(len(columns), 1)))
    for row, words_of_it in zip(rows, told, strict=True):
        row[[columns[word] for word in words_of_it]] = 1 / np.sqrt(max(len(words_of_it), 1))
    return rows


def _weighed(found: Sequence[Said], told: Sequence[frozenset[str]]) -> list[Said]:
    """The points with their merit, to which the words of others add, and how telling they are.

    A point is as central as it is near to all others: the sum of the cosines, a word at a time, so that no
    table of all points by all words is made.
    """
    heard: Counter[str] = Counter()
    for each in told:
        for word in each:
            heard[word] += 1 / np.sqrt(len(each))
    central = np.array([sum(heard[word] for word in each) / np.sqrt(max(len(each), 1)) for each in told])
    shares = central / (float(central.max()) or 1.0)
    return [
        replace(said, merit=_standing(said) * (0.5 + 0.5 * share), telling=_telling(said) * (1 - 0.3 * share))
        for said, share in zip(found, shares.tolist(), strict=True)
    ]


def _standing(point: Said) -> float:
    """How well a point stands alone, in (0, 1]."""
    said = words(normalised(point.text))
    standing = 1.0 if states_wish(point.text) else 0.75
    if said and (said[-1] in _POINTS_BACK or not _OTHERS.isdisjoint(said)):
        standing *= 0.7
    return standing if 4 <= length_of(point.text) <= LONGEST else standing * 0.7


def _telling(point: Said) -> float:
    """How much a point tells, in (0, 1], by the signs in it; a general remark has none."""
    signs = (
        point.condition,
        states_wish(point.text),
        asks(point.text),
        counts(point.text),
    )
    return _standing(point) * (0.4 + 0.2 * min(sum(signs), 3))


def _best(found: Sequence[Said], merits: Sequence[float]) -> list[int]:
    """The places of at most `POOL` points: every member's best, then every member's second, and so on."""
    turn: Counter[int] = Counter()
    turns = []
    for at in sorted(range(len(found)), key=lambda at: (-merits[at], at)):
        (member,) = found[at].members
        turns.append((turn[member], -merits[at], at))
        turn[member] += 1
    return sorted(at for _, _, at in sorted(turns)[:POOL])


def _joined(found: Sequence[Said], vectors: Floats) -> list[Said]:
    """The points, each set of those that say the same as one, in its best words."""
    signs = [(point.condition, *signs_of(point.text)) for point in found]
    needed = np.array([SAME_CONDITION if point.condition else SAME for point in found])
    alike = vectors @ vectors.T >= needed
    taken: set[int] = set()
    joined = []
    for at in sorted(range(len(found)), key=lambda at: (-found[at].merit, found[at].text)):
        if at not in taken:
            same = [int(other) for other in np.flatnonzero(alike[at]) if signs[other] == signs[at]]
            same = [other for other in same if other not in taken] or [at]
            taken.update(same, [at])
            joined.append(_one(found[at], [found[other] for other in same]))
    return joined


def _one(best: Said, same: Sequence[Said]) -> Said:
    return replace(best, members=best.members.union(*(point.members for point in same)))


def signs_of(text: str) -> tuple[frozenset[str], bool]:
    """What tells two texts of the same words apart: their numbers, and whether they deny."""
    form = normalised(text).split()
    numbers = frozenset(word for word in form if any(character.isdigit() for character in word))
    return numbers, sum(word in DENIALS for word in form) % 2 == 1
