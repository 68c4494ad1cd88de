"""One model from one or more runs: the mean of their weights, drawn back a little towards the base.

Reads:  the folders of runs that differ in their seed alone (same base, same first weights of the head).
Gives:  one checkpoint, two-tower or joint as they are, calibrated anew, and a manifest of what went in; how
        far the runs are from each other.
Refrains from choosing among runs: all of them go in.
Sources: Wortsman et al. 2022, "Model soups" (arXiv:2203.05482), for the mean over runs; Wortsman et al. 2021,
"Robust fine-tuning of zero-shot models" (arXiv:2109.01903), for drawing back: training on templates costs
some of what the pre-trained encoder knows of how people write; a share of its weights brings some back.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.evaluation.accuracy.suites import Suites
from engine.evaluation.corpus.exam import Answers, unknown_kinds
from engine.evaluation.corpus.reading import Split, read_corpus
from engine.evaluation.intervals import Bootstrap
from engine.reward import make_reward_model
from engine.reward.model_info.calibration import Calibration, fit_calibration, fit_in_company
from engine.reward.towers.checkpoint import (
    WEIGHTS,
    Checkpoint,
    JointCheckpoint,
    load_checkpoint,
    save_checkpoint,
)
from engine.reward.towers.joint import JointReward
from engine.reward.towers.networks import Head
from engine.reward.towers.two_tower import TwoTower
from engine.training.reward_models.corpus_exam import CorpusExam
from engine.training.runs.base import base_folder, load_base
from engine.training.runs.config import write_json

MEASURED = {"name", "uncertainty", "closeness_weight", "unknown_kinds"}
"""What checkpoints of one shape may say differently of themselves."""
PATHS = ("run", "start", "base", "teacher", "questions", "polis", "corpus", "argkp")


def release(
    runs: Sequence[Path],
    folder: Path,
    *,
    name: str,
    base_share: float = 0.0,
    cosine: float = 0.0,
    uncertainty: float = 0.0,
    apart_share: float = 0.0,
) -> None:
    """Write the soup of the runs' last checkpoints to `folder`, with a manifest.

    Args:
        uncertainty: rating points; what the checkpoint says of itself. `spread` measures it.
        apart_share: of a joint checkpoint, the share of the way apart where a group is read together.

    Raises:
        ValueError, ScoringError: as `soup`.
        CorpusError: Accord's corpus is not there, or cannot be read.
    """
    lasts = [run / "last" for run in runs]
    mixed = _mixed(lasts, name=name, base=_base(runs[0]), base_share=base_share, cosine=cosine)
    says = {"uncertainty": uncertainty} | ({"apart_share": apart_share} if apart_share else {})
    mixed = replace(mixed, config=mixed.config.model_copy(update=says))
    # once it says how it reads, as both take a long look at all rounds of dev
    save_checkpoint(limited(calibrated(mixed)), folder)
    write_json(
        folder / "manifest.json",
        {
            "name": name,
            "base_share": base_share,
            "cosine": cosine,
            "weights_sha256": hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest(),
            "runs": [_facts(run) for run in runs],
        },
    )


def soup(
    folders: Sequence[Path], *, name: str, base: Path, base_share: float = 0.0, cosine: float = 0.0
) -> Checkpoint:
    """Average the checkpoints in `folders`, and calibrate (`calibrated`).

    Args:
        base: folder of the pre-trained encoder.
        base_share: in [0, 1), the share of the base's weights in the encoder's.
        cosine: >= 0, no unit, added to the head's weight of the plain cosine. The encoder has learnt to put
            opinions near what they agree with, and the cosine errs elsewhere than the rest of the head. Of a
            joint checkpoint, in the way apart.

    Returns:
        A checkpoint whose raw scores are logits of (rating - 1) / 6 already: a run that goes on from it
        starts on the scale of its loss.

    Raises:
        ValueError: no checkpoints, or they are of different shapes.
        ScoringError: a folder holds none, or the mean does not follow the ratings.
    """
    return calibrated(_mixed(folders, name=name, base=base, base_share=base_share, cosine=cosine))


def _mixed(folders: Sequence[Path], *, name: str, base: Path, base_share: float, cosine: float) -> Checkpoint:
    """The mean as it is, before calibration; arguments and errors as of `soup`."""
    found = [load_checkpoint(folder) for folder in folders]
    if not found or any(_shape(each) != _shape(found[0]) for each in found):
        raise ValueError("a soup needs checkpoints of one shape")
    mean = found[0]
    states = [{key: w.clone() for key, w in each.towers.state_dict().items()} for each in found]
    load_base(mean.towers, base)  # the head stays
    with torch.no_grad():
        for key, weight in mean.towers.state_dict().items():
            kept = base_share if key.startswith("encoder.") else 0.0
            ours = torch.stack([state[key] for state in states]).mean(dim=0)
            weight.lerp_(ours, 1 - kept)
    mean = replace(mean, config=mean.config.model_copy(update={"name": name}))
    with torch.no_grad():
        mean.towers.head.skip.add_(cosine)
    return mean


def calibrated(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint with raw scores on the scale of ratings, in each way that it reads.

    A joint model's weight of closeness is fitted with it, on groups that are read together.

    Two towers are fitted on the natural rounds for choosing, a joint model on the part of Accord's corpus
    that is for choosing by. The heads themselves are changed.

    Raises:
        ScoringError: the scores do not follow the ratings.
        CorpusError: the corpus is not there, or cannot be read.
    """
    if not isinstance(checkpoint, JointCheckpoint):
        pairs = Suites.for_questions([], most=0).calibration_pairs(TwoTower(checkpoint))
        _rescale(checkpoint.towers.head, fit_calibration(*pairs))
        return replace(checkpoint, calibration=Calibration())
    exam, towers = CorpusExam(read_corpus().of(Split.DEV).rounds), checkpoint.towers
    alone = replace(checkpoint, config=checkpoint.config.model_copy(update={"apart_share": 0.0}))
    for head, way in ((towers.together, JointReward(alone)), (towers.head, TwoTower(checkpoint))):
        _rescale(head, fit_calibration(*exam.calibration_pairs(way)))
    # A mean of two calibrated scores is too cautious, and closeness tells some of what the score did alone.
    scores, ratings = exam.calibration_pairs(JointReward(checkpoint))
    together, weight = fit_in_company(scores, exam.company(), ratings)
    config = checkpoint.config.model_copy(update={"closeness_weight": weight})
    return replace(checkpoint, config=config, calibration=Calibration(), together=together)


