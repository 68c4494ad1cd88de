"""The llama.cpp drafter: candidates from a GGUF file on this machine, for whoever has no server.

Reads:  briefs; a GGUF file, loaded at the first draft and let go of when idle (`llama_host`).
Gives:  drafts as they are written, by the OpenAI drafter before llama.cpp's own server on loopback.
As many drafts are written at once as the server has slots, which memory decides. What all prompts begin with
is read once, when the model has been loaded, and put into every slot.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engine import prompts
from engine.drafting.http.troubles import Failure, SettingNames, Trouble, engine_error
from engine.drafting.http.wire import Wire, failures
from engine.drafting.load_balancing.pace import Patience
from engine.drafting.local.llama_host import Prepare, Served, Wanted, as_it_is, host
from engine.drafting.servers.openai import TEMPLATE, OpenAiGenerator
from engine.drafting.servers.remote import STATEMENT_TOKENS, Sampling, shared_beginning
from engine.ports import Tell, no_news
from engine.sentence import sentence
from engine.types import Brief, Draft

NOT_INSTALLED = "Running a GGUF file needs llama.cpp: pip install 'accord-bot[local]'."
PATIENCE = Patience(request_s=600.0, quiet_s=600.0, round_s=1_200.0, trial_s=300.0)
"""A laptop writes a few words a second; a worker's step may take half an hour."""


_FILE = {"filename": "beginning"}
_UNLIKE = ("Is it?", "Should we?")
"""Questions that begin with different letters: what two prompts share ends before them."""


@dataclass(frozen=True)
class LocalNames(SettingNames):
    """What to do about a model that runs here."""

    def told(self, trouble: Trouble) -> str:
        if trouble is Trouble.REJECTED:
            return super().told(trouble)
        # {trouble} is "overloaded" or the like.
        return sentence(
            "{who} is {trouble}{http}: choose a smaller model (accord model list), or ask for fewer "
            "candidates."
        )


NAMES = LocalNames(
    address="ACCORD_LOCAL_MODEL",
    access="ACCORD_LOCAL_MODEL",
    prompt="ACCORD_PROMPT and ACCORD_WINDOW_TOKENS",
)


class _Drafter(OpenAiGenerator):
    settings = NAMES


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
        self._wanted = wanted_of(path, reasoning_tokens=reasoning_tokens, window_tokens=window_tokens)
        self.name = f"llama.cpp:{self._wanted.name}"
        self._asked = template
        self.prompt = prompts.chat_template(template or TEMPLATE).name
        self._sampling, self._reasoning = sampling, reasoning_tokens

    @property
    def wanted(self) -> Wanted:
        """What it wants of llama.cpp; the judge that wants the same shares the model in memory."""
        return self._wanted

    async def draft(self, briefs: Sequence[Brief]) -> AsyncGenerator[Draft, None]:
        """Yield a draft for each brief, as each is ready.

        Raises:
            GenerationError: the model cannot be loaded, or fails.
            PromptRejectedError: the question fills the model's window.
        """
        async with aclosing(self.draft_telling(briefs, no_news)) as drafts:
            async for draft in drafts:
                yield draft

    async def draft_telling(self, briefs: Sequence[Brief], tell: Tell) -> AsyncGenerator[Draft, None]:
        """As `draft`; `tell` hears how the model gets on."""
        if not briefs:
            return
        async with (
            self._ready(self._read_ahead) as (_, drafter),
            aclosing(drafter.draft_telling(briefs, tell)) as drafts,
        ):
            async for draft in drafts:
                yield draft

    async def parts(self, brief: Brief) -> list[tuple[int, ...]]:
        """The brief's opinions in parts that fit the model's window.

        Raises:
            GenerationError: the model cannot be loaded.
        """
        async with self._ready() as (_, drafter):
            return await drafter.parts(brief)

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
            self._wire(served) as wire,
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

    async def _read_ahead(self, served: Served) -> None:
        """Have one slot read what all prompts begin with, and the others take it over from there.

        No harm if it fails. It goes by way of a file, which holds no word of any member.
        """
        template, root = prompts.chat_template(self._template(served)), served.url.removesuffix("/v1")
        with suppress(Failure), failures():
            async with self._wire(served) as wire:
                asked = [{"messages": template.render(question, [])} for question in _UNLIKE]
                texts = [(await wire.post(f"{root}/apply-template", one))["prompt"] for one in asked]
                beginning = shared_beginning(texts).rstrip()  # a space belongs to the word that follows
                await wire.post(f"{root}/completion", {"prompt": beginning, "n_predict": 0, "id_slot": 0})
                await wire.post(f"{root}/slots/0?action=save", _FILE)
                for slot in range(1, served.slots):
                    await wire.post(f"{root}/slots/{slot}?action=restore", _FILE)

    def _wire(self, served: Served) -> Wire:
        return Wire(served.key, request_s=PATIENCE.request_s, connect_s=PATIENCE.connect_s)

    @asynccontextmanager
    async def _ready(self, prepare: Prepare = as_it_is) -> AsyncIterator[tuple[Served, _Drafter]]:
        """The model in memory, and the drafter before it."""
        async with host().serving(self._wanted, prepare) as served:
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


def wanted_of(path: str, *, reasoning_tokens: int = 0, window_tokens: int | None = None) -> Wanted:
    """What is asked of llama.cpp: who asks for the same shares the model in memory.

    Raises:
        ValueError: llama.cpp is not installed.
    """
    if find_spec("xllamacpp") is None:
        raise ValueError(NOT_INSTALLED)
    file = Path(path).expanduser().absolute()
    return Wanted(str(file), file.stem, window_tokens, thinks=reasoning_tokens > 0)


def _trial(reply: Any) -> Trial:
    timings = reply["timings"]
    return Trial(
        text=reply["choices"][0]["message"].get("content") or "",
        read_per_s=float(timings["prompt_per_second"]),
        written_per_s=float(timings["predicted_per_second"]),
    )
