"""The causal reward model: a language model of any size with a scalar head, as Qwen or Llama have it.

Reads:  a folder of transformers files, or of an adapter that names its base; then texts to score.
Gives:  expected ratings in [1, 7]. Question and opinion are what all candidates of a person share, so they go
        through the model once; for the rounds of a mediation what the model keeps of them may be held.
Refrains from holding more of them than `keep_mib`; the rest is computed again with each call.

fp32 on the CPU; on a GPU bf16 in the model and fp32 in the head. Work runs in a thread, a piece at a time;
a piece has a bounded number of tokens, so memory does not grow with the number of people.
Source of the head: Ziegler et al. 2019, "Fine-tuning language models from human preferences".
"""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from engine.arrays import Floats
from engine.errors import ScoringError
from engine.reward.causal.decoder import two_steps
from engine.reward.causal.prefixes import Prefixes
from engine.reward.device_queue import Slot
from engine.reward.model_info.calibration import Calibration
from engine.reward.model_info.source import ADAPTER, CONFIG, Manifest, find, located, reason
from engine.reward.texts import PrefixReader

MAX_TOKENS = 2048
"""Where the manifest says nothing: an opinion of 3,000 characters fits, and memory stays bounded."""
TOKENS_ON_CPU, TOKENS_ELSEWHERE = 768, 32_768
"""In one piece of work: enough to keep the device busy."""
ATTENDED = 8
"""Tokens of prefixes and endings that a piece may attend to, for each token that it computes."""
KEEP_MIB_ON_CPU, KEEP_MIB_ELSEWHERE = 256, 2048
MIB = 2**20
ATTENTION = {"full_attention", "sliding_attention"}


