"""Suites *options*, *quantities* and *conditions*: does a model tell what a person wants from what is near?

Reads:  sets in which opinion k wants what statement k says and no other, and conditions that statements meet,
        break or do not speak of; predictions for both.
Gives:  `OptionsTold` by form of question (quantities are the form "how-many") and `ConditionsTold`, with
        intervals that draw whole sets.
Pure numpy. Of alike scores each counts its part.
"""

from collections.abc import Sequence

import numpy as np

from engine.arrays import Floats
from engine.evaluation.corpus.choice import picked
from engine.evaluation.corpus.kinds import halves
from engine.evaluation.corpus.reading import ConditionSet, OptionSet
from engine.evaluation.intervals import Bootstrap, Estimate
from engine.question_kinds import QuestionKind
from engine.types import MIDPOINT, Frozen


class OptionsTold(Frozen):
    """Over sets of one form; None is all of them.

    own_first: share of opinions whose own option is scored above every other one.
    own_above, others_above: shares of pairs "wants X, says X" and "wants X, says Y" that are predicted above
        4; None where the scores are no ratings.
    """

    form: QuestionKind | None
    own_first: Estimate
    own_above: Estimate | None
    others_above: Estimate | None


class ConditionsTold(Frozen):
    """How often, for the person whose condition it is, one statement is scored above another; ties half."""

    met_over_broken: Estimate
    met_over_silent: Estimate
    silent_over_broken: Estimate


def options_told(
    sets: Sequence[OptionSet], tables: Sequence[Floats], *, calibrated: bool, bootstrap: Bootstrap
) -> tuple[OptionsTold, ...]:
    """All sets together, then each form that is there; nothing where there is no set.

    Args:
        tables: predictions, shape (opinions, statements) for each set, which are as many of one as the other.
        bootstrap: draws the sets.
    """
    found = []
    for form in (None, *QuestionKind) if sets else ():
        places = [at for at, each in enumerate(sets) if form in (None, each.form)]
        if places:
            found.append(_told(form, places, tables, calibrated, bootstrap))
    return tuple(found)


def _told(
    form: QuestionKind | None,
    places: Sequence[int],
    tables: Sequence[Floats],
    calibrated: bool,
    bootstrap: Bootstrap,
) -> OptionsTold:
    def mean(values: Sequence[Floats]) -> Estimate:
        return _by_set(values, places, bootstrap)

    found = [tables[at] for at in places]
    first = [own_first(table) for table in found]
    own = [(table.diagonal() > MIDPOINT).astype(np.float64) for table in found]
    others = [others_above(table) for table in found]
    return OptionsTold(
        form=form,
        own_first=mean(first),
        own_above=mean(own) if calibrated else None,
        others_above=mean(others) if calibrated else None,
    )


def own_first(table: Floats) -> Floats:
    """Whether each opinion's own option is scored first, alike ones their part: shape (opinions,)."""
    return np.array([picked(row)[own] for own, row in enumerate(table)])


def others_above(table: Floats) -> Floats:
    """Whether each pair of an opinion and another's option is predicted above 4: 1 or 0, shape (pairs,)."""
    found: Floats = (table[~np.eye(len(table), dtype=bool)] > MIDPOINT).astype(np.float64)
    return found


def met_over_broken(table: Floats) -> Floats:
    """Whether each condition is better met than broken, ties half; `table` as `conditions_told` has it."""
    return halves(table[:, 0] - table[:, 1])


def conditions_told(
    sets: Sequence[ConditionSet], tables: Sequence[Floats], bootstrap: Bootstrap
) -> ConditionsTold | None:
    """None where there is no set.

    Args:
        tables: predictions of each set, shape (opinions, 3): of each opinion's own statements, met, broken
            and silent in this order.
        bootstrap: draws the sets.
    """
    if not sets:
        return None
    places = range(len(sets))
    gaps = [(0, 2), (2, 1)]  # met over silent, silent over broken
    met_silent, silent_broken = (
        _by_set([halves(table[:, one] - table[:, other]) for table in tables], places, bootstrap)
        for one, other in gaps
    )
    met_broken = _by_set([met_over_broken(table) for table in tables], places, bootstrap)
    return ConditionsTold(
        met_over_broken=met_broken, met_over_silent=met_silent, silent_over_broken=silent_broken
    )


def _by_set(values: Sequence[Floats], places: Sequence[int], bootstrap: Bootstrap) -> Estimate:
    """The mean over all cases of all sets; `places`: of each set, among those that the bootstrap draws."""
    group = np.repeat(np.array(places, dtype=np.int64), [each.size for each in values])
    return bootstrap.mean(np.concatenate(values), group)
