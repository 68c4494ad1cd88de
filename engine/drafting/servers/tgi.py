"""The TGI drafter: candidates from the `/generate` routes of Hugging Face Text Generation Inference.

Reads:  briefs; the servers' limits from `/info`, token counts from `/tokenize`.
Gives:  drafts as they are written, one request each with the brief's own seed; partial success is success.
Refrains from TGI's traps: `do_sample` is always sent (a temperature alone is greedy), `best_of` never (it
forbids seeds and loses all when one fails), `truncate` never (it would drop the instructions). Seeds are
recorded, but TGI does not promise the same text for the same seed.

The client is `huggingface_hub.AsyncInferenceClient`; it neither retries nor limits itself, so
`engine.drafting.load_balancing` does. Drafts themselves come from `/generate_stream` by
`engine.drafting.http.wire`: the client would keep each stream open until all are done. A server without that
route is asked by `/generate`. TGI fills its prefix cache only when the first request has ended: where the
prompts of a round begin with the same long text, that text is sent ahead alone.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from pydantic import AliasChoices, BaseModel, Field

from engine import prompts
from engine.drafting.fitting import Reading, fitted, guessed_tokens, parted, whole
from engine.drafting.http.replies import Choice, ending
from engine.drafting.http.streams import Heard
from engine.drafting.http.troubles import Failure, SettingNames, engine_error
from engine.drafting.http.wire import NO_KEY, Wire, authorization, failures, limits
from engine.drafting.load_balancing.pace import Patience
from engine.drafting.load_balancing.pool import Round, Server, Sign
from engine.drafting.parsing.statements import drafted
from engine.drafting.servers.remote import (
    TRIAL,
    RemoteGenerator,
    Sampling,
    as_they_come,
    known_as,
    shared_beginning,
    shortened,
)
from engine.errors import PromptRejectedError
from engine.ports import Tell
from engine.types import Brief, Draft

if TYPE_CHECKING:
    from huggingface_hub import AsyncInferenceClient

TEMPLATE = "few-shot"
MOST_SLOTS = 32
"""Requests that one process has running at one server, at most, whatever the server would bear."""
SHARED_PREFIX = 1_000
"""Characters that prompts must have in common to be sent ahead.

