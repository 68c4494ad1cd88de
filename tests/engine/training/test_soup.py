"""A soup is the mean of its checkpoints, calibrated anew."""

import pytest
import torch

from engine.reward.checkpoint import save_checkpoint
from engine.training.soup import soup
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
