"""How well ratings were predicted: by the reward model, by popularity and by words in common.

Reads:  `Ratings` with predictions, made when the statements were chosen or by a model that is given now.
Gives:  pairwise accuracy within person, rank correlation and calibration, with intervals by group.
Refrains from comparing on different pairs: all predictors are judged where each of them has a say.
"""

import asyncio
import math
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata  # type: ignore[import-untyped]

from engine.arrays import Floats
from engine.evaluation.accuracy.agreement import tally
from engine.evaluation.accuracy.baselines import TfIdf, others_mean
from engine.evaluation.feedback.ratings import Mask, Ratings, Table, tables
from engine.evaluation.intervals import Bootstrap, Estimate, Integers, rounded
from engine.ports import RewardModel
from engine.types import HIGHEST_RATING, LOWEST_RATING, Frozen

MODEL, RECORDED = "reward model", "reward model at the time"
POPULARITY, SIMILARITY = "popularity", "similarity"
BINS = np.arange(LOWEST_RATING, HIGHEST_RATING + 1.0)
"""Edges of the reliability bins: one rating point wide."""


class Predictor(Frozen):
    """One predictor. pairwise: share of a person's differently rated pairs that it orders alike, ties half.

    rank_correlation: Spearman's, over all ratings; None where nothing varies.
    gain: what the reward model is right more often than this one, in shares; None for itself.
    """

    name: str
    pairwise: Estimate
    rank_correlation: Estimate | None
    gain: Estimate | None


class Bin(Frozen):
    """Ratings whose prediction lies in [low, high): what was predicted and what was given, on average."""

    low: float
    high: float
    predicted: float
    rated: Estimate


class Calibration(Frozen):
    """error: mean distance of bins from what they predicted, by their size; bias: predicted less rated.

    Both in rating points; `rmse` is the root of the mean squared error of single ratings.
    """

    bins: tuple[Bin, ...]
    error: Estimate
    bias: Estimate
    rmse: Estimate


class Accuracy(Frozen):
    """predictors: empty where no person rated two statements differently that all predictors know."""

    model: str
    predictors: tuple[Predictor, ...]
    calibration: Calibration


def predicted_by(model: RewardModel, ratings: Ratings) -> Floats:
    """What a model expects of every rater with an opinion: shape (ratings,), NaN for the others.

    Raises:
        ScoringError: the model cannot score.
    """
    return asyncio.run(_predicted_by(model, ratings))


async def _predicted_by(model: RewardModel, ratings: Ratings) -> Floats:
    predicted = np.full(len(ratings), np.nan)
    for table in tables(ratings):
        texts = _texts(ratings, table)
        if texts is None:
            continue
        scores = await model.score(texts.question, texts.opinions, texts.statements)
        rated = texts.rows >= 0
        predicted[texts.rows[rated]] = scores[rated]
    return predicted


def pairs_to_predict(ratings: Ratings) -> int:
    """Pairs of an opinion and a statement that `predicted_by` asks a model about."""
    asked = (_texts(ratings, table) for table in tables(ratings))
    return sum(len(texts.opinions) * len(texts.statements) for texts in asked if texts is not None)


def accuracy(ratings: Ratings, recorded: Floats | None, model: str, bootstrap: Bootstrap) -> Accuracy | None:
    """Judge the predictions in `ratings`; None where there are none.

    Args:
        recorded: what was predicted at the time, where `ratings` hold a later model's predictions.
    """
    there = np.isfinite(ratings.predicted)
    if not there.any():
        return None
    scores = {MODEL: ratings.predicted}
    if recorded is not None:
        scores[RECORDED] = recorded
    scores |= {POPULARITY: _popularity(ratings), SIMILARITY: _similarity(ratings)}
    usable = {name: each for name, each in scores.items() if np.isfinite(each).any()}
    common: Mask = np.logical_and.reduce([np.isfinite(each) for each in usable.values()])
    judged = _judge(ratings.where(common), {name: each[common] for name, each in usable.items()}, bootstrap)
    return Accuracy(model=model, predictors=judged, calibration=calibration(ratings.where(there), bootstrap))


# -- ranking -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tallies:
    """By person with a preference: pairs ordered rightly, pairs, group and ratings that those pairs hold."""

    right: Floats
    pairs: Floats
    group: Integers
    ratings: int

    def accuracy(self, bootstrap: Bootstrap) -> Estimate:
        """The share of all pairs."""
        share = self.right / self.pairs
        found = bootstrap.mean(share, self.group, weights=self.pairs, ratings=self.ratings)
        return found.model_copy(update={"cases": int(self.pairs.sum())})


