"""A language model's answers on rounds: kept in a file, to teach a small model and to calibrate by.

Reads:  rounds of a feedback export, or of a file without ratings (`unrated_rounds`); a judge, as
        `engine.reward.judge.environment` makes it; answers kept before.
Gives:  a file of JSON lines `{question, opinion, candidate, reward, judge}`, as `accord score` writes them;
        from it a teacher's scores, and a calibration of the judge on the team's own ratings.
Refrains from asking twice: what is kept is not asked again, so that a run that was stopped goes on.

The file holds members' opinions: it is for whoever may read the export.
"""

import asyncio
import json
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.arrays import Floats
from engine.errors import ScoringError
from engine.evaluation.accuracy.suites import RatedRound
from engine.reward.judge.model import LanguageModelJudge, raw
from engine.reward.model_info.calibration import Calibration, fit_calibration
from engine.reward.scoring.scorer import SCORED_TOGETHER, RoundScorer
from engine.types import HIGHEST_RATING, LOWEST_RATING

ANSWERS, CALIBRATION, TEACHER = "answers.jsonl", "calibration.json", "teacher.jsonl"

logger = logging.getLogger(__name__)


class Answer(BaseModel):
    """One line: how far a judge expects the author of the opinion to agree, 1..7."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    question: str
    opinion: str
    candidate: str
    reward: float = Field(ge=LOWEST_RATING, le=HIGHEST_RATING)
    judge: str | None = None


class KeptAnswers:
    """Answers by their texts; a model that scores what is in it."""

    def __init__(self, answers: Iterable[Answer], where: str) -> None:
        self._where = where
        self._known: dict[tuple[str, str, str], float] = {}
        self._unasked: dict[tuple[str, str], float] = {}
        self.judges: set[str | None] = set()
        for answer in answers:
            self.add(answer)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The answers of a file; none where it is not there.

        Raises:
            ScoringError: a line is no answer; the message names the line and quotes nothing of it.
        """
        return cls(_answers(path) if path.exists() else (), str(path))

    def add(self, answer: Answer) -> None:
        """Know one more."""
        self._known[answer.question, answer.opinion, answer.candidate] = answer.reward
        self._unasked[answer.opinion, answer.candidate] = answer.reward
        self.judges.add(answer.judge)

    def lacks(self, question: str, opinion: str, candidate: str) -> bool:
        """Whether this pair has not been asked about."""
        return (question, opinion, candidate) not in self._known

    def ratings(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Expected ratings as the judge gave them, shape (opinions, candidates).

        Raises:
            ScoringError: an answer is missing.
        """
        return np.array([[self._of(question, o, c) for c in candidates] for o in opinions])

    def raw_scores(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Logits of (rating - 1) / 6, shape (opinions, candidates); without the question as with it.

        Raises:
            ScoringError: an answer is missing.
        """
        return raw(self.ratings(question, opinions, candidates))

    def _of(self, question: str, opinion: str, candidate: str) -> float:
        found = self._known.get((question, opinion, candidate))
        if found is None and not question:
            found = self._unasked.get((opinion, candidate))
        if found is None:
            raise ScoringError(f"{self._where}: answers are missing; write them with accord train judge.")
        return found


def ask_and_keep(judge: LanguageModelJudge, rounds: Sequence[RatedRound], path: Path) -> KeptAnswers:
    """Ask about every opinion with every statement of each round, and keep each round's answers at once.

    Raises:
        ScoringError: an answer cannot be had; what came before is kept.
        ValueError: the file holds answers of another judge.
    """
    kept = KeptAnswers.read(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    asyncio.run(_ask_all(judge, rounds, path, kept))
    return kept


def calibrated(answers: KeptAnswers, rounds: Sequence[RatedRound]) -> Calibration:
    """Fit the judge's ratings to those that people gave.

    Raises:
        ScoringError: these do not rise together.
    """
    scores, ratings = [], []
    for each in rounds:
        rated = np.isfinite(each.ratings)
        scores.append(answers.raw_scores(each.question, each.opinions, each.candidates)[rated])
        ratings.append(each.ratings[rated])
    return fit_calibration(np.concatenate(scores), np.concatenate(ratings))


async def _ask_all(
    judge: LanguageModelJudge, rounds: Sequence[RatedRound], path: Path, kept: KeptAnswers
) -> None:
    await judge.check()
    if kept.judges - {judge.name}:
        raise ValueError(f"{path} holds answers of another judge; choose another folder, or remove it")
    for number, each in enumerate(rounds, 1):
        if not any(kept.lacks(each.question, o, c) for o in each.opinions for c in each.candidates):
            continue
        answers = await _asked(judge, each)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(answer.model_dump_json() + "\n" for answer in answers)
        for answer in answers:
            kept.add(answer)
        logger.info("%s: %d of %d deliberations judged", judge.name, number, len(rounds))


async def _asked(judge: LanguageModelJudge, each: RatedRound) -> list[Answer]:
    """All answers of a round, as many statements at a time as in a mediation."""
    scorer = RoundScorer(judge, each.question, each.opinions)
    await scorer.read_ahead()
    found = []
    for first in range(0, len(each.candidates), SCORED_TOGETHER):
        some = each.candidates[first : first + SCORED_TOGETHER]
        rewards = await scorer.score(some)
        found += [
            Answer(
                question=each.question, opinion=opinion, candidate=candidate,
                reward=float(rewards[row, column]), judge=judge.name,
            )
            for row, opinion in enumerate(each.opinions)
            for column, candidate in enumerate(some)
        ]  # fmt: skip
    return found


def _answers(path: Path) -> Iterable[Answer]:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                yield Answer.model_validate(json.loads(line))
            except (ValidationError, ValueError):
                raise ScoringError(
                    f"{path}: line {number} is no answer of a judge; remove the line, or the file."
                ) from None
