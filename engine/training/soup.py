"""One model from several runs: the mean of their weights.

Reads:  the folders of runs that differ in their seed alone (same base, same first weights of the head).
Gives:  one checkpoint, calibrated anew, and a manifest that says what went in.
Refrains from choosing among runs: all of them go in.
Source: Wortsman et al. 2022, "Model soups" (arXiv:2203.05482).
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from engine.evaluation.suites import Suites
from engine.reward.calibration import fit_calibration
from engine.reward.checkpoint import WEIGHTS, Checkpoint, load_checkpoint, save_checkpoint
from engine.reward.two_tower import TwoTower
from engine.training.config import write_json

PATHS = ("run", "base", "questions", "polis")


def release(runs: Sequence[Path], folder: Path, *, name: str) -> None:
    """Write the soup of the runs' best checkpoints to `folder`, with a manifest.

    Raises:
        ValueError, ScoringError: as `soup`.
    """
    save_checkpoint(soup([run / "best" for run in runs], name=name), folder)
    write_json(
        folder / "manifest.json",
        {
            "name": name,
            "weights_sha256": hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest(),
            "runs": [_facts(run) for run in runs],
        },
    )


def soup(folders: Sequence[Path], *, name: str) -> Checkpoint:
    """Average the checkpoints in `folders`, and calibrate on the natural rounds for choosing.

    Raises:
        ValueError: no checkpoints, or they are of different shapes.
        ScoringError: a folder holds none, or the mean does not follow the ratings.
    """
    found = [load_checkpoint(folder) for folder in folders]
    if not found or any(_shape(each) != _shape(found[0]) for each in found):
        raise ValueError("a soup needs checkpoints of one shape")
    mean = found[0]
    states = [each.towers.state_dict() for each in found]
    mean.towers.load_state_dict(
        {key: torch.stack([state[key] for state in states]).mean(dim=0) for key in states[0]}
    )
    mean = replace(mean, config=mean.config.model_copy(update={"name": name}))
    pairs = Suites.for_questions([], most=0).calibration_pairs(TwoTower(mean))
    return replace(mean, calibration=fit_calibration(*pairs))


def _shape(checkpoint: Checkpoint) -> tuple[object, ...]:
    return checkpoint.config.encoder, checkpoint.config.hidden, checkpoint.config.max_tokens


def _facts(run: Path) -> dict[str, Any]:
    """The run's manifest, with names in place of the machine's paths, and its history."""
    facts: dict[str, Any] = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    facts["config"] |= {key: Path(facts["config"][key]).name for key in PATHS}
    history = (run / "history.jsonl").read_text(encoding="utf-8").splitlines()
    return facts | {"history": [json.loads(line) for line in history]}
