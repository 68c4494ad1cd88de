"""Training of reward models: one plain loop for every family.

Reads:  a `RewardConfig`: debate questions, Polis conversations, a corpus of deliberations and a pre-trained
        model; or a team's feedback (or rounds that a language model rated) and the model to go on from.
Gives:  in the run's folder `manifest.json` (before step 0), `history.jsonl`, `state.pt` (to resume from),
        `last/`, the latest checkpoint, and `best/`, the one that did best on what was held out. On feedback
        also, in the manifest beside the checkpoint, how it compares on questions that were kept with
        the model that it started from, or that it is to take the place of.
Refrains from deciding what ships: several seeds are compared and averaged by the operator. What the
model is, and what of it is trained, is the learner's (`engine.training.reward_models.learner`).

The weights that are judged and kept are a running average of the trained ones (Polyak and Juditsky 1992).
A step's data depend on the seed and the step's number alone, so a resumed run repeats an uninterrupted one,
and several processes (`accelerate launch -m engine.training reward CONFIG`) share what one would see.
"""

import json
import logging
import math
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, assert_never

import torch
from torch import Tensor, nn

from engine.arrays import Floats
from engine.errors import ScoringError
from engine.evaluation.accuracy.comparison import compare, scorer_of
from engine.evaluation.accuracy.suites import Scorer, Suites
from engine.evaluation.corpus.reading import SHIPPED_CORPUS, Split, read_corpus
from engine.questions.splits import Side
from engine.reward import SHIPPED, make_reward_model
from engine.reward.model_info.calibration import fit_calibration
from engine.reward.model_info.families import TOWERS
from engine.reward.towers.checkpoint import load_checkpoint
from engine.run_manifest import MANIFEST
from engine.synthetic.topics import hold_out_topics
from engine.training.data.lessons import Lessons, MixtureForSteps, RoundsForSteps, questions_of
from engine.training.data.rounds import Round
from engine.training.data.team import TeamData, TeamRoundsForSteps
from engine.training.reward_models.corpus_exam import CorpusExam
from engine.training.reward_models.distillation import Teacher, taught_loss
from engine.training.reward_models.joint import JointLearner
from engine.training.reward_models.learner import Cost, Learner, Weights, copied, draw_near, put, wearing
from engine.training.reward_models.losses import round_loss
from engine.training.reward_models.pairs import CausalLearner, CrossEncoderLearner
from engine.training.reward_models.team_exam import TeamExam
from engine.training.reward_models.towers import TowerLearner
from engine.training.runs.adapters import save_merged
from engine.training.runs.base import base_folder
from engine.training.runs.config import RewardConfig, manifest, open_run, write_json
from engine.training.runs.precision import in_bf16
from engine.training.runs.processes import as_the_first, make_accelerator, only_one, share
from engine.training.runs.progress import Progress

if TYPE_CHECKING:
    from accelerate import Accelerator

JOINT: Literal["joint"] = "joint"
STANCE_QUESTIONS = 40
"""Of each stance suite, while training; the report takes all."""

logger = logging.getLogger(__name__)


class Exam(Protocol):
    """What a run is judged by while it trains."""

    def examined(self, model: Scorer) -> tuple[float, dict[str, float]]:
        """The number to choose by (higher is better), and shares worth telling."""
        ...

    def calibration_pairs(self, model: Scorer) -> tuple[Floats, Floats]:
        """Raw scores and ratings to fit the scale with, each of shape (pairs,)."""
        ...


@dataclass
class Run:
    """What changes during training, most of which is saved.

    model: the learner, or what makes it one of several in step.
    """

    learner: Learner
    model: nn.Module
    optimizer: torch.optim.Optimizer
    averaged: Weights
    accelerator: "Accelerator"
    step: int = 0
    best: float = -math.inf
    since_best: int = 0


