"""Question clusters as a table: cluster, name, how many questions, and examples.

Reads:  the words that set each cluster apart, and its questions.
Gives:  Markdown, to the command line and to the documentation.
Refrains from clustering. A question is anybody's text: what would end a cell or begin markup is escaped.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from engine.questions.bank import bank, topics

EXAMPLES = 2


class ClusterRow(NamedTuple):
    """A cluster as it is shown; `words` are its name."""

    id: int
    words: Sequence[str]
    questions: Sequence[str]


def largest_topics(most: int) -> list[ClusterRow]:
    """The bank's topics with most questions, largest first."""
    held: dict[int, list[str]] = {}
    for each in bank():
        held.setdefault(each.topic, []).append(each.question)
    rows = [ClusterRow(topic.id, topic.words, held[topic.id]) for topic in topics()]
    return sorted(rows, key=lambda row: -len(row.questions))[:most]


def cluster_table(rows: Iterable[ClusterRow]) -> str:
    """A row for each cluster, with its first questions as examples."""
    lines = ["| cluster | name | questions | examples |", "| ---: | --- | ---: | --- |"]
    for row in rows:
        examples = "<br>".join(_plain(question) for question in row.questions[:EXAMPLES])
        lines.append(f"| {row.id} | {_plain(', '.join(row.words))} | {len(row.questions):,} | {examples} |")
    return "\n".join(lines)


def _plain(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|&])", r"\\\1", " ".join(text.split()))
