"""The exam: everything that a reward model is judged by on a corpus, in one object.

Reads:  a part of a corpus, usually one split, and a model.
Gives:  `Exam`: numbers with 95 % intervals, the same for the same corpus, model and seed.
Refrains from texts: it names kinds and forms, and quotes nobody.

Intervals draw whole rounds, or whole sets of options. A model that gives ratings is judged by them; one that
has raw scores alone is judged by those, and what needs ratings is left out: "above 4", calibration, and the
choice by the Bernoulli-Nash function.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from pydantic import Field

from engine.arrays import Floats
from engine.evaluation.accuracy.agreement import Tally, tally
from engine.evaluation.corpus.choice import BEST, CHOOSERS, FUNCTIONS, ON_RAW_SCORES, Pick, picks
from engine.evaluation.corpus.forms import FormGain, form_gains, guessed
from engine.evaluation.corpus.kinds import Placed, placed
from engine.evaluation.corpus.options import ConditionsTold, OptionsTold, conditions_told, options_told
from engine.evaluation.corpus.predictions import Asked, Judged, predictions, way_apart
from engine.evaluation.corpus.raters import Raters, raters
from engine.evaluation.corpus.reading import Corpus, CorpusRound, Sort, Split, StatementKind
from engine.evaluation.feedback.prediction import MODEL, Bin, Tallies
from engine.evaluation.intervals import DRAWS, Bootstrap, Estimate, rounded
from engine.names import WelfareName
from engine.question_kinds import QuestionKind
from engine.types import Frozen, WelfareFunction
from engine.welfare import welfare

Beside = Mapping[str, Mapping[str, Floats]]
"""Scores of the statements by others who choose, by their name and the round's id."""
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
    forms:      the choice by mean at each form of question, by the model and the choosers that know less.
    unknown_kinds: the forms at which the model shows chance (`guessed`).
    apart:      of a joint model, the same exam of the way in which it reads large groups, the model alone.
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
    forms: tuple[FormGain, ...] = ()
    unknown_kinds: tuple[QuestionKind, ...] = ()
    apart: "Exam | None" = None

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
    exam = _examined(model, corpus, CHOOSERS, seed, draws)
    other = way_apart(model)
    if other is None:
        return exam
    return exam.model_copy(update={"apart": _examined(other, corpus, {}, seed, draws)})


def _examined(
    model: Judged,
    corpus: Corpus,
    choosers: Mapping[str, Callable[[CorpusRound], Floats]],
    seed: int,
    draws: int,
) -> Exam:
    """`choosers`: whoever else chooses in the same rounds; raters are left out where nobody does."""
    beside = {name: {each.id: score(each) for each in corpus.rounds} for name, score in choosers.items()}
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
        picks=tuple(pick for sort in Sort for pick in _picks(answers.of_sort(sort), beside, seed, draws)),
        kinds=_placed(kinds, beside, seed, draws) if kinds.rounds else (),
        options=options,
        conditions=conditions,
        pairwise=pairwise(answers, bootstrap, swapped=False),
        swapped=pairwise(answers, bootstrap, swapped=True),
        quintiles=quintiles(answers, bootstrap) if answers.calibrated else (),
        raters=raters(corpus.rounds, seed=seed, draws=draws) if beside else None,
        forms=form_gains(answers.rounds, {MODEL: answers.means()} | _chosen(answers, beside), bootstrap),
        unknown_kinds=unknown_kinds(answers, bootstrap),
    )


def unknown_kinds(answers: Answers, bootstrap: Bootstrap) -> tuple[QuestionKind, ...]:
    """The forms of question at which a model shows chance; `bootstrap` draws all rounds."""
    return guessed(form_gains(answers.rounds, {MODEL: answers.means()}, bootstrap))


def _chosen(answers: Answers, beside: Beside) -> dict[str, list[Floats]]:
    return {name: [scores[each.id] for each in answers.rounds] for name, scores in beside.items()}


