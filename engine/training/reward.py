"""Training of the two-tower reward model: one plain loop.

Reads:  a `RewardConfig`: debate questions, Polis conversations and a pre-trained encoder.
Gives:  in the run's folder `manifest.json` (before step 0), `history.jsonl`, `state.pt` (to resume from),
        `last/`, the latest checkpoint, and `best/`, the one that did best on what was held out.
Refrains from deciding what ships: several seeds are compared and averaged by the operator.

The weights that are judged and kept are a running average of the trained ones (Polyak and Juditsky 1992).
A step's data depend on the seed and the step's number alone, so a resumed run repeats an uninterrupted one.
"""

import json
import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from engine.errors import ScoringError
from engine.evaluation.agreement import Judgement
from engine.evaluation.suites import Suites, judge
from engine.reward.calibration import Calibration, fit_calibration
from engine.reward.checkpoint import Checkpoint, TowerConfig, load_checkpoint, save_checkpoint
from engine.reward.texts import Reader, batches, padded
from engine.reward.towers import Towers
from engine.reward.two_tower import TwoTower
from engine.training.base import base_folder, load_base
from engine.training.config import RewardConfig, manifest, write_json
from engine.training.losses import round_loss
from engine.training.rounds import PolisRounds, QuestionRounds, Round
from engine.training.sources import (
    hold_out_conversations,
    hold_out_topics,
    load_conversations,
    load_questions,
)

ENCODED_TOGETHER = 24
"""Texts of like length per pass through the encoder; padding costs more than the passes do."""
EVERYTHING = (0.1, 0.2, 0.7)
"""Shares of the levels 1, 2 and 3 once the curriculum is through."""

STANCE_QUESTIONS = 40
"""Of each stance suite, while training; the report takes all."""

logger = logging.getLogger(__name__)


@dataclass
class Run:
    """What changes during training, and is saved with it."""

    towers: Towers
    averaged: Towers
    optimizer: torch.optim.Optimizer
    step: int = 0
    best: float = -math.inf
    since_best: int = 0


def train_reward(config: RewardConfig) -> Path:
    """Train, resuming where an earlier run into the same folder stopped; gives the best checkpoint's folder.

    Raises:
        ValueError: the folder holds a run with other settings, or the base does not fit.
        ScoringError: nothing worth keeping was learnt.
    """
    if config.threads:
        torch.set_num_threads(config.threads)
    _open_folder(config)
    rounds, suites = RoundsForSteps(config), _suites(config)
    tokenizer, run = _start(config)
    reader = Reader(tokenizer, config.train_tokens)
    _resume(run, config.run)
    while run.step < config.steps and run.since_best < config.patience:
        loss = _step(run, rounds.of_step(run.step), reader, config)
        run.step += 1
        if run.step % config.evaluate_every == 0 or run.step == config.steps:
            _evaluate(run, suites, tokenizer, config, loss)
        if run.step % config.save_every == 0 or run.step == config.steps:
            _save(run, config.run)
    if run.best == -math.inf:
        raise ScoringError("no step of this run gave scores that follow the ratings; nothing is kept")
    return config.run / "best"


def _suites(config: RewardConfig) -> Suites:
    _, held_out = hold_out_topics(load_questions(config.questions), config.held_out_topics)
    return Suites.for_questions(held_out, most=STANCE_QUESTIONS)


class RoundsForSteps:
    """The rounds of every step: a function of the seed and the step's number."""

    def __init__(self, config: RewardConfig) -> None:
        questions, _ = hold_out_topics(load_questions(config.questions), config.held_out_topics)
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
        return rng.choices((1, 2, 3), EVERYTHING)[0]


