"""What a run on a team's feedback is judged by while it trains.

Reads:  the rounds on the questions to choose by (`engine.training.data.team`), and a scorer.
Gives:  one number to choose by, and pairs to calibrate by.
Refrains from the questions that are kept for the comparison at the end.
"""

from collections.abc import Sequence

import numpy as np
import torch

from engine.arrays import Floats
from engine.evaluation.accuracy.agreement import within_person
from engine.evaluation.accuracy.suites import Scorer, scored_and_rated, tallies
from engine.training.data.rounds import share_of
from engine.training.data.team import TeamRound
from engine.training.reward_models.losses import round_loss
from engine.training.runs.config import Terms


class TeamExam:
    """What a run on a team's feedback is judged by while it trains, on the questions to choose by.

    That is the accuracy within a person, as in the comparison that follows; the loss, with its sign turned,
    where nobody rated two statements differently.
    """

    def __init__(self, rounds: Sequence[TeamRound], terms: Terms) -> None:
        self._rounds = list(rounds)
        self._terms = terms

    def examined(self, model: Scorer) -> tuple[float, dict[str, float]]:
        """The number to choose by, and the accuracy within a person where there are pairs."""
        found = tallies(model, self._rounds)
        if not any(each.pairs for each in found):
            return -float(np.mean([self._loss(model, each) for each in self._rounds])), {}
        judged = within_person(found)
        return judged.accuracy, {"choose": judged.accuracy}

    def calibration_pairs(self, model: Scorer) -> tuple[Floats, Floats]:
        """Raw scores and ratings of the questions to choose by, each of shape (pairs,)."""
        return scored_and_rated(model, self._rounds)

    def _loss(self, model: Scorer, each: TeamRound) -> float:
        scores = torch.tensor(model.raw_scores(each.question, each.opinions, each.candidates))
        return round_loss(scores, torch.tensor(share_of(each.ratings)), self._terms).item()