def train_reward(config: RewardConfig) -> Path:
    """Train, resuming where an earlier run into the same folder stopped; gives the best checkpoint's folder.

    Raises:
        ValueError: the folder holds a run with other settings or is in use, a base does not fit, a package is
            missing.
        ScoringError: nothing worth keeping was learnt, or the teacher cannot teach.
    """
    with only_one(config.run):
        return _trained(config)


def _trained(config: RewardConfig) -> Path:
    accelerator = make_accelerator()
    if config.threads:
        torch.set_num_threads(config.threads)
    config = _of_the_start(config)
    team = TeamData.of(config) if config.own_data else None
    with accelerator.main_process_first():  # the others find the folder, and a base that was fetched
        open_run(
            config,
            config.run,
            manifest(config, config.data, bf16=in_bf16(config.precision)) | (team.facts if team else {}),
        )
        learner = make_learner(config)
    lessons, exam = _studies(config, team)
    run = begin(learner, config, accelerator)
    teacher = Teacher.load(config.teacher, exam) if config.teacher else None
    if not _resume(run, config.run) and team is not None and config.start is not None:
        run.best = exam.examined(learner.scorer())[0]  # what the start does: less is not worth keeping
    _train(run, lessons, exam, teacher, config)
    accelerator.end_training()
    if not (config.run / "best").exists():
        raise ScoringError(_nothing_kept(team))
    best = _finished(run, config)
    if accelerator.is_main_process:
        _sign(best, config, team)
    return best


def _of_the_start(config: RewardConfig) -> RewardConfig:
    """The settings with a team run's default start, and of the start's family where that is joint."""
    if config.family not in TOWERS:
        return config
    start = config.start or (SHIPPED if config.own_data else None)
    config = config.model_copy(update={"start": start})
    if start is None or config.family == JOINT or load_checkpoint(start).config.family != JOINT:
        return config
    name = JOINT if config.name == config.family else config.name
    return config.model_copy(update={"family": JOINT, "name": name})


def _studies(config: RewardConfig, team: TeamData | None) -> tuple[Lessons, Exam]:
    if team is not None:
        exam = TeamExam(team.rounds[Side.CHOOSE], config.terms)
        return TeamRoundsForSteps(team.rounds[Side.TRAIN], config), exam
    if config.mixture is None:
        return RoundsForSteps(config), _suites(config)
    dev = read_corpus(config.corpus or SHIPPED_CORPUS).of(Split.DEV)
    return MixtureForSteps(config, config.mixture), CorpusExam(dev.rounds)


def _nothing_kept(team: TeamData | None) -> str:
    if team is None:
        return "no step of this run gave scores that follow the ratings; nothing is kept"
    return "no step of this run was better than the model that it started from; nothing is kept"


def _sign(best: Path, config: RewardConfig, team: TeamData | None) -> None:
    """Lay the run's manifest beside the checkpoint, so that it goes where the checkpoint goes."""
    facts: dict[str, Any] = json.loads((config.run / MANIFEST).read_text(encoding="utf-8"))
    if team is not None:
        facts["held_out"] = _compared(best, config.against or config.start or SHIPPED, team)
    write_json(best / MANIFEST, facts)


def _compared(best: Path, other: Path, team: TeamData) -> dict[str, Any] | None:
    """The checkpoint beside another model, on questions that were kept; None without pairs."""
    models = [scorer_of(make_reward_model(str(folder))) for folder in (best, other)]
    kept = team.rounds[Side.HELD]
    try:
        found = compare(models[0], models[1], kept, [each.group for each in kept])
    except ValueError as exc:
        logger.warning("held-out questions: %s", exc)
        return None
    logger.info("held-out questions: %.3f after, %.3f before", found.candidate.value, found.current.value)
    return found.model_dump(mode="json")


