"""Supervised fine-tuning of a drafter on the statements that a team liked (`accord train sft`).

Reads:  an `SftConfig`: a team's feedback and a causal language model.
Gives:  in the run's folder `manifest.json` (before step 0), `checkpoints/` (to resume from), and `best/`, the
        model or adapter with the lowest loss on the questions to choose by, with its loss on those kept.
Refrains from members' own statements (the arm `best-opinion`): they were not drafted from the opinions.

A statement is learnt from when those who rated it agreed with it and found it good. It is asked for with the
`fine-tuned` template, and a revised one with the critique template; the loss is on the statement alone. trl's
SFTTrainer does the steps.
Source: Bakker et al. 2022 (arXiv:2211.15006), section 3.2: fine-tuning on well-rated candidates.
"""

import json
import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from pydantic import Field
from transformers import EarlyStoppingCallback

from engine.errors import LearningError
from engine.feedback.files import read_feedback
from engine.questions.splits import Side, split_questions
from engine.run_manifest import MANIFEST
from engine.training.data.team import read_topics, usable
from engine.training.drafters.shared import (
    Case,
    DrafterConfig,
    Rated,
    Telling,
    begun,
    cases_of,
    last_whole,
    learning_libraries,
    plainly,
    prompt_facts,
    quietly,
    save_model,
    save_whole,
    seen_before,
    to_train,
    trainer_settings,
)
from engine.training.runs.config import write_json
from engine.training.runs.processes import only_one
from engine.types import HIGHEST_RATING, LOWEST_RATING, Arm

logger = logging.getLogger(__name__)

Example = dict[str, str]


class SftConfig(DrafterConfig):
    """Everything that a run depends on, besides the data itself and the versions of libraries.

    agreement, quality: the least mean over raters that a statement is learnt from; where quality was not
        asked, agreement alone decides.
    orders: prompts of each statement, with the opinions in another order in each.
    """

    agreement: float = Field(default=5, ge=LOWEST_RATING, le=HIGHEST_RATING)
    quality: float = Field(default=5, ge=LOWEST_RATING, le=HIGHEST_RATING)
    orders: int = Field(default=1, gt=0)


def train_sft(config: SftConfig) -> Path:
    """Train, resuming where an earlier run into the same folder stopped; gives the folder to use.

    Raises:
        ValueError: the folder holds another run or is in use, the base does not fit, a package is missing, or
            no statement is good enough to learn from.
        FeedbackError: the export cannot be read.
        LearningError: no step was better than the start.
    """
    with quietly(), only_one(config.run):
        return _trained(config)


def _trained(config: SftConfig) -> Path:
    accelerator, base, tokenizer, examples = begun(config, _examples)
    trainer = _trainer(config, base, tokenizer, examples)
    before = _losses_before(trainer, examples, config.run)
    trainer.train(resume_from_checkpoint=last_whole(config.run / "checkpoints"))
    if trainer.state.best_metric is None or trainer.state.best_metric >= before["choose"]:
        raise LearningError(
            "no step of this run was better than the model that it started from; nothing is kept"
        )
    after = _losses(trainer, examples)
    best = config.run / "best"
    if accelerator.is_main_process:
        save_model(trainer, tokenizer, best)
        return _signed(best, config, before, after)
    return best


def examples_of(config: SftConfig, case: Case) -> list[Example]:
    """What a case teaches: a prompt and what is to be written, for each statement that is good enough."""
    found = []
    for name, rated in case.statements.items():
        if not _good(rated, config) or set(case.opinions) <= rated.left_out or rated.text == case.previous:
            continue
        for order in range(config.orders):
            prompt = case.prompt(config.seed, without=rated.left_out, what=f"{name}/{order}")
            found.append({"prompt": prompt, "completion": f" {rated.text.strip()}"})
    return found


def _good(rated: Rated, config: SftConfig) -> bool:
    if rated.arm is Arm.BEST_OPINION or not rated.text.strip():
        return False
    liked = mean(rated.agreement) >= config.agreement
    return liked and (not rated.quality or mean(rated.quality) >= config.quality)


