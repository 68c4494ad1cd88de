"""A two-tower checkpoint on disk: what a training run writes and a scorer reads.

A folder with `config.json` (the encoder's and the head's shape), `model.safetensors` (fp16),
`tokenizer.json` and `calibration.json`. Nothing in it is code, nothing is fetched from anywhere.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import Field, ValidationError
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from engine.errors import ScoringError
from engine.reward.calibration import Calibration
from engine.reward.source import reason
from engine.reward.texts import READING
from engine.reward.towers import Towers
from engine.types import Frozen

CONFIG, WEIGHTS, TOKENIZER, CALIBRATION = (
    "config.json", "model.safetensors", "tokenizer.json", "calibration.json",
)  # fmt: skip


class TowerConfig(Frozen):
    """What is in config.json. `encoder` is a transformers configuration, with its `model_type`."""

    family: Literal["two-tower"] = "two-tower"
    name: str
    encoder: dict[str, Any]
    hidden: int = Field(gt=0)
    max_tokens: int = Field(gt=8)


@dataclass(frozen=True)
class Checkpoint:
    """Everything that scoring needs, in memory."""

    config: TowerConfig
    towers: Towers
    tokenizer: Tokenizer
    calibration: Calibration


def load_checkpoint(folder: Path) -> Checkpoint:
    """Read a checkpoint; the weights come back in fp32 on the CPU.

    Raises:
        ScoringError: a file is missing, or is not what a two-tower checkpoint holds.
    """
    try:
        config = TowerConfig.model_validate_json((folder / CONFIG).read_bytes())
        calibration = Calibration.model_validate_json((folder / CALIBRATION).read_bytes())
        tokenizer = _tokenizer((folder / TOKENIZER).read_bytes())
        towers = Towers(config.encoder, config.hidden)
        towers.load_state_dict({name: w.float() for name, w in load_file(folder / WEIGHTS).items()})
    except FileNotFoundError as exc:
        raise ScoringError(
            f"{folder} is no two-tower checkpoint: {Path(exc.filename or folder / WEIGHTS).name} is missing."
        ) from exc
    except (ValidationError, SafetensorError, RuntimeError, KeyError, ValueError) as exc:
        raise ScoringError(
            f"{folder} is no two-tower checkpoint that this version reads ({reason(exc)})."
        ) from exc
    return Checkpoint(config, towers.eval(), tokenizer, calibration)


def _tokenizer(stored: bytes) -> Tokenizer:
    try:
        return Tokenizer.from_buffer(stored)
    except Exception as exc:  # what the library raises is of no narrower class
        raise ValueError(f"{TOKENIZER}: {exc}") from exc


def save_checkpoint(checkpoint: Checkpoint, folder: Path) -> None:
    """Write a checkpoint with its weights in fp16, which halves the file and moves scores by about 1e-3."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: w.to(torch.float16).contiguous() for name, w in checkpoint.towers.state_dict().items()}
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
    (folder / CONFIG).write_text(_json(checkpoint.config), encoding="utf-8")
    (folder / CALIBRATION).write_text(_json(checkpoint.calibration), encoding="utf-8")
    checkpoint.tokenizer.save(str(folder / TOKENIZER), pretty=False)


def encoder_fingerprint(checkpoint: Checkpoint) -> str:
    """A hash of all that turns an opinion into a vector; not of head and calibration, which come later."""
    config = checkpoint.config
    reading = [READING, config.encoder, config.max_tokens, checkpoint.tokenizer.to_str()]
    digest = hashlib.sha256(json.dumps(reading, sort_keys=True).encode())
    for name, weights in sorted(checkpoint.towers.encoder.state_dict().items()):
        digest.update(f"{name}:{tuple(weights.shape)}".encode())
        digest.update(weights.detach().float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _json(data: Frozen) -> str:
    return json.dumps(data.model_dump(mode="json"), indent=2, sort_keys=True) + "\n"
