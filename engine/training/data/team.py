"""A team's own ratings as something to learn from.

Reads:  a feedback export; records without consent or without an opinion are left out as they are read. Or
        rounds that a language model has rated in people's place (`unrated_rounds`).
Gives:  rounds of training, rounds to choose by, and rounds that are kept for comparing.
Refrains from names: raters are pseudonyms of one deliberation, and none is written down.

A person's ratings of several statements on a question (of one round or several, of one arm or several) make
their preference pairs. Everyday deliberations have one statement that all rate, so that no person has a
pair: there the loss within a statement, which asks who says it, and the level of the ratings teach.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Self

import numpy as np

from engine.evaluation.accuracy.suites import RatedRound
from engine.feedback.files import read_feedback
from engine.feedback.record import FeedbackRecord, Said
from engine.questions.bank import bank
from engine.questions.splits import Side, question_id, split_questions
from engine.run_manifest import seen_questions
from engine.synthetic.topics import load_questions
from engine.training.data.judge_answers import KeptAnswers
from engine.training.data.rounds import Round, in_turn, share_of
from engine.training.data.unrated_rounds import judged, read_rounds
from engine.training.runs.config import RewardConfig

CANDIDATES = 8
"""Statements of a round in one pass of training; of more, some are drawn each time."""


@dataclass(frozen=True)
class TeamRound(RatedRound):
    """Everything that was rated on one question in one deliberation; `group`: who sat together."""

    group: str = ""


@dataclass(frozen=True)
class TeamData:
    """An export, or a file of judged rounds, split.

    rounds: of each side.
    facts:  what the manifest says of the export and the split.
    """

    rounds: dict[Side, list[TeamRound]]
    facts: dict[str, Any]

    @classmethod
    def of(cls, config: RewardConfig) -> Self:
        """Read what the configuration names.

        Raises:
            FeedbackError: the export, or a file of rounds, cannot be read.
            ScoringError: a judge's answer is missing.
            ValueError: too little is left to learn from, or too few questions.
        """
        rounds, read = _judged(config) if config.rounds is not None else _of_people(config)
        split = split_questions(
            (each.question for each in rounds), seed=config.seed, choose=config.choose,
            held_out=config.held_out, topics=read_topics(config.clusters),
        )  # fmt: skip
        sides = {side: [r for r in rounds if split.of(r.question) is side] for side in Side}
        before = (seen_questions(config.start) if config.start else None) or []
        facts = {
            "kind": "reward", **read, "split": split.facts(before),
            "deliberations": {str(side): len(some) for side, some in sides.items()},
        }  # fmt: skip
        return cls(sides, facts)


def _of_people(config: RewardConfig) -> tuple[list[TeamRound], dict[str, Any]]:
    """The rounds of an export, and what the manifest says of it."""
    if config.feedback is None:
        raise ValueError("feedback: no export is named")
    counts: Counter[str] = Counter()
    rounds = team_rounds(usable(read_feedback(config.feedback), counts))
    return rounds, {"records": dict(counts)}


def _judged(config: RewardConfig) -> tuple[list[TeamRound], dict[str, Any]]:
    """The rounds of a file, rated by a judge's kept answers, and what the manifest says of them."""
    assert config.rounds is not None
    assert config.teacher is not None
    answers = KeptAnswers.read(config.teacher)
    found = judged(read_rounds(config.rounds), answers)
    rounds = [
        TeamRound(each.question, each.opinions, each.candidates, each.ratings, f"round {number}")
        for number, each in enumerate(found, 1)
    ]
    judges = sorted(name for name in answers.judges if name)
    return rounds, {"judged_rounds": len(rounds), "judges": judges}


def usable(records: Iterable[FeedbackRecord], counts: "Counter[str]") -> Iterable[FeedbackRecord]:
    """The records that may be learnt from; `counts` is told of these and of the others."""
    for record in records:
        kind = "used" if record.consent and record.opinion else "left_out"
        counts[kind] += 1
        if kind == "used":
            yield record


