"""Drafters in training: what the runs of `accord train sft` and `accord train policy` have in common.

Reads:  a causal language model (a folder, a hub id, or an adapter that names its base), and a team's
        feedback.
Gives:  the model whole or with adapters; the deliberations to draft for; checkpoints that survive a kill;
        texts that the model writes; and a checkpoint as one folder, for a server that takes no adapters.
Refrains from optimising: that is trl's.

Drafters are trained on running text with the `fine-tuned` template, as TGI's /generate is asked, and with the
critique template where a statement was revised; the template for messages is taken from the tokenizer that is
saved, so that every drafter here asks in running text too.
"""

import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any, Generic, NamedTuple, Self, TypeVar

import torch
from pydantic import Field, model_validator
from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback, TrainerCallback

from engine.feedback.record import FeedbackRecord
from engine.prompts import CRITIQUE, FINE_TUNED, critique, fine_tuned
from engine.questions.splits import question_id
from engine.reward.causal.model import peft_unwarned
from engine.reward.model_info.source import ADAPTER
from engine.run_manifest import seen_questions
from engine.training.runs.adapters import adapted
from engine.training.runs.base import base_folder, quiet
from engine.training.runs.config import (
    LoraConfig,
    Precision,
    manifest,
    open_run,
    require_something_to_train_on,
)
from engine.training.runs.precision import in_bf16
from engine.training.runs.processes import make_accelerator
from engine.training.runs.progress import Progress
from engine.types import AnyArm, Frozen, ParticipantOpinion, Revision, joined

PATIENCE_S = 6 * 3600
"""How long processes wait for the one that judges and writes."""
STATE = "trainer_state.json"
"""What transformers writes last into a checkpoint; one without it was cut off."""


Lessons = TypeVar("Lessons")


class DrafterConfig(Frozen):
    """What both kinds of runs depend on.

    run, feedback, clusters, choose, held_out, seed: as in `RewardConfig`; the same seed gives the same split.
    base:    what to start from: a folder (of a model, or of an adapter) or a hub id.
    lora:    adapters in place of the whole model.
    per_pass, passes: examples that go through the model together, and passes that make a step.
    rate:    peak learning rate, of the adapters or of the whole model.
    precision: "bf16" computes in bf16; beside adapters the frozen base is in bf16 too. "auto" does so where
        the machine has instructions for it.
    """

    run: Path
    feedback: Path
    clusters: Path | None = None
    choose: float = Field(default=0.15, gt=0, lt=1)
    held_out: float = Field(default=0.25, gt=0, lt=1)
    base: str
    lora: LoraConfig | None = None
    seed: int = 0
    max_tokens: int = Field(default=2048, gt=8)
    steps: int = Field(default=500, gt=0)
    per_pass: int = Field(default=4, gt=0)
    passes: int = Field(default=4, gt=0)
    rate: float = Field(default=1e-4, gt=0)
    warm_up: int = Field(default=20, ge=0)
    weight_decay: float = Field(default=0.0, ge=0)
    clip: float = Field(default=1.0, gt=0)
    precision: Precision = "fp32"
    gradient_checkpointing: bool = False
    threads: int | None = Field(default=None, gt=0)
    evaluate_every: int = Field(default=50, gt=0)
    patience: int = Field(default=5, gt=0)

    @model_validator(mode="after")
    def _something_is_left_to_train(self) -> Self:
        require_something_to_train_on(self.held_out, self.choose)
        return self

    @property
    def data(self) -> tuple[Path, ...]:
        """The files that the run learns from."""
        return (self.feedback,) if self.clusters is None else (self.feedback, self.clusters)


Config = TypeVar("Config", bound=DrafterConfig)


@dataclass
class Rated:
    """A statement with the ratings of those who may be learnt from."""

    text: str
    arm: AnyArm
    agreement: list[int] = field(default_factory=list)
    quality: list[int] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)


