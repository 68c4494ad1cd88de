"""Every family: what training writes is what scoring reads, and what adapters leave alone."""

import json

import numpy as np
import pytest
import torch

from engine.reward import make_reward_model
from engine.reward.model_info.calibration import Calibration
from engine.reward.model_info.source import Manifest
from engine.training.data.lessons import RoundsForSteps
from engine.training.reward_models.loop import begin, make_learner, train_reward, train_step
from engine.training.runs.adapters import save_merged
from engine.training.runs.base import base_folder
from engine.training.runs.config import RewardConfig
from engine.training.runs.processes import make_accelerator
from tests.engine.training.conftest import of_family

QUESTION = "Should we ban cats in towns?"
OPINIONS = ["Yes.", "No, cats should be allowed in the towns, in the parks, in schools", "I agree"]
CANDIDATES = ["We should ban cats.", "We should keep cats in towns and parks " * 9]

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*is_gradient_checkpointing.*:FutureWarning"
)  # peft asks for it


def trained(config, steps=2):
    run, rounds = begin(make_learner(config), config, make_accelerator()), RoundsForSteps(config)
    for step in range(steps):
        train_step(run, rounds.of_step(step), config)
        run.step += 1
    return run.learner


def scores_of(model):
    return model.raw_scores(QUESTION, OPINIONS, CANDIDATES)


@pytest.mark.parametrize("name", ["cross-encoder", "causal", "causal-lora"])
def test_a_checkpoint_scores_as_it_did_in_training(config, tmp_path, name):
    learner = trained(of_family(config, name, tmp_path))
    learner.save([Calibration(slope=0.5, offset=0.1)], tmp_path / "saved")

    model = make_reward_model(str(tmp_path / "saved"))

    np.testing.assert_allclose(scores_of(model), scores_of(learner), atol=2e-5)
    assert model.name == learner.scorer()._config.name
    assert "calibrated" in model.described


@pytest.mark.parametrize("name", ["causal-lora", "cross-encoder-lora"])
def test_adapters_merged_into_their_base_score_the_same(config, tmp_path, name):
    settings = of_family(config, name, tmp_path)
    learner = trained(settings)
    learner.save([Calibration()], tmp_path / "adapter")

    save_merged(tmp_path / "adapter", base_folder(settings.base), tmp_path / "merged")

    assert not (tmp_path / "merged" / "adapter_config.json").exists()
    model = make_reward_model(str(tmp_path / "merged"))
    np.testing.assert_allclose(scores_of(model), scores_of(learner), atol=2e-5)


@pytest.mark.parametrize("name", ["causal-lora", "cross-encoder-lora"])
def test_with_adapters_only_these_and_the_head_are_trained(config, tmp_path, name):
    settings = of_family(config, name, tmp_path)
    before = {key: w.clone() for key, w in make_learner(settings).state_dict().items()}

    learner = trained(settings)

    moved = {key for key, w in learner.state_dict().items() if not torch.equal(w, before[key])}
    assert moved == set(learner.trained())
    assert all("lora_" in key or "modules_to_save" in key for key in moved)
    assert {"lora_A", "modules_to_save"} <= {part for key in moved for part in key.split(".")}


def test_an_adapter_checkpoint_holds_no_base_and_names_it(config, tmp_path):
    settings = of_family(config, "causal-lora", tmp_path)
    make_learner(settings).save([Calibration()], tmp_path / "adapter")

    facts = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
    assert facts["base_model_name_or_path"] == settings.base
    assert not (tmp_path / "adapter" / "model.safetensors").exists()


@pytest.mark.parametrize("name", ["cross-encoder", "causal", "causal-lora"])
def test_a_run_goes_on_from_a_checkpoint_of_its_family(config, tmp_path, name):
    settings = of_family(config, name, tmp_path)
    first = trained(settings)
    first.save([Calibration()], tmp_path / "first")

    second = make_learner(settings.model_copy(update={"start": tmp_path / "first"}))

    np.testing.assert_allclose(scores_of(second), scores_of(first), atol=1e-6)
    assert second.trained().keys() == first.trained().keys()


def test_activations_computed_twice_give_the_same_weights(each_family):
    plain = trained(each_family)
    sparing = trained(each_family.model_copy(update={"gradient_checkpointing": True}))

    for name, weight in plain.trained().items():
        torch.testing.assert_close(sparing.trained()[name], weight, rtol=1e-4, atol=1e-5)


def test_in_half_precision_the_trained_weights_and_the_scores_stay_whole(each_family):
    learner = trained(each_family.model_copy(update={"precision": "bf16"}))

    assert {weight.dtype for weight in learner.trained().values()} == {torch.float32}
    assert {s.dtype for s in learner(RoundsForSteps(each_family).of_step(0))} == {torch.float32}
    assert np.isfinite(scores_of(learner.scorer())).all()


def test_a_run_with_adapters_gives_a_merged_model_where_asked(config, tmp_path, monkeypatch):
    settings = of_family(config, "causal-lora", tmp_path)
    settings = settings.model_copy(
        update={"lora": settings.lora.model_copy(update={"merge": True}), "steps": 2}
    )
    monkeypatch.setattr("engine.training.reward_models.loop.fit_calibration", lambda *pairs: Calibration())

    folder = train_reward(settings)

    assert folder == settings.run / "merged"
    merged, best = make_reward_model(str(folder)), make_reward_model(str(settings.run / "best"))
    np.testing.assert_allclose(scores_of(merged), scores_of(best), atol=2e-5)


@pytest.mark.parametrize(("family", "other"), [("causal", "cross-encoder"), ("cross-encoder", "causal")])
def test_a_base_of_another_family_is_refused(config, tmp_path, family, other):
    base = of_family(config, other, tmp_path).base
    settings = RewardConfig.model_validate(config.model_dump() | {"family": family, "base": base})

    with pytest.raises(ValueError, match=f"family: {family}"):
        make_learner(settings)


def test_more_tokens_than_the_base_reads_are_refused(causal):
    with pytest.raises(ValueError, match="64 tokens at most"):
        make_learner(causal.model_copy(update={"max_tokens": 100}))


def test_a_target_that_is_no_layer_is_one_clear_sentence(config, tmp_path):
    settings = of_family(config, "causal-lora", tmp_path)
    settings = settings.model_copy(update={"lora": settings.lora.model_copy(update={"target": ("nowhere",)})})

    with pytest.raises(ValueError, match=r"lora: .*nowhere"):
        make_learner(settings)


def test_a_missing_package_is_named(config, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "peft", None)

    with pytest.raises(ValueError, match="peft: pip install"):
        make_learner(of_family(config, "causal-lora", tmp_path))


def test_a_family_without_a_learner_is_taken_for_no_other(config):
    with pytest.raises(AssertionError, match="forest"):
        make_learner(config.model_copy(update={"family": "forest"}))


def test_a_family_that_nobody_loads_is_taken_for_no_other(config, tmp_path, monkeypatch):
    forest = Manifest(family="causal", name="trees").model_copy(update={"family": "forest"})
    monkeypatch.setattr("engine.reward.model_info.source.find", lambda source: (tmp_path, forest))

    with pytest.raises(AssertionError, match="forest"):
        make_reward_model(str(tmp_path))
