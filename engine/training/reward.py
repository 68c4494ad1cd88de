"""Training of reward models: one plain loop for every family.

Reads:  a `RewardConfig`: debate questions, Polis conversations and a pre-trained model; or a team's feedback
        and the model to go on from.
Gives:  in the run's folder `manifest.json` (before step 0), `history.jsonl`, `state.pt` (to resume from),
        `last/`, the latest checkpoint, and `best/`, the one that did best on what was held out. On feedback
        also, in the manifest beside the checkpoint, how it compares on questions that were kept with
        the model that it started from, or that it is to take the place of.
Refrains from deciding what ships: several seeds are compared and averaged by the operator. What the
model is, and what of it is trained, is the learner's (`engine.training.learner`).

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
from random import Random
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor, nn

from engine.arrays import Floats
from engine.errors import ScoringError
from engine.evaluation.agreement import Judgement
from engine.evaluation.comparison import compare, scorer_of
from engine.evaluation.suites import Scorer, Suites
from engine.reward import SHIPPED, make_reward_model
from engine.reward.calibration import fit_calibration
from engine.training.adapters import save_merged
from engine.training.base import base_folder
from engine.training.config import MANIFEST, RewardConfig, manifest, open_run, write_json
from engine.training.distillation import Teacher, taught_loss
from engine.training.learner import Learner, Weights, copied, draw_near, put, wearing
from engine.training.losses import round_loss
from engine.training.pairs import CausalLearner, CrossEncoderLearner
from engine.training.precision import in_bf16
from engine.training.processes import as_the_first, make_accelerator, only_one, share
from engine.training.progress import Progress
from engine.training.rounds import PolisRounds, QuestionRounds, Round
from engine.training.sources import (
    Question,
    hold_out_conversations,
    hold_out_topics,
    load_conversations,
    load_questions,
)
from engine.training.splits import Side
from engine.training.team import TeamData, TeamExam, TeamRoundsForSteps
from engine.training.towers import TowerLearner

if TYPE_CHECKING:
    from accelerate import Accelerator

EVERYTHING = (0.1, 0.2, 0.7)
"""Shares of the levels 1, 2 and the hardest once the curriculum is through."""

STANCE_QUESTIONS = 40
"""Of each stance suite, while training; the report takes all."""

logger = logging.getLogger(__name__)


class Exam(Protocol):
    """What a run is judged by while it trains."""

    def examined(self, model: Scorer) -> tuple[float, dict[str, Judgement]]:
        """The number to choose by (higher is better), and accuracies worth telling."""
        ...

    def calibration_pairs(self, model: Scorer) -> tuple[Floats, Floats]:
        """Raw scores and ratings to fit the scale with, each of shape (pairs,)."""
        ...


class Lessons(Protocol):
    """What a run learns from."""

    def of_step(self, step: int) -> list[Round]:
        """The rounds of one step; a function of the seed and the step alone."""
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
    team = None
    if config.feedback is not None:
        if config.start is None and config.family == "two-tower":
            config = config.model_copy(update={"start": SHIPPED})
        team = TeamData.of(config)
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


def _studies(config: RewardConfig, team: TeamData | None) -> tuple[Lessons, Exam]:
    if team is None:
        return RoundsForSteps(config), _suites(config)
    exam = TeamExam(team.rounds[Side.CHOOSE], absolute=config.absolute)
    return TeamRoundsForSteps(team.rounds[Side.TRAIN], config), exam


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
    _, held_out = hold_out_topics(_questions(config), config.held_out_topics)
    return Suites.for_questions(held_out, most=STANCE_QUESTIONS)


def _questions(config: RewardConfig) -> list[Question]:
    if config.questions is None:
        raise ValueError("questions: none are named")
    return load_questions(config.questions)


class RoundsForSteps:
    """The rounds of every step: a function of the seed and the step's number."""

    def __init__(self, config: RewardConfig) -> None:
        if config.polis is None:
            raise ValueError("polis: none is named")
        questions, _ = hold_out_topics(_questions(config), config.held_out_topics)
        talks, _ = hold_out_conversations(load_conversations(config.polis), config.held_out_conversations)
        self._questions = QuestionRounds([q for q in questions if q.split == "train"], people=config.people)
        self._polis = PolisRounds(talks, people=config.people)
        self._config = config

    def of_step(self, step: int) -> list[Round]:
        """The rounds of one step."""
        rng = Random(f"{self._config.seed}:{step}")  # noqa: S311 - repeatable on purpose
        return [self._one(step, rng) for _ in range(self._config.rounds_per_step)]

    def _one(self, step: int, rng: Random) -> Round:
        level = self._level(step / self._config.steps, rng)
        source = self._polis if rng.random() < self._config.polis_share and level > 1 else self._questions
        return source(rng, level)

    def _level(self, progress: float, rng: Random) -> int:
        if progress < self._config.plain_until:
            return 1
        if progress < self._config.common_until:
            return 2
        return rng.choices((1, 2, self._config.hardest), EVERYTHING)[0]


def train_step(run: Run, rounds: list[Round], config: RewardConfig, teacher: Teacher | None = None) -> float:
    """One update of the weights and of their average; gives this process's mean loss per round."""
    ours = share(rounds, run.accelerator)
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
            loss = torch.stack(losses).sum() / len(ours)  # so that passes add up to the whole step
            run.accelerator.backward(loss)
        total += loss.item()
    run.accelerator.clip_grad_norm_(run.learner.parameters(), config.clip)
    run.optimizer.step()
    run.optimizer.zero_grad()
    # an early average must forget the start quickly
    draw_near(run.averaged, run.learner, min(config.average, (1 + run.step) / (10 + run.step)))
    return total


def _losses(run: Run, rounds: list[Round], config: RewardConfig, teacher: Teacher | None) -> list[Tensor]:
    """One for each round."""
    scores: list[Tensor] = run.model(rounds)
    device = scores[0].device
    rated = [
        round_loss(s, torch.tensor(r.agreement, dtype=torch.float32, device=device), absolute=config.absolute)
        for s, r in zip(scores, rounds, strict=True)
    ]
    if teacher is None:
        return rated
    taught = [
        taught_loss(s, t.to(device), absolute=config.absolute)
        for s, t in zip(scores, teacher.logits(rounds), strict=True)
    ]
    part = config.teacher_weight
    return [(1 - part) * one + part * other for one, other in zip(rated, taught, strict=True)]


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
    if config.family == "two-tower":
        return TowerLearner(config)
    return CausalLearner(config) if config.family == "causal" else CrossEncoderLearner(config)


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
        calibration = fit_calibration(*exam.calibration_pairs(run.learner.scorer()))
    except ScoringError as exc:
        logger.warning("step %d is not kept: %s", run.step, exc)
        return
    run.learner.save(calibration, config.run / "last")
    if mark > run.best:
        run.learner.save(calibration, config.run / "best")
        run.best, run.since_best = mark, 0


def _tell(run: Run, config: RewardConfig, loss: float, mark: float, judged: dict[str, Judgement]) -> None:
    numbers = {name: round(j.accuracy, 4) for name, j in judged.items()}
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
