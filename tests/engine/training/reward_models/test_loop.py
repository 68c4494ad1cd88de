"""Training: the loop learns, repeats itself, can be cut in passes and taken up again."""

import json
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.errors import ScoringError
from engine.reward.towers.two_tower import TwoTower
from engine.training.data.lessons import RoundsForSteps
from engine.training.data.rounds import Round
from engine.training.reward_models.loop import begin, make_learner, train_reward, train_step
from engine.training.reward_models.losses import round_loss
from engine.training.runs.config import Terms
from engine.training.runs.processes import make_accelerator

TEXTS = ("We should ban cats in towns.", "We should not ban cats in towns.")


def started(config):
    return begin(make_learner(config), config, make_accelerator())


def weights_after(config, steps=3):
    run, rounds = started(config), RoundsForSteps(config)
    for step in range(steps):
        train_step(run, rounds.of_step(step), config)
        run.step += 1
    return torch.cat([p.detach().flatten() for p in run.learner.parameters()])


def run_through(config):
    """A few steps need not give scores that follow the ratings; the run is over all the same."""
    with suppress(ScoringError):
        train_reward(config)


def test_a_tiny_set_is_overfitted(each_family):
    config = each_family
    run = started(config)
    said = ("Yes I think that we should ban cats", "No I am against it")
    only = Round("Should we ban cats in towns?", said, TEXTS, np.array([[1.0, 0.0], [0.0, 1.0]]))
    for _ in range(40):
        train_step(run, [only], config)
        run.step = 1  # past the warm-up, at the peak rate

    scores = run.learner.scorer().raw_scores(only.question, said, TEXTS)

    assert scores[0, 0] > 2 > -2 > scores[0, 1]
    assert scores[1, 1] > 2 > -2 > scores[1, 0]


def test_one_pass_of_all_rounds_equals_passes_of_one(each_family):
    config = each_family
    once = weights_after(config)
    one_by_one = weights_after(config.model_copy(update={"rounds_per_pass": 1}))

    torch.testing.assert_close(once, one_by_one, rtol=1e-3, atol=1e-4)


def test_the_same_seed_gives_the_same_trajectory_and_another_seed_another(config):
    first = weights_after(config)

    torch.testing.assert_close(first, weights_after(config))
    assert not torch.allclose(first, weights_after(config.model_copy(update={"seed": 1})))


def test_a_resumed_run_equals_an_uninterrupted_one(each_family, tmp_path, monkeypatch):
    config = each_family.model_copy(update={"dropout": 0.1})
    whole = config.model_copy(update={"run": tmp_path / "whole"})
    run_through(whole)

    steps = 0

    def stops_at_the_third(*args, **kwargs):
        nonlocal steps
        steps += 1
        if steps == 3:
            raise KeyboardInterrupt
        return train_step(*args, **kwargs)

    monkeypatch.setattr("engine.training.reward_models.loop.train_step", stops_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        train_reward(config)
    monkeypatch.setattr("engine.training.reward_models.loop.train_step", train_step)
    run_through(config)

    ends = [torch.load(run / "state.pt", weights_only=True) for run in (whole.run, config.run)]
    assert ends[0]["step"] == ends[1]["step"] == config.steps
    assert ends[0]["averaged"].keys() == ends[1]["averaged"].keys() != set()
    for name, weight in ends[0]["averaged"].items():
        torch.testing.assert_close(weight, ends[1]["averaged"][name])


class Worsening:
    """An examination whose marks fall after the second; it keeps what was the best by then."""

    def __init__(self, run):
        self.marks = [0.6, 0.7, 0.65, 0.69, 0.68]
        self.best, self.second = run / "best" / "model.safetensors", b""

    def examined(self, scorer):
        if len(self.marks) == 3:
            self.second = self.best.read_bytes()
        return self.marks.pop(0), {}

    def calibration_pairs(self, scorer):
        return np.array([-1.0, 0.0, 1.0]), np.array([2.0, 4.0, 6.0])


def test_training_ends_when_held_out_data_shows_no_gain_and_the_best_weights_are_used(config, monkeypatch):
    exam = Worsening(config.run)
    monkeypatch.setattr("engine.training.reward_models.loop._suites", lambda config: exam)

    used = train_reward(config.model_copy(update={"steps": 40, "evaluate_every": 1, "patience": 3}))

    history = [json.loads(line) for line in (config.run / "history.jsonl").read_text().splitlines()]
    assert [entry["mark"] for entry in history] == [0.6, 0.7, 0.65, 0.69, 0.68]
    assert (used / "model.safetensors").read_bytes() == exam.second
    assert (config.run / "last" / "model.safetensors").read_bytes() != exam.second


def test_a_run_writes_what_it_was_made_from_and_a_checkpoint_that_scores(config):
    folder = train_reward(config)

    facts = json.loads((config.run / "manifest.json").read_text())
    assert facts["config"]["seed"] == config.seed
    assert len(facts["data_sha256"]) == 64
    assert facts["versions"]["torch"]
    assert len((config.run / "history.jsonl").read_text().splitlines()) == 2
    scores = TwoTower.load(folder, device="cpu").raw_scores("Should we ban cats?", TEXTS, TEXTS)
    assert scores.shape == (2, 2)


def test_a_folder_with_another_run_is_refused(config):
    train_reward(config)

    with pytest.raises(ValueError, match="other settings"):
        train_reward(config.model_copy(update={"seed": 5}))


def test_scores_come_back_in_the_order_of_the_texts_whatever_their_length(each_family):
    learner = make_learner(each_family)
    said = tuple("we should " + "not " * n for n in (9, 1, 5, 2))
    each = Round("Should we?", said, TEXTS, np.zeros((4, 2)))
    (together,) = learner([each])
    for row, opinion in enumerate(said):
        alone = replace(each, opinions=(opinion,), agreement=np.zeros((1, 2)))
        torch.testing.assert_close(learner([alone])[0][..., 0, :], together[..., row, :])


def test_the_loss_equals_a_computation_by_hand():
    scores = torch.tensor([[2.0, 0.0], [0.0, 1.0]])
    agreement = torch.tensor([[1.0, 0.0], [0.5, 0.5]])

    def cost(gap):
        return float(np.log1p(np.exp(-gap)))

    within_person = cost(2.0)  # the second person prefers neither
    within_candidate = (0.5 * cost(2.0) + 0.5 * cost(1.0)) / 1.0
    absolute = (cost(2.0) + np.log(2) + np.log(2) + (0.5 * cost(1.0) + 0.5 * cost(-1.0))) / 4

    expected = within_person + within_candidate + 0.5 * absolute
    assert round_loss(scores, agreement, Terms()).item() == pytest.approx(expected, rel=1e-5)


def test_a_round_without_preferences_has_no_pairwise_loss():
    equal = torch.full((2, 2), 0.5)

    assert round_loss(torch.randn(2, 2), equal, Terms(absolute=0)).item() == 0
