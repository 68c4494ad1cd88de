"""Asking servers that write text: whom to ask, how often, how many at once, and what failure means.

Reads:  the addresses of servers that are equal to each other, and how long we are ready to wait.
Gives:  answers through the server that is most free, drafts as they come, and one sentence when none came.
Refrains from HTTP: the generators bring the request, and raise `Failure` for what goes wrong with it.

A server that is overloaded (429) is asked again until the round's deadline, one that cannot be reached a few
times and after the others, a failed generation once more, and a refusal never. Waits are jittered so that the
requests of one round do not come back together. Cancelling a call cancels its request, which frees the
server's slot.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

from engine.drafting.refusals import About
from engine.errors import GenerationError, GeneratorUnavailableError, PromptRejectedError
from engine.types import Draft

STATEMENT_TOKENS = 400
"""Room for the longest statement, also in languages that cost several tokens a word."""

TRIAL = ("Is this a trial?", ["I think it is."])
"""The question and the opinions that a server is tried with."""

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Trouble(StrEnum):
    """What can go wrong with one request, in the words of the error that people read."""

    OVERLOADED = "overloaded"
    UNREACHABLE = "not reachable"
    SLOW = "too slow"
    FAILED = "failing"
    REJECTED = "rejecting the prompt"
    REFUSED = "refusing us"
    UNPAID = "out of credit"
    STRANGE = "answering in a form that Accord does not know"


@dataclass(frozen=True)
class SettingNames:
    """What an operator calls a generator's settings, for errors to say which of them to look at.

    address: the setting with the servers' addresses; access: all that a server may refuse us for; prompt: all
    that makes a prompt one that the model takes.
    """

    address: str
    access: str
    prompt: str

    def remedy(self, trouble: Trouble) -> str:
        """What to do about a trouble."""
        return {
            Trouble.OVERLOADED: f"try again later, or name more servers in {self.address}",
            Trouble.UNREACHABLE: f"check that its server runs, and the address in {self.address}",
            Trouble.SLOW: f"check what else its server does, or name more servers in {self.address}",
            Trouble.FAILED: f"see what is in the log of the server at {self.address}",
            Trouble.REJECTED: f"check {self.prompt}",
            Trouble.REFUSED: f"check {self.access}",
            Trouble.UNPAID: f"add credit to the account behind {self.access}",
            Trouble.STRANGE: f"check that {self.address} is the address of the API and not of a page",
        }[trouble]


class Failure(Exception):
    """One request that failed; `status` is the HTTP status where there was one.

    about: what the server complained of. It carries nothing else that the server said: replies may repeat
        opinions.
    """

    def __init__(
        self,
        trouble: Trouble,
        status: int | None = None,
        retry_after_s: float | None = None,
        about: frozenset[About] = frozenset(),
    ) -> None:
        super().__init__(trouble if status is None else f"{trouble} ({status})")
        self.trouble = trouble
        self.status = status
        self.retry_after_s = retry_after_s
        self.about = about

    @classmethod
    def of_status(
        cls, status: int, retry_after_s: float | None = None, about: frozenset[About] = frozenset()
    ) -> "Failure":
        """The failure that an HTTP status stands for; an account that is spent is no overload."""
        trouble = _TROUBLES.get(status, _other_trouble(status))
        if About.UNPAID in about and 400 <= status < 500:
            trouble = Trouble.UNPAID
        return cls(trouble, status, retry_after_s, about)


_TROUBLES = {
    401: Trouble.REFUSED,
    402: Trouble.UNPAID,
    403: Trouble.REFUSED,
    404: Trouble.REFUSED,
    405: Trouble.REFUSED,
    408: Trouble.UNREACHABLE,
    424: Trouble.FAILED,
    429: Trouble.OVERLOADED,
    502: Trouble.UNREACHABLE,
    503: Trouble.UNREACHABLE,
    504: Trouble.UNREACHABLE,
    529: Trouble.OVERLOADED,
}


def _other_trouble(status: int) -> Trouble:
    if status >= 500:
        return Trouble.FAILED
    return Trouble.REJECTED if status >= 400 else Trouble.UNREACHABLE  # a redirect, or a page of a proxy


_DOWN = (Trouble.UNREACHABLE, Trouble.SLOW, Trouble.REFUSED, Trouble.UNPAID, Trouble.STRANGE)
_PASSING = (Trouble.OVERLOADED, Trouble.UNREACHABLE, Trouble.SLOW, Trouble.STRANGE)
_LASTING = (Trouble.REFUSED, Trouble.REJECTED, Trouble.UNPAID)


@dataclass(frozen=True)
class Patience:
    """How long we wait, in seconds.

    request_s: for one reply, from connecting to its last byte.
    connect_s: for a server to answer at all, when it is asked what it is.
    round_s: for all drafts of a round, retries included; what has come by then is what there is.
    first_wait_s, longest_wait_s: before asking again; doubled each time, and jittered.
    contacts: how often a server that cannot be reached is tried by one request.
    rest_s: how long such a server is then asked only when there is no other.
    grace_s: for the other servers to say what they are, once one has.
    aside_s: for what helps a round and may be left out.
    trial_s: for a server that is tried to write a token; a large model on a slow machine reads for a while.
    """

    request_s: float = 90.0
    connect_s: float = 10.0
    round_s: float = 240.0
    first_wait_s: float = 0.5
    longest_wait_s: float = 10.0
    contacts: int = 4
    rest_s: float = 15.0
    grace_s: float = 1.0
    aside_s: float = 3.0
    trial_s: float = 30.0


@dataclass(frozen=True)
class Sampling:
    """How a model draws its words: `temperature` above 0, `top_p` above 0 and up to 1 (all words)."""

    temperature: float = 0.9
    top_p: float = 0.95

    def __post_init__(self) -> None:
        if not (self.temperature > 0 and 0 < self.top_p <= 1):
            raise ValueError("A temperature is above 0, and top_p is above 0 and at most 1.")


class Server:
    """One server: its address, the slots we may fill there, and until when it is thought to be down."""

    def __init__(self, url: str, slots: int) -> None:
        self.url = url.strip().rstrip("/")
        self.asked = 0
        self.down_until = 0.0
        self.limit = 0
        self.allow(max(1, slots))

    def allow(self, slots: int) -> None:
        """Fill at most so many slots from now on."""
        if slots != self.limit:
            self.limit = max(1, slots)
            self.slots = asyncio.Semaphore(self.limit)


class Pool:
    """Servers that are equal to each other; any of them may answer any request."""

    def __init__(
        self,
        urls: Sequence[str],
        patience: Patience,
        *,
        slots: int,
        setting: str,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if not urls or not all(url.strip().startswith(("http://", "https://")) for url in urls):
            raise ValueError(f"{setting} needs the address of a server: http://… or https://….")
        self.servers = [Server(url, slots) for url in urls]
        self._patience = patience
        self._sleep = sleep

    def deadline(self) -> float:
        """When a round that begins now must end, in the event loop's time."""
        return asyncio.get_running_loop().time() + self._patience.round_s

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
        failures: list[Failure] = []
        try:
            async with asyncio.timeout_at(deadline):
                while True:
                    try:
                        return await self.ask_once(self.most_free(), request, slot=slot)
                    except Failure as failure:
                        failures.append(failure)
                        if not self._worth_another(failures):
                            raise
                    await self._sleep(self._wait_s(failures))
        except TimeoutError:
            raise failures[-1] if failures else Failure(Trouble.SLOW) from None

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
        server.asked += 1
        try:
            async with server.slots if slot else nullcontext():
                reply = await self._within_time(request(server), within_s or self._patience.request_s)
            server.down_until = 0.0
            return reply
        except Failure as failure:
            if failure.trouble in _DOWN:
                server.down_until = asyncio.get_running_loop().time() + self._patience.rest_s
            raise
        finally:
            server.asked -= 1

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
                asking[task].down_until = asyncio.get_running_loop().time() + self._patience.rest_s
        finally:
            await _cancelled(asking)

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
        host = urlsplit(self.servers[place - 1].url).netloc.rpartition("@")[2]
        return f"Server {place} of {len(self.servers)} ({host})"

    def most_free(self) -> Server:
        """The server to ask next; one that is thought to be down only where there is no other."""
        now = asyncio.get_running_loop().time()
        return min(self.servers, key=lambda s: (max(0.0, s.down_until - now), s.asked / s.limit))

    def _worth_another(self, failures: Sequence[Failure]) -> bool:
        trouble, servers = failures[-1].trouble, len(self.servers)
        tries = sum(failure.trouble is trouble for failure in failures)
        most = {
            Trouble.UNREACHABLE: self._patience.contacts * servers,
            Trouble.REFUSED: servers,
            Trouble.UNPAID: servers,
            Trouble.STRANGE: self._patience.contacts * servers,
            Trouble.SLOW: 2,
            Trouble.FAILED: 2,
            Trouble.REJECTED: 1,
        }
        return trouble is Trouble.OVERLOADED or tries < most[trouble]

    def _wait_s(self, failures: Sequence[Failure]) -> float:
        now = asyncio.get_running_loop().time()
        last = failures[-1]
        if last.trouble is not Trouble.OVERLOADED and self.most_free().down_until <= now:
            return 0.0  # another server can take over at once
        doubled = self._patience.first_wait_s * 2.0 ** min(len(failures) - 1, 16)
        wait = min(doubled, self._patience.longest_wait_s) * random.uniform(0.5, 1)  # noqa: S311 (no secret)
        return max(wait, min(last.retry_after_s or 0.0, self._patience.longest_wait_s))


