"""The pool: servers that are equal to each other, whom of them to ask, and how often.

Reads:  the addresses of the servers, and how long we are ready to wait.
Gives:  answers, and texts however long they take, through the server that is most free.
Refrains from HTTP: the generators bring the request, and raise `Failure` for what goes wrong with it.

How many requests run at once is for `slots` to say, and how long a text may take for `pace`. A server that is
overloaded (429) is asked again until the round's deadline, one that cannot be reached a few
times and after the others, a failed generation once more, and a refusal never. Waits are jittered so that the
requests of one round do not come back together. Cancelling a call cancels its request, which frees the
server's slot.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import urlsplit

from engine.drafting.http.troubles import Failure, Trouble
from engine.drafting.load_balancing.pace import Pace, Patience, Writing
from engine.drafting.load_balancing.slots import Line, Slots
from engine.drafting.load_balancing.turns import Prompt, Turns
from engine.ports import Tell, no_news
from engine.types import Written

Sign = Callable[[int], None]
"""Called with the number of tokens of a text that have just come."""

T = TypeVar("T")

Watch = Callable[[str], AbstractContextManager[object]]
"""Entered with a server's host around each text that it is asked for; sees the `Failure` that comes of it."""

_DOWN = (Trouble.UNREACHABLE, Trouble.SLOW, Trouble.REFUSED, Trouble.UNPAID, Trouble.STRANGE)


