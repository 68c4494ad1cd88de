"""The local drafter: candidates from a transformers model in this process, for a machine without a server.

Reads:  briefs; a model from a folder or the hub, loaded at the first draft and then kept.
Gives:  drafts, a batch at a time; the same seeds give the same drafts on the same machine.
Refrains from the event loop, which stays free: the model works in a thread, one batch after the other.
Cancelling stops it at its next word.

A model with a chat template is asked in messages, any other in running text.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer

from engine import prompts
from engine.drafting.fitting import Reading, fitted, parted
from engine.drafting.parsing.statements import drafted
from engine.drafting.servers.remote import STATEMENT_TOKENS, Sampling, known_as, shortened
from engine.errors import GenerationError
from engine.sentence import sentence
from engine.types import Brief, Draft

TEMPLATE = "few-shot"
BATCH_ON_CPU, BATCH_ELSEWHERE = 1, 16
"""Drafts that are written together: on a GPU that costs little more time than one."""
_NOT_LOADED = sentence(
    "The model {source} cannot be loaded ({error}): check ACCORD_LOCAL_MODEL, and that the folder is "
    "complete and of a kind that transformers knows."
)
_NOT_LOADED_FROM_HUB = sentence(
    "The model {source} cannot be loaded ({error}): check ACCORD_LOCAL_MODEL, and that the hub can be "
    "reached, or its copy here is complete and of a kind that transformers knows."
)
_SEAM = 2  # tokens that a line may cost more inside a prompt than alone


T = TypeVar("T")


@dataclass(frozen=True)
class _Loaded:
    model: Any
    tokenizer: Any
    device: str
    window: int

    @property
    def chats(self) -> bool:
        return bool(self.tokenizer.chat_template)


class LocalGenerator:
    """Drafts with a causal language model in this process."""

    model_used = True

    def __init__(
        self,
        model: str,
        *,
        template: str = TEMPLATE,
        device: str | None = None,
        sampling: Sampling | None = None,
        reasoning_tokens: int = 0,
        batch: int | None = None,
    ) -> None:
        """Prepare; nothing is loaded before the first draft.

        Args:
            model: a folder, or a name on the hub.
            template: one of `engine.prompts.TEMPLATES`.
            device: as torch names it; a GPU when there is one and this is left out.
            reasoning_tokens: for a model that thinks before it writes; 0 for others.
            batch: drafts written together. Those of a batch share the random numbers of its first seed.

        Raises:
            ValueError: an unknown template, or an empty batch.
        """
        if batch is not None and batch < 1:
            raise ValueError("A batch holds 1 draft or more.")
        self.name = f"local:{known_as(model)}"
        self._text, self._chat = prompts.text_template(template), prompts.chat_template(template)
        self.prompt = self._text.name
        self._source = model
        self._device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self._sampling = sampling or Sampling()
        self._new_tokens = STATEMENT_TOKENS + reasoning_tokens
        self._batch = batch or (BATCH_ON_CPU if self._device == "cpu" else BATCH_ELSEWHERE)
        self._loaded: _Loaded | None = None
        self._working = asyncio.Lock()

    async def draft(self, briefs: Sequence[Brief]) -> AsyncGenerator[Draft, None]:
        """Yield a draft for each brief, a batch at a time.

        Raises:
            GenerationError: the model cannot be loaded, or fails.
            PromptRejectedError: the question fills the model's window.
        """
        if not briefs:
            return
        stop = threading.Event()
        loaded, readings = await self._in_thread(self._prepared, briefs, stop=stop)
        tasks = list(zip(briefs, readings, strict=True))
        for at in range(0, len(tasks), self._batch):
            some = tasks[at : at + self._batch]
            for draft in await self._in_thread(self._drafted, loaded, some, stop, stop=stop):
                yield draft

    async def parts(self, brief: Brief) -> list[tuple[int, ...]]:
        """The brief's opinions in parts that fit the model's window.

        Raises:
            GenerationError: the model cannot be loaded.
        """
        return await self._in_thread(self._parted, brief, stop=threading.Event())

    async def check(self) -> str:
        """Load the model, and say what it is in a line for `accord doctor`.

        Raises:
            GenerationError: it cannot be loaded.
        """
        loaded = await self._in_thread(self._ready, stop=threading.Event())
        asked = "in messages" if loaded.chats else "in running text"
        room = shortened(self._room(loaded), self._new_tokens)
        return f"{self.name} on {loaded.device}, asked {asked}, {loaded.window} tokens of window{room}"

    async def _in_thread(self, work: Callable[..., T], *args: Any, stop: threading.Event) -> T:
        """Do the work beside the event loop, one piece after the other.

        When we are cancelled, the model is told to stop, and is let go of before anybody else gets it.
        """
        async with self._working:
            doing = asyncio.create_task(asyncio.to_thread(work, *args))
            try:
                return await asyncio.shield(doing)
            except asyncio.CancelledError:
                stop.set()
                await asyncio.gather(doing, return_exceptions=True)
                raise
            except (OSError, RuntimeError, ImportError, ValueError) as error:
                raise GenerationError(
                    "The model in this process fails: {error}.", error=type(error).__name__
                ) from None

    def _prepared(self, briefs: Sequence[Brief]) -> tuple[_Loaded, list[Reading]]:
        loaded = self._ready()
        return loaded, self._readings(loaded, briefs)

    def _drafted(
        self, loaded: _Loaded, some: Sequence[tuple[Brief, Reading]], stop: threading.Event
    ) -> list[Draft]:
        """One batch."""
        ids = [self._ids(loaded, brief, reading) for brief, reading in some]
        replies = self._written(loaded, ids, some[0][0].seed, stop)
        return [
            drafted(brief, reading, text, "length" if cut_off else "stop")
            for (brief, reading), (text, cut_off) in zip(some, replies, strict=True)
        ]

    def _ready(self) -> _Loaded:
        if self._loaded is None:
            self._loaded = self._load()
            self.prompt = self._chat.name if self._loaded.chats else self._text.name
        return self._loaded

    def _load(self) -> _Loaded:
        """The model, or GenerationError with what to do about it."""
        if _is_path(self._source) and not (Path(self._source).expanduser() / "config.json").is_file():
            raise GenerationError(
                "There is no model at {source}: ACCORD_LOCAL_MODEL takes a folder that holds its "
                "config.json, tokenizer and weights, or a name on the hub.",
                source=self._source,
            )
        try:
            return self._from_transformers()
        except (
            OSError,
            RuntimeError,
            ImportError,
            ValueError,
            TypeError,
            KeyError,
            SafetensorError,
        ) as error:
            raise GenerationError(
                _NOT_LOADED if _is_path(self._source) else _NOT_LOADED_FROM_HUB,
                source=self._source,
                error=type(error).__name__,
            ) from None

    def _from_transformers(self) -> _Loaded:
        source = str(Path(self._source).expanduser()) if _is_path(self._source) else self._source
        tokenizer: Any = AutoTokenizer.from_pretrained(source, padding_side="left")
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        dtype = torch.float32 if self._device == "cpu" else torch.bfloat16
        model: Any = AutoModelForCausalLM.from_pretrained(source, dtype=dtype)
        model = model.to(self._device).eval()
        window = getattr(model.config, "max_position_embeddings", None) or 4_096
        return _Loaded(model, tokenizer, self._device, window)

    def _parted(self, brief: Brief) -> list[tuple[int, ...]]:
        return parted(brief, *self._costs(self._ready(), [brief]))

    def _readings(self, loaded: _Loaded, briefs: Sequence[Brief]) -> list[Reading]:
        return fitted(briefs, *self._costs(loaded, briefs))

    def _costs(self, loaded: _Loaded, briefs: Sequence[Brief]) -> tuple[dict[str, int], int]:
        """Tokens of the line of each opinion and critique, by its text; and the room for them in a prompt."""

        def tokens(text: str) -> int:
            return len(loaded.tokenizer(text, add_special_tokens=False).input_ids)

        first = briefs[0]
        nothing = Reading((), (), revision=prompts.emptied(first))
        frame = len(self._ids(loaded, first, nothing)) + tokens(prompts.reminder(first)) + _SEAM
        costs = {text: tokens(line + "\n\n") + _SEAM for text, line in prompts.lines_of(briefs).items()}
        return costs, loaded.window - self._room(loaded) - frame

    def _room(self, loaded: _Loaded) -> int:
        """Tokens for the reply: at most half of the window."""
        return min(self._new_tokens, loaded.window // 2)

    def _ids(self, loaded: _Loaded, brief: Brief, reading: Reading) -> list[int]:
        """The prompt in tokens."""
        if not loaded.chats:
            text = self._text.about(reading.revision, brief.points).render(brief.question, reading.opinions)
        else:
            messages = self._chat.about(reading.revision, brief.points).render(
                brief.question, reading.opinions
            )
            text = loaded.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        ids: list[int] = loaded.tokenizer(text, add_special_tokens=not loaded.chats).input_ids
        return ids

    def _written(
        self, loaded: _Loaded, ids: Sequence[list[int]], seed: int, stop: threading.Event
    ) -> list[tuple[str, bool]]:
        """The texts for some prompts, and whether each was cut off."""
        padded = loaded.tokenizer.pad({"input_ids": list(ids)}, return_tensors="pt").to(loaded.device)

        def stopped(so_far: torch.Tensor, _: Any, **__: Any) -> torch.Tensor:
            return torch.full((so_far.shape[0],), stop.is_set(), device=so_far.device)

        devices = [] if loaded.device == "cpu" else [loaded.device]
        with torch.inference_mode(), torch.random.fork_rng(devices=devices):
            torch.manual_seed(seed)
            out = loaded.model.generate(
                **padded,
                do_sample=True,
                max_new_tokens=self._room(loaded),
                temperature=self._sampling.temperature,
                top_p=self._sampling.top_p,
                pad_token_id=loaded.tokenizer.pad_token_id,
                stopping_criteria=[stopped],
            )
        new = out[:, padded["input_ids"].shape[1] :]  # (batch, new tokens)
        ends = _ends(loaded)
        return [
            (loaded.tokenizer.decode(row, skip_special_tokens=True), not ends & set(row.tolist()))
            for row in new
        ]


def _ends(loaded: _Loaded) -> set[int]:
    """The tokens that end a text."""
    end = loaded.model.generation_config.eos_token_id
    return set(end) if isinstance(end, list) else {end}


def _is_path(model: str) -> bool:
    """Whether this is a folder of this machine and no name on the hub."""
    return model.startswith(("/", ".", "~")) or Path(model).is_dir()