def team_rounds(records: Iterable[FeedbackRecord]) -> list[TeamRound]:
    """A round for each deliberation, in the order in which they come; unrated is NaN.

    Who changed their opinion between two rounds of a deliberation, or said what they miss in the first
    statement, is two people here: what they said of it belongs to their text in the second round.
    """
    sittings: dict[tuple[str, ...], _Sitting] = {}
    for record in records:
        key = (record.team, record.deliberation_id, question_id(record.question))
        sittings.setdefault(key, _Sitting(record.question, f"{record.team}/{record.group}")).add(record)
    return [sitting.round() for sitting in sittings.values()]


def read_topics(path: Path | None) -> dict[str, int]:
    """Topics by `question_id`: from a file of questions, or from the clusters that `accord questions` found.

    None where no file is named.

    Raises:
        ValueError: the file is neither.
    """
    if path is None:
        return {}
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(read, dict):
            return _clusters([each["questions"] for each in read["clusters"].values()])
        return {question_id(q.text): q.topic for q in load_questions(path)}
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise ValueError(
            f"{path}: neither questions with topics nor a clusters.json of `accord questions cluster`"
        ) from exc


def _clusters(found: Iterable[Sequence[str]]) -> dict[str, int]:
    """Questions are named by their id in the bank, or by their own words where they came from a file."""
    words = {each.id: each.question for each in bank()}
    return {question_id(words.get(name, name)): n for n, names in enumerate(found) for name in names}


class TeamRoundsForSteps:
    """The rounds of every step: all deliberations in a shuffled order, then in another; by the seed alone."""

    def __init__(self, rounds: Sequence[TeamRound], config: RewardConfig) -> None:
        self._rounds = [each for each in rounds if np.isfinite(each.ratings).sum() > 1]
        if not self._rounds:
            raise ValueError("the feedback holds no deliberation with two ratings or more to learn from")
        self._config = config

    def of_step(self, step: int) -> list[Round]:
        """The rounds of one step."""
        per_step, count = self._config.rounds_per_step, len(self._rounds)
        rng = Random(f"{self._config.seed}:{step}")  # noqa: S311 - repeatable on purpose
        places = range(step * per_step, (step + 1) * per_step)
        return [self._part(index, rng) for index in in_turn(places, count, self._config.seed)]

    def _part(self, index: int, rng: Random) -> Round:
        """As many people and statements as go through the model together."""
        each = self._rounds[index]
        people = _some(len(each.opinions), self._config.people, rng)
        statements = _some(len(each.candidates), CANDIDATES, rng)
        return Round(
            question=each.question if rng.random() >= self._config.unasked else "",
            opinions=tuple(each.opinions[i] for i in people),
            candidates=tuple(each.candidates[i] for i in statements),
            agreement=share_of(each.ratings[np.ix_(people, statements)]),
        )


@dataclass
class _Sitting:
    """A deliberation's ratings as they are read."""

    question: str
    group: str
    records: list[FeedbackRecord] = field(default_factory=list)

    def add(self, record: FeedbackRecord) -> None:
        self.records.append(record)

    def round(self) -> TeamRound:
        said = Said(self.records)
        people: dict[tuple[str, str], int] = {}
        statements: dict[tuple[int, str], int] = {}
        texts: list[str] = []
        given: dict[tuple[int, int], int] = {}
        for record in self.records:
            row = people.setdefault((record.participant, said.text(record) or ""), len(people))
            column = statements.setdefault((record.round, record.statement_id), len(statements))
            if column == len(texts):
                texts.append(record.statement)
            given[row, column] = record.agreement
        ratings = np.full((len(people), len(texts)), np.nan)
        for place, agreement in given.items():
            ratings[place] = agreement
        opinions = tuple(text for _, text in people)
        return TeamRound(self.question, opinions, tuple(texts), ratings, self.group)


def _some(count: int, most: int, rng: Random) -> list[int]:
    return list(range(count)) if count <= most else sorted(rng.sample(range(count), most))
