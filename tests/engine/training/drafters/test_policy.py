"""Policy optimisation: the reward of a text, the curve, and that welfare rises."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import numpy as np
import pytest

from engine.errors import LearningError
from engine.reward import SHIPPED
from engine.training.__main__ import main
from engine.training.drafters import policy
from engine.training.drafters.curve import POINTS, TABLE, read_points
from engine.training.drafters.predicted_welfare import PredictedWelfare
from engine.training.drafters.shared import last_whole
from engine.types import WelfareFunction, WelfareName
from tests.engine.training import drafting


class Vowels:
    """Agrees with vowels: a reward that a tiny model can learn to please."""

    name, described = "vowels", "for tests"

    def __init__(self):
        self.asked = []

    async def score(self, question, opinions, candidates):
        self.asked.append((question, tuple(opinions), tuple(candidates)))
        shares = [sum(c in "aeiou" for c in text) / len(text) for text in candidates]
        return np.array([[1 + 6 * share for share in shares] for _ in opinions])


class Divided(Vowels):
    async def score(self, question, opinions, candidates):
        return np.array([[7.0, 4.0], [1.0, 4.0]])[:, : len(candidates)]


def judge(model, name=WelfareName.UTILITARIAN):
    return PredictedWelfare(model, WelfareFunction(name=name))


def test_the_reward_of_a_text_is_the_welfare_of_those_it_was_written_for():
    opinions = ["yes", "no"]

    assert judge(Divided()).of("?", opinions, ["one", "two"]) == pytest.approx([4, 4])
    assert judge(Divided(), WelfareName.RAWLSIAN).of("?", opinions, ["one", "two"]) == pytest.approx([1, 4])


def test_texts_for_the_same_opinions_are_scored_together_and_come_back_in_order():
    model = Vowels()
    texts = ["aaaa", "bbbb", "aabb", "a"]

    found = policy.rewards(judge(model), texts, ["q", "r", "q", "q"], [["x"], ["x"], ["x"], ["y"]])

    assert found == pytest.approx([7, 1, 4, 7])
    assert [asked[2] for asked in model.asked] == [("aaaa", "aabb"), ("bbbb",), ("a",)]


def test_an_empty_text_and_one_that_repeats_the_prompt_have_the_lowest_reward():
    texts = ["", "  ", "Opinion: aaa", "aaaa"]

    assert judge(Vowels()).of("q", ["x"], texts) == pytest.approx([1, 1, 1, 7])


@pytest.fixture
def pleased_by_vowels(monkeypatch):
    monkeypatch.setattr(policy, "make_reward_model", lambda source: Vowels())


@pytest.mark.long
def test_welfare_rises_beyond_chance_and_the_curve_is_reported(tmp_path, pleased_by_vowels):
    config = drafting.policy(tmp_path, steps=30, evaluate_every=10, judged=4)

    folder = policy.train_policy(config)

    points = read_points(config.run)
    assert [point.step for point in points] == [0, 10, 20, 30]
    assert points[0].kl == pytest.approx(0, abs=1e-4)
    assert points[-1].kl > 1
    rise = points[-1].welfare - points[0].welfare
    assert rise > 4 * np.hypot(points[-1].welfare_error, points[0].welfare_error)
    facts = json.loads((folder / "manifest.json").read_text())
    assert facts["held_out"]["welfare"]["difference"]["low"] > 0
    assert facts["held_out"]["gold"]["measure"] == "predicted welfare by vowels"
    assert len(facts["curve"]) == 4
    assert (config.run / TABLE).read_text().count("\n") == 6


@pytest.mark.long
def test_beside_adapters_the_start_is_the_model_without_them(tmp_path, pleased_by_vowels):
    config = drafting.policy(tmp_path, lora=drafting.LORA, rate=1e-1, steps=12, evaluate_every=4, judged=4)

    folder = policy.train_policy(config)

    points = read_points(config.run)
    assert points[0].kl == pytest.approx(0, abs=1e-4)
    assert points[-1].kl > 0.02
    assert folder == config.run / "merged"
    assert (config.run / "best" / "adapter_model.safetensors").exists()


def test_a_run_that_never_gets_better_than_its_start_says_so_and_keeps_nothing(tmp_path, pleased_by_vowels):
    config = drafting.policy(tmp_path, rate=1e-12, steps=1, evaluate_every=1, judged=1)

    with pytest.raises(LearningError, match="no step of this run was better than the model"):
        policy.train_policy(config)

    assert not (config.run / "best").exists()


@pytest.mark.long
def test_a_penalty_for_leaving_the_start_keeps_the_policy_near(tmp_path, pleased_by_vowels):
    free, held = (
        drafting.policy(tmp_path, run=tmp_path / name, beta=beta, steps=20, evaluate_every=20, judged=4)
        for name, beta in (("free", 1e-6), ("held", 5.0))
    )
    distances = []
    for config in (free, held):
        with suppress(LearningError):
            policy.train_policy(config)
        distances.append(abs(read_points(config.run)[-1].kl))

    assert distances[1] < distances[0] / 2


def test_a_resumed_run_has_one_curve(tmp_path, pleased_by_vowels, monkeypatch):
    config = drafting.policy(tmp_path, steps=3, evaluate_every=1, judged=1)
    judged = policy.Curve._judge

    def stops_at_two(self, step):
        if step == 2:
            raise KeyboardInterrupt
        judged(self, step)

    monkeypatch.setattr(policy.Curve, "_judge", stops_at_two)
    with pytest.raises(KeyboardInterrupt):
        policy.train_policy(config)
    monkeypatch.setattr(policy.Curve, "_judge", judged)
    begun = (config.run / POINTS).read_text()

    with suppress(LearningError):
        policy.train_policy(config)

    assert (config.run / POINTS).read_text().startswith(begun)
    points = read_points(config.run)
    assert [point.step for point in points] == [0, 1, 2, 3]
    assert points[0].kl == pytest.approx(0, abs=1e-4)
    assert abs(points[-1].kl) > 1e-3
    assert (config.run / TABLE).read_text().count("\n") == 6


@pytest.mark.long
def test_a_run_that_was_killed_goes_on_with_its_curve(tmp_path):
    config = drafting.policy(
        tmp_path, reward="lexical", gold=str(SHIPPED), steps=14, evaluate_every=2, judged=1, new_tokens=4
    )
    file = tmp_path / "policy.yaml"
    file.write_text(config.model_dump_json())
    checkpoints = config.run / "checkpoints"
    line = [sys.executable, "-m", "engine.training", "policy", str(file)]
    running = subprocess.Popen(
        line,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while last_whole(checkpoints) is None:
        assert running.poll() is None
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.wait()
    at = int(last_whole(checkpoints).rpartition("-")[2])
    begun = [point for point in read_points(config.run) if point.step <= at]
    assert 0 < at < config.steps

    with suppress(LearningError):
        policy.train_policy(config)

    points = read_points(config.run)
    assert points[: len(begun)] == begun
    assert [point.step for point in points] == list(range(0, config.steps + 1, 2))
    history = json.loads((checkpoints / "checkpoint-14" / "trainer_state.json").read_text())["log_history"]
    assert [each["step"] for each in history if "reward" in each] == list(range(1, config.steps + 1))


@pytest.mark.parametrize(
    ("reward", "gold"), [("lexical", "lexical"), (None, str(SHIPPED))], ids=["by name", "by weights"]
)
def test_a_policy_is_not_judged_by_what_it_is_trained_against(tmp_path, reward, gold):
    with pytest.raises(ValueError, match=r"gold: .* is what the policy is trained against"):
        policy.train_policy(drafting.policy(tmp_path, reward=reward, gold=gold))

    assert not (tmp_path / "run").exists()


def test_a_step_holds_whole_groups(tmp_path):
    with pytest.raises(ValueError, match="multiple"):
        drafting.policy(tmp_path, per_pass=3, texts=2)


def test_prompts_that_are_all_too_long_are_named_with_their_number_and_the_setting(tmp_path, capsys):
    file = tmp_path / "policy.yaml"
    file.write_text(drafting.policy(tmp_path, max_tokens=30).model_dump_json())

    assert main(["policy", str(file)]) == 2

    said = capsys.readouterr().err.splitlines()[-1]
    assert "max_tokens (30) less new_tokens (12) leaves room for 18; set max_tokens higher" in said
