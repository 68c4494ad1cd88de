"""Suite *choice*: is the statement that is picked better than one drawn by lot?

Reads:  rounds in which every member's rating of every statement is known, and scores of the statements.
Gives:  `Pick`s: the share of what choosing can gain, and what people make of the statement that was picked.
Pure numpy. Statements with equal scores are picked by lot among them, in expectation: no order decides.

share = Σ (welfare of the pick − mean welfare) / Σ (best welfare − mean welfare), sums over rounds, welfare by
people's ratings: 0 is what the lot gives, 1 the best possible. Intervals draw whole rounds.
Source: Bakker et al. 2022 (arXiv:2211.15006), who choose by predicted welfare.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats
from engine.errors import ScoringError
from engine.evaluation.accuracy.baselines import TfIdf
from engine.evaluation.corpus.reading import CorpusRound, Sort
from engine.evaluation.intervals import Bootstrap, Estimate, Integers
from engine.names import OVER_GROUPS, WelfareName
from engine.types import Frozen, WelfareFunction
from engine.welfare import TIE, welfare

FUNCTIONS = tuple(
    WelfareFunction(name=name) for name in WelfareName if name not in {WelfareName.ISOELASTIC, *OVER_GROUPS}
)
"""Every function but the one that lies between the others, by the alpha that somebody gives it, and those
over groups: the corpus' rounds have too few members for any."""


def _takes_any_number(function: WelfareFunction) -> bool:
    try:
        welfare(np.array([[-1.0]]), function)
    except ScoringError:
        return False
    return True


ON_RAW_SCORES = tuple(function for function in FUNCTIONS if _takes_any_number(function))
"""The functions that need no ratings: they take numbers below zero, too."""

LOT, LONGEST, CENTROID, SIMILARITY, BEST = (
    "drawn by lot",
    "longest statement",
    "closest to the others",
    "most like the opinions",
    "best possible",
)

AMONG = {Sort.KINDS: "statements good and bad", Sort.DRAFTS: "earnest drafts"}
"""What a round of each sort lets a model choose among, in words."""


class Pick(Frozen):
    """What one way of choosing picks in the rounds of one sort.

    by: who or what chooses.
    gain: share of what choosing can gain by the function's welfare, as people rated; None where no statement
        is better than another.
    mean, lowest: people's mean rating of what is picked, and the rating of the least happy of them.
    """

    by: str
    sort: Sort
    function: WelfareFunction
    gain: Estimate | None
    mean: Estimate
    lowest: Estimate


@dataclass(frozen=True)
class Worth:
    """What picks are worth, by round; all of shape (rounds,).

    gained: welfare of the pick less the mean; possible: of the best less the mean, never negative.
    """

    gained: Floats
    possible: Floats
    mean: Floats
    lowest: Floats

    @property
    def shares(self) -> tuple[Floats, Floats]:
        """What each round gains of what it could, and its weight: their weighted mean is the share."""
        counts = np.where(self.possible > TIE, self.possible, 0.0)
        shares = np.divide(self.gained, counts, out=np.zeros_like(counts), where=counts > 0)
        return shares, counts


def picks(
    rounds: Sequence[CorpusRound],
    sort: Sort,
    chosen: Mapping[str, Sequence[Floats]],
    function: WelfareFunction,
    bootstrap: Bootstrap,
) -> tuple[Pick, ...]:
    """Judge each way of choosing.

    Args:
        rounds: at least one; `bootstrap` draws these.
        chosen: scores of the statements by who chooses, of shape (statements,) for each round.
    """
    tables = [each.table for each in rounds]
    held = sum(table.size for table in tables)
    group = np.arange(len(rounds))
    found = []
    for by, scores in chosen.items():
        what = worth(tables, scores, function)
        mean, lowest = (bootstrap.mean(each, group, ratings=held) for each in (what.mean, what.lowest))
        gain = share_gained(what, bootstrap, held)
        found.append(Pick(by=by, sort=sort, function=function, gain=gain, mean=mean, lowest=lowest))
    return tuple(found)


def worth(tables: Sequence[Floats], scores: Sequence[Floats], function: WelfareFunction) -> Worth:
    """What the best-scored statements are worth to the people of each round.

    Args:
        tables: people's ratings, shape (members, statements) each.
        scores: shape (statements,) each, any unit.
    """
    rows = [_worth(*pair, function) for pair in zip(tables, scores, strict=True)]
    return Worth(*np.array(rows).T)


def _worth(ratings: Floats, scores: Floats, function: WelfareFunction) -> tuple[float, ...]:
    true, share = welfare(ratings, function), picked(scores)
    mean = float(true.mean())
    return (
        float(share @ true) - mean,
        float(true.max()) - mean,
        float(share @ ratings.mean(axis=0)),
        float(share @ ratings.min(axis=0)),
    )


def picked(scores: Floats) -> Floats:
    """Each statement's chance of being picked, even among those that score highest: shape (statements,)."""
    highest = scores >= scores.max() - TIE
    chances: Floats = highest / highest.sum()
    return chances


def share_gained(
    what: Worth, bootstrap: Bootstrap, ratings: int, group: Integers | None = None
) -> Estimate | None:
    """The share of what choosing can gain; None where there is nothing to gain.

    Args:
        group: of each round, its place among those that the bootstrap draws; None: these are all of them.
    """
    shares, counts = what.shares
    if not counts.any():
        return None
    places = np.arange(shares.size) if group is None else group
    found = bootstrap.mean(shares, places, weights=counts, ratings=ratings)
    return found.model_copy(update={"cases": int((counts > 0).sum())})


# -- ways of choosing that know less ---------------------------------------------------------------


def by_lot(each: CorpusRound) -> Floats:
    """All alike: shape (statements,)."""
    return np.zeros(len(each.statements))


def by_length(each: CorpusRound) -> Floats:
    """Characters of each statement: shape (statements,)."""
    return np.array([len(text) for text in each.texts], dtype=np.float64)


def by_centroid(each: CorpusRound) -> Floats:
    """Closeness to the statements' TF-IDF centroid: shape (statements,).

    The cosine to the mean of unit vectors ranks as the mean cosine to all of them.
    """
    scores: Floats = TfIdf().raw_scores(each.question, each.texts, each.texts).mean(axis=0)
    return scores


def by_similarity(each: CorpusRound) -> Floats:
    """Mean TF-IDF similarity to the opinions: shape (statements,)."""
    told = each.rated()
    scores: Floats = TfIdf().raw_scores(told.question, told.opinions, told.candidates).mean(axis=0)
    return scores


CHOOSERS = {LOT: by_lot, LONGEST: by_length, CENTROID: by_centroid, SIMILARITY: by_similarity}
"""By what people read in a report; each gives scores of a round's statements."""