Candidates of one order of the opinions have all in common. Where not all opinions fit, each has opinions of
its own, so that the template and the question are what is shared: some 1,900 characters or more with
examples, and at most 750 without.
"""
_COUNTED_AT_ONCE = 8
_MOST_COUNTS = 20_000  # that are kept: what a round of 10,000 needs
_TRIED_TOKENS = 8
_ALIKE = 1e-4  # two answers whose tokens' logarithms of probability differ by no more are one model's
_NO_ROUTE = (404, 405)
_SEAM = 2  # tokens that a line may cost more inside a prompt than alone

_log = logging.getLogger(__name__)


class Info(BaseModel):
    """What we use of `/info`; earlier versions of TGI had another name for the longest input."""

    model_id: str
    max_concurrent_requests: int = Field(128, ge=1)
    max_input_tokens: int = Field(ge=1, validation_alias=AliasChoices("max_input_tokens", "max_input_length"))
    max_total_tokens: int = Field(ge=2)
    max_stop_sequences: int = Field(4, ge=0)


class TgiGenerator(RemoteGenerator):
    """Drafts with a language model behind one or more TGI servers that serve the same model."""

    settings = SettingNames(
        address="TGI_URL",
        access="TGI_URL and TGI_API_KEY",
        prompt="ACCORD_PROMPT and ACCORD_TGI_ADAPTER",
    )

    def __init__(
        self,
        urls: Sequence[str],
        *,
        api_key: str | None = None,
        template: str = TEMPLATE,
        adapter: str | None = None,
        sampling: Sampling | None = None,
        reasoning_tokens: int = 0,
        slots: int = MOST_SLOTS,
        patience: Patience | None = None,
    ) -> None:
        """Prepare; no server is asked before the first draft.

        Args:
            urls: addresses of the servers, without `/generate`.
            api_key: sent as a bearer token; without one, nobody's.
            template: one of `engine.prompts.TEMPLATES`.
            adapter: its name in the server's --lora-adapters. TGI answers a name that it does not know with
                the model alone and without an error (its issue 2505); `check` finds that out.
            reasoning_tokens: for a model that thinks before it writes; 0 for others.
            slots: requests of this process that may run at one server.

        Raises:
            ValueError: no address, or an unknown template.
        """
        super().__init__(
            urls, api_key=api_key, sampling=sampling, reasoning_tokens=reasoning_tokens, slots=slots,
            patience=patience,
        )  # fmt: skip
        self.name = "tgi"
        self._template = prompts.text_template(template)
        self._adapter = adapter
        self.prompt = self._template.name
        self._stops = () if reasoning_tokens else prompts.STOPS  # who thinks may quote an opinion to itself
        self._infos: dict[str, Info] = {}
        self._known_counts: dict[int, int] = {}  # by a text's hash, since `parts`
        self._without_streams: set[str] = set()

    async def draft_telling(self, briefs: Sequence[Brief], tell: Tell) -> AsyncGenerator[Draft, None]:
        """Yield a draft for each brief that a server writes, as each is ready; `tell` hears of all else.

        Raises:
            GeneratorUnavailableError: no server answers, or all are overloaded until the end.
            PromptRejectedError: the servers refuse us or the prompts.
            GenerationError: every generation failed.
        """
        if not briefs:
            return
        async with AsyncExitStack() as connections:
            wire, client = await self._connected(connections)
            round_ = Round(self._pool.deadline(), tell)
            await self._ask_limits(wire, round_.deadline)
            readings = await self._readings(wire, briefs)
            texts = [
                self._template.about(reading.revision, brief.points).render(brief.question, reading.opinions)
                for brief, reading in zip(briefs, readings, strict=True)
            ]
            await self._send_ahead(client, texts)
            drafts = as_they_come(
                [self._draft(wire, *one, round_) for one in zip(briefs, readings, texts, strict=True)],
                self.settings,
            )
            connections.push_async_callback(drafts.aclose)
            async for draft in drafts:
                yield draft

    async def parts(self, brief: Brief) -> list[tuple[int, ...]]:
        """The brief's opinions in parts that fit what the servers read at once.

        Raises:
            GenerationError: no server answers.
        """
        async with AsyncExitStack() as connections:
            wire, _ = await self._connected(connections)
            await self._ask_limits(wire, self._pool.deadline())
            if self._surely_fit([brief]):
                return [tuple(range(len(brief.opinions)))]
            self._known_counts = {}
            return parted(brief, *await self._costs(wire, [brief]))

    async def check(self) -> str:
        """Have each server write a token; what they say of themselves, in a line for `accord doctor`.

        A server tells anybody its limits, and wants the key only for what costs it something.

        Raises:
            GenerationError: a server does not write; the sentence says which.
            PromptRejectedError: a server does not use the adapter.
        """
        infos: dict[str, Info] = {}
        async with AsyncExitStack() as connections:
            wire, client = await self._connected(connections)

            async def tried(server: Server) -> None:
                infos[server.url] = await self._info(wire, server)
                await self._read(client, server, self._template.render(*TRIAL))

            await self._try_each(tried)
            self._take_up(infos)
            if self._adapter:
                await self._try_adapter(client)
        longest = min(info.max_input_tokens for info in infos.values())
        servers = f"{len(infos)} server{'s' * (len(infos) > 1)}"
        room = shortened(self._room(), self._new_tokens)
        return f"{self.name}, {servers}, {longest} tokens of input{room}"

    async def _try_adapter(self, client: "AsyncInferenceClient") -> None:
        """Ask each server with and without the adapter: one that ignores it answers alike."""
        for server in self._pool.servers:
            try:
                await self._tried(client, server, None)  # from here on both find the prompt in the cache
                without = await self._tried(client, server, None)
                within = await self._tried(client, server, self._adapter)
            except Failure as failure:
                raise engine_error([failure], self.settings) from None
            if len(without) == len(within) and all(
                abs(one - other) <= _ALIKE for one, other in zip(without, within, strict=True)
            ):
                raise PromptRejectedError(
                    "A server of {address} writes the same with and without the adapter {adapter}: start "
                    "it with --lora-adapters {adapter}=FOLDER, or correct the name in ACCORD_TGI_ADAPTER.",
                    address=self.settings.address,
                    adapter=self._adapter or "",
                )

    async def _tried(
        self, client: "AsyncInferenceClient", server: Server, adapter: str | None
    ) -> list[float]:
        """How likely the server finds each token of its greedy answer: logarithms of probability."""

        async def ask(server: Server) -> list[float]:
            with failures():
                output = await client.text_generation(
                    self._template.render(*TRIAL),
                    model=f"{server.url}/generate",
                    adapter_id=adapter,
                    details=True,
                    max_new_tokens=_TRIED_TOKENS,
                )
                if output.details is None:
                    raise TypeError
                return [token.logprob for token in output.details.tokens]

        return await self._pool.ask_once(server, ask)

    async def _connected(self, connections: AsyncExitStack) -> "tuple[Wire, AsyncInferenceClient]":
        from huggingface_hub import AsyncInferenceClient  # noqa: PLC0415 (dear, and every start imports us)

        times, key = self._patience, self._api_key
        wire = Wire(key, request_s=times.request_s, connect_s=times.connect_s)
        client = AsyncInferenceClient(
            token=key or NO_KEY,
            headers=authorization(key),
            timeout=limits(times.request_s, times.connect_s),
        )
        return await connections.enter_async_context(wire), await connections.enter_async_context(client)

    async def _ask_limits(self, wire: Wire, deadline: float) -> None:
        """Learn the servers' limits, each round anew: models are swapped. One that answers is enough."""
        infos: dict[str, Info] = {}

        async def ask(server: Server) -> None:
            infos[server.url] = await self._info(wire, server)

        await self._pool.ask_all(ask)
        if not infos:
            try:
                await self._pool.ask(ask, deadline, slot=False)
            except Failure as failure:
                raise engine_error([failure], self.settings) from None
        self._take_up(infos)

    async def _info(self, wire: Wire, server: Server) -> Info:
        """A server's limits; its slots are kept to from now on."""
        info = await info_of(wire, server, within_s=self._patience.connect_s)
        server.slots.at_most(info.max_concurrent_requests)
        return info

    def _take_up(self, infos: dict[str, Info]) -> None:
        self._infos = infos
        models = sorted({known_as(info.model_id) for info in self._infos.values()})
        self.name = "tgi:" + "+".join([*models, *([self._adapter] if self._adapter else [])])

    async def _readings(self, wire: Wire, briefs: Sequence[Brief]) -> list[Reading]:
        """What each candidate is drafted from: all opinions where they surely fit, else what is counted."""
        if self._surely_fit(briefs):
            return [whole(brief) for brief in briefs]
        return fitted(briefs, *await self._costs(wire, briefs))

    def _surely_fit(self, briefs: Sequence[Brief]) -> bool:
        """Whether no prompt of these can have more tokens than the window has room for."""
        prompts_ = (
            self._template.about(brief.revision, brief.points).render(brief.question, brief.opinions)
            for brief in briefs
        )
        return all(_at_most(prompt) <= self._window() for prompt in prompts_)

    def _window(self) -> int:
        """Tokens of a prompt, at most."""
        return min(min(i.max_input_tokens, i.max_total_tokens - self._room()) for i in self._infos.values())

    async def _costs(self, wire: Wire, briefs: Sequence[Brief]) -> tuple[dict[str, int], int]:
        """Tokens of the line of each opinion and critique, by its text; and the room for them in a prompt."""
        first = briefs[0]
        template = self._template.about(prompts.emptied(first), first.points)
        frame = template.render(first.question, []) + prompts.reminder(first)
        lines = {text: line + "\n\n" for text, line in prompts.lines_of(briefs).items()}
        counted = await self._counted(wire, [frame, *lines.values()])
        return {text: counted[line] + _SEAM for text, line in lines.items()}, self._window() - counted[frame]

    async def _counted(self, wire: Wire, texts: Sequence[str]) -> dict[str, int]:
        """Tokens of each text, by the servers' own count; from the first failure on by a careful guess.

        A guess costs little, and a server that cannot count one text counts no other.
        """
        known = {text: self._known_counts[hash(text)] for text in texts if hash(text) in self._known_counts}
        counts = {text: guessed_tokens(text) for text in texts if text not in known}
        at_once = asyncio.Semaphore(_COUNTED_AT_ONCE)

        async def count(text: str) -> None:
            async def ask(server: Server) -> int:
                with failures():
                    return len(list(await wire.post(f"{server.url}/tokenize", {"inputs": text})))

            async with at_once:
                counts[text] = await self._pool.ask_once(self._pool.most_free(), ask, slot=False)

        try:
            async with asyncio.timeout(self._patience.aside_s), asyncio.TaskGroup() as counting:
                for text in list(counts):
                    counting.create_task(count(text))
        except* (Failure, TimeoutError):
            _log.warning("The server does not count tokens, which are guessed instead.")
        if len(self._known_counts) > _MOST_COUNTS:
            self._known_counts = {}
        self._known_counts |= {hash(text): count for text, count in counts.items()}
        return counts | known

    async def _send_ahead(self, client: "AsyncInferenceClient", texts: Sequence[str]) -> None:
        """Have the servers read what prompts share before they all ask for it.

        No harm if it fails, and no long wait for a server that does not answer.
        """
        counts = Counter(texts)
        again = [text for text in counts if counts[text] > 1] or [shared_beginning(texts)]
        ahead = [text for text in again if len(text) >= SHARED_PREFIX]
        if len(texts) < 2 or not ahead:
            return

        async def ask(server: Server, text: str) -> None:
            await self._read(client, server, text)

        up = [server for server in self._pool.servers if server.url in self._infos]
        asked = [self._pool.ask_once(s, partial(ask, text=text)) for s in up for text in ahead]
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience.aside_s):
                await asyncio.gather(*asked, return_exceptions=True)

    async def _read(self, client: "AsyncInferenceClient", server: Server, text: str) -> None:
        """Have a server read a text; it writes one token, for less cannot be asked for."""
        with failures():
            await client.text_generation(
                text, model=f"{server.url}/generate", max_new_tokens=1, adapter_id=self._adapter
            )

    async def _draft(
        self, wire: Wire, brief: Brief, reading: Reading, text: str, round_: Round
    ) -> list[Draft]:
        async def ask(server: Server, came: Sign) -> Choice:
            return await self._generated(wire, server, self._body(text, brief.seed), came)

        reply = await self._pool.write(ask, round_, prompt=hash(text))
        return [drafted(brief, reading, reply.text, reply.ending)]

    def _body(self, text: str, seed: int) -> dict[str, Any]:
        stops = min((info.max_stop_sequences for info in self._infos.values()), default=0)
        parameters = {
            "adapter_id": self._adapter,
            "details": True,
            "do_sample": True,
            "max_new_tokens": self._room(),
            "return_full_text": False,
            "seed": max(seed, 1),
            "stop": list(self._stops[:stops]),
            "temperature": self._sampling.temperature,
            "top_p": self._sampling.top_p if self._sampling.top_p < 1 else None,
        }
        return {"inputs": text, "parameters": {k: v for k, v in parameters.items() if v is not None}}

    async def _generated(self, wire: Wire, server: Server, body: dict[str, Any], came: Sign) -> Choice:
        """One text, and how it ended; `came` hears of its tokens."""
        heard = Heard(came, body["parameters"]["max_new_tokens"] + _TRIED_TOKENS)
        with failures():
            events, cut = await self._events(wire, server, body, heard)
            if cut:
                return Choice("", "length")
            last = events[-1]
            output = last[0] if isinstance(last, list) else last
            details = output.get("details") or {}
            if not isinstance(text := output["generated_text"], str):
                raise TypeError
            heard.ended(details.get("generated_tokens"))
            return Choice(text, ending(details.get("finish_reason")))

    async def _events(
        self, wire: Wire, server: Server, body: dict[str, Any], heard: Callable[[Any], bool]
    ) -> tuple[list[Any], bool]:
        if server.url not in self._without_streams:
            try:
                return await wire.stream(f"{server.url}/generate_stream", body, heard, wanted=True)
            except Failure as failure:
                if failure.status not in _NO_ROUTE:
                    raise
        answer = await wire.stream(f"{server.url}/generate", body, heard, wanted=False)
        self._without_streams.add(server.url)
        return answer

    def _room(self) -> int:
        """Tokens for the reply: at most half of what a prompt and its reply may have together."""
        return min(self._new_tokens, *(info.max_total_tokens // 2 for info in self._infos.values()))


async def info_of(wire: Wire, server: Server, *, within_s: float) -> Info:
    """What a server says of itself; Failure otherwise."""
    with failures():
        return Info.model_validate(await wire.get(f"{server.url}/info", within_s=within_s))


def _at_most(prompt: str) -> int:
    """Tokens that a text has at most: one a byte, and a few that open it."""
    return len(prompt.encode()) + 8
