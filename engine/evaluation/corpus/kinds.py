"""Suite *kinds*: is a good compromise placed above the other statements of its round?

Reads:  rounds whose statements are of known kinds, and a score for each statement.
Gives:  how often a good one stands above one of each other kind, with intervals that draw whole rounds.
Pure numpy. A tie is half.
"""

from collections.abc import Sequence

import numpy as np

from engine.arrays import Floats
from engine.evaluation.corpus.reading import CorpusRound, StatementKind
from engine.evaluation.intervals import Bootstrap, Estimate, Integers
from engine.types import Frozen
from engine.welfare import TIE

OTHERS = tuple(kind for kind in StatementKind if kind not in (StatementKind.GOOD, StatementKind.DRAFT))

KINDS = {
    None: "all of them",
    StatementKind.COLLAGE: "members' sentences strung together",
    StatementKind.PLEASANTRY: "an empty pleasantry",
    StatementKind.CONTRADICTION: "a text that contradicts itself",
    StatementKind.VIOLATION: "a breach of a member's condition",
    StatementKind.WRONG_REASONS: "the right side for the wrong reasons",
    StatementKind.INVENTED: "words that nobody said",
    StatementKind.PARTISAN: "one camp's wish",
    StatementKind.OFF_TOPIC: "another topic",
    StatementKind.REFUSAL: "a refusal",
}
"""What a good statement is placed above, in words; None is all other kinds together."""


class Placed(Frozen):
    """How often a good statement stands above one of `over`; None is all other kinds together."""

    by: str
    over: StatementKind | None
    rate: Estimate


def placed(
    by: str, rounds: Sequence[CorpusRound], scores: Sequence[Floats], bootstrap: Bootstrap
) -> tuple[Placed, ...]:
    """The rate over all other kinds, then over each that is there.

    Args:
        rounds: with a good statement each; `bootstrap` draws these.
        scores: shape (statements,) for each round, higher is better.
    """
    found = []
    for over in (None, *OTHERS):
        wins, group = above(rounds, scores, (over,) if over else OTHERS)
        if wins.size:
            rate = bootstrap.mean(wins, group, ratings=_held(rounds, group))
            found.append(Placed(by=by, over=over, rate=rate))
    return tuple(found)


def above(
    rounds: Sequence[CorpusRound], scores: Sequence[Floats], over: Sequence[StatementKind]
) -> tuple[Floats, Integers]:
    """Each good statement against each of the kinds `over` in its round: 1 above, 0 below, 1/2 alike.

    Returns:
        The comparisons, and the place of the round of each; both of shape (comparisons,).
    """
    wins, group = [], []
    for at, (each, score) in enumerate(zip(rounds, scores, strict=True)):
        good = np.array([statement.kind is StatementKind.GOOD for statement in each.statements])
        other = np.array([statement.kind in over for statement in each.statements])
        found = halves(score[good][:, None] - score[other][None, :]).ravel()
        wins.append(found)
        group += [at] * found.size
    return np.concatenate(wins), np.array(group, dtype=np.int64)


def halves(gaps: Floats) -> Floats:
    """1 above, 0 below, 1/2 alike; of the shape of `gaps`, to which the last digits do not matter."""
    found: Floats = np.where(np.abs(gaps) <= TIE, 0.5, (gaps > 0).astype(np.float64))
    return found


def _held(rounds: Sequence[CorpusRound], group: Integers) -> int:
    """The members' ratings in the rounds that were compared."""
    return sum(rounds[at].table.size for at in np.unique(group))
