"""The exam: everything that a reward model is judged by on a corpus, in one object.

Reads:  a part of a corpus, usually one split, and a model.
Gives:  `Exam`: numbers with 95 % intervals, the same for the same corpus, model and seed.
Refrains from texts: it names kinds and forms, and quotes nobody.

Intervals draw whole rounds, or whole sets of options. A model that gives ratings is judged by them; one that
has raw scores alone is judged by those, and what needs ratings is left out: "above 4", calibration, and the
choice by the Bernoulli-Nash function.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from pydantic import Field

from engine.arrays import Floats
from engine.evaluation.accuracy.agreement import tally
from engine.evaluation.corpus.choice import BEST, CHOOSERS, FUNCTIONS, ON_RAW_SCORES, Pick, picks
from engine.evaluation.corpus.kinds import Placed, placed
from engine.evaluation.corpus.options import ConditionsTold, OptionsTold, conditions_told, options_told
from engine.evaluation.corpus.predictions import Asked, Judged, predictions
from engine.evaluation.corpus.raters import Raters, raters
from engine.evaluation.corpus.reading import Corpus, CorpusRound, Sort, Split, StatementKind
from engine.evaluation.feedback.prediction import MODEL, Bin, Tallies
from engine.evaluation.intervals import DRAWS, Bootstrap, Estimate, rounded
from engine.names import WelfareName
from engine.types import Frozen, WelfareFunction
from engine.welfare import welfare

QUINTILES = (0.2, 0.4, 0.6, 0.8)


class Exam(Frozen):
    """What a model did. Parts that the corpus has nothing for are empty or None.

    splits:     whose rounds these are.
    picks:      by the model, by choosers that know less and by the ratings themselves (best possible).
    kinds:      by the model and the choosers that know less; by the model's mean prediction.
    pairwise:   share of a person's differently rated pairs that the model orders as the person does.
    swapped:    the same with every person's opinion given to the next one.
    quintiles:  predictions in fifths from low to high, with the ratings that were given.
    raters:     of the rounds that were rated twice.
    """

    model: str
    calibrated: bool
    splits: tuple[Split, ...]
    rounds: int = Field(ge=0)
    ratings: int = Field(ge=0)
    option_sets: int = Field(ge=0)
    condition_sets: int = Field(ge=0)
    picks: tuple[Pick, ...]
    kinds: tuple[Placed, ...]
    options: tuple[OptionsTold, ...]
    conditions: ConditionsTold | None
    pairwise: Estimate | None
    swapped: Estimate | None
    quintiles: tuple[Bin, ...]
    raters: Raters | None

    def gain(
        self, sort: Sort, name: WelfareName = WelfareName.UTILITARIAN, *, by: str = MODEL
    ) -> Estimate | None:
        """The share of what choosing can gain; None where it was not measured, or nothing can be gained."""
        found = (each for each in self.picks if (each.by, each.sort, each.function.name) == (by, sort, name))
        pick = next(found, None)
        return pick.gain if pick else None

    def good_above(self, over: StatementKind | None = None, *, by: str = MODEL) -> Estimate | None:
        """How often a good statement stands above one of `over` (None: of any other kind)."""
        found = (each.rate for each in self.kinds if (each.by, each.over) == (by, over))
        return next(found, None)


@dataclass(frozen=True)
class Answers:
    """What a model says of rounds: tables of shape (members, statements), ratings where `calibrated`."""

    rounds: tuple[CorpusRound, ...]
    tables: tuple[Floats, ...]
    calibrated: bool

    @classmethod
    def of(cls, model: Judged, rounds: Sequence[CorpusRound]) -> Self:
        """Ask the model for all rounds. Raises ScoringError."""
        told = [each.rated() for each in rounds]
        found = predictions(model, [Asked(each.question, each.opinions, each.candidates) for each in told])
        return cls(tuple(rounds), found.tables, found.calibrated)

    def of_sort(self, sort: Sort) -> Self:
        """The rounds of one sort."""
        kept = [pair for pair in zip(self.rounds, self.tables, strict=True) if pair[0].sort is sort]
        return type(self)(tuple(each for each, _ in kept), tuple(table for _, table in kept), self.calibrated)

    def welfare(self, function: WelfareFunction) -> list[Floats]:
        """Predicted welfare of each round's statements, shape (statements,)."""
        return [welfare(table, function) for table in self.tables]

    def means(self) -> list[Floats]:
        """Predicted mean of each round's statements, shape (statements,)."""
        return [table.mean(axis=0) for table in self.tables]