class Server:
    """One server: its address, its slots and pace, and until when it is thought to be down."""

    def __init__(self, url: str, slots: int, first: int | None = None) -> None:
        self.url = url.strip().rstrip("/")
        self.slots = Slots(slots, first)
        self.pace = Pace()
        self.turns = Turns()
        self.down_until = 0.0

    @property
    def host(self) -> str:
        """Where it is, without a password that the address may hold."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


class Round:
    """One round of drafting: when it must end, and who hears how it gets on.

    deadline: in the event loop's time.
    """

    def __init__(self, deadline: float, tell: Tell = no_news) -> None:
        self.deadline = deadline
        self._tell = tell
        self._told = Written()
        self._began_at: float | None = None

    def wrote(self, tokens: int, now: float) -> None:
        """Some tokens have come, for whichever draft."""
        if self._began_at is None:
            self._began_at = now
        all_, passed_s = self._told.tokens + tokens, now - self._began_at
        self._told = replace(
            self._told, tokens=all_, per_s=all_ / passed_s if passed_s > 0 else 0.0, trouble=None
        )
        self._tell(self._told)

    def failed(self, failure: Failure) -> None:
        """A request has failed, for now or for good."""
        self._told = replace(self._told, trouble=str(failure.trouble))
        self._tell(self._told)

    def late(self) -> None:
        """There is no time for another draft."""
        self._told = replace(self._told, late=self._told.late + 1)
        self._tell(self._told)


class Pool:
    """Servers that are equal to each other; any of them may answer any request."""

    def __init__(
        self,
        urls: Sequence[str],
        patience: Patience,
        *,
        slots: int,
        setting: str,
        first: int | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`slots`: requests that may run at one server, at most; `first`: at first, `slots` when left out."""
        if not urls or not all(url.strip().startswith(("http://", "https://")) for url in urls):
            raise ValueError(f"{setting} needs the address of a server: http://… or https://….")
        self.servers = [Server(url, slots, first) for url in urls]
        self._patience = patience
        self._sleep = sleep
        self._line = Line()
        self.watch: Watch = nullcontext

    def deadline(self) -> float:
        """When a round that begins now must end, in the event loop's time."""
        return _now() + self._patience.round_s

    async def ask(
        self, request: Callable[[Server], Awaitable[T]], deadline: float, *, slot: bool = True
    ) -> T:
        """Make a request at the server that is most free, and again as long as that makes sense.

        Args:
            request: one try; it raises `Failure`.
            deadline: of the round, in the event loop's time.
            slot: whether it needs one of the server's slots; those are for generating.

        Raises:
            Failure: the last one, when there is no point in another try or no time for it.
        """

        async def once(refusing: set[Server]) -> T:
            if not slot:
                return await self._answered(self.most_free(), request)
            server = await self._line.until(lambda: self._taken(refusing))
            return await self._in_its_slot(server, self._answered_well(server, request), refusing)

        return await self._until_answered(once, deadline)

    async def write(
        self, request: Callable[[Server, Sign], Awaitable[T]], round_: Round, *, prompt: Prompt = None
    ) -> T:
        """Have a text written by the server that is most free, as `ask` does.

        However long it takes: it is given up only when nothing comes for too long, or at the round's end.

        Args:
            request: one try; it calls the sign with the number of tokens that have just come.
            prompt: stands for its prompt, where others ask the same.

        Raises:
            Failure: as `ask`; LATE where there was no time for it.
        """

        async def once(refusing: set[Server]) -> T:
            server = await self._line.until(lambda: self._taken(refusing, prompt), prompt)
            return await self._in_its_slot(server, self._written(server, request, round_), refusing, prompt)

        try:
            return await self._until_answered(once, round_.deadline, round_.failed)
        except Failure as failure:
            if failure.trouble is Trouble.LATE:
                round_.late()
            raise

    async def ask_once(
        self,
        server: Server,
        request: Callable[[Server], Awaitable[T]],
        *,
        slot: bool = True,
        within_s: float | None = None,
    ) -> T:
        """Make a request at this server, if it needs a slot as soon as one is free.

        Args:
            within_s: seconds that the reply may take; `Patience.request_s` when left out.

        Raises:
            Failure: it failed; a server that gave no answer is then thought to be down for a while.
        """
        if not slot:
            return await self._answered(server, request, within_s)
        await self._line.until(lambda: server.slots.take() or None)
        return await self._in_its_slot(server, self._answered_well(server, request, within_s))

    async def _until_answered(
        self,
        once: Callable[[set[Server]], Awaitable[T]],
        deadline: float,
        failed: Callable[[Failure], None] = lambda failure: None,
    ) -> T:
        """Try again as long as that makes sense; `once` is told, and tells, which servers have refused."""
        failures: list[Failure] = []
        refusing: set[Server] = set()
        try:
            async with asyncio.timeout_at(deadline):
                while True:
                    try:
                        return await once(refusing)
                    except Failure as failure:
                        failures.append(failure)
                        if not self._worth_another(failures):
                            raise
                        failed(failure)
                    await self._sleep(self._wait_s(failures))
        except TimeoutError:
            if failures:
                raise failures[-1] from None
            written = any(server.pace.tokens for server in self.servers)
            raise Failure(Trouble.LATE if written else Trouble.SLOW) from None

    def _taken(self, refusing: Collection[Server], prompt: Prompt = None) -> Server | None:
        """The server to ask next, in one of its slots; None while none is free.

        One that is thought to be down is asked only where all are, as is one that has refused this request.
        """
        now = _now()
        left = [server for server in self.servers if server not in refusing] or self.servers
        up = [server for server in left if server.down_until <= now] or left
        by_use = sorted(up, key=lambda s: (max(0.0, s.down_until - now), s.slots.used / s.slots.limit))
        able = (server for server in by_use if server.turns.may_begin(prompt, server.slots.limit))
        server = next((server for server in able if server.slots.take()), None)
        if server is not None:
            server.turns.begins(prompt)
        return server

    async def _in_its_slot(
        self,
        server: Server,
        reply: Awaitable[T],
        refusing: set[Server] | None = None,
        prompt: Prompt = None,
    ) -> T:
        """What the server answers in a slot that was taken; what comes of it decides on the slots."""
        sent_at, read = _now(), None
        try:
            with self.watch(server.host):
                answer = await reply
            read = prompt  # a request that failed has no claim to the slot for others of its prompt
            return answer
        except Failure as failure:
            if failure.trouble is Trouble.OVERLOADED:
                server.slots.refused(sent_at, _now())
            if refusing is not None and failure.trouble in (Trouble.REFUSED, Trouble.UNPAID):
                refusing.add(server)
            raise
        finally:
            server.slots.give_back()
            server.turns.ended(prompt)
            self._line.call(read)

    async def _answered_well(
        self, server: Server, request: Callable[[Server], Awaitable[T]], within_s: float | None = None
    ) -> T:
        reply = await self._answered(server, request, within_s)
        server.slots.ended_well(_now())
        return reply

    async def _answered(
        self, server: Server, request: Callable[[Server], Awaitable[T]], within_s: float | None = None
    ) -> T:
        try:
            reply = await self._within_time(request(server), within_s or self._patience.request_s)
        except Failure as failure:
            self._note_down(server, failure)
            raise
        server.down_until = 0.0
        return reply

    async def _written(
        self, server: Server, request: Callable[[Server, Sign], Awaitable[T]], round_: Round
    ) -> T:
        """A text, however long it takes as long as it comes."""
        pace, slots, whole = server.pace, server.slots, False
        if _now() + pace.needed_s() > round_.deadline:
            raise Failure(Trouble.LATE)
        writing = pace.began(_now())

        def came(tokens: int) -> None:
            now = _now()
            pace.wrote(writing, tokens, now)
            slots.wrote(pace.being_written, pace.tokens, now)
            round_.wrote(tokens, now)
            self._line.call()

        try:
            reply = await self._while_it_comes(request(server, came), server, writing)
            whole = True
        except Failure as failure:
            self._note_down(server, failure)
            raise
        finally:
            pace.learn(slots, writing, _now(), whole=whole)
        server.down_until = 0.0
        return reply

    async def _while_it_comes(self, reply: Awaitable[T], server: Server, writing: Writing) -> T:
        """The reply, unless nothing comes for too long; for how long is looked up anew each time."""
        task = asyncio.ensure_future(reply)
        try:
            while (left_s := server.pace.left_s(writing, self._patience, _now())) > 0:
                look_again_s = min(left_s, self._patience.idle_s)  # once it has begun, there is less time
                if (await asyncio.wait({task}, timeout=look_again_s))[0]:
                    return task.result()
            raise Failure(Trouble.SLOW)
        finally:
            await cancelled([task])

    def _note_down(self, server: Server, failure: Failure) -> None:
        if failure.trouble in _DOWN:
            server.down_until = _now() + self._patience.rest_s

    async def _within_time(self, reply: Awaitable[T], within_s: float) -> T:
        """The reply, unless it drips in for ever: the HTTP client's time-out starts anew with each byte."""
        limit = asyncio.timeout(within_s)
        try:
            async with limit:
                return await reply
        except TimeoutError:
            if limit.expired():
                raise Failure(Trouble.SLOW) from None
            raise

    async def ask_all(self, request: Callable[[Server], Awaitable[object]]) -> None:
        """Make a request that needs no slot at every server; failures are left to those who ask again.

        Once one has answered, the others have `grace_s` more, so that a server that is gone holds up nobody.
        """
        asking = {
            asyncio.ensure_future(self.ask_once(server, request, slot=False)): server
            for server in self.servers
        }
        waiting, grace = set(asking), None
        try:
            while waiting:
                done, waiting = await asyncio.wait(
                    waiting, timeout=grace, return_when=asyncio.FIRST_COMPLETED
                )
                if not done:
                    break
                if any(task.exception() is None for task in done):
                    grace = self._patience.grace_s
            for task in waiting:
                asking[task].down_until = _now() + self._patience.rest_s
        finally:
            await cancelled(asking)

    async def try_each(self, request: Callable[[Server], Awaitable[object]]) -> dict[str, Failure]:
        """Make a request once at every server, at all of them together; what failed, by whose it was.

        Others than the only server are named by their place in the setting and their host: an address may
        hold a password.
        """
        tries = [self.ask_once(server, request, within_s=self._patience.trial_s) for server in self.servers]
        failed: dict[str, Failure] = {}
        for place, outcome in enumerate(await asyncio.gather(*tries, return_exceptions=True), 1):
            if isinstance(outcome, Failure):
                failed[self._named(place)] = outcome
            elif isinstance(outcome, BaseException):
                raise outcome
        return failed

    def _named(self, place: int) -> str:
        if len(self.servers) == 1:
            return "The text generator"
        return f"Server {place} of {len(self.servers)} ({self.servers[place - 1].host})"

    def most_free(self) -> Server:
        """The server to ask next; one that is thought to be down only where there is no other."""
        now = _now()
        return min(self.servers, key=lambda s: (max(0.0, s.down_until - now), s.slots.used / s.slots.limit))

    def _worth_another(self, failures: Sequence[Failure]) -> bool:
        trouble, servers = failures[-1].trouble, len(self.servers)
        tries = sum(failure.trouble is trouble for failure in failures)
        most = {
            Trouble.UNREACHABLE: self._patience.contacts * servers,
            Trouble.REFUSED: servers,
            Trouble.UNPAID: servers,
            Trouble.STRANGE: self._patience.contacts * servers,
            Trouble.SLOW: 2,
            Trouble.LATE: 1,
            Trouble.FAILED: 2,
            Trouble.REJECTED: 1,
        }
        return trouble is Trouble.OVERLOADED or tries < most[trouble]

    def _wait_s(self, failures: Sequence[Failure]) -> float:
        now = _now()
        last = failures[-1]
        if last.trouble is not Trouble.OVERLOADED and self.most_free().down_until <= now:
            return 0.0  # another server can take over at once
        doubled = self._patience.first_wait_s * 2.0 ** min(len(failures) - 1, 16)
        wait = min(doubled, self._patience.longest_wait_s) * random.uniform(0.5, 1)  # noqa: S311 (no secret)
        return max(wait, min(last.retry_after_s or 0.0, self._patience.longest_wait_s))


async def cancelled(tasks: Iterable[asyncio.Future[Any]]) -> None:
    """Cancel what still runs, and wait until it has let go of its connection."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _now() -> float:
    return asyncio.get_running_loop().time()