def limited(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint with the kinds of question at which it shows chance, on the corpus' split dev.

    There Accord does not ask it, and chooses by closeness (`engine.reward.model_info.limits`).

    Raises:
        ScoringError: the scores are not finite.
        CorpusError: the corpus is not there, or cannot be read.
    """
    rounds = read_corpus().of(Split.DEV).rounds
    model = JointReward(checkpoint) if isinstance(checkpoint, JointCheckpoint) else TwoTower(checkpoint)
    kinds = unknown_kinds(Answers.of(model, rounds), Bootstrap(len(rounds), seed=0))
    return replace(checkpoint, config=checkpoint.config.model_copy(update={"unknown_kinds": kinds}))


def spread(folders: Sequence[Path]) -> float:
    """How far checkpoints that differ in their seed are from each other, in rating points of a group's mean.

    The root mean square, over the statements of the corpus' rounds for choosing by, of the standard deviation
    over checkpoints. What all statements of a round share is left out: it orders none.

    Raises:
        ValueError: fewer than two checkpoints.
        ScoringError, CorpusError: a checkpoint or the corpus cannot be read.
    """
    if len(folders) < 2:
        raise ValueError("a spread needs two checkpoints or more")
    rounds = read_corpus().of(Split.DEV).rounds
    told = [Answers.of(make_reward_model(str(folder)), rounds).means() for folder in folders]
    apart = [np.stack(means) for means in zip(*told, strict=True)]  # (checkpoints, statements) each
    order = [means - means.mean(axis=1, keepdims=True) for means in apart]
    variance = np.concatenate([means.var(axis=0, ddof=1) for means in order])
    return float(np.sqrt(variance.mean()))


@torch.no_grad()
def _rescale(head: Head, calibration: Calibration) -> None:
    """Put slope and offset of the calibration into the head's last layer and skip."""
    for weight in (head.outer.weight, head.outer.bias, head.skip):
        weight.mul_(calibration.slope)
    head.outer.bias.add_(calibration.offset)


def _base(run: Path) -> Path:
    return base_folder(json.loads((run / "manifest.json").read_text(encoding="utf-8"))["config"]["base"])


def _shape(checkpoint: Checkpoint) -> tuple[object, ...]:
    return tuple(checkpoint.config.model_dump(exclude=MEASURED).items())


def _facts(run: Path) -> dict[str, Any]:
    """The run's manifest, with names in place of the machine's paths, its history and its start."""
    facts: dict[str, Any] = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    config = facts["config"]
    if config.get("start") and (before := Path(config["start"]) / "manifest.json").exists():
        facts["started_from"] = json.loads(before.read_text(encoding="utf-8"))
    config |= {key: Path(config[key]).name for key in PATHS if config.get(key)}
    history = (run / "history.jsonl").read_text(encoding="utf-8").splitlines()
    return facts | {"history": [json.loads(line) for line in history]}
