"""Learning from a larger reward model: its scores of the same rounds are targets beside the ratings.

Reads:  the folder of any reward model that `engine.reward` loads, or the kept answers of a language model
        (`engine.training.data.judge_answers`), and rounds of texts.
Gives:  the teacher's scores as logits, and one number to lower that is zero where student and teacher agree.
Refrains from gradients through the teacher, and from keeping its scores: rounds do not come twice.

The loss has the parts of `losses.round_loss`, with the teacher's probabilities in place of hard
preferences: within a person and within a candidate, cross-entropy of sigmoid(s_j - s_k) against
sigmoid(t_j - t_k); and of sigmoid(s) against sigmoid(t), as `absolute`. Both are proper scoring rules, so
their minimum is the teacher's own score. (A squared error of margins would spend itself on pairs that the
teacher is certain of, where a sigmoid has long been saturated.) The teacher's raw scale may be any: its
calibration, fitted anew on the natural rounds for choosing, turns it into the logit of the rating it expects.
Sources: Burges et al. 2005, "Learning to rank using gradient descent" (target probabilities for pairs);
Hinton, Vinyals and Dean 2015, "Distilling the knowledge in a neural network" (arXiv:1503.02531).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from engine.arrays import Floats
from engine.errors import ScoringError
from engine.evaluation.accuracy.suites import Scorer
from engine.reward import make_reward_model
from engine.reward.model_info.calibration import fit_calibration
from engine.training.data.judge_answers import KeptAnswers
from engine.training.data.rounds import Round


class HasRatings(Protocol):
    """Ratings that a teacher's scores have to follow."""

    def calibration_pairs(self, model: Scorer) -> tuple[Floats, Floats]:
        """Raw scores and ratings, each of shape (pairs,)."""
        ...


class Teacher:
    """Scores rounds for the student; it is not trained."""

    def __init__(self, model: Scorer, exam: "HasRatings") -> None:
        """Raises ScoringError where the model's scores do not rise with the ratings of the natural rounds."""
        self._model = model
        self._calibration = fit_calibration(*exam.calibration_pairs(model))

    @classmethod
    def load(cls, folder: Path, exam: "HasRatings") -> "Teacher":
        """Read a reward model, or from a .jsonl file the answers of one.

        Raises:
            ScoringError: the folder holds none, or one that gives no raw scores, or that follows no ratings;
                or answers are missing.
        """
        if folder.suffix == ".jsonl":
            return cls(KeptAnswers.read(folder), exam)
        model: Any = make_reward_model(str(folder))
        if not hasattr(model, "raw_scores"):
            raise ScoringError(f"{folder}: this reward model gives no raw scores, so it cannot teach")
        return cls(model, exam)

    @torch.inference_mode()
    def logits(self, rounds: Sequence[Round]) -> list[Tensor]:
        """Calibrated scores of each round, shape (opinions, candidates): logits of (rating - 1) / 6."""
        slope, offset = self._calibration.slope, self._calibration.offset
        found = [self._model.raw_scores(r.question, r.opinions, r.candidates) for r in rounds]
        return [torch.from_numpy(slope * each + offset).float() for each in found]


def taught_loss(scores: Tensor, teacher: Tensor, *, absolute: float) -> Tensor:
    """How far a student is from its teacher, both (opinions, candidates): >= 0, and 0 where equal."""
    pairs = _soft_pairs(scores, teacher) + _soft_pairs(scores.T, teacher.T)
    return pairs + absolute * _divergence(scores, teacher)


def _soft_pairs(scores: Tensor, teacher: Tensor) -> Tensor:
    """Mean over all pairs of a row, of which each stands for its mirror image too."""
    j, k = torch.triu_indices(scores.shape[1], scores.shape[1], offset=1)
    if not len(j):
        return scores.new_zeros(())
    return _divergence(scores[:, j] - scores[:, k], teacher[:, j] - teacher[:, k])


def _divergence(logits: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy less the target's own entropy: Kullback and Leibler's divergence of two coins."""
    chance = torch.sigmoid(target)
    return cross_entropy(logits, chance) - cross_entropy(target, chance)
