"""The language model as judge before an exam: every pair is asked about, with a bar that says how far it is.

Reads:  a judge; how many pairs there are going to be.
Gives:  a `RewardModel` without gaps: a pair that could not be had is asked for once more, as in a mediation.
Refrains from a stand-in: all ratings of a report are one model's.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Self

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engine.arrays import Floats
from engine.ports import RewardModel
from engine.reward.scoring.scorer import SCORED_TOGETHER, RoundScorer

LABEL = "Asking the judge"


class WithBar:
    """A model whose work is shown on stderr, pair by pair; without a terminal once, at the end."""

    def __init__(self, model: RewardModel, progress: Progress) -> None:
        self._model, self._progress = model, progress
        self._task = progress.add_task(LABEL, total=None)

    @classmethod
    @contextmanager
    def of(cls, model: RewardModel) -> Iterator[Self]:
        """The model, with a bar for as long as the block runs."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        # Standard output may be a pipe while this terminal is not: leave it alone.
        with Progress(*columns, console=Console(stderr=True), redirect_stdout=False) as progress:
            yield cls(model, progress)

    @property
    def name(self) -> str:
        """As the model is called once it has been asked."""
        return self._model.name

    @property
    def described(self) -> str:
        """As the model describes itself."""
        return self._model.described

    def expect(self, pairs: int) -> None:
        """So many pairs are going to be asked about."""
        self._progress.update(self._task, total=pairs)

    async def score(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Expected ratings, shape (opinions, candidates), in [1, 7], none missing.

        Raises:
            ScoringError: as `RoundScorer`.
        """
        scorer = RoundScorer(self._model, question, opinions)
        await scorer.read_ahead()
        found = []
        for first in range(0, len(candidates), SCORED_TOGETHER):
            some = candidates[first : first + SCORED_TOGETHER]
            found.append(await scorer.score(some))
            self._progress.advance(self._task, len(opinions) * len(some))
        return np.concatenate(found, axis=1)
