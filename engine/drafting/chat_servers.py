"""Chat servers: one request to any of them, in whatever manner each wants to be asked.

Reads:  chat requests as OpenAI's API has them; what servers refuse and what they say they are.
Gives:  replies, or the `Failure` that is left when no other manner helps.
Refrains from prompts, models and windows: the generators bring those.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from engine.drafting import ollama
from engine.drafting.manners import Manners, changed
from engine.drafting.refusals import About
from engine.drafting.remote import Failure, Patience, Pool, Server, Trouble
from engine.drafting.replies import Reply, reply_of
from engine.drafting.wire import Wire, failures

Body = Mapping[str, Any]


class ChatServers:
    """Servers that are equal to each other, each with its manners; some may be Ollama.

    window: tokens that Ollama is asked to give the model.
    """

    def __init__(self, pool: Pool, patience: Patience) -> None:
        self._pool, self._patience = pool, patience
        self._manners = Manners()
        self._shown: dict[str, ollama.Shown | None] = {}
        self.window = ollama.SMALLEST

    def begin(self) -> None:
        """A round begins."""
        self._manners.begin()

    def described(self) -> str:
        """How the servers want to be asked, where that is not as usual."""
        return self._manners.described()

    @property
    def any_ollama(self) -> bool:
        """Whether one of them is known to be Ollama."""
        return any(self._shown.values())

    def ollama_window(self, wanted: int, told: int | None) -> int:
        """The window that every Ollama among them can be asked for; see `ollama.window_for`."""
        shown = [shown for shown in self._shown.values() if shown]
        return min(ollama.window_for(each, wanted, told) for each in shown)

    async def look_for_ollama(self, wire: Wire, model: str) -> None:
        """Ask each server whether it is Ollama, once; one that does not answer in time is asked again."""
        new = [server.url for server in self._pool.servers if server.url not in self._shown]
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience.aside_s):
                await asyncio.gather(*(self._look_at(wire, url, model) for url in new))

    async def _look_at(self, wire: Wire, url: str, model: str) -> None:
        if (root := ollama.root_of(url)) is None:
            return
        try:
            with failures():
                shown = ollama.shown_in(await wire.post(f"{root}/api/show", {"model": model}))
        except Failure as failure:
            if failure.status is None and failure.trouble is not Trouble.STRANGE:
                return
            shown = None
        self._shown[url] = shown

    async def ask(self, wire: Wire, body: Body, short: Body, deadline: float) -> Reply:
        """The reply of some server to a request.

        Args:
            short: a request for one token that has every field of the other.
            deadline: of the round, in the event loop's time.
        """
        asked: Server | None = None

        async def post(server: Server) -> Reply:
            nonlocal asked
            asked = server
            return await self._posted(wire, server, body)

        while True:
            try:
                return await self._pool.ask(post, deadline)
            except Failure as failure:
                if asked is None or not await self._tried_out(wire, asked, failure, short, deadline):
                    raise

    async def _tried_out(
        self, wire: Wire, server: Server, failure: Failure, short: Body, deadline: float
    ) -> bool:
        """Whether short requests have shown how this server wants to be asked."""

        async def post(body: Body) -> Reply:
            return await self._pool.ask_once(
                server,
                lambda server: self._exchanged(wire, server, body),
                within_s=self._patience.trial_s,
            )

        sent = self._manners.of(server.url)
        try:
            async with asyncio.timeout_at(deadline):
                return await self._manners.try_out(server.url, failure, short, sent, post)
        except (Failure, TimeoutError):
            return False

    async def try_at(self, wire: Wire, server: Server, short: Body) -> None:
        """Have one server write a token; Failure where it does not, however it is asked."""

        async def post(body: Body) -> Reply:
            return await self._exchanged(wire, server, body)

        while True:
            try:
                await self._posted(wire, server, short)
                return
            except Failure as failure:
                if About.ENDED_EARLY in failure.about:
                    return
                sent = self._manners.of(server.url)
                if not await self._manners.try_out(server.url, failure, short, sent, post):
                    raise

    async def _posted(self, wire: Wire, server: Server, body: Body) -> Reply:
        """The reply of a server; asked again at once where it says what it does not take."""
        while True:
            sent = self._manners.of(server.url)
            try:
                return await self._exchanged(wire, server, changed(body, sent))
            except Failure as failure:
                if not self._manners.learn(server.url, failure, body, sent):
                    raise

    async def _exchanged(self, wire: Wire, server: Server, body: Body) -> Reply:
        """The reply of a server to just this request."""
        with failures():
            if self._shown.get(server.url):
                url, asked = f"{ollama.root_of(server.url)}/api/chat", ollama.request_of(body, self.window)
                answer = ollama.answer_of(await wire.post(url, asked))
            else:
                answer = await wire.post(f"{server.url}/chat/completions", body)
            return reply_of(answer, body.get("max_tokens") or body.get("max_completion_tokens"))
