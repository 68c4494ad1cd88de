"""A soup is the mean of its checkpoints, calibrated anew."""

import json

import pytest
import torch

from engine.reward.checkpoint import save_checkpoint
from engine.reward.two_tower import TwoTower
from engine.training.reward import train_reward
from engine.training.soup import release, soup
from tests.engine.tiny import tiny_checkpoint


@pytest.fixture
def one_and_other(tmp_path, monkeypatch):
    monkeypatch.setattr("engine.training.soup.fit_calibration", lambda *pairs: tiny_checkpoint().calibration)
    for seed in (0, 1):
        save_checkpoint(tiny_checkpoint(seed=seed), tmp_path / str(seed))
    return [tmp_path / "0", tmp_path / "1"]


def test_weights_are_the_mean(one_and_other):
    mean = soup(one_and_other, name="both")

    ours = mean.towers.head.outer.weight
    theirs = [tiny_checkpoint(seed=seed).towers.head.outer.weight for seed in (0, 1)]
    torch.testing.assert_close(ours, sum(theirs) / 2, atol=1e-3, rtol=1e-3)
    assert mean.config.name == "both"


def test_a_soup_of_nothing_is_refused():
    with pytest.raises(ValueError, match="one shape"):
        soup([], name="none")


def test_a_release_says_what_went_in_and_names_no_folder_of_the_machine(config, tmp_path):
    folder, out = train_reward(config).parent, tmp_path / "out"

    release([folder, folder], out, name="two-tower/test")

    text = (out / "manifest.json").read_text()
    assert str(tmp_path) not in text
    assert [run["config"]["seed"] for run in json.loads(text)["runs"]] == [config.seed] * 2
    assert TwoTower.load(out).name == "two-tower/test"