def _picks(answers: Answers, beside: Beside, seed: int, draws: int) -> tuple[Pick, ...]:
    """Of rounds of one sort."""
    if not answers.rounds:
        return ()
    bootstrap = Bootstrap(len(answers.rounds), seed=seed, draws=draws)
    sort, chosen = answers.rounds[0].sort, _chosen(answers, beside)
    found: list[Pick] = []
    for function in FUNCTIONS:
        able = answers.calibrated or function in ON_RAW_SCORES
        asked = {MODEL: answers.welfare(function)} if able else {}
        asked |= chosen | {BEST: [welfare(each.table, function) for each in answers.rounds]}
        found += picks(answers.rounds, sort, asked, function, bootstrap)
    return tuple(found)


def _placed(answers: Answers, beside: Beside, seed: int, draws: int) -> tuple[Placed, ...]:
    bootstrap = Bootstrap(len(answers.rounds), seed=seed, draws=draws)
    scores = {MODEL: answers.means()} | _chosen(answers, beside)
    return tuple(row for by, each in scores.items() for row in placed(by, answers.rounds, each, bootstrap))


@dataclass(frozen=True)
class SetAnswers:
    """What a model says of options and conditions.

    options:    tables of shape (opinions, statements).
    conditions: tables of shape (opinions, 3): met, broken and silent.
    """

    options: tuple[Floats, ...]
    conditions: tuple[Floats, ...]
    calibrated: bool


def answers_to_sets(model: Judged, corpus: Corpus) -> SetAnswers:
    """Ask the model for all sets of options and conditions. Raises ScoringError."""
    asked = [Asked(each.question, each.opinions, each.statements) for each in corpus.options]
    one_each = [
        Asked(each.question, [opinion], [three.met, three.broken, three.silent])
        for each in corpus.conditions
        for opinion, three in zip(each.opinions, each.statements, strict=True)
    ]
    found = predictions(model, [*asked, *one_each])
    told, rows = found.tables[: len(asked)], iter(found.tables[len(asked) :])
    conditions = (np.concatenate([next(rows) for _ in each.opinions]) for each in corpus.conditions)
    return SetAnswers(told, tuple(conditions), found.calibrated)


def _sets(
    model: Judged, corpus: Corpus, seed: int, draws: int
) -> tuple[tuple[OptionsTold, ...], ConditionsTold | None]:
    found = answers_to_sets(model, corpus)
    options, conditions = (
        Bootstrap(max(1, len(sets)), seed=seed, draws=draws) for sets in (corpus.options, corpus.conditions)
    )
    return (
        options_told(corpus.options, found.options, calibrated=found.calibrated, bootstrap=options),
        conditions_told(corpus.conditions, found.conditions, conditions),
    )


def pairwise(answers: Answers, bootstrap: Bootstrap, *, swapped: bool) -> Estimate | None:
    """Accuracy within a person; None where nobody rated two statements differently.

    Args:
        swapped: each opinion is given to the next member, whose ratings stay. A model that reads opinions one
            by one then says of the next member what it said of this one, so it need not be asked again.
    """
    kept = tallied(answers, swapped=swapped)
    if not kept:
        return None
    found = Tallies(
        right=np.array([each.right for each, _ in kept]),
        pairs=np.array([each.pairs for each, _ in kept], dtype=np.float64),
        group=np.array([at for _, at in kept], dtype=np.int64),
        ratings=sum(len(answers.rounds[at].statements) for _, at in kept),
    )
    return found.accuracy(bootstrap)


def tallied(answers: Answers, *, swapped: bool) -> list[tuple[Tally, int]]:
    """Of each member who rated two statements differently, the pairs and the place of the round."""
    counted = [
        (tally(row, rated), at)
        for at, (each, table) in enumerate(zip(answers.rounds, answers.tables, strict=True))
        for row, rated in zip(np.roll(table, -1, axis=0) if swapped else table, each.table, strict=True)
    ]
    return [(each, at) for each, at in counted if each.pairs]


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
