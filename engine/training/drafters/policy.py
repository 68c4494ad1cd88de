"""Policy optimisation of a drafter against predicted welfare (`accord train policy`).

Reads:  a `PolicyConfig`: a team's feedback, a drafter (best one that `accord train sft` made), a reward model
        to train against and another, the gold one, to judge by.
Gives:  in the run's folder `manifest.json` (before step 0), `checkpoints/` (to resume from), the curve of
        over-optimisation (`curve.jsonl`, `curve.md`, and `curve.svg` where matplotlib is installed), and
        `best/`.
Refrains from learning the rewards: those models are fixed.

The reward of a text is the welfare of the agreement that the reward model predicts for those whose opinions
it was written from, less `beta` times the log-ratio to the drafter that the run starts from: the objective of
Stiennon et al. 2020, "Learning to summarize from human feedback" (arXiv:2009.01325). They optimised it by
PPO, which trl no longer has. trl's RLOO (Ahmadian et al. 2024, arXiv:2402.14740) optimises the same: the
penalty is part of a whole text's reward, and the other texts for the same opinions are the baseline, in place
of a value network. GRPO, the alternative there, divides by the spread of each group's rewards, which would
make a hair's breadth of welfare count as much as three rating points.

A policy comes to please its reward model more than people (Gao et al. 2023, arXiv:2210.10760). So at every
checkpoint the gold model, which the policy never sees, judges texts for the questions to choose by.
"""

import json
import logging
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import torch
from pydantic import Field, model_validator
from transformers import TrainerCallback

from engine.errors import LearningError
from engine.feedback.files import read_feedback
from engine.names import LEXICAL
from engine.questions.splits import Side, split_questions
from engine.reward import make_reward_model
from engine.run_manifest import MANIFEST
from engine.training.data.team import read_topics, usable
from engine.training.drafters.curve import Point, read_points, save_picture, save_table, write_points
from engine.training.drafters.predicted_welfare import PredictedWelfare, compare_texts, drafted, same_model
from engine.training.drafters.shared import (
    Case,
    DrafterConfig,
    Sampling,
    Telling,
    begun,
    cases_of,
    last_whole,
    learning_libraries,
    load_drafter,
    log_probability,
    plainly,
    prompt_facts,
    quietly,
    save_model,
    save_whole,
    seen_before,
    to_train,
    trainer_settings,
    write,
)
from engine.training.runs.config import write_json
from engine.training.runs.processes import only_one
from engine.types import WelfareFunction

logger = logging.getLogger(__name__)


class PolicyConfig(DrafterConfig):
    """Everything that a run depends on, besides the data itself and the versions of libraries.

    reward: the model to train against: a folder, a hub id, "lexical", or None for the shipped one.
    gold:   the model to judge by, as `reward`; another one, or it judges nothing.
    keep:   which of the two chooses the checkpoint that is kept.
    beta:   what a nat of distance from the start costs, in rating points of welfare.
    texts:  for one order of the opinions, at each step: each is the others' baseline.
    judged: texts for each question to choose by, at each checkpoint.
    temperature, new_tokens: how texts are sampled, and their most tokens.
    """

    reward: str | None = None
    gold: str = LEXICAL
    keep: Literal["gold", "welfare"] = "gold"
    welfare: WelfareFunction = WelfareFunction()
    beta: float = Field(default=0.05, gt=0)
    texts: int = Field(default=4, ge=2)
    judged: int = Field(default=2, gt=0)
    temperature: float = Field(default=1.0, gt=0)
    new_tokens: int = Field(default=256, gt=0)

    @model_validator(mode="after")
    def _texts_share_a_step(self) -> Self:
        if (self.per_pass * self.passes) % self.texts:
            raise ValueError(
                "texts: per_pass times passes is to be a multiple of it, so that a step holds whole groups"
            )
        return self

    @property
    def sampling(self) -> Sampling:
        """How texts are sampled."""
        return Sampling(temperature=self.temperature, new_tokens=self.new_tokens)


def train_policy(config: PolicyConfig) -> Path:
    """Train, resuming where an earlier run into the same folder stopped; gives the folder to use.

    Raises:
        ValueError: the folder holds another run or is in use, the base does not fit, a package is missing, or
            the gold model is the one that is trained against.
        FeedbackError: the export cannot be read.
        ScoringError: a reward model cannot be used.
        LearningError: no checkpoint was better than the start.
    """
    if same_model(config.gold, config.reward):
        raise ValueError(
            f"gold: {config.gold} is what the policy is trained against, so it likes whatever pleases it; "
            "name another"
        )
    with quietly(), only_one(config.run):
        return _trained(config)


