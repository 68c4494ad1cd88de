"""Suite *forms*: the choice by mean, by what a question asks for (which, when, where, yes or no …).

Reads:  rounds of any sort, with the form that the corpus gives their questions, and scores of the statements.
Gives:  `FormGain`s, with intervals that draw whole rounds; and the forms at which a model shows chance.
Pure numpy. Rounds of both sorts are taken together: apart, most forms would have too few.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from pydantic import Field

from engine.arrays import Floats
from engine.evaluation.corpus.choice import FUNCTIONS, share_gained, worth
from engine.evaluation.corpus.reading import CorpusRound
from engine.evaluation.intervals import Bootstrap, Estimate
from engine.question_kinds import QuestionKind
from engine.types import Frozen

BY_MEAN = FUNCTIONS[0]
ENOUGH = 8
"""Rounds in which something can be gained; with fewer, an interval that includes 0 says little."""


class FormGain(Frozen):
    """The share of what choosing by mean can gain at one form; None where no statement is better.

    rounds: of this form.
    """

    by: str
    form: QuestionKind
    rounds: int = Field(ge=1)
    gain: Estimate | None


def form_gains(
    rounds: Sequence[CorpusRound], chosen: Mapping[str, Sequence[Floats]], bootstrap: Bootstrap
) -> tuple[FormGain, ...]:
    """Each form that is there, for each way of choosing.

    Args:
        chosen: scores of the statements by who chooses, of shape (statements,) for each round.
        bootstrap: draws all `rounds`.
    """
    found = []
    for form in QuestionKind:
        group = np.flatnonzero([each.form is form for each in rounds])
        places = group.tolist()
        tables = [rounds[at].table for at in places]
        held = sum(table.size for table in tables)
        for by, scores in chosen.items() if tables else ():
            what = worth(tables, [scores[at] for at in places], BY_MEAN)
            gain = share_gained(what, bootstrap, held, group)
            found.append(FormGain(by=by, form=form, rounds=len(tables), gain=gain))
    return tuple(found)


def guessed(gains: Iterable[FormGain]) -> tuple[QuestionKind, ...]:
    """The forms at which a model is not better than the lot beyond its interval, on `ENOUGH` rounds or more.

    Args:
        gains: of one model.
    """
    return tuple(
        each.form
        for each in gains
        if each.gain and each.gain.cases >= ENOUGH and each.gain.low is not None and each.gain.low <= 0
    )
