"""Chat servers: one request to any of them, in whatever manner each wants to be asked.

Reads:  requests as OpenAI's API has them; what servers refuse and what they say they are.
Gives:  replies, or the `Failure` that is left when no other manner helps.
Refrains from prompts, models and windows, which the generators and the judge bring, and from what a reply
        says: whoever asks reads it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar

from engine.drafting.http.refusals import About
from engine.drafting.http.replies import assembled
from engine.drafting.http.streams import Heard
from engine.drafting.http.troubles import Failure, Trouble
from engine.drafting.http.wire import Wire, failures
from engine.drafting.load_balancing.pace import Patience
from engine.drafting.load_balancing.pool import Pool, Round, Server, Sign
from engine.drafting.servers import ollama
from engine.drafting.servers.manners import Changes, Manners, changed

CHAT = "/chat/completions"
Body = Mapping[str, Any]
T = TypeVar("T")
Read = Callable[[Any, int | None], T]
"""A reply, from a server's JSON and the tokens that it was allowed.

It raises LookupError, TypeError or ValueError for another form."""
_MORE = 1.25
"""A server that writes so many times as much as it was allowed is not waited for."""


def _nobody(tokens: int) -> None:
    """For short requests, of which nobody hears."""


class ChatServers(Generic[T]):
    """Servers that are equal to each other, each with its manners; some may be Ollama.

    window: tokens that Ollama is asked to give the model.
    """

    def __init__(
        self,
        pool: Pool,
        patience: Patience,
        read: Read[T],
        *,
        path: str = CHAT,
        manners: Manners | None = None,
    ) -> None:
        """`path`: of the route, below a server's address; `manners`: what is known of the servers already."""
        self._pool, self._patience = pool, patience
        self._read, self._path = read, path
        self._manners = manners or Manners()
        self._shown: dict[str, ollama.Shown | None] = {}
        self._asked_for_slots: set[str] = set()
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

    async def ask_for_slots(self, wire: Wire) -> None:
        """Ask each server once how many texts it writes at once, as llama.cpp tells."""
        new = [server for server in self._pool.servers if server.url not in self._asked_for_slots]
        with suppress(TimeoutError):
            async with asyncio.timeout(self._patience.aside_s):
                await asyncio.gather(*(self._ask_for_slots(wire, server) for server in new))

    async def _ask_for_slots(self, wire: Wire, server: Server) -> None:
        if (root := ollama.root_of(server.url)) is None:
            return
        try:
            with failures():
                told = (await wire.get(f"{root}/props", within_s=self._patience.aside_s)).get("total_slots")
        except Failure as failure:
            if failure.status is None and failure.trouble is not Trouble.STRANGE:
                return
            told = None
        self._asked_for_slots.add(server.url)
        if isinstance(told, int) and told > 0:
            server.slots.told(told)

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

    async def write(self, wire: Wire, body: Body, short: Body, round_: Round) -> T:
        """The text of some server, however long it takes.

        Args:
            short: a request for one token that has every field of the other.
        """
        asked: list[tuple[Server, Changes]] = []
        prompt = hash(str(body.get("messages") or body.get("prompt")))  # the judge also asks by completions

        async def post(server: Server, came: Sign) -> T:
            asked.append((server, self._manners.of(server.url)))
            return await self._posted(wire, server, body, came)

        return await self._in_its_manner(
            lambda: self._pool.write(post, round_, prompt=prompt), asked, wire, short, round_.deadline
        )

    async def ask(self, wire: Wire, body: Body, short: Body, deadline: float) -> T:
        """The reply of some server to a short request.

        Args:
            short: a request for one token that has every field of the other.
            deadline: of the round, in the event loop's time.
        """
        asked: list[tuple[Server, Changes]] = []

        async def post(server: Server) -> T:
            asked.append((server, self._manners.of(server.url)))
            return await self._posted(wire, server, body)

        return await self._in_its_manner(lambda: self._pool.ask(post, deadline), asked, wire, short, deadline)

    async def _in_its_manner(
        self,
        ask: Callable[[], Awaitable[T]],
        asked: Sequence[tuple[Server, Changes]],
        wire: Wire,
        short: Body,
        deadline: float,
    ) -> T:
        """The reply; asked again where trying has shown how a server wants to be asked.

        Args:
            asked: the servers that were asked so far, the last one last, and in which manner.
        """
        while True:
            try:
                return await ask()
            except Failure as failure:
                if not asked or not await self._tried_out(wire, *asked[-1], failure, short, deadline):
                    raise

    async def _tried_out(
        self, wire: Wire, server: Server, sent: Changes, failure: Failure, short: Body, deadline: float
    ) -> bool:
        """Whether short requests have shown how this server wants to be asked, or did so meanwhile."""

        async def post(body: Body) -> T:
            return await self._pool.ask_once(
                server,
                lambda server: self._exchanged(wire, server, body),
                within_s=self._patience.trial_s,
            )

        try:
            async with asyncio.timeout_at(deadline):
                return await self._manners.try_out(server.url, failure, short, sent, post)
        except (Failure, TimeoutError):
            return False

    async def try_at(self, wire: Wire, server: Server, short: Body) -> None:
        """Have one server write a token; Failure where it does not, however it is asked."""

        async def post(body: Body) -> T:
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

    async def _posted(self, wire: Wire, server: Server, body: Body, came: Sign = _nobody) -> T:
        """The reply of a server; asked again at once where it says what it does not take."""
        while True:
            sent = self._manners.of(server.url)
            try:
                return await self._exchanged(wire, server, changed(body, sent), came)
            except Failure as failure:
                if not self._manners.learn(server.url, failure, body, sent):
                    raise

    async def _exchanged(self, wire: Wire, server: Server, body: Body, came: Sign = _nobody) -> T:
        """The reply of a server to just this request; `came` hears of its tokens."""
        limit = body.get("max_tokens") or body.get("max_completion_tokens")
        heard = Heard(came, limit and _MORE * limit * (body.get("n") or 1) + 1)
        wanted = bool(body.get("stream"))
        with failures():
            if self._path == CHAT and self._shown.get(server.url):
                url, asked = f"{ollama.root_of(server.url)}/api/chat", ollama.request_of(body, self.window)
                events, cut = await wire.stream(url, asked, heard, wanted=wanted)
                answer = ollama.answer_of(events)
            else:
                events, cut = await wire.stream(f"{server.url}{self._path}", body, heard, wanted=wanted)
                answer = assembled(events)
            reply = self._read(_ended_early(answer) if cut else answer, limit)
            heard.ended((answer.get("usage") or {}).get("completion_tokens"))
        return reply


def _ended_early(answer: Any) -> Any:
    """An answer whose choices have all run out of tokens, but those that had ended."""
    choices = [
        choice | {"finish_reason": choice.get("finish_reason") or "length"} for choice in answer["choices"]
    ]
    return answer | {"choices": choices}