def _trained(config: PolicyConfig) -> Path:
    accelerator, base, tokenizer, cases = begun(config, _cases)
    judges = {
        "welfare": PredictedWelfare(make_reward_model(config.reward), config.welfare),
        "gold": PredictedWelfare(make_reward_model(config.gold), config.welfare),
    }
    trainer = _trainer(config, base, tokenizer, cases[Side.TRAIN], judges["welfare"])
    trainer.add_callback(Curve(config, trainer, tokenizer, cases[Side.CHOOSE], judges))
    trainer.train(resume_from_checkpoint=last_whole(config.run / "checkpoints"))
    if not (config.run / "best").exists():
        raise LearningError(
            "no step of this run was better than the model that it started from; nothing is kept. Take more "
            "steps, or another rate or beta"
        )
    if accelerator.is_main_process:
        return _signed(config, base, tokenizer, cases[Side.HELD], judges)
    return config.run / "best"


class Curve(TrainerCallback):
    """Judges texts at every checkpoint, keeps the best one, and stops when it no longer gets better."""

    def __init__(
        self,
        config: PolicyConfig,
        trainer: Any,
        tokenizer: Any,
        cases: Sequence[Case],
        judges: dict[str, PredictedWelfare],
    ) -> None:
        self._config, self._trainer, self._tokenizer = config, trainer, tokenizer
        self._cases, self._judges = cases, judges
        self._points: list[Point] = []

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Judge the start, or take up the curve of the run that is resumed."""
        self._points = [p for p in read_points(self._config.run) if p.step <= state.global_step]
        if not self._points and state.is_world_process_zero:
            self._judge(state.global_step)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Judge now and then; all processes hear whether to go on."""
        step = state.global_step
        if step % self._config.evaluate_every and step != self._config.steps:
            return
        stop = [False]
        if state.is_world_process_zero:
            self._judge(step)
            stop = [self._since_best() >= self._config.patience]
        if torch.distributed.is_initialized():
            torch.distributed.broadcast_object_list(stop, src=0)
        control.should_training_stop = control.should_training_stop or stop[0]

    def _judge(self, step: int) -> None:
        point = self._measured(step)
        better = bool(self._points) and self._mark(point) > max(map(self._mark, self._points))
        self._points.append(point)
        if better:
            save_model(self._trainer, self._tokenizer, self._config.run / "best")
        write_points(self._config.run, self._points)
        logger.info("step %d of %d: welfare %.3f, gold %.3f, %.2f nats from the start",
                    step, self._config.steps, point.welfare, point.gold, point.kl)  # fmt: skip

    def _mark(self, point: Point) -> float:
        return point.gold if self._config.keep == "gold" else point.welfare

    def _since_best(self) -> int:
        marks = [self._mark(point) for point in self._points]
        return len(marks) - 1 - int(np.argmax(marks))

    @property
    def _model(self) -> Any:
        return self._trainer.accelerator.unwrap_model(self._trainer.model)

    def _measured(self, step: int) -> Point:
        config, asked = self._config, [c for c in self._cases for _ in range(self._config.judged)]
        prompts = [case.prompt(config.seed, what=str(at)) for at, case in enumerate(asked)]
        written = write(self._model, self._tokenizer, prompts, config.sampling, seed=config.seed)
        kl = [log_probability(self._model, each) - self._log_probability_at_start(each) for each in written]
        welfare, gold = (
            self._welfare(name, asked, [w.text for w in written]) for name in ("welfare", "gold")
        )
        return Point(
            step=step,
            kl=float(np.mean(kl)),
            welfare=float(welfare.mean()),
            welfare_error=_error(welfare),
            gold=float(gold.mean()),
            gold_error=_error(gold),
            tokens=float(np.mean([len(each.ids) - each.begins for each in written])),
        )

    def _welfare(self, name: str, cases: Sequence[Case], texts: Sequence[str]) -> Any:
        judge = self._judges[name]
        found = [
            judge.of(case.question, case.said, [text])[0] for case, text in zip(cases, texts, strict=True)
        ]
        return np.array(found)

    def _log_probability_at_start(self, written: Any) -> float:
        reference = self._trainer.ref_model  # None beside adapters: without them the model is the start
        model = self._model
        if reference is not None:
            return log_probability(self._trainer.accelerator.unwrap_model(reference), written)
        with model.disable_adapter() if hasattr(model, "disable_adapter") else nullcontext():
            return log_probability(model, written)