class RemoteGenerator:
    """What generators behind servers have in common: whom they ask, how long, and for how much text."""

    model_used = True
    settings: SettingNames

    def __init__(
        self,
        urls: Sequence[str],
        *,
        api_key: str | None,
        sampling: Sampling | None,
        reasoning_tokens: int,
        slots: int,
        patience: Patience | None,
    ) -> None:
        """Prepare; raises ValueError where there is no address."""
        self._patience = patience or Patience()
        self._pool = Pool(urls, self._patience, slots=slots, setting=self.settings.address)
        self._api_key = api_key
        self._sampling = sampling or Sampling()
        self._new_tokens = STATEMENT_TOKENS + reasoning_tokens
        self._slots = slots

    async def _try_each(self, request: Callable[[Server], Awaitable[object]]) -> None:
        """Make a request once at every server.

        Raises:
            GenerationError: some of them failed; there is a sentence for each.
        """
        failed = await self._pool.try_each(request)
        errors = [engine_error([failure], self.settings, who) for who, failure in failed.items()]
        if errors:
            raise type(errors[0])(" ".join(map(str, errors)))


def shortened(room: int, wanted: int) -> str:
    """What the doctor adds where a model's window leaves a reply less room than it should have, in tokens."""
    if room >= wanted:
        return ""
    return f", {room} for a reply instead of {wanted} ({STATEMENT_TOKENS} and ACCORD_REASONING_TOKENS)"


