"""What a reward model is judged on: natural rounds of our own, and stance on topics that it never saw.

Reads:  `natural.yaml`, `citizens.yaml` and `assembly.yaml` beside this module, and debate questions of
        held-out topics.
Gives:  `RatedRound`s in named suites, and a `Judgement` for each.
Refrains from training data, and from torch: any model with raw scores can be judged.

Suites: `natural` (opinions that imply their view, as in a chat) and `citizens` (opinions that state it, with
reasons, as in a citizens' jury), each in two halves: `-choose` for choosing and calibrating, `-held` for
reporting only. `assembly` was written when recipe and model stood; no run is judged on it, it only reports.
Each has a `-swapped` twin, in which every person's opinion is given to the next: a model that reads opinions
falls to chance or below. `direct`, `negated`, `without-not`, `opposites` and `yes-no` ask for stance alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Protocol, Self

import numpy as np
import yaml

from engine.arrays import Floats
from engine.evaluation.accuracy.agreement import Judgement, Tally, tally, within_person
from engine.synthetic.opposites import opposites
from engine.synthetic.topics import Question
from engine.synthetic.wording import clause

WRITTEN = ("natural", "citizens")
UNTOUCHED = "assembly"
"""Written rounds that are in no `Suites` of a run, so that nothing can be chosen by them."""
WRITTEN_SHARE = 0.4
"""Weight of written rounds beside the stance suites: stance on templates does not predict people."""
STANCE = ("direct", "negated", "without-not", "opposites", "yes-no")


class Scorer(Protocol):
    """What can be judged."""

    def raw_scores(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Scores of shape (opinions, candidates), higher is more agreement."""
        ...


@dataclass(frozen=True)
class RatedRound:
    """ratings: shape (opinions, candidates); only their order within a row counts, NaN is not rated."""

    question: str
    opinions: tuple[str, ...]
    candidates: tuple[str, ...]
    ratings: Floats

    def swapped(self) -> Self:
        """Each opinion given to the next person, whose ratings stay."""
        return replace(self, opinions=(*self.opinions[1:], self.opinions[0]))


@dataclass(frozen=True)
class Suites:
    """Rounds by the name of their suite."""

    rounds: dict[str, list[RatedRound]]

    @classmethod
    def for_questions(cls, questions: Sequence[Question], *, most: int, seed: int = 0) -> Self:
        """The suites of written rounds, and stance suites of at most `most` questions each."""
        chosen = list(questions)
        Random(seed).shuffle(chosen)  # noqa: S311 - repeatable on purpose
        suites = stance_suites(chosen, most)
        for name in WRITTEN:
            written = written_rounds(name)
            suites[f"{name}-choose"], suites[f"{name}-held"] = written[::2], written[1::2]
        return cls(suites)

    def mark(self, judged: dict[str, Judgement]) -> float:
        """One number to choose by, in [0, 1]; it never looks at what is for reporting only."""
        written = float(np.mean([judged[f"{name}-choose"].accuracy for name in WRITTEN]))
        stance = [judged[name].accuracy for name in STANCE if name in judged]
        if not stance:  # no question is held out
            return written
        return WRITTEN_SHARE * written + (1 - WRITTEN_SHARE) * float(np.mean(stance))

    def examined(self, model: Scorer) -> tuple[float, dict[str, float]]:
        """The number to choose by, and the accuracies that it rests on."""
        judged = judge(model, self)
        return self.mark(judged), {name: each.accuracy for name, each in judged.items()}

    def calibration_pairs(self, model: Scorer) -> tuple[Floats, Floats]:
        """Raw scores and ratings of the written rounds for choosing, each of shape (pairs,)."""
        return scored_and_rated(model, [r for name in WRITTEN for r in self.rounds[f"{name}-choose"]])


def judge(model: Scorer, suites: Suites) -> dict[str, Judgement]:
    """Within-person pairwise accuracy on every suite that is not empty."""
    return {name: within_person(tallies(model, rounds)) for name, rounds in suites.rounds.items() if rounds}


def scored_and_rated(model: Scorer, rounds: Sequence[RatedRound]) -> tuple[Floats, Floats]:
    """Raw scores and ratings of all pairs that were rated, each of shape (pairs,)."""
    scores = [model.raw_scores(r.question, r.opinions, r.candidates) for r in rounds]
    rated = [np.isfinite(r.ratings) for r in rounds]
    return (
        np.concatenate([s[there] for s, there in zip(scores, rated, strict=True)]),
        np.concatenate([r.ratings[there] for r, there in zip(rounds, rated, strict=True)]),
    )


