"""The question bank that comes with Accord: 5,065 debate questions with a statement for and one against each.

Reads:  `bank.jsonl.gz` beside this module. It is part of the data released with the Habermas Machine
        (google-deepmind/habermas_machine, CC BY 4.0; ATTRIBUTION.md).
Gives:  `BankedQuestion`s, the topics they are sorted into, and those that hold some words, best first.
Needs nothing but the standard library: searching is for everybody, models are not.
Source: BM25 as in Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework".
"""

import gzip
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from engine.text import ENGLISH_FUNCTION_WORDS, normalised, stem, words
from engine.types import Frozen

BANK = Path(__file__).with_name("bank.jsonl.gz")
SATURATION, LENGTH_MATTERS = 1.2, 0.75
"""BM25's k1 and b, as its authors recommend them."""
TELLING = 4
"""Words by which a topic is told."""


class BankedQuestion(Frozen):
    """affirming, negating: the position statements. topic: id of its cluster. split: as it was released."""

    id: str
    question: str
    affirming: str
    negating: str
    topic: int
    split: str


class Topic(Frozen):
    """One of the clusters that the questions were released in, and the words that set it apart."""

    id: int
    questions: int
    words: tuple[str, ...]


@cache
def bank() -> tuple[BankedQuestion, ...]:
    """All questions, in the order of their release."""
    with gzip.open(BANK, "rt", encoding="utf-8") as lines:
        return tuple(_read(line) for line in lines)


def topics() -> tuple[Topic, ...]:
    """The topics, by their ids."""
    found: dict[int, list[str]] = {}
    for each in bank():
        found.setdefault(each.topic, []).append(each.question)
    told = telling_words(found)
    return tuple(Topic(id=at, questions=len(found[at]), words=told[at]) for at in sorted(found))


def search(asked: str, questions: Sequence[BankedQuestion] | None = None) -> list[BankedQuestion]:
    """Those that hold any of the words, best first (BM25); equals in the order of the bank."""
    among = bank() if questions is None else questions
    wanted = set(stems(asked))
    held = [Counter(stems(f"{each.question} {each.affirming}")) for each in among]
    average = sum(map(Counter.total, held)) / max(1, len(held))
    rarity = {word: _rarity(sum(word in words for words in held), len(held)) for word in wanted}
    scored = []
    for at, words_there in enumerate(held):
        long = 1 - LENGTH_MATTERS + LENGTH_MATTERS * words_there.total() / average
        score = sum(rarity[word] * _saturated(words_there[word], long) for word in wanted)
        if score > 0:
            scored.append((-score, at))
    return [among[at] for _, at in sorted(scored)]


def stems(text: str) -> Iterator[str]:
    """The words that carry meaning, without their endings."""
    for word in words(normalised(text)):
        if word not in ENGLISH_FUNCTION_WORDS:
            yield stem(word)


def telling_words(groups: dict[int, list[str]]) -> dict[int, tuple[str, ...]]:
    """For each group of texts the words that are frequent in it and in few other groups."""
    counted = {at: Counter(_content(texts)) for at, texts in groups.items()}
    spread = Counter(word for counts in counted.values() for word in counts)
    told = {}
    for at, counts in counted.items():
        weight = {word: count * math.log(1 + len(groups) / spread[word]) for word, count in counts.items()}
        told[at] = tuple(sorted(weight, key=lambda word: (-weight[word], word))[:TELLING])
    return told


def _content(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (word for word in words(normalised(text)) if word not in ENGLISH_FUNCTION_WORDS)


def _read(line: str) -> BankedQuestion:
    id_, question, affirming, negating, topic, split = json.loads(line)
    return BankedQuestion(
        id=id_, question=question, affirming=affirming, negating=negating, topic=topic, split=split
    )


def _rarity(holding: int, all_: int) -> float:
    return math.log(1 + (all_ - holding + 0.5) / (holding + 0.5))


def _saturated(times: int, long: float) -> float:
    return times * (SATURATION + 1) / (times + SATURATION * long)