@dataclass
class Case:
    """One round of a deliberation: what a drafter is asked with, and what people thought of the statements.

    name: unique in the export; opinions: by the pseudonyms of this deliberation.
    previous, critiques: in a further round, the statement before and what was said of it, by pseudonym; None
        and empty in a first one, and where it is not known which of several statements was revised.
    """

    name: str
    group: str
    question: str
    opinions: dict[str, str] = field(default_factory=dict)
    statements: dict[str, Rated] = field(default_factory=dict)
    previous: str | None = None
    critiques: dict[str, str] = field(default_factory=dict)

    @property
    def said(self) -> list[str]:
        """What each member said, as statements are scored: the opinion, and the critique after it."""
        return [joined(opinion, self.critiques.get(who)) for who, opinion in self.opinions.items()]

    def prompt(self, seed: int, *, without: Iterable[str] = (), what: str = "") -> str:
        """The `fine-tuned` prompt, or in a further round the critique prompt.

        Opinions and critiques are in an order that the seed, the case and `what` give.
        """
        left_out = set(without)
        kept = [text for person, text in sorted(self.opinions.items()) if person not in left_out]
        rng = Random(f"{seed}/{self.name}/{what}")  # noqa: S311 - repeatable on purpose
        opinions = rng.sample(kept, len(kept))
        heard = [who for who in sorted(self.critiques) if who not in left_out]
        if self.previous is None or not heard:
            return fine_tuned(self.question, opinions)
        critiques = [ParticipantOpinion(who, self.critiques[who]) for who in rng.sample(heard, len(heard))]
        return critique(self.question, opinions, Revision(self.previous, tuple(critiques)))


def cases_of(records: Iterable[FeedbackRecord]) -> list[Case]:
    """The rounds of an export, in the order in which they come."""
    found: dict[str, Case] = {}
    before: dict[str, str] = {}
    critiques: dict[str, dict[str, str]] = {}
    for record in records:
        name, previous = _case_name(record, record.round), _case_name(record, record.round - 1)
        before[name] = previous
        if record.critique:
            critiques.setdefault(name, {})[record.participant] = record.critique
        group = f"{record.team}/{record.group}"
        case = found.setdefault(name, Case(name, group, record.question))
        if record.opinion:
            case.opinions[record.participant] = record.opinion
        rated = case.statements.setdefault(record.statement_id, Rated(record.statement, record.arm))
        rated.agreement.append(record.agreement)
        if record.quality is not None:
            rated.quality.append(record.quality)
        if not record.included:
            rated.left_out.add(record.participant)
    for name, case in found.items():
        first, heard = found.get(before[name]), critiques.get(before[name])
        if first and heard and len(first.statements) == 1:
            case.previous = next(iter(first.statements.values())).text
            case.critiques = heard
            case.opinions = first.opinions | case.opinions
    return list(found.values())


def _case_name(record: FeedbackRecord, round_: int) -> str:
    return f"{record.team}/{record.deliberation_id}/{round_}/{question_id(record.question)}"


# -- models --------------------------------------------------------------------------------------


def load_tokenizer(base: Path) -> Any:
    """The tokenizer, to be asked in running text.

    Raises:
        ValueError: there is none, or it has no token that ends a text.
    """
    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(base)
    except (OSError, ValueError, KeyError) as exc:
        raise ValueError(f"{base}: no tokenizer that can be read ({type(exc).__name__})") from exc
    if tokenizer.eos_token is None:
        raise ValueError(f"{base}: its tokenizer has no token that ends a text")
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    tokenizer.chat_template = None
    return tokenizer


def load_drafter(folder: Path, dtype: torch.dtype) -> Any:
    """A causal language model; an adapter is merged into its base.

    Raises:
        ValueError: the folder holds none.
    """
    try:
        with quiet(), peft_unwarned():
            if (folder / ADAPTER).is_file():
                return _merged(folder, dtype)
            return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, use_safetensors=True)
    except (OSError, ValueError, KeyError, RuntimeError) as exc:
        raise ValueError(f"{folder}: no language model to draft with ({type(exc).__name__})") from exc


def base_of(adapter: Path) -> str:
    """The base that an adapter's folder names: a folder or a hub id."""
    return str(json.loads((adapter / ADAPTER).read_text(encoding="utf-8"))["base_model_name_or_path"])