def _error(values: Any) -> float:
    """Standard error of the mean."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0


def _cases(config: PolicyConfig, tokenizer: Any) -> tuple[dict[Side, list[Case]], dict[str, Any]]:
    """The deliberations of each side, and what the manifest says of them."""
    counts: Counter[str] = Counter()
    cases = [case for case in cases_of(usable(read_feedback(config.feedback), counts)) if case.opinions]
    split = split_questions(
        (case.question for case in cases), seed=config.seed, choose=config.choose,
        held_out=config.held_out, topics=read_topics(config.clusters),
    )  # fmt: skip
    room = config.max_tokens - config.new_tokens
    lengths = [len(tokenizer(case.prompt(config.seed)).input_ids) for case in cases]
    short = [case for case, tokens in zip(cases, lengths, strict=True) if tokens <= room]
    sides = {side: [case for case in short if split.of(case.question) is side] for side in Side}
    if empty := [side for side, some in sides.items() if not some]:
        there = [n for case, n in zip(cases, lengths, strict=True) if split.of(case.question) is empty[0]]
        raise ValueError(_why_none(empty[0], there, config))
    facts = {
        "kind": "drafter", "records": dict(counts), "split": split.facts(seen_before(config)),
        "deliberations": {str(s): len(some) for s, some in sides.items()},
        "too_long": len(cases) - len(short),
        **prompt_facts(),
    }  # fmt: skip
    return sides, facts


def _why_none(side: Side, too_long: Sequence[int], config: PolicyConfig) -> str:
    """Why there is nothing to learn from on one side; too_long: the tokens of the prompts that there are."""
    if not too_long:
        return f"there is no deliberation with opinions among the questions to {side}; export more feedback"
    return (
        f"no deliberation is left among the questions to {side}: the shortest prompt has {min(too_long):,} "
        f"tokens, and max_tokens ({config.max_tokens:,}) less new_tokens ({config.new_tokens:,}) leaves room "
        f"for {config.max_tokens - config.new_tokens:,}; set max_tokens higher in the configuration"
    )


def _trainer(
    config: PolicyConfig, base: Path, tokenizer: Any, cases: Sequence[Case], judge: PredictedWelfare
) -> Any:
    trl, datasets = learning_libraries()

    def predicted_welfare(
        completions: list[str], question: list[str], opinions: list[list[str]], **_: Any
    ) -> list[float]:
        return rewards(judge, completions, question, opinions)

    settings = trl.RLOOConfig(
        **trainer_settings(config), num_generations=config.texts, max_completion_length=config.new_tokens,
        beta=config.beta, temperature=config.temperature, disable_dropout=True, save_total_limit=2,
    )  # fmt: skip
    rows = [
        {
            "prompt": case.prompt(config.seed),
            "question": case.question,
            "opinions": case.said,
        }
        for case in cases
    ]
    trainer = trl.RLOOTrainer(
        model=to_train(config, base), reward_funcs=predicted_welfare, args=settings,
        train_dataset=datasets.Dataset.from_list(rows), processing_class=tokenizer, callbacks=[Telling()],
    )  # fmt: skip
    return plainly(trainer)


def rewards(
    judge: PredictedWelfare, texts: Sequence[str], questions: Sequence[str], opinions: Sequence[Sequence[str]]
) -> list[float]:
    """The welfare of each text; those for the same opinions are scored together. Never a NaN."""
    places: dict[tuple[str, ...], list[int]] = {}
    for at, (question, said) in enumerate(zip(questions, opinions, strict=True)):
        places.setdefault((question, *said), []).append(at)
    found = np.zeros(len(texts))
    for (question, *said), some in places.items():
        found[some] = judge.of(question, said, [texts[at] for at in some])
    given: list[float] = found.tolist()
    return given


def _signed(
    config: PolicyConfig,
    base: Path,
    tokenizer: Any,
    cases: Sequence[Case],
    judges: dict[str, PredictedWelfare],
) -> Path:
    """Compare the kept checkpoint with the start on questions that were kept, and write it all down."""
    best = config.run / "best"
    facts = json.loads((config.run / MANIFEST).read_text(encoding="utf-8"))
    texts = []
    for folder in (best, base):
        model = load_drafter(folder, torch.float32).to("cuda" if torch.cuda.is_available() else "cpu")
        texts.append(drafted(model, tokenizer, cases, config.sampling, texts=config.judged, seed=config.seed))
    found = {
        name: compare_texts(judge, cases, *texts).model_dump(mode="json") for name, judge in judges.items()
    }
    points = read_points(config.run)
    save_table(config.run, points)
    save_picture(config.run, points)
    facts |= {"held_out": found, "curve": [point.model_dump(mode="json") for point in points]}
    write_json(best / MANIFEST, facts)
    if config.lora is None or not config.lora.merge:
        return best
    merged = save_whole(best, config.run / "merged")
    write_json(merged / MANIFEST, facts)
    return merged
