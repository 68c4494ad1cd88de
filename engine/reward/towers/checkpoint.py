"""A checkpoint of towers on disk, two-tower or joint: what a training run writes and a scorer reads.

A folder with `config.json` (the encoder's and the head's shape), `model.safetensors` (fp16),
`tokenizer.json` and `calibration.json`. Nothing in it is code, nothing is fetched from anywhere.
A joint checkpoint is a two-tower one with a second head and a second calibration, for reading together.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

import torch
from pydantic import Field, TypeAdapter, ValidationError, model_validator
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from engine.errors import ScoringError
from engine.question_kinds import QuestionKind
from engine.reward.model_info.calibration import Calibration
from engine.reward.model_info.families import TOGETHER_UP_TO, PairTokens
from engine.reward.model_info.source import reason
from engine.reward.texts import READING
from engine.reward.towers.networks import JointTowers, Towers
from engine.types import Frozen

AnyTowers = TypeVar("AnyTowers", bound=Towers)
CONFIG, WEIGHTS, TOKENIZER, CALIBRATION = (
    "config.json", "model.safetensors", "tokenizer.json", "calibration.json",
)  # fmt: skip


BERT_READS = 512
"""Tokens, where an encoder's configuration does not say."""


class _Shape(Frozen):
    """What is in every config.json of towers.

    encoder:     a transformers configuration, with its `model_type`.
    uncertainty: how far (rating points of welfare) runs that differ in their seed alone are from each other:
        candidates that are nearer than this are not told apart.
    closeness_weight: what a candidate's closeness to the others adds (`engine.closeness.in_company`).
    unknown_kinds: kinds of question at which it shows chance (`engine.reward.model_info.limits`).
    """

    name: str
    encoder: dict[str, Any]
    hidden: int = Field(gt=0)
    max_tokens: int = Field(gt=8)
    uncertainty: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    closeness_weight: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    unknown_kinds: tuple[QuestionKind, ...] = ()


class TowerConfig(_Shape):
    """What is in config.json of a two-tower checkpoint."""

    family: Literal["two-tower"] = "two-tower"


class JointConfig(_Shape):
    """What is in config.json of a joint checkpoint.

    max_tokens:      of a text that is read apart.
    together_up_to:  members of the largest group that is read together.
    together_tokens: limits of a pair that is read together.
    apart_share:     in [0, 1), the share of the way apart in the scores of a group that is read together: the
                     two ways err in different places, so their mean errs less.
    """

    family: Literal["joint"] = "joint"
    together_up_to: int = Field(default=TOGETHER_UP_TO, ge=1)
    together_tokens: PairTokens = PairTokens()
    apart_share: float = Field(default=0.0, ge=0, lt=1)

    @model_validator(mode="after")
    def _pairs_fit_the_encoder(self) -> Self:
        room = self.encoder.get("max_position_embeddings", BERT_READS)
        if self.together_tokens.longest > room:
            raise ValueError(
                f"together_tokens: a pair can take {self.together_tokens.longest} tokens, and the encoder "
                f"reads {room} at most; lower the limits"
            )
        return self


class JointCalibration(Frozen):
    """What is in calibration.json of a joint checkpoint."""

    apart: Calibration
    together: Calibration


_CONFIG: TypeAdapter[TowerConfig | JointConfig] = TypeAdapter(
    Annotated[TowerConfig | JointConfig, Field(discriminator="family")]
)


@dataclass(frozen=True)
class Checkpoint:
    """Everything that scoring needs, in memory; `calibration`: of texts that are read apart."""

    config: TowerConfig | JointConfig
    towers: Towers
    tokenizer: Tokenizer
    calibration: Calibration


@dataclass(frozen=True)
class JointCheckpoint(Checkpoint):
    """A checkpoint that can also read together; `together`: its calibration for that."""

    config: JointConfig
    towers: JointTowers
    together: Calibration


def load_checkpoint(folder: Path) -> Checkpoint:
    """Read a checkpoint, a `JointCheckpoint` where it is one; its weights come back in fp32 on the CPU.

    Raises:
        ScoringError: a file is missing, or is not what a checkpoint of towers holds.
    """
    try:
        config = _CONFIG.validate_json((folder / CONFIG).read_bytes())
        calibration = (folder / CALIBRATION).read_bytes()
        tokenizer = _tokenizer((folder / TOKENIZER).read_bytes())
        if isinstance(config, JointConfig):
            both = JointCalibration.model_validate_json(calibration)
            towers = _filled(JointTowers(config.encoder, config.hidden), folder)
            return JointCheckpoint(config, towers, tokenizer, both.apart, both.together)
        alone = Calibration.model_validate_json(calibration)
        return Checkpoint(config, _filled(Towers(config.encoder, config.hidden), folder), tokenizer, alone)
    except FileNotFoundError as exc:
        raise ScoringError(
            f"{folder} is no two-tower or joint checkpoint: {Path(exc.filename or folder / WEIGHTS).name} is "
            "missing."
        ) from exc
    except (ValidationError, SafetensorError, RuntimeError, KeyError, ValueError) as exc:
        raise ScoringError(
            f"{folder} is no two-tower or joint checkpoint that this version reads ({reason(exc)})."
        ) from exc


def _filled(towers: AnyTowers, folder: Path) -> AnyTowers:
    towers.load_state_dict({name: w.float() for name, w in load_file(folder / WEIGHTS).items()})
    towers.eval()
    return towers


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
    (folder / CALIBRATION).write_text(_json(_calibrations(checkpoint)), encoding="utf-8")
    checkpoint.tokenizer.save(str(folder / TOKENIZER), pretty=False)


def _calibrations(checkpoint: Checkpoint) -> Calibration | JointCalibration:
    if isinstance(checkpoint, JointCheckpoint):
        return JointCalibration(apart=checkpoint.calibration, together=checkpoint.together)
    return checkpoint.calibration


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