def _train(run: Run, lessons: Lessons, exam: Exam, teacher: Teacher | None, config: RewardConfig) -> None:
    processes, device = run.accelerator.num_processes, run.accelerator.device.type
    weights = sum(weight.numel() for weight in run.averaged.values())
    logger.info("%s: %d weights to train on %s, processes: %d, from step %d",
                config.family, weights, device, processes, run.step)  # fmt: skip
    progress = Progress(run.step, config.steps)
    while run.step < config.steps and run.since_best < config.patience:
        loss = train_step(run, lessons.of_step(run.step), config, teacher)
        run.step += 1
        if run.step % config.evaluate_every == 0 or run.step == config.steps:
            _evaluate(run, exam, config, loss)
        if run.step % config.save_every == 0 or run.step == config.steps:
            _save(run, config.run)
        progress.step(run.step, loss)


def _suites(config: RewardConfig) -> Suites:
    _, held_out = hold_out_topics(questions_of(config), config.held_out_topics)
    return Suites.for_questions(held_out, most=STANCE_QUESTIONS)


def train_step(run: Run, rounds: list[Round], config: RewardConfig, teacher: Teacher | None = None) -> float:
    """One update of the weights and of their average; gives the weighted mean of this process's losses."""
    ours = share(rounds, run.accelerator)
    # of all processes, whose gradients are averaged: a round weighs the same wherever it is
    weight = sum(each.weight for each in rounds) / run.accelerator.num_processes
    # dropout, apart for each process
    torch.manual_seed(config.seed * 1_000_003 + run.step + run.accelerator.process_index * 1_000_000_007)
    run.model.train()
    for group in run.optimizer.param_groups:
        group["lr"] = group["peak"] * _rate(run.step, config)
    total = 0.0
    for first in range(0, len(ours), config.rounds_per_pass):
        together = ours[first : first + config.rounds_per_pass]
        last = first + config.rounds_per_pass >= len(ours)
        # gradients travel between processes once a step, with the last pass
        with nullcontext() if last else run.accelerator.no_sync(run.model):
            losses = _losses(run, together, config, teacher)
            loss = torch.stack(losses).sum() / weight  # so that passes add up to the whole step
            run.accelerator.backward(loss)
        total += loss.item()
    run.accelerator.clip_grad_norm_(run.learner.parameters(), config.clip)
    run.optimizer.step()
    run.optimizer.zero_grad()
    # an early average must forget the start quickly
    draw_near(run.averaged, run.learner, min(config.average, (1 + run.step) / (10 + run.step)))
    return total


def _losses(run: Run, rounds: list[Round], config: RewardConfig, teacher: Teacher | None) -> list[Tensor]:
    """One for each round, weighted."""
    scores: list[Tensor] = run.model(rounds)
    taught = [None] * len(rounds) if teacher is None else teacher.logits(rounds)
    return [
        each.weight * run.learner.loss(found, _cost(each, logits, config, found.device))
        for found, each, logits in zip(scores, rounds, taught, strict=True)
    ]


def _cost(each: Round, taught: Tensor | None, config: RewardConfig, device: torch.device) -> Cost:
    """What scores of a round cost: by its ratings and, with a teacher, by the teacher's logits."""
    agreement = torch.tensor(each.agreement, dtype=torch.float32, device=device)

    def cost(scores: Tensor) -> Tensor:
        rated = round_loss(scores, agreement, config.terms, whole=each.whole)
        if taught is None:
            return rated
        part, other = config.taught, taught_loss(scores, taught.to(device), absolute=config.absolute)
        return (1 - part) * rated + part * other

    return cost


def _rate(step: int, config: RewardConfig) -> float:
    """Share of the peak learning rate: linear warm-up, then a cosine to a twentieth."""
    if step < config.warm_up:
        return (step + 1) / config.warm_up
    progress = (step - config.warm_up) / max(1, config.steps - config.warm_up)
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * progress))


def begin(learner: Learner, config: RewardConfig, accelerator: "Accelerator") -> Run:
    """A run at its step 0."""
    learner = learner.to(accelerator.device)
    body, head = learner.groups()
    groups = [{"params": body, "peak": config.encoder_rate}, {"params": head, "peak": config.head_rate}]
    optimizer = torch.optim.AdamW(groups, weight_decay=config.weight_decay)
    model, optimizer = accelerator.prepare(learner, optimizer)
    return Run(learner, model, optimizer, copied(learner), accelerator)


