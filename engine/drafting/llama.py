"""The llama.cpp drafter: candidates from a GGUF file on this machine, for whoever has no server.

Reads:  briefs; a GGUF file, loaded at the first draft and let go of when idle (`llama_host`).
Gives:  drafts as they are written, by the OpenAI drafter before llama.cpp's own server on loopback.
As many drafts are written at once as the server has slots, which memory decides.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engine import prompts
from engine.drafting.llama_host import Served, Wanted, host
from engine.drafting.openai import TEMPLATE, OpenAiGenerator
from engine.drafting.remote import (
    STATEMENT_TOKENS,
    Failure,
    Patience,
    Sampling,
    SettingNames,
    Trouble,
    engine_error,
)
from engine.drafting.wire import Wire, failures
from engine.types import Brief, Draft

NOT_INSTALLED = "Running a GGUF file needs llama.cpp: pip install 'accord-bot[local]'."
PATIENCE = Patience(request_s=600.0, round_s=1_200.0, trial_s=300.0)
"""A laptop writes a few words a second; a worker's step may take half an hour."""


@dataclass(frozen=True)
class _LocalNames(SettingNames):
    """What to do about a model that runs here."""

    def remedy(self, trouble: Trouble) -> str:
        if trouble is Trouble.REJECTED:
            return f"check {self.prompt}"
        return "choose a smaller model (accord model list), or ask for fewer candidates"


class _Drafter(OpenAiGenerator):
    settings = _LocalNames(
        address="ACCORD_LOCAL_MODEL",
        access="ACCORD_LOCAL_MODEL",
        prompt="ACCORD_PROMPT and ACCORD_WINDOW_TOKENS",
    )


@dataclass(frozen=True)
class Trial:
    """A draft that shows what a model is like here. Speeds are in tokens a second."""

    text: str
    read_per_s: float
    written_per_s: float


class LlamaGenerator:
    """Drafts with a GGUF file."""

    model_used = True

    def __init__(
        self,
        path: str,
        *,
        template: str | None = None,
        sampling: Sampling | None = None,
        reasoning_tokens: int = 0,
        window_tokens: int | None = None,
    ) -> None:
        """Prepare; nothing is loaded before the first draft.

        Args:
            path: of the file.
            template: one of `engine.prompts.TEMPLATES`; what suits the model when left out.
            reasoning_tokens: for a model that thinks before it writes; 0 for others.
            window_tokens: of prompt and reply together; as memory allows when left out.

        Raises:
            ValueError: an unknown template, or llama.cpp is not installed.
        """
        if find_spec("xllamacpp") is None:
            raise ValueError(NOT_INSTALLED)
        file = Path(path).expanduser().absolute()
        self._wanted = Wanted(str(file), file.stem, window_tokens, thinks=reasoning_tokens > 0)
        self.name = f"llama.cpp:{file.stem}"
        self._asked = template
        self.prompt = prompts.chat_template(template or TEMPLATE).name
        self._sampling, self._reasoning = sampling, reasoning_tokens

    async def draft(self, briefs: Sequence[Brief]) -> AsyncGenerator[Draft, None]:
        """Yield a draft for each brief, as each is ready.

        Raises:
            GenerationError: the model cannot be loaded, or fails.
            PromptRejectedError: the question fills the model's window.
        """
        if not briefs:
            return
        async with self._ready() as (_, drafter):
            drafts = drafter.draft(briefs)
            try:
                async for draft in drafts:
                    yield draft
            finally:
                await drafts.aclose()

    async def check(self) -> str:
        """Load the model and have it write a token; what it is, in a line for `accord doctor`.

        Raises:
            GenerationError: it cannot be loaded, or does not write.
        """
        async with self._ready() as (served, drafter):
            said = (await drafter.check()).replace(drafter.name, self.name, 1)
            at_once = f"{served.slots} drafts at once" if served.slots > 1 else "one draft at a time"
            return f"{said}, {at_once}, on this machine"

    async def try_out(self, question: str, opinions: Sequence[str]) -> Trial:
        """Have the model write one draft, and time it.

        Raises:
            GenerationError: it cannot be loaded, or does not write.
        """
        async with (
            self._ready() as (served, _),
            Wire(served.key, request_s=PATIENCE.request_s, connect_s=PATIENCE.connect_s) as wire,
        ):
            body = {
                "model": self._wanted.name,
                "messages": prompts.chat_template(self._template(served)).render(question, opinions),
                "max_tokens": STATEMENT_TOKENS + self._reasoning,
            }
            try:
                with failures():
                    reply = await wire.post(f"{served.url}/chat/completions", body)
                    return _trial(reply)
            except Failure as failure:
                raise engine_error([failure], _Drafter.settings) from None

    @asynccontextmanager
    async def _ready(self) -> AsyncIterator[tuple[Served, _Drafter]]:
        """The model in memory, and the drafter before it."""
        async with host().serving(self._wanted) as served:
            drafter = _Drafter(
                [served.url],
                model=self._wanted.name,
                api_key=served.key,
                template=self._template(served),
                sampling=self._sampling,
                reasoning_tokens=self._reasoning,
                slots=served.slots,
                patience=PATIENCE,
            )
            self.prompt = drafter.prompt
            yield served, drafter

    def _template(self, served: Served) -> str:
        """What was asked for; or else what suits the model: one that does not chat needs examples."""
        return self._asked or (TEMPLATE if served.chats else "few-shot")


def _trial(reply: Any) -> Trial:
    timings = reply["timings"]
    return Trial(
        text=reply["choices"][0]["message"].get("content") or "",
        read_per_s=float(timings["prompt_per_second"]),
        written_per_s=float(timings["predicted_per_second"]),
    )