def examine(model: Judged, corpus: Corpus, *, seed: int = 0, draws: int = DRAWS) -> Exam:
    """Judge a model on all of `corpus`, which is usually one split.

    Raises:
        ScoringError: the model cannot score.
    """
    answers = Answers.of(model, corpus.rounds)
    kinds = answers.of_sort(Sort.KINDS)
    options, conditions = _sets(model, corpus, seed, draws)
    bootstrap = Bootstrap(max(1, len(answers.rounds)), seed=seed, draws=draws)
    return Exam(
        model=str(getattr(model, "name", MODEL)),
        calibrated=answers.calibrated,
        splits=tuple(split for split in Split if any(each.split is split for each in corpus.rounds)),
        rounds=len(corpus.rounds),
        ratings=sum(table.size for table in answers.tables),
        option_sets=len(corpus.options),
        condition_sets=len(corpus.conditions),
        picks=tuple(pick for sort in Sort for pick in _picks(answers.of_sort(sort), sort, seed, draws)),
        kinds=_placed(kinds, seed, draws) if kinds.rounds else (),
        options=options,
        conditions=conditions,
        pairwise=pairwise(answers, bootstrap, swapped=False),
        swapped=pairwise(answers, bootstrap, swapped=True),
        quintiles=quintiles(answers, bootstrap) if answers.calibrated else (),
        raters=raters(corpus.rounds, seed=seed, draws=draws),
    )


def _picks(answers: Answers, sort: Sort, seed: int, draws: int) -> tuple[Pick, ...]:
    """Of rounds of one sort."""
    if not answers.rounds:
        return ()
    bootstrap = Bootstrap(len(answers.rounds), seed=seed, draws=draws)
    chosen = {name: [score(each) for each in answers.rounds] for name, score in CHOOSERS.items()}
    found: list[Pick] = []
    for function in FUNCTIONS:
        able = answers.calibrated or function in ON_RAW_SCORES
        asked = {MODEL: answers.welfare(function)} if able else {}
        asked |= chosen | {BEST: [welfare(each.table, function) for each in answers.rounds]}
        found += picks(answers.rounds, sort, asked, function, bootstrap)
    return tuple(found)


def _placed(answers: Answers, seed: int, draws: int) -> tuple[Placed, ...]:
    bootstrap = Bootstrap(len(answers.rounds), seed=seed, draws=draws)
    scores = {MODEL: answers.means()}
    scores |= {name: [score(each) for each in answers.rounds] for name, score in CHOOSERS.items()}
    return tuple(row for by, each in scores.items() for row in placed(by, answers.rounds, each, bootstrap))


def _sets(
    model: Judged, corpus: Corpus, seed: int, draws: int
) -> tuple[tuple[OptionsTold, ...], ConditionsTold | None]:
    asked = [Asked(each.question, each.opinions, each.statements) for each in corpus.options]
    one_each = [
        Asked(each.question, [opinion], [three.met, three.broken, three.silent])
        for each in corpus.conditions
        for opinion, three in zip(each.opinions, each.statements, strict=True)
    ]
    found = predictions(model, [*asked, *one_each])
    told, rows = found.tables[: len(asked)], iter(found.tables[len(asked) :])
    tables = [np.concatenate([next(rows) for _ in each.opinions]) for each in corpus.conditions]
    options, conditions = (
        Bootstrap(max(1, len(sets)), seed=seed, draws=draws) for sets in (corpus.options, corpus.conditions)
    )
    return (
        options_told(corpus.options, told, calibrated=found.calibrated, bootstrap=options),
        conditions_told(corpus.conditions, tables, conditions),
    )


def pairwise(answers: Answers, bootstrap: Bootstrap, *, swapped: bool) -> Estimate | None:
    """Accuracy within a person; None where nobody rated two statements differently.

    Args:
        swapped: each opinion is given to the next member, whose ratings stay. A model that reads opinions one
            by one then says of the next member what it said of this one, so it need not be asked again.
    """
    counted = [
        (tally(row, rated), at)
        for at, (each, table) in enumerate(zip(answers.rounds, answers.tables, strict=True))
        for row, rated in zip(np.roll(table, -1, axis=0) if swapped else table, each.table, strict=True)
    ]
    kept = [(each, at) for each, at in counted if each.pairs]
    if not kept:
        return None
    found = Tallies(
        right=np.array([each.right for each, _ in kept]),
        pairs=np.array([each.pairs for each, _ in kept], dtype=np.float64),
        group=np.array([at for _, at in kept], dtype=np.int64),
        ratings=sum(len(answers.rounds[at].statements) for _, at in kept),
    )
    return found.accuracy(bootstrap)


def quintiles(answers: Answers, bootstrap: Bootstrap) -> tuple[Bin, ...]:
    """Fifths of all predictions; those that are alike stay together, so that fifths may differ in size."""
    if not answers.rounds:
        return ()
    predicted = np.concatenate([table.ravel() for table in answers.tables])
    rated = np.concatenate([each.table.ravel() for each in answers.rounds])
    group = np.repeat(np.arange(len(answers.rounds)), [table.size for table in answers.tables])
    edges = np.quantile(predicted, QUINTILES)
    fifth = np.searchsorted(edges, predicted)
    return tuple(
        Bin(
            low=rounded(float(predicted[rows].min())),
            high=rounded(float(predicted[rows].max())),
            predicted=rounded(float(predicted[rows].mean())),
            rated=bootstrap.mean(rated[rows], group[rows]),
        )
        for rows in (np.flatnonzero(fifth == at) for at in np.unique(fifth))
    )
