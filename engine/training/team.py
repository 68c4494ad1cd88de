"""A team's own ratings as something to learn from, and to be judged by.

Reads:  a feedback export; records without consent or without an opinion are left out as they are read.
Gives:  rounds of training, what a run is judged by while it trains, and rounds that are kept for comparing.
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
import torch

from engine.arrays import Floats
from engine.evaluation.agreement import within_person
from engine.evaluation.suites import RatedRound, Scorer, scored_and_rated, tallies
from engine.feedback import FeedbackRecord
from engine.feedback_files import read_feedback
from engine.questions.bank import bank
from engine.training.config import RewardConfig, Terms
from engine.training.losses import round_loss
from engine.training.rounds import Round, in_turn, share_of
from engine.training.sources import load_questions
from engine.training.splits import Side, question_id, seen_questions, split_questions

CANDIDATES = 8
"""Statements of a round in one pass of training; of more, some are drawn each time."""


@dataclass(frozen=True)
class TeamRound(RatedRound):
    """Everything that was rated on one question in one deliberation; `group`: who sat together."""

    group: str = ""


@dataclass(frozen=True)
class TeamData:
    """An export, split.

    rounds: of each side.
    facts:  what the manifest says of the export and the split.
    """

    rounds: dict[Side, list[TeamRound]]
    facts: dict[str, Any]

    @classmethod
    def of(cls, config: RewardConfig) -> Self:
        """Read what the configuration names.

        Raises:
            FeedbackError: the export cannot be read.
            ValueError: too little is left to learn from, or too few questions.
        """
        if config.feedback is None:
            raise ValueError("feedback: no export is named")
        counts: Counter[str] = Counter()
        rounds = team_rounds(usable(read_feedback(config.feedback), counts))
        split = split_questions(
            (each.question for each in rounds), seed=config.seed, choose=config.choose,
            held_out=config.held_out, topics=read_topics(config.clusters),
        )  # fmt: skip
        sides = {side: [r for r in rounds if split.of(r.question) is side] for side in Side}
        before = (seen_questions(config.start) if config.start else None) or []
        facts = {
            "kind": "reward", "records": dict(counts), "split": split.facts(before),
            "deliberations": {str(side): len(some) for side, some in sides.items()},
        }  # fmt: skip
        return cls(sides, facts)


def usable(records: Iterable[FeedbackRecord], counts: "Counter[str]") -> Iterable[FeedbackRecord]:
    """The records that may be learnt from; `counts` is told of these and of the others."""
    for record in records:
        kind = "used" if record.consent and record.opinion else "left_out"
        counts[kind] += 1
        if kind == "used":
            yield record


def team_rounds(records: Iterable[FeedbackRecord]) -> list[TeamRound]:
    """A round for each deliberation, in the order in which they come; unrated is NaN.

    Who changed their opinion between two rounds of a deliberation is two people here.
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


class TeamExam:
    """What a run on a team's feedback is judged by while it trains, on the questions to choose by.

    That is the accuracy within a person, as in the comparison that follows; the loss, with its sign turned,
    where nobody rated two statements differently.
    """

    def __init__(self, rounds: Sequence[TeamRound], terms: Terms) -> None:
        self._rounds = list(rounds)
        self._terms = terms

    def examined(self, model: Scorer) -> tuple[float, dict[str, float]]:
        """The number to choose by, and the accuracy within a person where there are pairs."""
        found = tallies(model, self._rounds)
        if not any(each.pairs for each in found):
            return -float(np.mean([self._loss(model, each) for each in self._rounds])), {}
        judged = within_person(found)
        return judged.accuracy, {"choose": judged.accuracy}

    def calibration_pairs(self, model: Scorer) -> tuple[Floats, Floats]:
        """Raw scores and ratings of the questions to choose by, each of shape (pairs,)."""
        return scored_and_rated(model, self._rounds)

    def _loss(self, model: Scorer, each: TeamRound) -> float:
        scores = torch.tensor(model.raw_scores(each.question, each.opinions, each.candidates))
        return round_loss(scores, torch.tensor(share_of(each.ratings)), self._terms).item()


@dataclass
class _Sitting:
    """A deliberation's ratings as they are read."""

    question: str
    group: str
    people: dict[tuple[str, str], int] = field(default_factory=dict)
    statements: dict[tuple[int, str], int] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    ratings: dict[tuple[int, int], int] = field(default_factory=dict)

    def add(self, record: FeedbackRecord) -> None:
        person = (record.participant, record.opinion or "")
        row = self.people.setdefault(person, len(self.people))
        column = self.statements.setdefault((record.round, record.statement_id), len(self.statements))
        if column == len(self.texts):
            self.texts.append(record.statement)
        self.ratings[row, column] = record.agreement

    def round(self) -> TeamRound:
        ratings = np.full((len(self.people), len(self.texts)), np.nan)
        for place, agreement in self.ratings.items():
            ratings[place] = agreement
        opinions = tuple(opinion for _, opinion in self.people)
        return TeamRound(self.question, opinions, tuple(self.texts), ratings, self.group)


def _some(count: int, most: int, rng: Random) -> list[int]:
    return list(range(count)) if count <= most else sorted(rng.sample(range(count), most))