def _judge(ratings: Ratings, scores: dict[str, Floats], bootstrap: Bootstrap) -> tuple[Predictor, ...]:
    if not len(ratings):
        return ()
    found = {name: _tallies(ratings, each) for name, each in scores.items()}
    mine = found[MODEL]
    if not mine.pairs.size:
        return ()
    judged = []
    for name, each in found.items():
        gap = Tallies(mine.right - each.right, mine.pairs, mine.group, mine.ratings)
        judged.append(
            Predictor(
                name=name,
                pairwise=each.accuracy(bootstrap),
                rank_correlation=_rank_correlation(ratings, scores[name], bootstrap),
                gain=None if name == MODEL else gap.accuracy(bootstrap),
            )
        )
    return tuple(judged)


def _tallies(ratings: Ratings, scores: Floats) -> Tallies:
    people = list(ratings.by(ratings.rater))
    counted = [(tally(scores[rows], ratings.agreement[rows]), rows) for rows in people]
    kept = [(each, rows) for each, rows in counted if each.pairs]
    return Tallies(
        right=np.array([each.right for each, _ in kept]),
        pairs=np.array([each.pairs for each, _ in kept], dtype=np.float64),
        group=np.array([ratings.group[rows[0]] for _, rows in kept], dtype=np.int64),
        ratings=sum(rows.size for _, rows in kept),
    )


def _rank_correlation(ratings: Ratings, scores: Floats, bootstrap: Bootstrap) -> Estimate | None:
    if np.ptp(scores) == 0 or np.ptp(ratings.agreement) == 0:
        return None
    return bootstrap.of(
        lambda rows: _spearman(scores[rows], ratings.agreement[rows]), ratings.group, ratings=len(ratings)
    )


def _spearman(one: Floats, other: Floats) -> float:
    """Pearson's correlation of ranks, ties sharing theirs; NaN where nothing varies."""
    return pearson(rankdata(one), rankdata(other))


def pearson(one: Floats, other: Floats) -> float:
    """Pearson's correlation of two arrays of shape (cases,); NaN where nothing varies."""
    a, b = one - one.mean(), other - other.mean()
    spread = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / spread if spread else float("nan")


# -- calibration ---------------------------------------------------------------------------------


def calibration(ratings: Ratings, bootstrap: Bootstrap) -> Calibration:
    """Predicted against given ratings. Every rating must have a prediction."""
    at = np.clip(np.digitize(ratings.predicted, BINS) - 1, 0, BINS.size - 2)
    gap = ratings.predicted - ratings.agreement
    group, held = ratings.group, len(ratings)
    rmse = bootstrap.mean(gap**2, group)
    return Calibration(
        bins=tuple(_bin(ratings.where(at == each), int(each), bootstrap) for each in np.unique(at)),
        error=bootstrap.of(lambda rows: _bin_error(gap[rows], at[rows]), group, ratings=held),
        bias=bootstrap.mean(gap, group),
        rmse=rmse.model_copy(update={name: _root(getattr(rmse, name)) for name in ("value", "low", "high")}),
    )


def _bin(ratings: Ratings, at: int, bootstrap: Bootstrap) -> Bin:
    return Bin(
        low=BINS[at],
        high=BINS[at + 1],
        predicted=rounded(float(ratings.predicted.mean())),
        rated=bootstrap.mean(ratings.agreement, ratings.group),
    )


def _bin_error(gap: Floats, at: Integers) -> float:
    return float(np.abs(np.bincount(at, weights=gap)).sum() / gap.size)


def _root(value: float | None) -> float | None:
    return None if value is None else rounded(math.sqrt(value))


# -- what knows less -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Texts:
    """One round in words, those of its raters whose opinion is there; rows as in `Table`."""

    question: str
    opinions: list[str]
    statements: list[str]
    rows: Integers


def _popularity(ratings: Ratings) -> Floats:
    scores = np.full(len(ratings), np.nan)
    for table in tables(ratings):
        rated = table.rows >= 0
        scores[table.rows[rated]] = others_mean(table.of(ratings.agreement))[rated]
    return scores


def _similarity(ratings: Ratings) -> Floats:
    scores = np.full(len(ratings), np.nan)
    for table in tables(ratings):
        texts = _texts(ratings, table)
        if texts is not None:
            found = TfIdf().raw_scores(texts.question, texts.opinions, texts.statements)
            rated = texts.rows >= 0
            scores[texts.rows[rated]] = found[rated]
    return scores


def _texts(ratings: Ratings, table: Table) -> Texts | None:
    """None where nobody's opinion is there."""
    said = {row: ratings.said[cells.max()] for row, cells in enumerate(table.rows)}
    people = [row for row, text in said.items() if text]
    if not people:
        return None
    statements = [ratings.records[cells.max()].statement for cells in table.rows.T]
    question = ratings.records[table.rows.max()].question
    return Texts(question, [said[row] or "" for row in people], statements, table.rows[people])
