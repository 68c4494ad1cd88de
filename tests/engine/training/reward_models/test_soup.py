"""A soup is the mean of its checkpoints, calibrated anew."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from engine.evaluation.corpus.reading import read_corpus
from engine.reward.model_info.calibration import Calibration
from engine.reward.towers.checkpoint import save_checkpoint
from engine.reward.towers.two_tower import TwoTower
from engine.training.reward_models.loop import train_reward
from engine.training.reward_models.soup import release, soup
from tests.engine.evaluation.corpus import rounds as corpus
from tests.engine.tiny import save_tiny_base, tiny_checkpoint


@pytest.fixture
def one_and_other(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "engine.training.reward_models.soup.fit_calibration", lambda *pairs: tiny_checkpoint().calibration
    )
    for seed in (0, 1):
        save_checkpoint(tiny_checkpoint(seed=seed), tmp_path / str(seed))
    return [tmp_path / "0", tmp_path / "1"]


@pytest.fixture
def base(tmp_path):
    save_tiny_base(tmp_path / "base")
    return tmp_path / "base"


def test_weights_are_the_mean(one_and_other, base):
    mean = soup(one_and_other, name="both", base=base)

    ours = mean.towers.head.inner.weight
    theirs = [tiny_checkpoint(seed=seed).towers.head.inner.weight for seed in (0, 1)]
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


def test_raw_scores_are_the_logits_of_the_ratings_already(one_and_other, base, monkeypatch):
    monkeypatch.setattr("engine.training.reward_models.soup.fit_calibration", lambda *pairs: Calibration())
    pure = soup(one_and_other, name="pure", base=base)
    fitted = Calibration(slope=0.25, offset=-1.5)
    monkeypatch.setattr("engine.training.reward_models.soup.fit_calibration", lambda *pairs: fitted)

    made = soup(one_and_other, name="scaled", base=base)

    asked = "Cars?", ["ban cars", "keep cars"], ["no cars", "more cars"]
    np.testing.assert_allclose(
        TwoTower(made).raw_scores(*asked), 0.25 * TwoTower(pure).raw_scores(*asked) - 1.5, atol=1e-5
    )
    assert made.calibration == Calibration()


def test_more_weight_of_the_cosine_adds_the_cosine(one_and_other, base, monkeypatch):
    monkeypatch.setattr("engine.training.reward_models.soup.fit_calibration", lambda *pairs: Calibration())
    few, more = (TwoTower(soup(one_and_other, name="x", base=base, cosine=c)) for c in (0.0, 10.0))

    texts = ["ban cars", "keep cars"]
    gained = more.raw_scores("Cars?", texts, texts) - few.raw_scores("Cars?", texts, texts)
    assert (np.abs(gained) <= 10 + 1e-5).all()
    assert gained.std() > 0


def test_a_release_says_what_went_in_and_names_no_folder_of_the_machine(config, tmp_path, monkeypatch):
    few = read_corpus(corpus.write(tmp_path / "corpus"))
    monkeypatch.setattr("engine.training.reward_models.soup.read_corpus", lambda: few)
    folder, out = train_reward(config).parent, tmp_path / "out"

    release([folder, folder], out, name="two-tower/test")

    text = (out / "manifest.json").read_text()
    assert str(tmp_path) not in text
    assert [run["config"]["seed"] for run in json.loads(text)["runs"]] == [config.seed] * 2
    assert TwoTower.load(out).name == "two-tower/test"
