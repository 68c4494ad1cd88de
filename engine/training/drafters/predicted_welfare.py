"""Drafters judged by the welfare that reward models predict for what they write.

Reads:  texts, with the question and the opinions that they were written for; a reward model.
Gives:  the welfare of each text, in the function's unit; and two drafters compared on the same deliberations.
Refrains from people's ratings: those that exist are of other texts. A reward model is a stand-in for people,
so a drafter that was trained against one is judged by another too.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.arrays import Floats
from engine.evaluation.accuracy.comparison import Comparison, NothingToCompareError, paired
from engine.groups.opinion_groups import groups_of
from engine.model_registry import weights_hash
from engine.ports import RewardModel
from engine.prompts import leaks
from engine.reward import SHIPPED
from engine.training.drafters.shared import Case, Sampling, write
from engine.types import WelfareFunction
from engine.welfare import welfare

WELFARE = "predicted welfare"


class PredictedWelfare:
    """What a group would make of a text, by a reward model and a welfare function."""

    def __init__(self, model: RewardModel, function: WelfareFunction) -> None:
        self.name = model.name
        self._model, self._function = model, function

    def of(self, question: str, opinions: Sequence[str], texts: Sequence[str]) -> Floats:
        """Welfare of each text, shape (texts,); the lowest for one that a mediation would drop.

        Raises:
            ScoringError: the model cannot score.
        """
        usable = [at for at, text in enumerate(texts) if text.strip() and not leaks(text)]
        found = np.full(len(texts), float(self._function.limits[0]))
        if usable:
            rewards = asyncio.run(self._model.score(question, opinions, [texts[at].strip() for at in usable]))
            found[usable] = welfare(rewards, self._function, groups_of(rewards))
        return found


def same_model(one: str | None, other: str | None) -> bool:
    """Whether two names of reward models (None: the shipped one) are of the same weights, copied or not."""
    names = [each or str(SHIPPED) for each in (one, other)]
    folders = [Path(name) for name in names]
    if names[0] == names[1] or not all(folder.is_dir() for folder in folders):
        return names[0] == names[1]
    return weights_hash(folders[0]) == weights_hash(folders[1])


def drafted(
    model: Any,
    tokenizer: Any,
    cases: Sequence[Case],
    sampling: Sampling,
    *,
    texts: int,
    seed: int,
    on_text: Callable[[], None] | None = None,
) -> list[list[str]]:
    """`texts` texts for each case, each from opinions in another order; `on_text` is called after each."""
    prompts = [case.prompt(seed, what=str(at)) for case in cases for at in range(texts)]
    found = [each.text for each in write(model, tokenizer, prompts, sampling, seed=seed, on_text=on_text)]
    return [found[at : at + texts] for at in range(0, len(found), texts)]


def mean_welfare(judge: PredictedWelfare, cases: Sequence[Case], texts: Sequence[Sequence[str]]) -> Floats:
    """The mean over each case's texts: shape (cases,)."""
    means = [
        judge.of(case.question, list(case.opinions.values()), some).mean()
        for case, some in zip(cases, texts, strict=True)
    ]
    return np.array(means)


def compare_texts(
    judge: PredictedWelfare,
    cases: Sequence[Case],
    candidate: Sequence[Sequence[str]],
    current: Sequence[Sequence[str]],
    *,
    seed: int = 0,
) -> Comparison:
    """Two drafters' texts for the same cases.

    Raises:
        NothingToCompareError: there is no case.
    """
    if not cases:
        raise NothingToCompareError("there is no deliberation with opinions to draft for")
    ours, theirs = (mean_welfare(judge, cases, texts) for texts in (candidate, current))
    return paired(f"{WELFARE} by {judge.name}", ours, theirs, [case.group for case in cases], seed=seed)
