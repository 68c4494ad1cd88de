"""Arguments and key points as rounds: reasons for and against a topic, mostly without words that take a side.

Reads:  the folder of ArgKP: `arguments_train.csv`, `key_points_train.csv`, `labels_train.csv`.
Gives:  rounds in which a person's opinion is an argument, and a statement is a key point.
Refrains from its other splits, and from guessing where nobody labelled a pair.

Source: Bar-Haim et al. 2020, "From arguments to key points" (arXiv:2005.01619). (c) IBM 2020, Community Data
License Agreement - Sharing 1.0, which asks nothing of weights that are trained on it; cards name the set.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np

from engine.training.data.rounds import Round

MATCHES, SAME_SIDE, OTHER_SIDE = 0.9, 0.65, 0.1
"""Agreement with a key point that says the argument's reason, with another on its side, and on the other."""
OF_A_SIDE = 2
"""Arguments, and key points at most, that a round has of each side."""
ASKED, UNASKED = "Should it be so?", 0.4
"""What is asked of a topic, and the share of rounds without it."""


@dataclass(frozen=True)
class Said:
    """An argument or a key point. stance: 1 for the topic, -1 against."""

    id: str
    text: str
    stance: int


@dataclass
class Topic:
    """What was said of one topic, by its two sides."""

    arguments: dict[int, list[Said]] = field(default_factory=lambda: {1: [], -1: []})
    points: dict[int, list[Said]] = field(default_factory=lambda: {1: [], -1: []})

    @property
    def has_both_sides(self) -> bool:
        """Whether a round can be made of it."""
        arguments, points = self.arguments.values(), self.points.values()
        return all(len(some) >= OF_A_SIDE for some in arguments) and all(points)


class KeyPointRounds:
    """Rounds of two arguments of each side and up to two key points of each."""

    def __init__(self, folder: Path) -> None:
        """Raises ValueError where the folder is not that of ArgKP, or holds no topic with both sides."""
        try:
            topics, labels = _read(folder)
        except (KeyError, TypeError, ValueError) as exc:
            raise ValueError(
                f"{folder}: its files are not those of ArgKP; name the folder with arguments_train.csv"
            ) from exc
        self._labels = labels
        self._topics = {name: each for name, each in sorted(topics.items()) if each.has_both_sides}
        if not self._topics:
            raise ValueError(f"{folder}: no topic has arguments and key points of both sides")

    def __call__(self, rng: Random) -> Round:
        """Draw a round."""
        name = rng.choice(list(self._topics))
        topic = self._topics[name]
        arguments, points = _drawn(topic.arguments, rng), _drawn(topic.points, rng)
        return Round(
            question="" if rng.random() < UNASKED else f"{ASKED} {name}",
            opinions=tuple(each.text for each in arguments),
            candidates=tuple(each.text for each in points),
            agreement=np.array([[self._agreement(a, p) for p in points] for a in arguments]),
        )

    def _agreement(self, argument: Said, point: Said) -> float:
        if argument.stance != point.stance:
            return OTHER_SIDE
        label = self._labels.get((argument.id, point.id))
        if label is None:
            return np.nan
        return MATCHES if label else SAME_SIDE


def _drawn(sides: dict[int, list[Said]], rng: Random) -> list[Said]:
    return [each for some in sides.values() for each in rng.sample(some, min(OF_A_SIDE, len(some)))]


def _read(folder: Path) -> tuple[dict[str, Topic], dict[tuple[str, str], bool]]:
    topics: dict[str, Topic] = {}
    for row in _rows(folder / "arguments_train.csv"):
        said = Said(row["arg_id"], row["argument"], int(row["stance"]))
        topics.setdefault(row["topic"], Topic()).arguments[said.stance].append(said)
    for row in _rows(folder / "key_points_train.csv"):
        said = Said(row["key_point_id"], row["key_point"], int(row["stance"]))
        topics.setdefault(row["topic"], Topic()).points[said.stance].append(said)
    pairs = _rows(folder / "labels_train.csv")
    return topics, {(row["arg_id"], row["key_point_id"]): row["label"] == "1" for row in pairs}


def _rows(path: Path) -> Sequence[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
