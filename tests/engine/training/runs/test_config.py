"""Settings that cannot be used are refused in one line that says where and what."""

from pathlib import Path

import pytest
import yaml

from engine import training
from engine.training.__main__ import main
from engine.training.runs.base import base_folder
from engine.training.runs.config import read_config

PATHS = {"run": "run", "questions": "questions.json", "polis": "polis"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"family": "forest"}, "family: input should be 'two-tower', 'joint', 'causal' or 'cross-encoder'"),
        ({"lora": {}}, "lora: the two-tower family is trained whole"),
        ({"family": "causal", "lora": {"rank": 0}}, "lora.rank: input should be greater than 0"),
        ({"family": "causal", "lora": {"size": 8}}, "lora.size: there is no such field; check its spelling"),
        ({"teacher": "big", "teacher_weight": 2}, "teacher_weight: input should be less than or equal to 1"),
        ({"precision": "fp8"}, "precision: input should be 'auto', 'fp32' or 'bf16'"),
    ],
    ids=["family", "lora with towers", "rank", "misspelt", "weight", "precision"],
)
def test_a_wrong_setting_is_named(tmp_path, settings, said):
    file = tmp_path / "run.yaml"
    file.write_text(yaml.safe_dump(PATHS | settings))

    with pytest.raises(ValueError) as failed:
        read_config(file)

    assert str(failed.value).startswith(f"{file}: {said}")
    assert "\n" not in str(failed.value)


@pytest.mark.parametrize("base", ["/nowhere/at all", "package:no_such_package", "plain-name"])
def test_a_base_that_is_nowhere_is_one_clear_sentence(base):
    with pytest.raises(ValueError, match=base) as failed:
        base_folder(base)

    assert "\n" not in str(failed.value)


def test_a_hub_that_cannot_be_asked_is_one_clear_sentence(monkeypatch):
    def unreachable(*args, **kwargs):
        raise ConnectionError("no way out")

    monkeypatch.setattr("engine.training.runs.base.snapshot_download", unreachable)

    with pytest.raises(ValueError, match=r"org/model: .*the hub could not be asked"):
        base_folder("org/model")


def test_the_command_exits_as_accord_does(tmp_path, capsys):
    file = tmp_path / "run.yaml"
    file.write_text(yaml.safe_dump(PATHS | {"family": "forest"}))

    assert main(["reward", str(file)]) == 2

    assert capsys.readouterr().err.startswith(f"accord: {file}: family: ")


@pytest.mark.parametrize("name", ["default", "default-juries", "cross-encoder", "causal-lora", "joint"])
def test_the_recipes_that_come_with_the_code_can_be_read(name):
    config = read_config(Path(training.__file__).parent / f"{name}.yaml")

    assert config.held_out_topics
    assert config.rounds_per_step % config.rounds_per_pass == 0
