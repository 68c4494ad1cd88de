"""A teacher's scores as targets: the loss, and a student that takes them over."""

import numpy as np
import pytest
import torch

from engine.errors import ScoringError
from engine.reward.model_info.calibration import Calibration
from engine.training.data.lessons import RoundsForSteps
from engine.training.data.rounds import Round
from engine.training.reward_models.distillation import Teacher, taught_loss
from engine.training.reward_models.loop import begin, make_learner, train_step
from engine.training.runs.processes import make_accelerator
from tests.engine.training.conftest import of_family

SCORES = torch.tensor([[2.0, 0.0, -1.0], [0.0, 1.0, 0.5]])


class FixedTeacher:
    """Scores any round the same."""

    def __init__(self, scores):
        self._scores = scores

    def logits(self, rounds):
        return [self._scores] * len(rounds)


class Knows:
    """Scores each pair by what people rated, on a scale of its own."""

    def __init__(self, suites, sign=1):
        self._known = {
            (r.question, r.opinions): sign * 100 * r.ratings for r in suites.rounds["natural-choose"]
        }

    def raw_scores(self, question, opinions, candidates):
        return self._known.get((question, tuple(opinions)), np.full((len(opinions), len(candidates)), 400.0))


@pytest.fixture
def suites():
    from engine.evaluation.accuracy.suites import Suites

    return Suites.for_questions([], most=0)


def test_the_loss_is_zero_where_student_and_teacher_agree_and_nowhere_else():
    assert taught_loss(SCORES, SCORES, absolute=0.5).item() == pytest.approx(0, abs=1e-6)
    assert taught_loss(SCORES + 1, SCORES, absolute=0.0).item() == pytest.approx(0, abs=1e-6)  # margins alone
    assert taught_loss(SCORES + 1, SCORES, absolute=0.5).item() > 0.01
    assert taught_loss(SCORES.flip(1), SCORES, absolute=0.0).item() > 0.1


def test_the_loss_equals_a_computation_by_hand():
    student, teacher = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 0.0]])

    cost = np.log1p(np.exp(-1.0)) / 2 + np.log1p(np.exp(1.0)) / 2 - np.log(2)

    assert taught_loss(student, teacher, absolute=0.0).item() == pytest.approx(cost, rel=1e-5)


def test_a_teacher_of_any_scale_gives_the_logits_of_ratings(suites):
    teacher = Teacher(Knows(suites), suites)
    each = suites.rounds["natural-choose"][0]

    (logits,) = teacher.logits([Round(each.question, each.opinions, each.candidates, each.ratings)])

    ratings = 1 + 6 * torch.sigmoid(logits).numpy()
    assert not logits.requires_grad
    assert np.abs(ratings - each.ratings).max() < 0.6


def test_a_teacher_that_ranks_the_wrong_way_is_refused(suites):
    with pytest.raises(ScoringError):
        Teacher(Knows(suites, sign=-1), suites)


def test_a_model_without_raw_scores_cannot_teach(tmp_path, suites, monkeypatch):
    monkeypatch.setattr(
        "engine.training.reward_models.distillation.make_reward_model", lambda source: object()
    )

    with pytest.raises(ScoringError, match="cannot teach"):
        Teacher.load(tmp_path, suites)


def test_a_student_takes_over_its_teachers_margins(config):
    config = config.model_copy(update={"teacher_weight": 1.0, "absolute": 1.0})
    run = begin(make_learner(config), config, make_accelerator())
    said = ("Yes I think that we should ban cats", "No I am against it")
    texts = ("We should ban cats in towns.", "We should not ban cats in towns.")
    only = Round("Should we ban cats in towns?", said, texts, np.array([[1.0, 0.0], [0.0, 1.0]]))
    soft = torch.tensor([[0.7, -0.3], [-1.2, 0.4]])
    for _ in range(60):
        train_step(run, [only], config, FixedTeacher(soft))
        run.step = 1

    torch.testing.assert_close(run.learner([only])[0].detach(), soft, atol=0.2, rtol=0.0)


def test_a_run_learns_from_a_checkpoint_of_another_family(config, tmp_path, suites, monkeypatch):
    make_learner(of_family(config, "cross-encoder", tmp_path)).save([Calibration()], tmp_path / "teacher")
    monkeypatch.setattr(
        "engine.training.reward_models.distillation.fit_calibration", lambda *pairs: Calibration()
    )
    teacher = Teacher.load(tmp_path / "teacher", suites)
    rounds = RoundsForSteps(config).of_step(0)

    alone, taught = (begin(make_learner(config), config, make_accelerator()) for _ in range(2))
    losses = train_step(alone, rounds, config), train_step(taught, rounds, config, teacher)

    assert losses[0] != losses[1]
    assert not torch.equal(alone.learner.towers.head.outer.weight, taught.learner.towers.head.outer.weight)