class CausalReward:
    """Predicts agreement with a causal model (a `RewardModel` that `ReadsOpinions`)."""

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        manifest: Manifest,
        *,
        device: str | None = None,
        tokens: int | None = None,
        keep_mib: int | None = None,
    ) -> None:
        """Put a loaded model on a device.

        Args:
            model: a transformers sequence classifier with one label; its weights are moved, not copied.
            tokenizer: of transformers.
            tokens: in one piece of work.
            keep_mib: MiB of prefixes that a round may hold.
        """
        self.name = manifest.name
        self._slot = Slot(device)
        self._model = two_steps(model, self._slot.device, self._slot.precision)
        self._reader = PrefixReader(tokenizer, _max_tokens(manifest, model.config))
        self._calibration = manifest.calibration or Calibration()
        on_cpu = self._slot.on_cpu
        self._tokens = tokens or (TOKENS_ON_CPU if on_cpu else TOKENS_ELSEWHERE)
        self._keep = MIB * (keep_mib if keep_mib is not None else _keep_mib(on_cpu))
        self._kept_for_token = self._model.read([[0]]).size
        self.described = manifest.described(self._slot.device)

    @classmethod
    def load(cls, source: str | Path, *, device: str | None = None) -> "CausalReward":
        """Load a model from a folder or the hub; an adapter is merged into its base.

        Raises:
            ScoringError: there is no such model, or it is no causal model with one trained score.
            ImportError: an adapter is to be merged and peft is not installed.
        """
        folder, manifest = find(str(source))
        slot = Slot(device)
        try:
            model, tokenizer = (
                _adapted(folder, slot) if (folder / ADAPTER).is_file() else _plain(folder, slot)
            )
        except (OSError, ValueError, RuntimeError, KeyError, SafetensorError) as error:
            raise ScoringError(
                f"{source} cannot be loaded as a causal reward model ({reason(error)})."
            ) from error
        return cls(model, tokenizer, manifest, device=device)

    async def score(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Predict expected ratings: shape (participants, candidates), in [1, 7].

        Raises:
            ScoringError: nothing to score, or the model's answer is not finite.
        """
        read = await self._slot.do(lambda: self._read(question, opinions))
        return await CausalOpinions(self, read).score(range(len(opinions)), candidates)

    async def read_opinions(self, question: str, opinions: Sequence[str]) -> "CausalOpinions":
        """Run the opinions through the model and hold what it keeps of them, within the budget.

        Raises:
            ScoringError: no opinions.
        """
        read = await self._slot.do(lambda: self._read(question, opinions))
        await self._slot.every(self._held(read))
        return CausalOpinions(self, read)

    def raw_scores(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Uncalibrated scores, at once and in this thread: for calibration and evaluation.

        Returns:
            shape (opinions, candidates), no unit, higher is more agreement.
        """
        read = self._read(question, opinions)
        return _assembled(list(self._scored(read, candidates)), len(opinions), len(candidates))

    async def score_read(self, read: "_Read", candidates: Sequence[str]) -> Floats:
        """Expected ratings of everybody whose opinion was read: shape (opinions, candidates)."""
        blocks = await self._slot.every(self._scored(read, candidates))
        return self._calibration.ratings(_assembled(blocks, read.people, len(candidates)))

    def _read(self, question: str, opinions: Sequence[str]) -> "_Read":
        """Tokens only; the opinions in groups of like length, each with one piece's tokens at most."""
        if not opinions:
            raise ScoringError("there is nothing to score: no opinion")
        rows = self._reader.prefixes(question, opinions)
        groups = grouped([len(row) for row in rows], self._tokens)
        return _Read(len(rows), [_Group(people, [rows[at] for at in people]) for people in groups])

    def _held(self, read: "_Read") -> Iterator[None]:
        left = self._keep
        for group in read.groups:
            left -= self._kept_for_token * len(group.rows) * max(len(row) for row in group.rows)
            if left < 0:
                return
            group.prefixes = self._model.read(group.rows)
            yield

    def _scored(self, read: "_Read", candidates: Sequence[str]) -> Iterator["_Block"]:
        """A block of raw scores for each piece of work."""
        if not candidates:
            raise ScoringError("there is nothing to score: no candidate")
        endings = self._reader.endings(candidates)
        for group in read.groups:
            prefixes = group.prefixes or self._model.read(group.rows)
            prefixes, rows = self._model.begun(prefixes, endings)
            for some in self._together(prefixes, rows):
                scores = self._model.scores(prefixes, [rows[at] for at in some])
                if not bool(torch.isfinite(scores).all()):
                    raise ScoringError(f"{self.name}: the model gave scores that are not finite")
                yield _Block(group.people, some, scores.double().cpu().numpy())

    def _together(self, prefixes: Prefixes, endings: Sequence[Sequence[int]]) -> list[list[int]]:
        """Endings to run at once behind each of the prefixes: like in length, and not too many tokens."""
        people, longest = prefixes.mask.shape
        lengths = [len(row) for row in endings]
        attended = ATTENDED * self._tokens // (people * (longest + max(lengths)))
        return grouped(lengths, self._tokens // people, most=max(1, attended))


class CausalOpinions:
    """Opinions of one round as a causal model has read them (`ReadOpinions`)."""

    def __init__(self, model: CausalReward, read: "_Read") -> None:
        self._model = model
        self._read = read

    async def score(self, people: Sequence[int], candidates: Sequence[str]) -> Floats:
        """Predict expected ratings: shape (people, candidates), in [1, 7]. Raises ScoringError."""
        wanted = set(people)
        groups = [group for group in self._read.groups if wanted & set(group.people)]
        rewards = await self._model.score_read(_Read(self._read.people, groups), candidates)
        return rewards[list(people)]


@dataclass
class _Group:
    """People whose prefixes go through the model together."""

    people: list[int]
    rows: list[list[int]]
    prefixes: Prefixes | None = None


@dataclass(frozen=True)
class _Read:
    """The opinions of a round; `people` is how many there are, in all groups or not."""

    people: int
    groups: list[_Group] = field(default_factory=list)


@dataclass(frozen=True)
class _Block:
    """Raw scores, shape (people, candidates), and whose they are."""

    people: list[int]
    candidates: list[int]
    scores: Floats


def grouped(lengths: Sequence[int], tokens: int, *, most: int | None = None) -> list[list[int]]:
    """Indices in groups of like length, the longest first.

    A group has one index or more, `most` at most, and no more than `tokens` when all are padded to its
    longest (unless it is one).
    """
    order = sorted(range(len(lengths)), key=lambda at: -lengths[at])
    groups: list[list[int]] = []
    while order:
        size = max(1, tokens // lengths[order[0]])
        size = min(size, most or size)
        groups.append(order[:size])
        order = order[size:]
    return groups


def _assembled(blocks: Sequence[_Block], people: int, candidates: int) -> Floats:
    """One matrix; NaN where no block has a score."""
    scores = np.full((people, candidates), np.nan)
    for block in blocks:
        scores[np.ix_(block.people, block.candidates)] = block.scores
    return scores


def _keep_mib(on_cpu: bool) -> int:
    return KEEP_MIB_ON_CPU if on_cpu else KEEP_MIB_ELSEWHERE


def _max_tokens(manifest: Manifest, config: Any) -> int:
    window = getattr(config, "max_position_embeddings", None) or MAX_TOKENS
    return min(manifest.max_tokens or MAX_TOKENS, window)


def _plain(folder: Path, slot: Slot) -> tuple[Any, Any]:
    model, missing = _classifier(folder, slot)
    if missing:
        raise ScoringError(f"{folder.name} has no trained head: {', '.join(sorted(missing))} is missing.")
    return model, AutoTokenizer.from_pretrained(folder)


def _adapted(folder: Path, slot: Slot) -> tuple[Any, Any]:
    """The base with the adapter merged into its weights, so that it costs nothing when it runs."""
    from peft import PeftConfig, PeftModel  # noqa: PLC0415 (only who has an adapter needs it)

    adapter = PeftConfig.from_pretrained(str(folder))
    base = located(str(adapter.base_model_name_or_path))
    model, missing = _classifier(base, slot)
    with peft_unwarned():
        adapted = PeftModel.from_pretrained(model, str(folder))
    saved = set(adapted.active_peft_config.modules_to_save or ())
    if unsaved := {name for name in missing if name.split(".")[0] not in saved}:
        raise ScoringError(f"{folder.name} has no trained head: {', '.join(sorted(unsaved))} is missing.")
    words = folder if (folder / "tokenizer_config.json").is_file() else base
    return adapted.merge_and_unload(), AutoTokenizer.from_pretrained(words)


@contextmanager
def peft_unwarned() -> Iterator[None]:
    """peft asks transformers by a name that is going away in transformers 6; that is theirs to settle."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"`is_gradient_checkpointing`", FutureWarning)
        yield


def _classifier(folder: Path, slot: Slot) -> tuple[Any, set[str]]:
    """The model with one score, and the names of weights that its files lack."""
    config: Any = AutoConfig.from_pretrained(folder, num_labels=1)
    if not set(getattr(config, "layer_types", None) or ()) <= ATTENTION:
        raise ScoringError(
            f"{folder.name}: only models whose layers all attend are read; this one has others."
        )
    model, report = AutoModelForSequenceClassification.from_pretrained(
        folder,
        config=config,
        dtype=torch.float32 if slot.on_cpu else "auto",
        use_safetensors=True,
        output_loading_info=True,
    )
    if not isinstance(getattr(model, "score", None), torch.nn.Linear):
        raise ScoringError(f"{folder.name}: {CONFIG} names no causal model with a scalar head.")
    return model, set(report["missing_keys"])
