"""Two models on the same rounds of a corpus: does one pick better statements?

Reads:  two models and a part of a corpus.
Gives:  a `Comparison` for each measure: the choice by mean in each sort of rounds, and good compromises
        placed above the others; the difference with its interval, on the same draws of whole rounds.
Refrains from deciding: that is `engine.training.promotion`'s.
"""

from collections.abc import Iterator

import numpy as np

from engine.arrays import Floats
from engine.evaluation.accuracy.comparison import DRAWS, Comparison, NothingToCompareError
from engine.evaluation.corpus.choice import FUNCTIONS, worth
from engine.evaluation.corpus.exam import Answers
from engine.evaluation.corpus.kinds import OTHERS, above
from engine.evaluation.corpus.predictions import Judged
from engine.evaluation.corpus.reading import Corpus, Sort
from engine.evaluation.intervals import Bootstrap, Integers

CHOICE = {
    Sort.KINDS: "share of what choosing can gain among statements good and bad",
    Sort.DRAFTS: "share of what choosing can gain among earnest drafts",
}
PLACING = "good compromises placed above other statements"


def compare_picks(
    candidate: Judged, current: Judged, corpus: Corpus, *, seed: int = 0
) -> tuple[Comparison, ...]:
    """Compare on all rounds of `corpus`.

    Raises:
        NothingToCompareError: it has no round in which one statement is better than another.
        ScoringError: a model cannot score.
    """
    ours, theirs = (Answers.of(model, corpus.rounds) for model in (candidate, current))
    found = [
        each for sort in Sort for each in _by_choice(ours.of_sort(sort), theirs.of_sort(sort), sort, seed)
    ]
    found += _by_kinds(ours.of_sort(Sort.KINDS), theirs.of_sort(Sort.KINDS), seed)
    if not found:
        raise NothingToCompareError("the corpus has no round in which one statement is better than another")
    return tuple(found)


def _by_choice(ours: Answers, theirs: Answers, sort: Sort, seed: int) -> Iterator[Comparison]:
    mean = FUNCTIONS[0]
    tables = [each.table for each in ours.rounds]
    if not tables:
        return
    mine, yours = (worth(tables, each.welfare(mean), mean).shares for each in (ours, theirs))
    counts = mine[1]
    if counts.any():
        held = sum(table.size for table in tables)
        group = np.arange(len(tables))
        yield _compared(CHOICE[sort], mine[0], yours[0], group, seed, ratings=held, weights=counts)


def _by_kinds(ours: Answers, theirs: Answers, seed: int) -> Iterator[Comparison]:
    if not ours.rounds:
        return
    (mine, group), (yours, _) = (above(each.rounds, each.means(), OTHERS) for each in (ours, theirs))
    if mine.size:
        yield _compared(PLACING, mine, yours, group, seed)


def _compared(
    measure: str,
    mine: Floats,
    yours: Floats,
    group: Integers,
    seed: int,
    *,
    ratings: int | None = None,
    weights: Floats | None = None,
) -> Comparison:
    """As `paired`, whose cases are ratings and whose groups are names."""
    bootstrap = Bootstrap(int(group.max()) + 1, seed=seed, draws=DRAWS)
    candidate, current, difference = (
        bootstrap.mean(each, group, ratings=ratings, weights=weights) for each in (mine, yours, mine - yours)
    )
    return Comparison(measure=measure, candidate=candidate, current=current, difference=difference)
