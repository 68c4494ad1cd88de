"""A soup is the mean of its checkpoints, calibrated anew."""

import json

import pytest
import torch
from safetensors.torch import load_file

from engine.reward.checkpoint import save_checkpoint
from engine.reward.two_tower import TwoTower
from engine.training.reward import train_reward
from engine.training.soup import release, soup
from tests.engine.tiny import save_tiny_base, tiny_checkpoint


@pytest.fixture
def one_and_other(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.training.soup.fit_calibration", lambda *pairs: tiny_checkpoint().calibration)
    for seed in (0, 1):
        save_checkpoint(tiny_checkpoint(seed=seed), tmp_path / str(seed))
    return [tmp_path / "0", tmp_path / "1"]


@pytest.fixture
def base(tmp_path):
    save_tiny_base(tmp_path / "base")
    return tmp_path / "base"


def test_weights_are_the_mean(one_and_other, base):
    mean = soup(one_and_other, name="both", base=base)

    ours = mean.towers.head.outer.weight
    theirs = [tiny_checkpoint(seed=seed).towers.head.outer.weight for seed in (0, 1)]
    torch.testing.assert_close(ours, sum(theirs) / 2, atol=1e-3, rtol=1e-3)
    assert mean.config.name == "both"


def test_a_soup_of_nothing_is_refused(tmp_path):
    with pytest.raises(ValueError, match="one shape"):
        soup([], name="none", base=tmp_path)


def test_a_share_of_the_base_draws_the_encoder_back_and_leaves_the_head(one_and_other, base):
    pure = soup(one_and_other[:1], name="pure", base=base).towers
    drawn = soup(one_and_other[:1], name="drawn", base=base, base_share=0.25).towers

    word = "embeddings.word_embeddings.weight"
    from_base = load_file(base / "model.safetensors")[word]
    expected = 0.75 * pure.encoder.state_dict()[word] + 0.25 * from_base
    torch.testing.assert_close(drawn.encoder.state_dict()[word], expected)
    torch.testing.assert_close(drawn.head.outer.weight, pure.head.outer.weight)


def test_a_release_says_what_went_in_and_names_no_folder_of_the_machine(config, tmp_path):
    folder, out = train_reward(config).parent, tmp_path / "out"

    release([folder, folder], out, name="two-tower/test")

    text = (out / "manifest.json").read_text()
    assert str(tmp_path) not in text
    assert [run["config"]["seed"] for run in json.loads(text)["runs"]] == [config.seed] * 2
    assert TwoTower.load(out).name == "two-tower/test"
