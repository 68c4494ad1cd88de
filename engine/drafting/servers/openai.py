"""The OpenAI drafter: candidates from any server that speaks OpenAI's chat API.

Reads:  briefs; the model's name and window from `/models`, where the server tells them.
Gives:  drafts as they are written; partial success is success.
Refrains from what servers disagree on: only `model` and `messages` must be understood. What else is sent is
left out, renamed or moved for good where a server refuses it (`engine.drafting.servers.chat_servers`).

Meant for vLLM, SGLang, llama.cpp, `transformers serve`, TGI's own `/v1`, Ollama (by its own route, which lets
the window be chosen) and hosted models. Requests go through `engine.drafting.http.wire` and not through
`AsyncInferenceClient.chat_completion`, which sends fields of its own that strict servers refuse. Retries,
limits and failover are those of the TGI drafter.

A server that cuts a prompt without a word is known by the tokens that it says it has read. What it read is
then taken for its window, and the round goes on with as many opinions as fit.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from typing import Any

from engine import prompts
from engine.drafting.fitting import Reading, fitted, guessed_tokens, least_tokens, parted, whole
from engine.drafting.http.replies import Reply, reply_of
from engine.drafting.http.troubles import Failure, SettingNames, Trouble, engine_error
from engine.drafting.http.wire import Wire, failures
from engine.drafting.load_balancing.pace import Patience
from engine.drafting.load_balancing.pool import Round, Server
from engine.drafting.parsing.statements import drafted
from engine.drafting.servers import ollama
from engine.drafting.servers.chat_servers import ChatServers
from engine.drafting.servers.listing import Listed, models_in
from engine.drafting.servers.remote import (
    TRIAL,
    RemoteGenerator,
    Sampling,
    as_they_come,
    known_as,
    shortened,
)
from engine.errors import PromptRejectedError
from engine.ports import Tell
from engine.sentence import sentence
from engine.types import Brief, Draft

TEMPLATE = "zero-shot"
MOST_SLOTS = 16
"""Requests that one process has running at one server, at most: these servers do not say what they bear."""
RESERVED = frozenset(
    {"model", "messages", "stream", "stream_options", "n", "seed", "max_tokens", "max_completion_tokens"}
)
"""Fields that are not for an operator to add."""
_SEEDS = 2**31  # llama.cpp keeps no more bits
_UNKNOWN_MODEL = (400, 404, 422)  # with one of these servers refuse the name of a model
_SEAM = 4  # tokens that a line may cost more inside a prompt than alone
_SMALLEST_WINDOW = 256  # a server that says it read less counts something else


@dataclass
class _Round:
    """One call of `draft`: the briefs, what each candidate is drafted from, and the most a server read."""

    wire: Wire
    model: str
    round: Round
    briefs: Sequence[Brief]
    readings: list[Reading]
    most_read: int = 0


class OpenAiGenerator(RemoteGenerator):
    """Drafts with a chat model behind one or more servers of the same model."""

    settings = SettingNames(
        address="OPENAI_BASE_URL",
        access="OPENAI_BASE_URL, OPENAI_API_KEY and OPENAI_MODEL",
        prompt="OPENAI_MODEL, ACCORD_PROMPT, ACCORD_WINDOW_TOKENS and OPENAI_EXTRA",
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
        extra: Mapping[str, Any] | None = None,
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
            extra: further fields of each request, such as `{"reasoning_effort": "low"}`.
            slots: requests of this process that may run at one server.

        Raises:
            ValueError: no address, an unknown template, less than one choice, or a field that is not for
                others to add.
        """
        if choices < 1:
            raise ValueError("A request asks for 1 choice or more.")
        if taken := sorted(RESERVED & (extra or {}).keys()):
            raise ValueError(f"OPENAI_EXTRA cannot hold {', '.join(taken)}: Accord sets that itself.")
        super().__init__(
            urls, api_key=api_key, sampling=sampling, reasoning_tokens=reasoning_tokens, slots=slots,
            patience=patience,
        )  # fmt: skip
        self.name = f"openai:{known_as(model)}" if model else "openai"
        self._template = prompts.chat_template(template)
        self.prompt = self._template.name
        self._model, self._told, self._window = model, window_tokens, window_tokens
        self._choices = choices
        self._extra = dict(extra or {})
        self._servers = ChatServers(self._pool, self._patience, reply_of)
        self._most_wanted = 0

    async def draft_telling(self, briefs: Sequence[Brief], tell: Tell) -> AsyncGenerator[Draft, None]:
        """Yield a draft for each brief that a server writes, as each is ready; `tell` hears of all else.

        Raises:
            GeneratorUnavailableError: no server answers, or all are overloaded until the end.
            PromptRejectedError: the servers refuse us or the prompts, or list no model that writes.
            GenerationError: every generation failed.
        """
        if not briefs:
            return
        self._servers.begin()
        async with AsyncExitStack() as connections:
            wire = await connections.enter_async_context(self._wire())
            deadline = self._pool.deadline()
            model = await self._known_model(wire, deadline)
            await asyncio.gather(self._look_for_ollama(wire, model), self._servers.ask_for_slots(wire))
            self._choose_window(briefs)
            round_ = _Round(wire, model, Round(deadline, tell), briefs, self._readings(briefs))
            groups = [
                range(len(briefs))[at : at + self._choices] for at in range(0, len(briefs), self._choices)
            ]
            drafts = as_they_come([self._draft_group(round_, group) for group in groups], self.settings)
            connections.push_async_callback(drafts.aclose)
            async for draft in drafts:
                yield draft

    async def parts(self, brief: Brief) -> list[tuple[int, ...]]:
        """The brief's opinions in parts that fit the servers' window; one part where it is unknown.

        Raises:
            GenerationError: no server answers.
        """
        self._servers.begin()
        async with self._wire() as wire:
            model = await self._known_model(wire, self._pool.deadline())
            await self._look_for_ollama(wire, model)
        self._choose_window([brief])
        if self._window is None:
            return [tuple(range(len(brief.opinions)))]
        frame, costs = self._costs([brief])
        return parted(brief, costs, self._window - self._room() - frame)

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
        asked = f", asked {manners}" if (manners := self._servers.described()) else ""
        return f"{known}, {self._window_said()}{shortened(self._room(), self._new_tokens)}{asked}"

    def _window_said(self) -> str:
        if self._servers.any_ollama and not self._told:
            most = self._servers.ollama_window(ollama.LARGEST, None)
            return f"up to {most} tokens of window, as a round needs them (ACCORD_WINDOW_TOKENS)"
        if self._window:
            return f"{self._window} tokens of window"
        return "window unknown (ACCORD_WINDOW_TOKENS)"

    async def _tried(self, wire: Wire, server: Server) -> bool:
        """Have a server write a token; whether the model is one of those that it lists, if it lists any.

        Some servers write with the model that they have, whatever the name in a request: that is no error.
        """
        listed: dict[str, Listed] = {}
        try:
            listed = await self._listed(wire, server)
        except Failure:
            if not self._model:
                raise
        model = self._taken_up(listed)
        unlisted = bool(listed) and model not in listed
        await self._look_for_ollama(wire, model)
        try:
            await self._servers.try_at(wire, server, self._short_body(model, choices=self._choices > 1))
        except Failure as failure:
            if unlisted and failure.status in _UNKNOWN_MODEL:
                raise PromptRejectedError(
                    "The text generator lists no model called {model}: check OPENAI_MODEL.", model=model
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

    def _taken_up(self, listed: Mapping[str, Listed]) -> str:
        """The model that is named, or else the first listed one that writes, from now on; and its window."""
        first = next((name for name, told in listed.items() if told.writes), None)
        if not (model := self._model or first):
            raise PromptRejectedError(
                sentence("The text generator lists no model that writes text: name one in OPENAI_MODEL.")
                if listed
                else sentence("The text generator lists no model: name one in OPENAI_MODEL.")
            )
        self._model, self.name = model, f"openai:{known_as(model)}"
        if self._window is None and model in listed:
            self._window = listed[model].window
        return model

    async def _listed(self, wire: Wire, server: Server) -> dict[str, Listed]:
        return await _models_of(wire, server, within_s=self._patience.connect_s)

    async def _look_for_ollama(self, wire: Wire, model: str) -> None:
        """Find out which servers are Ollama, where nobody but the operator has told the window."""
        if self._told or not self._window:
            await self._servers.look_for_ollama(wire, model)

    def _choose_window(self, briefs: Sequence[Brief]) -> None:
        """Of Ollama's servers, the window that this round needs; never less than an earlier round's.

        Another one makes Ollama load the model again.
        """
        if self._servers.any_ollama:
            frame, costs = self._costs(briefs)
            wanted = frame + sum(costs[text] for text in briefs[0].lines) + self._new_tokens
            self._most_wanted = max(self._most_wanted, wanted)
            self._window = self._servers.window = self._servers.ollama_window(self._most_wanted, self._told)

    def _readings(self, briefs: Sequence[Brief]) -> list[Reading]:
        """What each candidate is drafted from; all opinions where the window is unknown."""
        if self._window is None:
            return [whole(brief) for brief in briefs]
        frame, costs = self._costs(briefs)
        return fitted(briefs, costs, self._window - self._room() - frame)

    def _costs(self, briefs: Sequence[Brief]) -> tuple[int, dict[str, int]]:
        """Tokens of a prompt without opinions and critiques, and of the line of each, by a careful guess."""
        first = briefs[0]
        template = self._template.about(prompts.emptied(first), first.points)
        frame = sum(guessed_tokens(m["content"]) + _SEAM for m in template.render(first.question, []))
        frame += guessed_tokens(prompts.reminder(first))
        costs = {text: guessed_tokens(line) + _SEAM for text, line in prompts.lines_of(briefs).items()}
        return frame, costs

    def _room(self) -> int:
        """Tokens for the reply: at most half of the window."""
        return self._new_tokens if self._window is None else min(self._new_tokens, self._window // 2)

    async def _draft_group(self, round_: _Round, group: Sequence[int]) -> list[Draft]:
        """Drafts for the briefs at some places, from one request or as many as a server gives fewer choices.

        Those come one after the other, so that such a server is asked for single texts in later rounds.
        """
        made: list[Draft] = []
        while missing := group[len(made) :]:
            reading, reply = await self._asked(round_, missing[0], len(missing))
            if len(reply.choices) < len(missing):
                self._choices = 1
            for place, choice in zip(missing, reply.choices, strict=False):
                same = replace(round_.briefs[missing[0]], index=round_.briefs[place].index)
                made.append(drafted(same, reading, choice.text, choice.ending))
        return made

    async def _asked(self, round_: _Round, place: int, count: int) -> tuple[Reading, Reply]:
        """Up to `count` texts for one brief, and what they were drafted from."""
        brief = round_.briefs[place]
        while True:
            window, reading = self._window, round_.readings[place]
            messages = self._template.about(reading.revision, brief.points).render(
                brief.question, reading.opinions
            )
            optional = {"seed": brief.seed % _SEEDS} | ({"n": count} if count > 1 else {})
            body = self._body(round_.model, messages) | optional
            short = self._short_body(round_.model, choices=count > 1)
            reply = await self._servers.write(round_.wire, body, short, round_.round)
            round_.most_read = max(round_.most_read, reply.prompt_tokens or 0)
            known = window is not None and window <= round_.most_read
            if known or not _was_cut(messages, round_.most_read):
                return reading, reply
            if window == self._window and not self._shrunk(round_):
                return reading, reply

    def _shrunk(self, round_: _Round) -> bool:
        """Take what the servers read for their window; one without room for opinions is not believed."""
        before, self._window = self._window, round_.most_read
        try:
            round_.readings = self._readings(round_.briefs)
        except PromptRejectedError:
            self._window = before
            return False
        return True

    def _body(self, model: str, messages: Sequence[prompts.Message]) -> dict[str, Any]:
        body = {
            "model": model,
            "messages": messages,
            "max_tokens": self._room(),
            "temperature": self._sampling.temperature,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        all_words = self._sampling.top_p == 1
        return body | ({} if all_words else {"top_p": self._sampling.top_p}) | self._extra

    def _short_body(self, model: str, *, choices: bool) -> dict[str, Any]:
        """A request for a single token, with every field that others have."""
        body = self._body(model, self._template.render(*TRIAL))
        return body | {"max_tokens": 1, "seed": 1} | ({"n": 2} if choices else {})


async def listed_models(wire: Wire, server: Server, *, within_s: float) -> dict[str, int | None]:
    """The models that a server lists, those that write first, with their windows where it tells them.

    Failure where it lists none.
    """
    models = await _models_of(wire, server, within_s=within_s)
    ordered = sorted(models.items(), key=lambda model: not model[1].writes)
    return {name: told.window for name, told in ordered}


async def _models_of(wire: Wire, server: Server, *, within_s: float) -> dict[str, Listed]:
    with failures():
        return models_in(await wire.get(f"{server.url}/models", within_s=within_s))


def _was_cut(messages: Sequence[prompts.Message], read: int) -> bool:
    """Whether a server read less of a prompt than the prompt surely has, in tokens."""
    return _SMALLEST_WINDOW <= read < sum(least_tokens(message["content"]) for message in messages)
