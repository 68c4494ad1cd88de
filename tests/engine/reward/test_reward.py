"""Reward models by folder, hub id and name."""

import json
import subprocess
import sys

import pytest

from engine.errors import ScoringError
from engine.reward import make_reward_model
from tests.engine.reward.models import save_causal


def test_the_shipped_model_is_used_where_none_is_named():
    assert make_reward_model(None).name == "two-tower/2"


def test_the_baseline_is_used_by_its_name_and_where_torch_is_not_installed(monkeypatch):
    assert make_reward_model("lexical").name == "lexical/1"

    monkeypatch.setattr("engine.reward.find_spec", lambda name: None)
    assert make_reward_model(None).name == "lexical/1"


def test_a_folder_without_a_model_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(ScoringError, match="holds no reward model"):
        make_reward_model(str(tmp_path))


@pytest.mark.parametrize("source", ["nobody/no-such-model", "/no/such/folder", "../up"])
def test_what_is_neither_here_nor_on_the_hub_is_one_sentence(source):
    check = (
        "import sys; from engine.errors import ScoringError; from engine.reward import make_reward_model\n"
        "try: make_reward_model(sys.argv[1])\n"
        "except ScoringError as error: print(error)"
    )
    offline = {"HF_HUB_OFFLINE": "1", "PATH": "", "PYTHONPATH": ":".join(sys.path), "HF_HOME": "/nowhere"}

    outcome = subprocess.run(
        [sys.executable, "-c", check, source], capture_output=True, text=True, timeout=100, env=offline
    )

    assert outcome.stdout.startswith(f"{source} is neither a folder here nor a model that the hub hands out")
    assert outcome.stdout.count("\n") == 1


@pytest.mark.parametrize(
    "manifest",
    ["not json", '{"family": "oracle", "name": "x"}', '{"family": "causal"}'],
    ids=lambda m: m[:12],
)
def test_a_manifest_that_cannot_be_read_is_refused(tmp_path, manifest):
    (save_causal(tmp_path) / "accord.json").write_text(manifest)

    with pytest.raises(ScoringError, match=r"accord\.json"):
        make_reward_model(str(tmp_path))


def test_weights_of_another_shape_are_refused(tmp_path):
    save_causal(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"intermediate_size": 20}))

    with pytest.raises(ScoringError, match="cannot be loaded"):
        make_reward_model(str(tmp_path))


def test_a_missing_package_is_named_with_what_brings_it(tmp_path, monkeypatch):
    save_causal(tmp_path)
    (tmp_path / "adapter_config.json").write_text("{}")
    monkeypatch.setitem(sys.modules, "peft", None)

    with pytest.raises(ValueError, match=r"peft.*pip install 'accord-bot\[train\]'"):
        make_reward_model(str(tmp_path))