def known_as(model: str) -> str:
    """A model's name for the record: of a folder on some machine only the last part."""
    return model.rstrip("/").rpartition("/")[2] if model.startswith(("/", ".")) else model


async def as_they_come(
    drafting: Sequence[Awaitable[Sequence[Draft]]], settings: SettingNames
) -> AsyncGenerator[Draft, None]:
    """Yield the drafts of all requests, whichever comes first; those that failed are left out.

    Closing the iterator cancels what is still running.

    Raises:
        GenerationError: not one of them gave a draft; see `engine_error`.
    """
    tasks = [asyncio.ensure_future(one) for one in drafting]
    failures: list[Failure] = []
    any_came = not tasks
    try:
        for coming in asyncio.as_completed(tasks):
            try:
                drafts = await coming
            except Failure as failure:
                failures.append(failure)
                continue
            for draft in drafts:
                any_came = True
                yield draft
    finally:
        await _cancelled(tasks)
    if failures:
        _log.warning("%d of %d requests for drafts failed: %s", len(failures), len(tasks), _counted(failures))
    if not any_came:
        raise engine_error(failures, settings)


async def _cancelled(tasks: Iterable[asyncio.Future[Any]]) -> None:
    """Cancel what still runs, and wait until it has let go of its connection."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _counted(failures: Sequence[Failure]) -> str:
    counts = Counter(map(str, failures))
    return ", ".join(f"{count} {trouble}" for trouble, count in sorted(counts.items()))


def engine_error(
    failures: Sequence[Failure], settings: SettingNames, who: str = "The text generator"
) -> GenerationError:
    """What failed requests amount to, as the engine's error with one sentence for people.

    `who` begins the sentence, and what to do about it ends it.

    It is worth trying again later as soon as one of the failures is of the kind that passes.
    """
    if not failures:
        return GenerationError("The text generator gave no text.")
    troubles = Counter(failure.trouble for failure in failures)
    passing = [troubles[kind] for kind in _PASSING]
    commonest = troubles.most_common(1)[0][0]
    status = next((failure.status for failure in failures if failure.trouble is commonest), None)
    known = f" (HTTP {status})" if status else ""
    said = f"{who} is {commonest}{known}: {settings.remedy(commonest)}."
    if any(passing):
        return GeneratorUnavailableError(said)
    return PromptRejectedError(said) if commonest in _LASTING else GenerationError(said)