def save_whole(adapter: Path, folder: Path) -> Path:
    """Write base and adapters as one model, with its tokenizer; gives the folder."""
    load_drafter(adapter, torch.float32).save_pretrained(folder)
    AutoTokenizer.from_pretrained(adapter).save_pretrained(folder)
    return folder


def start_of(config: DrafterConfig) -> Path:
    """A folder with a whole model to start from; an adapter is merged once, into the run's folder.

    Raises:
        ValueError: there is none.
    """
    folder = base_folder(config.base)
    if not (folder / ADAPTER).is_file():
        return folder
    whole = config.run / "start"
    if not (whole / "config.json").is_file():
        save_whole(folder, config.run / "start.new").rename(whole)
    return whole


class Begun(NamedTuple, Generic[Lessons]):
    """A run that was opened: what it starts from, and what it learns from."""

    accelerator: Any
    base: Path
    tokenizer: Any
    lessons: Lessons


def begun(config: Config, read: Callable[[Config, Any], tuple[Lessons, dict[str, Any]]]) -> Begun[Lessons]:
    """Open a run, or one that was begun before.

    read: gives what it learns from, for a tokenizer, and what the manifest says of that.

    Raises:
        ValueError: the folder holds another run, or the base does not fit.
    """
    accelerator = make_accelerator()
    if config.threads:
        torch.set_num_threads(config.threads)
    with accelerator.main_process_first():
        config.run.mkdir(parents=True, exist_ok=True)
        base = start_of(config)
        tokenizer = load_tokenizer(base)
        lessons, facts = read(config, tokenizer)
        open_run(config, config.run, manifest(config, config.data, bf16=in_bf16(config.precision)) | facts)
    return Begun(accelerator, base, tokenizer, lessons)


def seen_before(config: DrafterConfig) -> list[str]:
    """Ids of the questions that the model which a run starts from has learnt from.

    None from one without a manifest: that is a base of the hub's, which has not learnt from feedback.
    """
    return seen_questions(base_folder(config.base)) or []


def to_train(config: DrafterConfig, folder: Path) -> Any:
    """The model as it is trained: whole, or with new adapters beside a frozen base."""
    frozen_in_half = config.lora is not None and in_bf16(config.precision)
    model = load_drafter(folder, torch.bfloat16 if frozen_in_half else torch.float32)
    torch.manual_seed(config.seed)
    if config.lora is None:
        return model
    named = (
        str(folder.resolve())
        if Path(config.base).is_dir() or folder != base_folder(config.base)
        else config.base
    )
    return adapted(model, config.lora, new=set(), base=named, start=None, task="CAUSAL_LM")


def _merged(adapter: Path, dtype: torch.dtype) -> Any:
    from peft import PeftModel  # noqa: PLC0415 (only where there are adapters)

    base = AutoModelForCausalLM.from_pretrained(
        base_folder(base_of(adapter)), dtype=dtype, use_safetensors=True
    )
    return PeftModel.from_pretrained(base, str(adapter)).merge_and_unload()


# -- writing -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sampling:
    """How texts are sampled: the settings of the drafters that serve."""

    temperature: float = 1.0
    top_p: float = 1.0
    new_tokens: int = 256


@dataclass(frozen=True)
class Written:
    """A text; the ids of prompt and text together, shape (tokens,); and where the text begins in them."""

    text: str
    ids: torch.Tensor
    begins: int


@torch.inference_mode()
def write(
    model: Any,
    tokenizer: Any,
    prompts: Sequence[str],
    sampling: Sampling,
    *,
    seed: int,
    on_text: Callable[[], None] | None = None,
) -> list[Written]:
    """One text for each prompt; the same seed gives the same texts on the same machine.

    on_text: called after each.
    """
    device = next(model.parameters()).device
    found = []
    with evaluating(model), torch.random.fork_rng(devices=[] if device.type == "cpu" else [device]):
        torch.manual_seed(seed)
        for prompt in prompts:
            ids = tokenizer(prompt, return_tensors="pt").input_ids.to(device)  # (1, tokens)
            out = model.generate(
                input_ids=ids, attention_mask=torch.ones_like(ids), do_sample=True,
                max_new_tokens=sampling.new_tokens, temperature=sampling.temperature, top_p=sampling.top_p,
                top_k=0, pad_token_id=tokenizer.pad_token_id, eos_token_id=tokenizer.eos_token_id,
            )[0]  # fmt: skip
            begins = ids.shape[1]
            found.append(
                Written(tokenizer.decode(out[begins:], skip_special_tokens=True).strip(), out, begins)
            )
            if on_text is not None:
                on_text()
    return found


