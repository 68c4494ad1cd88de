"""Where training starts: debate questions and Polis conversations, read from the published files.

Reads:  `questions.json` (google-deepmind/habermas_machine) and one folder per Polis conversation.
Gives:  `Question` and `Conversation` objects, their splits by whole topic and whole conversation, and a hash.
Refrains from wording: what a person might have written is made in `engine.training.data.rounds`.

Both sets are CC BY 4.0; whatever is derived from them, weights included, carries their attribution.
"""

import csv
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

AGREE, DISAGREE = 1, -1
"""Polis votes; 0 is a pass, and stands here for "did not vote" too: neither says anything about agreement."""
FEWEST_WORDS = 4
"""Shorter Polis comments are greetings and tests."""


@dataclass(frozen=True)
class Question:
    """A debate question with its two position statements. `topic` is the id of its cluster."""

    id: str
    text: str
    affirming: str
    negating: str
    topic: int
    split: str

    @property
    def says_not(self) -> bool:
        """Whether the two statements differ by the word "not" (in any letter case)."""
        return bool(re.search(r"\bnot\b|n't\b", self.negating, re.IGNORECASE))


@dataclass(frozen=True)
class Conversation:
    """A Polis conversation.

    votes:   shape (people, comments): +1 agree, -1 disagree, 0 neither.
    authors: row of each comment's author in `votes`, or -1 when the author did not vote or is the convenor.
    """

    name: str
    topic: str
    comments: tuple[str, ...]
    authors: tuple[int, ...]
    votes: NDArray[np.int8]


def load_questions(path: Path) -> list[Question]:
    """Read the questions, with typing slips of spacing mended."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    return [
        Question(
            id=row["id"],
            text=_tidy(row["question"]),
            affirming=_tidy(row["affirming_statement"]),
            negating=_tidy(row["negating_statement"]),
            topic=row["topic"],
            split=row["split"],
        )
        for row in rows
    ]


def load_conversations(folder: Path) -> list[Conversation]:
    """Read every conversation below `folder`, in the order of their names."""
    return [load_conversation(each) for each in sorted(folder.iterdir()) if each.is_dir()]


def load_conversation(folder: Path) -> Conversation:
    """Read one conversation: comments that were not moderated away, and who voted how on them."""
    with (folder / "comments.csv").open(encoding="utf-8", errors="replace", newline="") as file:
        rows = [row for row in csv.DictReader(file) if _usable(row)]
    with (folder / "participants-votes.csv").open(encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))
    columns = [row["comment-id"] for row in rows]
    votes = np.array([[int(float(person.get(c) or 0)) for c in columns] for person in people], dtype=np.int8)
    row_of = {person["participant"]: row for row, person in enumerate(people)}
    convenor = "1" if folder.name == "football-concussions" else "0"
    authors = [-1 if row["author-id"] == convenor else row_of.get(row["author-id"], -1) for row in rows]
    return Conversation(
        name=folder.name,
        topic=_topic(folder / "summary.csv"),
        comments=tuple(_tidy(row["comment-body"]) for row in rows),
        authors=tuple(authors),
        votes=votes,
    )


def hold_out_topics(
    questions: Sequence[Question], topics: Sequence[int]
) -> tuple[list[Question], list[Question]]:
    """Split into (kept, held out): no topic is on both sides."""
    held = set(topics)
    return [q for q in questions if q.topic not in held], [q for q in questions if q.topic in held]


def hold_out_conversations(
    conversations: Sequence[Conversation], names: Sequence[str]
) -> tuple[list[Conversation], list[Conversation]]:
    """Split into (kept, held out) by whole conversation.

    Raises:
        ValueError: a name is unknown; a misspelt name would silently hold out nothing.
    """
    unknown = set(names) - {c.name for c in conversations}
    if unknown:
        raise ValueError(f"unknown conversations: {', '.join(sorted(unknown))}")
    held = set(names)
    return [c for c in conversations if c.name not in held], [c for c in conversations if c.name in held]


def data_hash(paths: Sequence[Path]) -> str:
    """SHA-256 over the files below `paths`, in the order of their names: what a run was trained on."""
    digest = hashlib.sha256()
    for path in paths:
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in files:
            digest.update(file.name.encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def _usable(row: dict[str, str]) -> bool:
    return row.get("moderated") != "-1" and len((row.get("comment-body") or "").split()) >= FEWEST_WORDS


def _topic(summary: Path) -> str:
    with summary.open(encoding="utf-8", newline="") as file:
        facts = {row[0]: row[1] for row in csv.reader(file) if len(row) > 1}
    return _tidy(facts["topic"])


def _tidy(text: str) -> str:
    return re.sub(r"\s+([?.!,])", r"\1", " ".join(text.split()))
