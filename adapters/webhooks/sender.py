"""Sending to webhooks: the port `WebhookSender` over aiohttp.

Reads:  an address, headers and a body.
Gives:  what was answered, by its status alone. What the answer says is not kept and not logged.
The address is anybody's, so it is not trusted: a name is looked up here, and the connection goes to what was
looked up and checked, so that no second look-up can lead into a private network. Redirects are not followed,
nothing comes from the environment's proxies, and no answer takes longer or is read further than it may.
"""

import asyncio
import socket
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from bot.domain.webhooks import Problem, is_public
from bot.service.ports.webhooks import Answer

TIMEOUT_S = 10.0
READ_LIMIT = 64 * 1024
LONGEST_WAIT_S = 24 * 3600.0
LOOKED_UP_AT_ONCE = 8
# What was looked up is not to be looked up again.
NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class NotAllowedError(OSError):
    """An address is a private one. An OSError, as resolvers raise."""


class CheckedResolver(AbstractResolver):
    """Looks names up, and gives public addresses only; one private address among them refuses the name.

    In threads of its own: a name whose servers never answer holds one for longer than a try may take, and
    in those that the whole process shares, everything else would wait for it.
    """

    def __init__(self, *, private: bool) -> None:
        self._private = private
        self._threads = ThreadPoolExecutor(LOOKED_UP_AT_ONCE, "webhooks-names")

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        """Raises NotAllowedError, and OSError where there is no such name."""
        look_up = partial(socket.getaddrinfo, host, port, family, socket.SOCK_STREAM)
        entries = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        found = [
            ResolveResult(
                hostname=host, host=str(address[0]), port=port, family=kind, proto=proto, flags=NUMERIC
            )
            for kind, _, proto, _, address in entries
        ]
        if not (self._private or all(is_public(each["host"]) for each in found)):
            raise NotAllowedError
        return found

    async def close(self) -> None:
        """Whatever is being looked up is left to itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class HttpSender:
    """`WebhookSender`; use it in `async with`.

    private: whether addresses in private networks, and http://, are allowed.
    """

    def __init__(self, *, private: bool = False, timeout_s: float = TIMEOUT_S) -> None:
        self._private, self._timeout_s = private, timeout_s

    async def __aenter__(self) -> Self:
        self._resolver = CheckedResolver(private=self._private)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=self._resolver,
                # Nothing that was looked up before is believed.
                use_dns_cache=False,
                force_close=True,
                limit=0,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        await self._resolver.close()

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post it once."""
        if not self._private and not _is_allowed(url):
            return Answer(Problem.NOT_ALLOWED)
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._post(url, headers, body)
        except TimeoutError:
            return Answer(Problem.TIMED_OUT)
        except (aiohttp.ClientError, OSError, ValueError) as exc:
            return Answer(Problem.NOT_ALLOWED if _was_refused(exc) else Problem.UNREACHABLE)

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        sent = {"content-type": "application/json", "user-agent": "Accord", **headers}
        async with self._session.post(url, data=body, headers=sent, allow_redirects=False) as response:
            status = response.status
            wait_s = _wait_s(response.headers.get("Retry-After", ""))
            # So that the receiver need not see its answer cut off; that it is long or slow is no failure.
            with suppress(aiohttp.ClientError):
                await _read_some(response)
        if 200 <= status < 300:
            return Answer(status=status)
        problem = Problem.REDIRECTED if 300 <= status < 400 else Problem.ANSWERED
        return Answer(problem, status, wait_s)


async def _read_some(response: aiohttp.ClientResponse) -> None:
    left = READ_LIMIT
    while left > 0 and (piece := await response.content.read(left)):
        left -= len(piece)


def _is_allowed(url: str) -> bool:
    """Numeric addresses are never looked up, so they are checked here; names are by the resolver."""
    try:
        parsed = URL(url)
    except ValueError:
        return False
    host = parsed.host or ""
    numeric = ":" in host or host.replace(".", "").isdigit()
    return parsed.scheme == "https" and (not numeric or is_public(host))


def _was_refused(exc: BaseException | None) -> bool:
    """Whether the resolver refused it; aiohttp hangs that behind an error of its own."""
    while exc is not None:
        if isinstance(exc, NotAllowedError):
            return True
        exc = exc.__cause__ or getattr(exc, "os_error", None)
    return False


def _wait_s(said: str) -> float:
    """What a Retry-After asks for, in seconds; 0 where it says nothing that can be read."""
    if said.isascii() and said.isdigit():
        return min(float(said), LONGEST_WAIT_S)
    try:
        at = parsedate_to_datetime(said)
    except (ValueError, TypeError):
        return 0.0
    seconds = (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return min(max(seconds, 0.0), LONGEST_WAIT_S)