def score_rounds(towers: Towers, reader: Reader, rounds: Sequence[Round], *, half: bool) -> list[Tensor]:
    """Raw scores of each round, shape (opinions, candidates), with gradients; `half`: the encoder in bf16."""
    rows: list[list[int]] = []
    for each in rounds:
        rows += reader.read(each.question, "Opinion", each.opinions)
        rows += reader.read(each.question, "Consensus", each.candidates)
    vectors = _encode(towers, rows, half)  # (texts, size)
    scores, start = [], 0
    for each in rounds:
        middle = start + len(each.opinions)
        end = middle + len(each.candidates)
        scores.append(towers.head(vectors[start:middle], vectors[middle:end]))
        start = end
    return scores


def _encode(towers: Towers, rows: list[list[int]], half: bool) -> Tensor:
    order: list[int] = []
    parts: list[Tensor] = []
    device = towers.head.skip.device
    for indices in batches(rows, ENCODED_TOGETHER):
        ids, mask = padded([rows[index] for index in indices])
        with torch.autocast(device.type, torch.bfloat16, enabled=half):
            parts.append(towers.encode(ids.to(device), mask.to(device)))
        order += indices
    back = torch.empty(len(order), dtype=torch.long)
    back[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(parts)[back.to(device)]  # in the rows' order again


def _step(run: Run, rounds: list[Round], reader: Reader, config: RewardConfig) -> float:
    """One update of the weights and of their average; gives the mean loss per round."""
    torch.manual_seed(config.seed * 1_000_003 + run.step)  # dropout
    run.towers.train()
    for group in run.optimizer.param_groups:
        group["lr"] = group["peak"] * _rate(run.step, config)
    total = 0.0
    for start in range(0, len(rounds), config.rounds_per_pass):
        together = rounds[start : start + config.rounds_per_pass]
        device = run.towers.head.skip.device
        scores = score_rounds(run.towers, reader, together, half=config.precision == "bf16")
        losses = [
            round_loss(s, _agreement(r, device), absolute=config.absolute)
            for s, r in zip(scores, together, strict=True)
        ]
        loss = torch.stack(losses).sum() / len(rounds)  # so that passes add up to the whole step
        loss.backward()  # type: ignore[no-untyped-call]
        total += loss.item()
    nn.utils.clip_grad_norm_(run.towers.parameters(), config.clip)
    run.optimizer.step()
    run.optimizer.zero_grad()
    _average(run, config.average)
    return total


def _agreement(each: Round, device: torch.device) -> Tensor:
    return torch.tensor(each.agreement, dtype=torch.float32, device=device)


def _rate(step: int, config: RewardConfig) -> float:
    """Share of the peak learning rate: linear warm-up, then a cosine to a twentieth."""
    if step < config.warm_up:
        return (step + 1) / config.warm_up
    progress = (step - config.warm_up) / max(1, config.steps - config.warm_up)
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * progress))


@torch.no_grad()
def _average(run: Run, keep: float) -> None:
    keep = min(keep, (1 + run.step) / (10 + run.step))  # an early average must forget the start quickly
    for ours, theirs in zip(run.averaged.parameters(), run.towers.parameters(), strict=True):
        ours.lerp_(theirs, 1 - keep)


def _start(config: RewardConfig) -> tuple[Tokenizer, Run]:
    folder = base_folder(config.base)
    encoder = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    encoder |= {"hidden_dropout_prob": config.dropout, "attention_probs_dropout_prob": config.dropout}
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(config.head_seed)
    towers = Towers(encoder, config.hidden)
    load_base(towers, folder)
    if config.start is not None:
        towers.load_state_dict(load_checkpoint(config.start).towers.state_dict())
    averaged = Towers(encoder, config.hidden)
    averaged.load_state_dict(towers.state_dict())
    words = towers.encoder.get_input_embeddings().weight
    words.requires_grad_(not config.freeze_words)
    towers, averaged = towers.to(device), averaged.to(device).eval()
    return Tokenizer.from_file(str(folder / "tokenizer.json")), Run(
        towers=towers, averaged=averaged, optimizer=_optimizer(towers, config)
    )


