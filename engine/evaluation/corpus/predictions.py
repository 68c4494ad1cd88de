"""What a scorer says of texts: ratings where it gives them, else raw scores.

Reads:  a reward model, or anything with `raw_scores`, and questions with opinions and statements.
Gives:  `Predictions`: a table for each question, and whether they are ratings, so that "above 4" can be said.
Refrains from judging. A pair without a finite number is an error: a suite with holes says nothing.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from engine.arrays import Floats
from engine.closeness import in_company, weight_of
from engine.errors import ScoringError
from engine.evaluation.accuracy.suites import Scorer
from engine.ports import EncodesOpinions, ReadsTogether, RewardModel
from engine.reward.model_info.calibration import Calibration

Judged = RewardModel | Scorer
"""What can be judged: by its ratings (`score`) where it has them, else by `raw_scores`."""


class Asked(NamedTuple):
    """One question to a scorer."""

    question: str
    opinions: Sequence[str]
    statements: Sequence[str]


@dataclass(frozen=True)
class Predictions:
    """tables: of shape (opinions, statements) each, higher is more agreement.

    calibrated: whether they are expected ratings, 1..7.
    """

    tables: tuple[Floats, ...]
    calibrated: bool


@dataclass
class Calibrated:
    """A scorer in training together with the calibration that it is going to have: gives ratings.

    name: as reports call it.
    """

    scorer: Scorer
    calibration: Calibration
    name: str = "reward model"
    described: str = "in training"

    async def score(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Expected ratings, shape (opinions, candidates), in [1, 7]."""
        return self.calibration.ratings(self.scorer.raw_scores(question, opinions, candidates))


class ReadApart:
    """A joint model as it reads a group that is too large to be read together: each text by itself."""

    def __init__(self, model: EncodesOpinions) -> None:
        self._model = model
        self.name = f"{getattr(model, 'name', 'reward model')}, read apart"
        self.described = "reads opinions apart from statements, as in large groups"
        self.closeness_weight = weight_of(model)

    async def score(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Expected ratings, shape (opinions, candidates), in [1, 7]. Raises ScoringError."""
        vectors = await self._model.encode_opinions(question, opinions)
        return await self._model.score_encoded(vectors, question, candidates)


def way_apart(model: Judged) -> ReadApart | None:
    """How a model reads large groups; None where it reads all of them in one way."""
    if isinstance(model, ReadsTogether) and isinstance(model, EncodesOpinions):
        return ReadApart(model)
    return None


def predictions(model: Judged, asked: Sequence[Asked]) -> Predictions:
    """Ask for everything.

    Raises:
        ScoringError: an answer has another shape than its texts, or lacks a finite number.
    """
    if hasattr(model, "score"):
        calibrated, tables = True, asyncio.run(_rated(model, asked))
    else:
        calibrated, tables = False, [model.raw_scores(*each) for each in asked]
    return Predictions(tuple(_checked(*pair) for pair in zip(tables, asked, strict=True)), calibrated)


async def _rated(model: Any, asked: Sequence[Asked]) -> list[Floats]:
    weight = weight_of(model)
    return [
        in_company(await model.score(*each), each.statements, each.opinions, weight=weight) for each in asked
    ]


def _checked(table: Floats, asked: Asked) -> Floats:
    shape = len(asked.opinions), len(asked.statements)
    if table.shape != shape:
        raise ScoringError(f"The reward model answered with shape {table.shape} instead of {shape}.")
    missing = int((~np.isfinite(table)).sum())
    if missing:
        raise ScoringError(
            f"The reward model gave no score for {missing} of {table.size} pairs of a question; it cannot be "
            "judged on the corpus."
        )
    return table
