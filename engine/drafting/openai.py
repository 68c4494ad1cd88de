"""The OpenAI drafter: candidates from any server that speaks OpenAI's chat API.

Reads:  briefs; the model's name and window from `/models`, where the server tells them.
Gives:  drafts as they are written; partial success is success.
Refrains from what servers disagree on: only `messages`, `max_tokens`, `temperature` and `top_p` must be
understood. `seed` and `n` are sent and given up for good when a server accepts a request only without them.

Meant for vLLM, SGLang, llama.cpp, `transformers serve` and TGI's own `/v1`. Requests go through
`engine.drafting.wire` and not through `AsyncInferenceClient.chat_completion`, which sends fields of its own
that strict servers refuse. Retries, limits and failover are those of the TGI drafter.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

from engine import prompts
from engine.drafting.fitting import Reading, fitted, guessed_tokens, whole
from engine.drafting.parsing import drafted
from engine.drafting.remote import (
    TRIAL,
    Failure,
    Patience,
    RemoteGenerator,
    Sampling,
    Server,
    SettingNames,
    Trouble,
    as_they_come,
    engine_error,
    known_as,
    shortened,
)
from engine.drafting.wire import Wire, failures
from engine.errors import PromptRejectedError
from engine.types import Brief, Draft

TEMPLATE = "zero-shot"
MOST_SLOTS = 16
"""Requests that one process has running at one server, at most: these servers do not say what they bear."""
_WINDOWS = ("max_model_len", "context_length", "context_window", "max_context_length", "n_ctx")
_SEEDS = 2**31  # llama.cpp keeps no more bits
_UNKNOWN_MODEL = (400, 404, 422)  # with one of these servers refuse the name of a model
_SEAM = 4  # tokens that a line may cost more inside a prompt than alone

Choice = tuple[str, bool]
"""A text, and whether it was cut off."""


class OpenAiGenerator(RemoteGenerator):
    """Drafts with a chat model behind one or more servers of the same model."""

    settings = SettingNames(
        address="OPENAI_BASE_URL",
        access="OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL",
        prompt="OPENAI_MODEL, ACCORD_PROMPT and ACCORD_WINDOW_TOKENS",
    )

    def __init__(
        self,
        urls: Sequence[str],
        *,
        model: str | None = None,
        api_key: str | None = None,
        template: str = TEMPLATE,
        sampling: Sampling | None = None,
        reasoning_tokens: int = 0,
        window_tokens: int | None = None,
        choices: int = 1,
        slots: int = MOST_SLOTS,
        patience: Patience | None = None,
    ) -> None:
        """Prepare; no server is asked before the first draft.

        Args:
            urls: base addresses of the servers, `/v1` included.
            model: the name that the servers know it by; the first that they list when left out.
            api_key: sent as a bearer token; without one, nobody's.
            template: one of `engine.prompts.TEMPLATES`.
            reasoning_tokens: for a model that thinks before it writes; 0 for others.
            window_tokens: of prompt and reply together; what the server says when left out.
            choices: texts to ask for in one request (`n`). They share one order of the opinions and one
                seed, which are recorded with them, and are lost together; 1 gives each candidate its own.
            slots: requests of this process that may run at one server.

        Raises:
            ValueError: no address, an unknown template, or less than one choice.
        """
        if choices < 1:
            raise ValueError("A request asks for 1 choice or more.")
        super().__init__(
            urls, api_key=api_key, sampling=sampling, reasoning_tokens=reasoning_tokens, slots=slots,
            patience=patience,
        )  # fmt: skip
        self.name = f"openai:{known_as(model)}" if model else "openai"
        self._template = prompts.chat_template(template)
        self.prompt = self._template.name
        self._model, self._window = model, window_tokens
        self._choices = choices
        self._plain = False

    async def draft(self, briefs: Sequence[Brief]) -> AsyncGenerator[Draft, None]:
        """Yield a draft for each brief that a server writes, as each is ready.

        Raises:
            GeneratorUnavailableError: no server answers, or all are overloaded until the end.
            PromptRejectedError: the servers refuse us or the prompts, or list no model.
            GenerationError: every generation failed.
        """
        if not briefs:
            return
        async with AsyncExitStack() as connections:
            wire = await connections.enter_async_context(self._wire())
            deadline = self._pool.deadline()
            model = await self._known_model(wire, deadline)
            pairs = list(zip(briefs, self._readings(briefs), strict=True))
            groups = [pairs[at : at + self._choices] for at in range(0, len(pairs), self._choices)]
            drafts = as_they_come(
                [self._draft_group(wire, model, group, deadline) for group in groups], self.settings
            )
            connections.push_async_callback(drafts.aclose)
            async for draft in drafts:
                yield draft

    async def check(self) -> str:
        """Have each server write a token; what they say of themselves, in a line for `accord doctor`.

        Raises:
            GenerationError: a server does not write; the sentence says which.
        """
        unlisted = False

        async def tried(server: Server) -> None:
            nonlocal unlisted
            unlisted |= not await self._tried(wire, server)

        async with self._wire() as wire:
            await self._try_each(tried)
        known = f"{self.name} (which its server does not list: check OPENAI_MODEL)" if unlisted else self.name
        window = (
            f"{self._window} tokens of window" if self._window else "window unknown (ACCORD_WINDOW_TOKENS)"
        )
        return f"{known}, {window}{shortened(self._room(), self._new_tokens)}"

    async def _tried(self, wire: Wire, server: Server) -> bool:
        """Have a server write a token; whether the model is one of those that it lists, if it lists any.

        Some servers write with the model that they have, whatever the name in a request: that is no error.
        """
        listed: dict[str, int | None] = {}
        try:
            listed = await self._listed(wire, server)
        except Failure:
            if not self._model:
                raise
        model = self._taken_up(listed)
        unlisted = bool(listed) and model not in listed
        try:
            await self._posted(
                wire, server, self._body(model, self._template.render(*TRIAL)) | {"max_tokens": 1}
            )
        except Failure as failure:
            if unlisted and failure.status in _UNKNOWN_MODEL:
                raise PromptRejectedError(
                    f"The text generator lists no model called {model}: check OPENAI_MODEL."
                ) from None
            raise
        return not unlisted

    def _wire(self) -> Wire:
        times = self._patience
        return Wire(self._api_key, request_s=times.request_s, connect_s=times.connect_s)

    async def _known_model(self, wire: Wire, deadline: float) -> str:
        """The model's name, and its window if we can learn it; a server need not list what we can name."""
        if self._model and self._window:
            return self._model
        try:
            listed = await self._pool.ask(lambda server: self._listed(wire, server), deadline, slot=False)
        except Failure as failure:
            if self._model and failure.trouble in (Trouble.REFUSED, Trouble.REJECTED, Trouble.FAILED):
                return self._model
            raise engine_error([failure], self.settings) from None
        return self._taken_up(listed)

    def _taken_up(self, listed: Mapping[str, int | None]) -> str:
        """The model that is named, or else the first that is listed, from now on; and its window."""
        if not (model := self._model or next(iter(listed), None)):
            raise PromptRejectedError("The text generator lists no model: name one in OPENAI_MODEL.")
        self._model, self.name = model, f"openai:{known_as(model)}"
        self._window = self._window or listed.get(model)
        return model

    async def _listed(self, wire: Wire, server: Server) -> dict[str, int | None]:
        return await listed_models(wire, server, within_s=self._patience.connect_s)

    def _readings(self, briefs: Sequence[Brief]) -> list[Reading]:
        """What each candidate is drafted from; all opinions where the window is unknown."""
        if self._window is None:
            return [whole(brief) for brief in briefs]
        frame = sum(
            guessed_tokens(m["content"]) + _SEAM for m in self._template.render(briefs[0].question, [])
        )
        frame += guessed_tokens(prompts.REMINDER)
        costs = {text: guessed_tokens(prompts.opinion_line(text)) + _SEAM for text in briefs[0].opinions}
        return fitted(briefs, costs, self._window - self._room() - frame)

    def _room(self) -> int:
        """Tokens for the reply: at most half of the window."""
        return self._new_tokens if self._window is None else min(self._new_tokens, self._window // 2)

    async def _draft_group(
        self, wire: Wire, model: str, group: Sequence[tuple[Brief, Reading]], deadline: float
    ) -> list[Draft]:
        """Drafts for some briefs from one request, and from more where a server gives fewer choices.

        Those come one after the other, so that such a server is asked for single texts in later rounds.
        """
        made: list[Draft] = []
        while len(made) < len(group):
            first, reading = group[len(made)]
            choices = await self._asked(wire, model, first, reading, len(group) - len(made), deadline)
            if not choices:
                break
            if len(choices) < len(group) - len(made):
                self._choices = 1
            for (brief, _), (text, cut_off) in zip(group[len(made) :], choices, strict=False):
                same = replace(first, index=brief.index)
                made.append(drafted(same, reading, text, cut_off=cut_off))
        return made

    async def _asked(
        self, wire: Wire, model: str, brief: Brief, reading: Reading, count: int, deadline: float
    ) -> list[Choice]:
        """Up to `count` texts for one brief; without the optional fields when those may be the trouble."""
        body = self._body(model, self._template.render(brief.question, reading.opinions))
        optional = {"seed": brief.seed % _SEEDS} | ({"n": count} if count > 1 else {})
        if not self._plain:
            try:
                return await self._chosen(wire, body | optional, deadline)
            except Failure as failure:
                if failure.trouble is not Trouble.REJECTED:
                    raise
        choices = await self._chosen(wire, body, deadline)
        self._plain = True
        return choices

    def _body(self, model: str, messages: Sequence[prompts.Message]) -> dict[str, Any]:
        return {
            "model": model,
            "messages": messages,
            "max_tokens": self._room(),
            "temperature": self._sampling.temperature,
            "top_p": self._sampling.top_p,
        }

    async def _chosen(self, wire: Wire, body: Mapping[str, Any], deadline: float) -> list[Choice]:
        return await self._pool.ask(lambda server: self._posted(wire, server, body), deadline)

    async def _posted(self, wire: Wire, server: Server, body: Mapping[str, Any]) -> list[Choice]:
        with failures():
            reply = await wire.post(f"{server.url}/chat/completions", body)
            return [_choice(choice) for choice in reply["choices"]]


async def listed_models(wire: Wire, server: Server, *, within_s: float) -> dict[str, int | None]:
    """The models that a server lists, with their windows where it tells them; Failure otherwise.

    TGI's own description promises its one model without a list around it; its router sends a list.
    """
    with failures():
        reply = await wire.get(f"{server.url}/models", within_s=within_s)
        entries = [reply] if "id" in reply else reply["data"]
        return {str(entry["id"]): _window(entry) for entry in entries}


def _choice(choice: Mapping[str, Any]) -> Choice:
    """What a choice says; a model that only thought has no content."""
    text = choice["message"].get("content") or ""
    if not isinstance(text, str):
        raise TypeError
    return text, choice["finish_reason"] == "length"


def _window(entry: Mapping[str, Any]) -> int | None:
    """The window in an entry of `/models`, wherever this kind of server puts it."""
    for place in (entry, entry.get("meta") or {}):
        for name in _WINDOWS:
            if isinstance(size := place.get(name), int) and size > 0:
                return size
    return None