@torch.inference_mode()
def log_probability(model: Any, written: Written) -> float:
    """Of the whole text behind its prompt, in nats."""
    with evaluating(model):
        logits = model(input_ids=written.ids[None]).logits[0].float()  # (tokens, words)
    behind = slice(written.begins - 1, len(written.ids) - 1)
    logs = torch.log_softmax(logits[behind], dim=-1)
    return logs.gather(1, written.ids[written.begins :, None]).sum().item()


@contextmanager
def evaluating(model: Any) -> Iterator[None]:
    """Inside, the model has no dropout."""
    before = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(before)


# -- the trainer of transformers -------------------------------------------------------------------


def trainer_settings(config: DrafterConfig) -> dict[str, Any]:
    """What trl's configurations are given: the run's settings in transformers' words."""
    return {
        "output_dir": str(config.run / "checkpoints"),
        "max_steps": config.steps,
        "per_device_train_batch_size": config.per_pass,
        "per_device_eval_batch_size": config.per_pass,
        "gradient_accumulation_steps": config.passes,
        "learning_rate": config.rate,
        "warmup_steps": config.warm_up,
        "weight_decay": config.weight_decay,
        "max_grad_norm": config.clip,
        "lr_scheduler_type": "cosine",
        "save_strategy": "steps",
        "save_steps": config.evaluate_every,
        "logging_steps": 1,
        "bf16": in_bf16(config.precision),
        "gradient_checkpointing": config.gradient_checkpointing,
        "use_cpu": not torch.cuda.is_available(),
        "seed": config.seed,
        "ddp_timeout": PATIENCE_S,
        "report_to": "none",
        "disable_tqdm": True,
    }


def last_whole(checkpoints: Path) -> str | None:
    """The latest checkpoint that was written to its end; a process may have been killed while it wrote."""
    found = [each for each in checkpoints.glob("checkpoint-*") if _is_whole(each)]
    return str(max(found, key=lambda each: int(each.name.rpartition("-")[2]))) if found else None


def _is_whole(checkpoint: Path) -> bool:
    try:
        json.loads((checkpoint / STATE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


class Telling(TrainerCallback):
    """Tells how far a run has come."""

    def __init__(self) -> None:
        self._progress: Progress | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Begin to count where the run goes on."""
        self._progress = Progress(state.global_step, state.max_steps)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any
    ) -> None:
        """A step is done, and its loss is known."""
        if self._progress is not None and logs and "loss" in logs and state.is_world_process_zero:
            self._progress.step(state.global_step, float(logs["loss"]))


def learning_libraries() -> tuple[Any, Any]:
    """trl and datasets, which only a run needs.

    Raises:
        ValueError: they are not installed.
    """
    try:
        return import_module("trl"), import_module("datasets")
    except ImportError as exc:
        raise ValueError("training a drafter needs trl: pip install 'accord-bot[train]'") from exc


def prompt_facts() -> dict[str, str]:
    """For a run's manifest: how the drafter is to be asked."""
    return {"prompt": FINE_TUNED, "revision_prompt": CRITIQUE}


@contextmanager
def quietly() -> Iterator[None]:
    """Inside, trl and its kin draw no bars and give no warnings of what is theirs to settle."""
    _, datasets = learning_libraries()
    datasets.disable_progress_bars()
    with quiet(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning)
        yield


def plainly(trainer: Any) -> Any:
    """The same trainer, which no longer prints: stdout is for the folder at the end."""
    trainer.remove_callback(PrinterCallback)
    return trainer


def save_model(trainer: Any, tokenizer: Any, folder: Path) -> None:
    """Write the weights (or adapters) and the tokenizer; the trainer itself would add a pickle."""
    trainer.accelerator.unwrap_model(trainer.model).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
