"""Reward models by folder, hub id and name."""

import asyncio
import json
import sys
from functools import partial

import pytest
from huggingface_hub import constants, snapshot_download

from engine.errors import ScoringError
from engine.reward import make_reward_model
from engine.reward.model_info.source import reason
from tests.engine.reward.loopback_hub import LoopbackHub
from tests.engine.reward.models import assert_one_sentence, save_causal


def test_the_shipped_model_is_used_where_none_is_named():
    assert make_reward_model(None).name == "joint/2"


def test_the_baseline_is_used_by_its_name_and_where_torch_is_not_installed(monkeypatch):
    assert make_reward_model("lexical").name == "lexical/1"

    monkeypatch.setattr("engine.reward.find_spec", lambda name: None)
    assert make_reward_model(None).name == "lexical/1"


def test_a_folder_without_a_model_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(ScoringError, match="holds no reward model"):
        make_reward_model(str(tmp_path))


@pytest.mark.parametrize("source", ["nobody/no-such-model", "/no/such/folder", "../up"])
def test_what_is_neither_here_nor_on_the_hub_is_one_sentence(source, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)

    with pytest.raises(ScoringError) as caught:
        make_reward_model(source)

    said = str(caught.value)
    assert said.startswith(f"{source} is neither a folder here nor a model that the hub hands out")
    assert "\n" not in said


async def test_a_model_is_fetched_from_the_hub_by_its_id_and_code_and_pickles_are_not(tmp_path, monkeypatch):
    save_causal(tmp_path / "model")
    (tmp_path / "model/modeling_x.py").write_text("raise SystemExit")
    (tmp_path / "model/pytorch_model.bin").write_bytes(b"pickle")
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    async with LoopbackHub("tiny/reward", tmp_path / "model") as hub:
        get = partial(snapshot_download, endpoint=hub.url, cache_dir=tmp_path / "cache")
        monkeypatch.setattr("engine.reward.model_info.source.snapshot_download", get)
        model = await asyncio.to_thread(make_reward_model, "tiny/reward")
        scores = await model.score("Why?", ["yes", "no"], ["we should"])

    assert (model.name, scores.shape) == ("tiny/reward", (2, 1))
    assert "model.safetensors" in hub.fetched
    assert not {name for name in hub.fetched if name.endswith((".py", ".bin"))}


@pytest.mark.parametrize(
    "manifest",
    ["not json", '{"family": "oracle", "name": "x"}', '{"family": "causal"}'],
    ids=lambda m: m[:12],
)
def test_a_manifest_that_cannot_be_read_is_refused(tmp_path, manifest):
    (save_causal(tmp_path) / "accord.json").write_text(manifest)

    with pytest.raises(ScoringError, match=r"accord\.json") as caught:
        make_reward_model(str(tmp_path))
    assert_one_sentence(caught.value)


def test_weights_of_another_shape_are_refused(tmp_path):
    save_causal(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"intermediate_size": 20}))

    with pytest.raises(ScoringError, match="cannot be loaded") as caught:
        make_reward_model(str(tmp_path))
    assert_one_sentence(caught.value)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("No file at /a.b.\nTry another, e.g. `x.y`.\n\n  See https://x.y/z.", "No file at /a.b"),
        ("Error(s) in loading:\n\tsize mismatch: [1, 2].", "Error(s) in loading: size mismatch: [1, 2]"),
        ("", "OSError"),
        ("all the words " * 100, "all the words all"),
    ],
    ids=["advice", "a list", "nothing", "long"],
)  # fmt: skip
def test_what_a_library_says_becomes_part_of_one_sentence(said, kept):
    part = reason(OSError(said))

    assert part.startswith(kept)
    assert "\n" not in part
    assert not part.endswith(".")
    assert len(part) <= 200


def test_a_missing_package_is_named_with_what_brings_it(tmp_path, monkeypatch):
    save_causal(tmp_path)
    (tmp_path / "adapter_config.json").write_text("{}")
    monkeypatch.setitem(sys.modules, "peft", None)

    with pytest.raises(ValueError, match=r"peft.*pip install 'accord-bot\[train\]'"):
        make_reward_model(str(tmp_path))