def tallies(model: Scorer, rounds: Sequence[RatedRound]) -> list[Tally]:
    """One tally for each person of each round."""
    found = []
    for each in rounds:
        scores = model.raw_scores(each.question, each.opinions, each.candidates)
        found += [tally(row, rated) for row, rated in zip(scores, each.ratings, strict=True)]
    return found


def written_rounds(name: str) -> list[RatedRound]:
    """Read rounds of our own writing: question, opinions, statements, expected ratings 1..7.

    Args:
        name: one of `WRITTEN`, or `UNTOUCHED`.

    Raises:
        ValueError: a table of ratings has another shape than its opinions and statements.
    """
    return list(_written(name))


@cache
def _written(name: str) -> tuple[RatedRound, ...]:
    path = Path(__file__).with_name(f"{name}.yaml")
    found = []
    for row in yaml.safe_load(path.read_text(encoding="utf-8")):
        ratings = np.array(row["ratings"], dtype=np.float64)
        if ratings.shape != (len(row["opinions"]), len(row["statements"])):
            raise ValueError(f"{path.name}: ratings of {row['question']!r} have shape {ratings.shape}")
        found.append(RatedRound(row["question"], tuple(row["opinions"]), tuple(row["statements"]), ratings))
    return tuple(found)


_DIRECT = ("I think that {a}.", "In my view {a}.", "{a}, that's what I believe.")
_NEGATED = (  # wordings that training does not use
    "I can't see how anyone could claim that {b}.", "Those who argue that {b} have got it wrong.",
    "I strongly dispute that {b}.", "You won't hear me say that {b}.", "I am far from convinced that {b}.",
)  # fmt: skip
_YES = ("Yes.", "Yes, absolutely.", "yes I do think so", "Definitely, yes.")
_NO = ("No.", "No, absolutely not.", "no I don't think so", "Definitely no.")
_AGREES = np.array([[7.0, 1.0], [1.0, 7.0]])


def stance_suites(questions: Sequence[Question], most: int) -> dict[str, list[RatedRound]]:
    """For each question, two people of opposite stance and the two position statements."""
    suites: dict[str, list[RatedRound]] = {name: [] for name in STANCE}
    plain = [q for q in questions if q.says_not][:most]
    for index, question in enumerate(plain):
        a, b = clause(question.affirming), clause(question.negating)
        direct, negated = _DIRECT[index % len(_DIRECT)], _NEGATED[index % len(_NEGATED)]
        suites["direct"].append(_stance(question, direct.format(a=a), direct.format(a=b), a, b))
        suites["negated"].append(_stance(question, negated.format(b=b), negated.format(b=a), a, b))
        suites["yes-no"].append(_stance(question, _YES[index % len(_YES)], _NO[index % len(_NO)], a, b))
    otherwise = [q for q in questions if not q.says_not][:most]
    suites["without-not"] = [_without_not(q, i) for i, q in enumerate(otherwise)]
    replaced = [q for q in plain if opposites(clause(q.affirming))]
    suites["opposites"] = [_opposite(q, i) for i, q in enumerate(replaced)]
    return suites


def _without_not(question: Question, index: int) -> RatedRound:
    """The question's own statements differ otherwise; said directly and, in turn, by disputing the other."""
    a, b = clause(question.affirming), clause(question.negating)
    said = (_DIRECT[0].format(a=a), _DIRECT[0].format(a=b))
    disputed = (_NEGATED[2].format(b=b), _NEGATED[2].format(b=a))
    return _stance(question, *(said if index % 2 == 0 else disputed), a, b)


def _opposite(question: Question, index: int) -> RatedRound:
    """The one who negates says "keep", and the statement for them "should not abolish"."""
    a, b = clause(question.affirming), clause(question.negating)
    said = _DIRECT[index % len(_DIRECT)]
    other = opposites(a)[0]
    return _stance(question, said.format(a=a), said.format(a=other), a, b)


def _stance(question: Question, affirms: str, negates: str, a: str, b: str) -> RatedRound:
    return RatedRound(
        question.text, (affirms, negates), (f"We believe that {a}.", f"We believe that {b}."), _AGREES
    )
