"""Open points: from what a model says that a statement leaves open to what may be shown of it.

Reads:  a reply of lines such as "exemptions for the islands | 2, 5"; what everybody said, and the statement.
Gives:  short points, with the members whose own words bear each out.
Refrains from trusting the reply: opinions may have told the model what to write, and it may have made it up.

What a point asks for is in the words that the question does not have already: everybody uses those, so that
they tell nothing. A point counts for a member whom the reply names and who uses most of its own words, in
sentences that deny where it denies and affirm where it affirms; two of those use each of its own words. So
nobody alone can put words under the group's statement, and no point tells what one person in an anonymous
question wanted: "asked for by 1" would, where the point fits one only, as would the point without a number.
That costs the wishes of single members, whom a statement rarely covers.
Nobody was told that a model quotes them, so a point is no sentence of anybody's.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from engine.closeness import STEM
from engine.drafting.parsing.declining import declines
from engine.drafting.sentences import length_of
from engine.prompts import LONGEST_OPEN, MOST_OPEN, echoes, leaks, quoted
from engine.text import FUNCTION_WORDS, denies, normalised, sentences, stem, words

FEWEST_ASKING = 2
SHARED = 2 / 3
"""Share of a point's own words that each member it counts for uses."""
QUOTED_WORDS = 6
"""Words in a row from which a point repeats what somebody wrote."""
_SENTENCE_WORDS = 3
_LONGEST = 100  # characters
_LINE = re.compile(r"(?P<text>[^|\[(]+)[|\[(](?P<named>[^|\[\]()]*)[|\]).\s]*")
_LIST_MARK = re.compile(r"^\s*(?:[-*•–]\s+|\(?\d{1,2}[.)]\s+)+")
_AROUND = " \t\"'“”„«»*`.;:,"
_PLAIN = re.compile(r"[\w '’\-–,%&/€$£°.]+")
_Used = tuple[set[str], set[str]]
_LINKED = re.compile(r"\w\.[^\W\d]")


@dataclass(frozen=True)
class Traced:
    """A point, and the places of the members who ask for it."""

    text: str
    members: tuple[int, ...]


@dataclass(frozen=True)
class Looked:
    """What a model looked through.

    said: what each member said: opinion and critique as one text.
    whose: the place in `said` of whoever wrote each numbered line, from number 1 on.
    """

    question: str
    statement: str
    said: Sequence[str]
    whose: Sequence[int]


def traced(reply: str, looked: Looked) -> list[Traced]:
    """The points of a reply that can be shown, those that most ask for first; at most `MOST_OPEN`."""
    used = [_used(text) for text in looked.said]
    found = filter(None, (_point(text, named, looked, used) for text, named in _read(reply)))
    kept: list[Traced] = []
    for point in sorted(found, key=lambda point: -len(point.members)):
        if not any(_says_the_same(point.text, other.text) for other in kept):
            kept.append(point)
    return kept[:MOST_OPEN]


def _read(reply: str) -> Iterator[tuple[str, list[int]]]:
    """Points as the reply has them, with the numbers that it names."""
    for line in reply.splitlines():
        if found := _LINE.fullmatch(_LIST_MARK.sub("", line)):
            yield found["text"].strip(_AROUND), list(map(int, re.findall(r"\d{1,5}", found["named"])))


def _point(text: str, named: Sequence[int], looked: Looked, used: Sequence[_Used]) -> Traced | None:
    """The point, where it may be shown; None otherwise."""
    own = _own(text, looked.question)
    if not _is_presentable(text, looked) or not own or _is_quoted(text, looked.said):
        return None
    if _matter(text) - _matter(looked.question) <= _matter(looked.statement):
        return None
    # A number may be named twice, a member have two lines, and there may be no such line.
    whose = sorted({looked.whose[number - 1] for number in named if 0 < number <= len(looked.whose)})
    needed, denied = ceil(SHARED * len(own)), denies(text)
    members = [at for at in whose if len(own & used[at][denied]) >= needed]
    heard = Counter(word for at in members for word in used[at][denied])
    if any(heard[word] < FEWEST_ASKING for word in own):
        return None
    return Traced(text, tuple(members))


def _is_presentable(text: str, looked: Looked) -> bool:
    """Whether it is a few plain words, with nothing in them for a model or a chat to act on."""
    if length_of(text) > LONGEST_OPEN or len(text) > _LONGEST:
        return False
    if not _PLAIN.fullmatch(text) or _LINKED.search(text) or quoted(text) != text:
        return False
    return not (leaks(text) or declines(text) or echoes(text, (looked.question, *looked.said)))


def _is_quoted(text: str, said: Sequence[str]) -> bool:
    """Whether it is somebody's sentence, or repeats so much of one."""
    form = normalised(text)
    rows = _in_a_row(form.split())
    for each in said:
        own = [normalised(sentence) for sentence in sentences(each)]
        if len(form.split()) >= _SENTENCE_WORDS and form in own:
            return True
        if any(row in f" {sentence} " for sentence in own for row in rows):
            return True
    return False


def _in_a_row(said: Sequence[str]) -> list[str]:
    ends = range(QUOTED_WORDS, len(said) + 1)
    return [f" {' '.join(said[end - QUOTED_WORDS : end])} " for end in ends]


def _says_the_same(text: str, other: str) -> bool:
    one, another = _matter(text), _matter(other)
    return one <= another or another <= one


def _used(text: str) -> _Used:
    """The words that a member uses in sentences that affirm, and in those that deny."""
    affirmed, denied = set[str](), set[str]()
    for sentence in sentences(text) or [text]:
        (denied if denies(sentence) else affirmed).update(_matter(sentence))
    return affirmed, denied


def _own(text: str, question: str) -> set[str]:
    """What a point says beyond the question; that it denies is no word of its own."""
    return _matter(" ".join(word for word in text.split() if not denies(word))) - _matter(question)


def _matter(text: str) -> set[str]:
    """The words that say what a text is about, cut so that inflected forms meet."""
    return {stem(word)[:STEM] for word in words(normalised(text)) if word not in FUNCTION_WORDS}
