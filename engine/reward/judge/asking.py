"""Asking the judge's servers: which of them, by which route, and what failure means.

Reads:  where the servers are, and what they answer to a trial.
Gives:  replies through `engine.drafting.load_balancing`, with the drafters' limits, retries and patience.
Refrains from reading ratings into anything: `model` does. Failures carry nothing that a server said.

The route is found out by trying, once: the first one whose answer to the trial holds a rating. A server that
tells probabilities is asked for them; one that does not is asked for sampled answers. A route that stops
working fails like any request; after a round in which nothing could be had the trial is made again.

Servers of OpenAI's API are asked in the manner that each wants, as for drafts (see
`engine.drafting.servers.chat_servers`). A refusal of probabilities is no matter of manners: the next route is
tried. A model of this machine is asked through llama.cpp's own server, which it shares with drafting.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from engine.drafting.http.troubles import Failure, SettingNames, Trouble, engine_error
from engine.drafting.http.wire import Wire, failures
from engine.drafting.load_balancing.pace import Patience
from engine.drafting.load_balancing.pool import Pool, Server
from engine.drafting.local import llama
from engine.drafting.local.llama_host import Wanted, host
from engine.drafting.servers import openai, tgi
from engine.drafting.servers.chat_servers import CHAT, ChatServers
from engine.drafting.servers.manners import Manners
from engine.errors import GenerationError, ScoringError
from engine.reward.judge.answers import Reply, rating
from engine.reward.judge.prompts import Prompt, about_one
from engine.reward.judge.routes import COMPLETIONS, GENERATE_ROUTES, OPENAI_ROUTES, Route, Wish
from engine.reward.model_info.calibration import Calibration
from engine.sentence import Said, sentence

TRIAL = about_one("Should we meet on Mondays?", "Mondays are best for me.", "We should meet on Mondays.")
DIGIT_TOKENS = 4
"""Room for one rating: a space or a line break may come before the digit."""
SAID_TOKENS = 24
"""Room for a rating in a few words, where no probabilities are told."""
WHO = sentence("The judge")
NOWHERE = "http://127.0.0.1/v1"
"""In the place of an address until the model of this machine has one."""
_NOT_LET_IN = (401, 403)
_NEXT_ROUTE = (Trouble.REJECTED, Trouble.REFUSED, Trouble.FAILED)

Api = Literal["tgi", "openai"]
Ways = Literal["auto", "pairs", "list"]


@dataclass(frozen=True)
class JudgeOptions:
    """What a judge is told.

    urls: of equal servers; TGI's without a path, those of OpenAI's API with `/v1`. None where there is
    local: a model of this machine, which llama.cpp runs.
    model: the name a server of OpenAI's API knows its model by; the first that it lists when left out.
    asks: about one statement at a time, about several, or about as many as is cheaper.
    reasoning_tokens: for a model that thinks before it answers; it is then asked for sampled answers.
    window_tokens: of prompt and reply together, for a server that lets the window be chosen; None: by need.
    extra: further fields of each request to a server of OpenAI's API; a judge's own go before them.
    calibration: fitted on a team's ratings; None: ratings are as the model expects them.
    address, access: what the operator calls the settings, for errors.
    """

    urls: tuple[str, ...]
    api: Api
    model: str | None = None
    api_key: str | None = field(default=None, repr=False)
    asks: Ways = "auto"
    reasoning_tokens: int = 0
    window_tokens: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    calibration: Calibration | None = None
    local: Wanted | None = None
    address: str = "ACCORD_JUDGE_URL"
    access: str = "ACCORD_JUDGE_URL, ACCORD_JUDGE_KEY and ACCORD_JUDGE_MODEL"

    @classmethod
    def of_this_machine(cls, wanted: Wanted, **others: Any) -> Self:
        """A judge that needs no server; where drafting wants the same, the model is loaded once for both."""
        name = llama.NAMES.address
        return cls((), "openai", model=wanted.name, local=wanted, address=name, access=name, **others)

    @property
    def settings(self) -> SettingNames:
        """What errors call the settings."""
        if self.local is not None:
            return llama.NAMES
        return SettingNames(address=self.address, access=self.access, prompt=self.access)


@dataclass(frozen=True)
class Known:
    """How the servers are asked: `keeps` says whether they read the beginning of like prompts once."""

    route: Route
    model: str
    keeps: bool


class Servers:
    """The judge's servers, which are equal to each other."""

    def __init__(self, options: JudgeOptions, patience: Patience) -> None:
        """Prepare; nothing is connected yet. Raises ValueError where there is no address."""
        self._options, self._patience = options, patience
        self._urls = options.urls if options.local is None else (NOWHERE,)
        self._slots = tgi.MOST_SLOTS if options.api == "tgi" else openai.MOST_SLOTS
        self._chats = True
        self._manners, self._most_wanted = Manners(), 0
        self._connect()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._known: Known | None = None

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Wire]:
        """A connection for some requests; a model of this machine is in memory as long as it lasts.

        Raises:
            ScoringError: llama.cpp cannot load the model.
        """
        times = self._patience
        async with AsyncExitStack() as stack:
            key = self._options.api_key
            if self._options.local is not None:
                key = await self._served(self._options.local, stack)
            yield await stack.enter_async_context(
                Wire(key, request_s=times.request_s, connect_s=times.connect_s)
            )

    async def _served(self, wanted: Wanted, stack: AsyncExitStack) -> str:
        """Have llama.cpp serve the model for as long as the stack lasts; the key to it."""
        try:
            served = await stack.enter_async_context(host().serving(wanted))
        except GenerationError as error:
            raise ScoringError(error.said.sentence, **error.said.places) from None
        self._chats = served.chats
        if self._urls != (served.url,):
            self._urls, self._slots = (served.url,), served.slots
            self._connect()
        return served.key

    async def known(self, wire: Wire) -> Known:
        """How the servers are asked; found out at the first call.

        Raises:
            ScoringError: no server answers, or none with a rating.
        """
        if self._known is None:
            try:
                self._known = await self._found(wire)
            except Failure as failure:
                raise self.unusable([failure]) from None
        return self._known

    def forget(self) -> None:
        """Find out again how the servers are asked."""
        self._known = None

    def begin(self, tokens: int) -> None:
        """A round begins, whose prompts and answers have up to so many tokens.

        Ollama is asked for such a window, and never for a smaller one than before, which would make it load
        the model anew.
        """
        self._manners.begin()
        self._most_wanted = max(self._most_wanted, tokens)
        self._choose_window()

    @property
    def manners(self) -> str:
        """How the servers want to be asked, where that is not as usual."""
        return self._manners.described()

    def deadline(self) -> float:
        """When requests that begin now must be answered, in the event loop's time."""
        return self._here().deadline()

    async def ask(self, wire: Wire, known: Known, prompt: Prompt, wish: Wish, deadline: float) -> Reply:
        """One answer; Failure where none can be had."""
        return await self._by(wire, known.route, known.model, prompt, wish, deadline)

    def unusable(self, failed: Sequence[Failure]) -> ScoringError:
        """What these failures amount to, in a sentence for people."""
        said = engine_error(failed, self._options.settings, Said(WHO)).said
        return ScoringError(said.sentence, **said.places)

    def room(self, route: Route, answers: int = 1) -> int:
        """Tokens for an answer with so many ratings."""
        thinking = self._options.reasoning_tokens
        lines = 0 if answers == 1 else answers * SAID_TOKENS // 2
        return (SAID_TOKENS + thinking if route.samples else DIGIT_TOKENS) + lines

    async def _found(self, wire: Wire) -> Known:
        deadline = self.deadline()
        model = await self._model(wire, deadline)
        if self._options.api == "openai" and self._options.local is None:
            await self._asked[CHAT].look_for_ollama(wire, model)
            self._choose_window()
        route, reply = await self._route(wire, model, deadline)
        keeps = True
        if reply.kept is not None:  # it counts what it had read before: now it should have
            again = await self._by(wire, route, model, TRIAL, Wish(self.room(route)), deadline)
            keeps = bool(again.kept)
        return Known(route, model, keeps)

    async def _model(self, wire: Wire, deadline: float) -> str:
        """The model's name; of TGI's servers the limits too, which are kept to."""
        within_s = self._patience.connect_s
        if self._options.api == "tgi":

            async def learn(server: Server) -> str:
                info = await tgi.info_of(wire, server, within_s=within_s)
                server.slots.at_most(info.max_concurrent_requests)
                return info.model_id

            return await self._here().ask(learn, deadline, slot=False)
        if self._options.model:
            return self._options.model

        async def first(server: Server) -> str:
            listed = await openai.listed_models(wire, server, within_s=within_s)
            return next(iter(listed), "")

        return await self._here().ask(first, deadline, slot=False)

    async def _route(self, wire: Wire, model: str, deadline: float) -> tuple[Route, Reply]:
        """The first route by which a rating can be had, and the answer to the trial."""
        failed: Failure | None = None
        there: str | None = None  # the path that answers; another one is then not tried
        tells = True
        for route in self._routes():
            if (there and route.path != there) or not (tells or route.samples):
                continue
            self._manners.begin()  # what helped nothing on one route may help on the next
            try:
                reply = await self._by(wire, route, model, TRIAL, Wish(self.room(route)), deadline)
            except Failure as failure:
                if failure.trouble not in _NEXT_ROUTE or failure.status in _NOT_LET_IN:
                    raise
                failed = failure
                continue
            there, tells = route.path, reply.places is not None
            if (tells or route.samples) and not math.isnan(rating(reply)):
                return route, reply
        if there is None and failed is not None:
            raise failed
        raise ScoringError(
            "The judge answers without a rating from 1 to 7. Use a model that follows instructions "
            "({access}), or allow a reasoning model more tokens (ACCORD_REASONING_TOKENS).",
            access=self._options.access,
        )

    def _routes(self) -> list[Route]:
        routes: Sequence[Route] = GENERATE_ROUTES if self._options.api == "tgi" else OPENAI_ROUTES
        if not self._chats:  # another form than its own: messages would go on as a statement
            routes = [route for route in routes if route.path == COMPLETIONS]
        return [route for route in routes if route.samples or not self._options.reasoning_tokens]

    async def _by(
        self, wire: Wire, route: Route, model: str, prompt: Prompt, wish: Wish, deadline: float
    ) -> Reply:
        body = route.body(route, model, prompt, wish)
        pool = self._here()
        if self._options.api == "openai":
            extra, short = self._options.extra, route.body(route, model, TRIAL, Wish(1))
            asked = self._asked[route.path]
            return await asked.ask(wire, {**extra, **body}, {**extra, **short}, deadline)

        async def post(server: Server) -> Reply:
            with failures():
                return route.read(await wire.post(f"{server.url}{route.path}", body), wish.tokens)

        return await pool.ask(post, deadline)

    def _choose_window(self) -> None:
        chat = self._asked[CHAT]
        if chat.any_ollama:
            chat.window = chat.ollama_window(self._most_wanted, self._options.window_tokens)

    def _here(self) -> Pool:
        """The servers' slots, which belong to one event loop: tools run one after the other."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._connect()
            self._loop = loop
        return self._pool

    def _connect(self) -> None:
        """Take up the servers' addresses, with free slots; what is known of their manners stays."""
        address = self._options.address
        self._manners.begin()
        self._pool = Pool(self._urls, self._patience, slots=self._slots, setting=address)
        self._asked = {
            path: ChatServers(self._pool, self._patience, read, path=path, manners=self._manners)
            for path, read in {route.path: route.read for route in OPENAI_ROUTES}.items()
        }