def _examples(config: SftConfig, tokenizer: Any) -> tuple[dict[Side, list[Example]], dict[str, Any]]:
    """The examples of each side, and what the manifest says of them."""
    counts: Counter[str] = Counter()
    cases = cases_of(usable(read_feedback(config.feedback), counts))
    split = split_questions(
        (case.question for case in cases), seed=config.seed, choose=config.choose,
        held_out=config.held_out, topics=read_topics(config.clusters),
    )  # fmt: skip
    sides: dict[Side, list[Example]] = {side: [] for side in Side}
    too_long: dict[Side, list[int]] = {side: [] for side in Side}
    for case in cases:
        side = split.of(case.question)
        for example in examples_of(config, case):
            tokens = len(tokenizer(example["prompt"] + example["completion"]).input_ids)
            if tokens >= config.max_tokens:
                too_long[side].append(tokens)  # cutting it would cut what is to be learnt
            else:
                sides[side].append(example)
    if empty := [side for side, some in sides.items() if not some]:
        raise ValueError(_why_none(empty[0], too_long[empty[0]], config))
    if left_out := sum(map(len, too_long.values())):
        logger.info(
            "%d texts are left out: they do not fit into max_tokens (%d)", left_out, config.max_tokens
        )
    facts = {
        "kind": "drafter", "records": dict(counts), "split": split.facts(seen_before(config)),
        "examples": {str(side): len(some) for side, some in sides.items()} | {"too_long": left_out},
        **prompt_facts(),
    }  # fmt: skip
    return sides, facts


def _why_none(side: Side, too_long: list[int], config: SftConfig) -> str:
    """Why nothing can be learnt from on one side; too_long: the tokens of those that were good enough."""
    if not too_long:
        return (
            f"no statement is good enough to learn from among the questions to {side}; "
            "lower agreement or quality, or export more feedback"
        )
    return (
        f"nothing is left to learn from among the questions to {side}: each of the {len(too_long):,} "
        "statements that people liked is too long with its opinions. The shortest has "
        f"{min(too_long):,} tokens, the longest {max(too_long):,}, and max_tokens is "
        f"{config.max_tokens:,}; set it higher in the configuration"
    )


def _trainer(config: SftConfig, base: Path, tokenizer: Any, examples: dict[Side, list[Example]]) -> Any:
    trl, datasets = learning_libraries()
    settings = trl.SFTConfig(
        **trainer_settings(config), max_length=config.max_tokens, completion_only_loss=True, packing=False,
        eval_strategy="steps", eval_steps=config.evaluate_every, load_best_model_at_end=True,
        metric_for_best_model="eval_loss", greater_is_better=False, save_total_limit=2,
    )  # fmt: skip
    trainer = trl.SFTTrainer(
        model=to_train(config, base), args=settings, processing_class=tokenizer,
        train_dataset=datasets.Dataset.from_list(examples[Side.TRAIN]),
        eval_dataset=datasets.Dataset.from_list(examples[Side.CHOOSE]),
        callbacks=[EarlyStoppingCallback(config.patience), Telling()],
    )  # fmt: skip
    return plainly(trainer)


def _losses_before(trainer: Any, examples: dict[Side, list[Example]], run: Path) -> dict[str, float]:
    """Of the model that the run starts from; taken once, and read again when the run is resumed."""
    path = run / "start.json"
    if not path.exists():
        found = _losses(trainer, examples)
        if trainer.is_world_process_zero():
            write_json(path, found)
        return found
    losses: dict[str, float] = json.loads(path.read_text(encoding="utf-8"))
    return losses


def _losses(trainer: Any, examples: dict[Side, list[Example]]) -> dict[str, float]:
    """Mean negative log-likelihood of a token of the statements, in nats, on what is not trained on."""
    return {str(side): float(_evaluated(trainer, examples[side])) for side in (Side.CHOOSE, Side.HELD)}


def _evaluated(trainer: Any, examples: Sequence[Example]) -> float:
    _, datasets = learning_libraries()
    loss: float = trainer.evaluate(datasets.Dataset.from_list(list(examples)))["eval_loss"]
    return loss


def _signed(best: Path, config: SftConfig, before: dict[str, float], after: dict[str, float]) -> Path:
    facts = json.loads((config.run / MANIFEST).read_text(encoding="utf-8"))
    facts |= {"loss": {"before": before, "after": after}}
    logger.info("held-out questions: loss %.3f after, %.3f before", after["held"], before["held"])
    write_json(best / MANIFEST, facts)
    if config.lora is None or not config.lora.merge:
        return best
    merged = save_whole(best, config.run / "merged")
    write_json(merged / MANIFEST, facts)
    return merged
