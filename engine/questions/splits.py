"""Splits by question: what is learnt from, what is chosen by, what is kept for the comparison.

Reads:  the questions of an export and, where they are known, the topics of questions.
Gives:  `Split`: the side of each question. No question and no topic is on two sides.
Refrains from chance: a side follows from the seed and the question (or its topic) alone, so that a question
which was kept stays kept while the export grows. Only names that hide the question's words are written down.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from engine.run_manifest import SEEN
from engine.text import normalised


class Side(StrEnum):
    """Where a question is: learnt from, chosen by, or kept."""

    TRAIN = "train"
    CHOOSE = "choose"
    HELD = "held"


@dataclass(frozen=True)
class Split:
    """sides: by `question_id`."""

    sides: Mapping[str, Side]

    def of(self, question: str) -> Side:
        """The side of a question that was there when the split was made."""
        return self.sides[question_id(question)]

    def ids(self, *sides: Side) -> list[str]:
        """The questions of these sides, by their ids."""
        return sorted(name for name, side in self.sides.items() if side in sides)

    def facts(self, seen_before: Iterable[str] = ()) -> dict[str, object]:
        """For a run's manifest: how many questions are where, and the ids of those that were not kept.

        seen_before: ids of those that the model which the run starts from has learnt from.
        """
        counts = {str(side): len(self.ids(side)) for side in Side}
        return {"questions": counts, SEEN: sorted({*self.ids(Side.TRAIN, Side.CHOOSE), *seen_before})}


def question_id(question: str) -> str:
    """Names a question whatever its case, punctuation and layout; does not show its words."""
    return hashlib.sha256(normalised(question).encode()).hexdigest()[:16]


def split_questions(
    questions: Iterable[str],
    *,
    seed: int,
    choose: float,
    held_out: float,
    topics: Mapping[str, int] | None = None,
) -> Split:
    """Put each question on a side, whole topics together.

    Args:
        choose, held_out: shares of the topics, in (0, 1); with few topics the real shares differ.
        topics: by `question_id`; a question without one is a topic of its own.

    Raises:
        ValueError: there are fewer than three topics, so that a side would be empty.
    """
    known = topics or {}
    names = {question_id(question) for question in questions}
    topic_of = {name: f"topic {known[name]}" if name in known else name for name in names}
    order = sorted({*topic_of.values()}, key=lambda topic: _place(seed, topic))
    if len(order) < len(Side):
        raise ValueError(
            f"the feedback has {len(order)} questions or topics; 3 are needed, better 20 or more"
        )
    sides = {topic: _side(_place(seed, topic), choose, held_out) for topic in order}
    _fill_empty(sides, order)
    return Split({name: sides[topic] for name, topic in topic_of.items()})


def _place(seed: int, topic: str) -> float:
    """In [0, 1), the same for ever."""
    digest = hashlib.sha256(f"{seed}:{topic}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def _side(place: float, choose: float, held_out: float) -> Side:
    if place < held_out:
        return Side.HELD
    return Side.CHOOSE if place < held_out + choose else Side.TRAIN


def _fill_empty(sides: dict[str, Side], order: list[str]) -> None:
    """With few topics chance may leave a side empty: the nearest topic is moved there."""
    for side, at in ((Side.HELD, 0), (Side.TRAIN, -1), (Side.CHOOSE, 1)):
        if side not in sides.values():
            sides[order[at]] = side
