"""Two models on the same corpus: is one worse at anything that a reward model is for?

Reads:  two models and a part of a corpus.
Gives:  a `Comparison` for each measure: what both reached, and the difference with its interval, on the same
        draws of whole rounds or sets.
Refrains from deciding: that is `engine.training.promotion`'s.

The three main measures, the choice by mean in either sort of rounds and good compromises above all others,
have the usual 95 % interval each. The others (the choice by the least happy, each kind of bad statement,
options, quantities, conditions, pairs within a person, what a person's own opinion adds to these) are so many
that chance alone would often make one look worse. Together they leave out 5 %: each interval leaves out 5 %
divided by how many they are (Bonferroni). All of it takes one reading of each pair per model.

With opinions swapped, a better model too orders more pairs rightly: people agree on much. So what is compared
is by how much the right opinion is better than a swapped one, and not the share that is right when swapped.
Source: Dunn 1961, "Multiple comparisons among means".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from engine.arrays import Floats
from engine.evaluation.accuracy.comparison import Comparison, NothingToCompareError
from engine.evaluation.corpus.choice import AMONG, FUNCTIONS, worth
from engine.evaluation.corpus.exam import Answers, SetAnswers, answers_to_sets, tallied
from engine.evaluation.corpus.kinds import KINDS, OTHERS, above
from engine.evaluation.corpus.options import met_over_broken, others_above, own_first
from engine.evaluation.corpus.predictions import Judged
from engine.evaluation.corpus.reading import Corpus, Sort, StatementKind
from engine.evaluation.intervals import OUTSIDE, Bootstrap, Integers
from engine.names import WelfareName
from engine.question_kinds import QuestionKind
from engine.types import WelfareFunction

DRAWS = 4000
"""More than elsewhere: wide intervals rest on the few draws at their ends."""
CHOICE = {sort: f"share of what choosing can gain among {among}" for sort, among in AMONG.items()}
LEAST_HAPPY = {
    sort: f"share of what choosing by the least happy can gain among {among}" for sort, among in AMONG.items()
}
PLACING = "good compromises placed above other statements"
ABOVE = {f"good compromises placed above {KINDS[kind]}": (kind,) for kind in OTHERS}
OWN_FIRST = "own option placed first"
OTHERS_ABOVE = "another's option predicted above 4"
QUANTITIES = "own quantity placed first"
CONDITIONS = "condition met placed above broken"
PAIRS = "pairs put in the order of a member's ratings"
OWN_OPINION = "how much more of these pairs than with another member's opinion"


BY_MEAN, BY_LEAST_HAPPY = FUNCTIONS[0], WelfareFunction(name=WelfareName.RAWLSIAN)

_Both = Sequence[Answers]


@dataclass(frozen=True)
class _Measured:
    """One measure of both models, case by case.

    mine, yours, group, weights: shape (cases,); group: the place of each case among `groups`.
    ratings: how many the cases hold; None: one each.
    """

    measure: str
    mine: Floats
    yours: Floats
    group: Integers
    groups: int
    ratings: int | None = None
    weights: Floats | None = None
    less_is_better: bool = False


def compare_picks(
    candidate: Judged, current: Judged, corpus: Corpus, *, seed: int = 0
) -> tuple[Comparison, ...]:
    """Compare on all of `corpus`: the main measures first.

    Raises:
        NothingToCompareError: it has no round in which one statement is better than another, and no set.
        ScoringError: a model cannot score.
    """
    both = tuple(Answers.of(model, corpus.rounds) for model in (candidate, current))
    sets = tuple(answers_to_sets(model, corpus) for model in (candidate, current))
    main = [*_choices(both, BY_MEAN, CHOICE), *_placings(both, {PLACING: OTHERS})]
    others = [
        *_choices(both, BY_LEAST_HAPPY, LEAST_HAPPY),
        *_placings(both, ABOVE),
        *_options(corpus, sets),
        *_pairs(both),
    ]
    if not (main or others):
        raise NothingToCompareError("the corpus has no round in which one statement is better than another")
    sizes = {each.groups for each in (*main, *others)}
    drawn = {groups: Bootstrap(groups, seed=seed, draws=DRAWS) for groups in sizes}
    return tuple(
        _compared(each, drawn[each.groups], among)
        for family, among in ((main, 1), (others, len(others)))
        for each in family
    )


def _choices(both: _Both, function: WelfareFunction, named: Mapping[Sort, str]) -> Iterator[_Measured]:
    for sort in Sort:
        ours, theirs = (each.of_sort(sort) for each in both)
        tables = [each.table for each in ours.rounds]
        if not tables:
            continue
        mine, yours = (worth(tables, each.welfare(function), function).shares for each in (ours, theirs))
        counts = mine[1]  # by people's ratings alone, so of both
        if counts.any():
            yield _Measured(
                named[sort], mine[0], yours[0], np.arange(len(tables)), len(tables),
                ratings=sum(table.size for table in tables), weights=counts,
            )  # fmt: skip


def _placings(both: _Both, named: Mapping[str, Sequence[StatementKind]]) -> Iterator[_Measured]:
    ours, theirs = (each.of_sort(Sort.KINDS) for each in both)
    for measure, over in named.items() if ours.rounds else ():
        (mine, group), (yours, _) = (above(each.rounds, each.means(), over) for each in (ours, theirs))
        if mine.size:
            yield _Measured(measure, mine, yours, group, len(ours.rounds))


def _options(corpus: Corpus, sets: Sequence[SetAnswers]) -> Iterator[_Measured]:
    ours, theirs = sets
    everywhere = range(len(corpus.options))
    counted = [at for at in everywhere if corpus.options[at].form is QuestionKind.HOW_MANY]
    for measure, places in ((OWN_FIRST, everywhere), (QUANTITIES, counted)):
        if places:
            mine, yours = ([own_first(each.options[at]) for at in places] for each in sets)
            yield _of_sets(measure, mine, yours, places, len(everywhere))
    if everywhere and ours.calibrated and theirs.calibrated:
        mine, yours = ([others_above(table) for table in each.options] for each in sets)
        yield _of_sets(OTHERS_ABOVE, mine, yours, everywhere, len(everywhere), less_is_better=True)
    if corpus.conditions:
        mine, yours = ([met_over_broken(table) for table in each.conditions] for each in sets)
        yield _of_sets(CONDITIONS, mine, yours, range(len(corpus.conditions)), len(corpus.conditions))


def _of_sets(
    measure: str,
    mine: Sequence[Floats],
    yours: Sequence[Floats],
    places: Sequence[int],
    groups: int,
    *,
    less_is_better: bool = False,
) -> _Measured:
    group = np.repeat(np.array(places, dtype=np.int64), [each.size for each in mine])
    return _Measured(
        measure, np.concatenate(mine), np.concatenate(yours), group, groups, less_is_better=less_is_better
    )


def _pairs(both: _Both) -> Iterator[_Measured]:
    counted = [tally.pairs for tally, _ in tallied(both[0], swapped=False)]  # by people's ratings, so of both
    if not counted:
        return
    pairs, group = np.array(counted, dtype=np.float64), _places(both[0])
    right, swapped = ([_right(each, swapped=other) for each in both] for other in (False, True))
    gaps = [own - other for own, other in zip(right, swapped, strict=True)]
    for measure, (mine, yours) in ((PAIRS, right), (OWN_OPINION, gaps)):
        yield _Measured(
            measure, mine, yours, group, len(both[0].rounds), ratings=int(pairs.sum()), weights=pairs
        )


def _right(answers: Answers, *, swapped: bool) -> Floats:
    """The share of each member's pairs, shape (members with a preference,)."""
    return np.array([tally.right / tally.pairs for tally, _ in tallied(answers, swapped=swapped)])


def _places(answers: Answers) -> Integers:
    """The round of each of these members."""
    return np.array([at for _, at in tallied(answers, swapped=False)], dtype=np.int64)


def _compared(told: _Measured, bootstrap: Bootstrap, among: int) -> Comparison:
    """`among`: how many measures share what their intervals leave out."""
    mean = partial(bootstrap.mean, group=told.group, ratings=told.ratings, weights=told.weights)
    return Comparison(
        measure=told.measure,
        candidate=mean(told.mine),
        current=mean(told.yours),
        difference=mean(told.mine - told.yours, outside=OUTSIDE / among),
        less_is_better=told.less_is_better,
        among=among,
    )