def _optimizer(towers: Towers, config: RewardConfig) -> torch.optim.Optimizer:
    groups = [
        {"params": [p for p in towers.encoder.parameters() if p.requires_grad], "peak": config.encoder_rate},
        {"params": list(towers.head.parameters()), "peak": config.head_rate},
    ]
    return torch.optim.AdamW(groups, weight_decay=config.weight_decay)


def _evaluate(run: Run, suites: Suites, tokenizer: Tokenizer, config: RewardConfig, loss: float) -> None:
    """Judge the averaged weights, keep them when they are the best so far, and tell."""
    model = TwoTower(
        _checkpoint(run, tokenizer, config, Calibration()), device=str(run.averaged.head.skip.device)
    )
    judged = judge(model, suites)
    mark = suites.mark(judged)
    run.since_best += 1
    kept = _keep(run, suites, model, tokenizer, config, "last")
    if kept and mark > run.best:
        _keep(run, suites, model, tokenizer, config, "best")
        run.best, run.since_best = mark, 0
    _tell(run, config, loss, mark, judged)


def _keep(
    run: Run, suites: Suites, model: TwoTower, tokenizer: Tokenizer, config: RewardConfig, folder: str
) -> bool:
    """Write the averaged weights, calibrated, unless they do not follow the ratings (yet)."""
    try:
        calibration = fit_calibration(*suites.calibration_pairs(model))
    except ScoringError as exc:
        logger.warning("step %d is not kept: %s", run.step, exc)
        return False
    save_checkpoint(_checkpoint(run, tokenizer, config, calibration), config.run / folder)
    return True


def _checkpoint(run: Run, tokenizer: Tokenizer, config: RewardConfig, calibration: Calibration) -> Checkpoint:
    encoder: dict[str, Any] = json.loads(
        (base_folder(config.base) / "config.json").read_text(encoding="utf-8")
    )
    shape = TowerConfig(name=config.name, encoder=encoder, hidden=config.hidden, max_tokens=config.max_tokens)
    return Checkpoint(shape, run.averaged, tokenizer, calibration)


def _tell(run: Run, config: RewardConfig, loss: float, mark: float, judged: dict[str, Judgement]) -> None:
    numbers = {name: round(j.accuracy, 4) for name, j in judged.items()}
    facts = {"step": run.step, "loss": round(loss, 4), "mark": round(mark, 4), "at": round(time.time())}
    with (config.run / "history.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(facts | numbers) + "\n")
    logger.info("step %d of %d: loss %.3f, mark %.3f, best %.3f, %s",
                run.step, config.steps, loss, mark, run.best, numbers)  # fmt: skip


def _open_folder(config: RewardConfig) -> None:
    config.run.mkdir(parents=True, exist_ok=True)
    path, facts = config.run / "manifest.json", manifest(config)
    if not path.exists():
        write_json(path, facts)
    elif json.loads(path.read_text(encoding="utf-8"))["config"] != facts["config"]:
        raise ValueError(f"{config.run} holds a run with other settings; choose another folder")


def _save(run: Run, folder: Path) -> None:
    state = {
        "towers": run.towers.state_dict(), "averaged": run.averaged.state_dict(),
        "optimizer": run.optimizer.state_dict(),
        "step": run.step, "best": run.best, "since_best": run.since_best,
    }  # fmt: skip
    torch.save(state, folder / "state.new")
    (folder / "state.new").replace(folder / "state.pt")  # never half a file


def _resume(run: Run, folder: Path) -> None:
    if not (folder / "state.pt").exists():
        return
    state = torch.load(folder / "state.pt", weights_only=True, map_location=run.towers.head.skip.device)
    run.towers.load_state_dict(state["towers"])
    run.averaged.load_state_dict(state["averaged"])
    run.optimizer.load_state_dict(state["optimizer"])
    run.step, run.best, run.since_best = state["step"], state["best"], state["since_best"]