def make_learner(config: RewardConfig) -> Learner:
    """The model that `config.family` names, on the CPU.

    Raises:
        ValueError: the base is not there or does not fit, or a package is missing.
    """
    match config.family:
        case "two-tower":
            return TowerLearner(config)
        case "joint":
            return JointLearner(config)
        case "causal":
            return CausalLearner(config)
        case "cross-encoder":
            return CrossEncoderLearner(config)
        case unknown:
            assert_never(unknown)


def _evaluate(run: Run, exam: Exam, config: RewardConfig, loss: float) -> None:
    """Judge the averaged weights, keep them when they are the best so far, and tell."""
    mean: Tensor = run.accelerator.reduce(
        torch.tensor(loss, dtype=torch.float64, device=run.accelerator.device), "mean"
    )
    if run.accelerator.is_main_process:
        with wearing(run.learner, run.averaged):
            _judge_and_keep(run, exam, config, mean.item())
    run.best, run.since_best = as_the_first((run.best, run.since_best), run.accelerator)


def _judge_and_keep(run: Run, exam: Exam, config: RewardConfig, loss: float) -> None:
    mark, judged = exam.examined(run.learner.scorer())
    run.since_best += 1
    _keep(run, exam, config, mark)
    _tell(run, config, loss, mark, judged)


def _keep(run: Run, exam: Exam, config: RewardConfig, mark: float) -> None:
    """Write the weights as they are, calibrated, unless they do not follow the ratings (yet)."""
    try:
        calibrations = [fit_calibration(*exam.calibration_pairs(way)) for way in run.learner.ways()]
    except ScoringError as exc:
        logger.warning("step %d is not kept: %s", run.step, exc)
        return
    run.learner.save(calibrations, config.run / "last")
    if mark > run.best:
        run.learner.save(calibrations, config.run / "best")
        run.best, run.since_best = mark, 0


def _tell(run: Run, config: RewardConfig, loss: float, mark: float, judged: dict[str, float]) -> None:
    numbers = {name: round(value, 4) for name, value in judged.items()}
    facts = {"step": run.step, "loss": round(loss, 4), "mark": round(mark, 4), "at": round(time.time())}
    with (config.run / "history.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(facts | numbers) + "\n")
    logger.info("step %d of %d: loss %.3f, mark %.3f, best %.3f, %s",
                run.step, config.steps, loss, mark, run.best, numbers)  # fmt: skip


def _finished(run: Run, config: RewardConfig) -> Path:
    """The folder to use: the best checkpoint, or base and adapters in one where that is asked for."""
    best = config.run / "best"
    if config.lora is None or not (config.lora.merge or config.family == "cross-encoder"):
        return best
    if run.accelerator.is_main_process:
        save_merged(best, base_folder(config.base), config.run / "merged")
    return config.run / "merged"


def _save(run: Run, folder: Path) -> None:
    if not run.accelerator.is_main_process:
        return
    state = {
        "trained": run.learner.trained(), "averaged": run.averaged,
        "optimizer": run.optimizer.state_dict(),
        "step": run.step, "best": run.best, "since_best": run.since_best,
    }  # fmt: skip
    torch.save(state, folder / "state.new")
    (folder / "state.new").replace(folder / "state.pt")  # never half a file


def _resume(run: Run, folder: Path) -> bool:
    """Whether there was something to resume from."""
    if not (folder / "state.pt").exists():
        return False
    state = torch.load(folder / "state.pt", weights_only=True, map_location=run.accelerator.device)
    put(run.learner, state["trained"])
    run.averaged = state["averaged"]
    run.optimizer.load_state_dict(state["optimizer"])
    run.step, run.best, run.since_best = state["step"], state["best"], state["since_best"]
    return True
