"""The wire: JSON over HTTP to a server that writes text, and what every failure of it means to us.

Reads:  what a server, or a proxy in front of it, answers.
Gives:  the JSON of a good answer, also where it is called plain text or comes as events, and events as they
        come; a `Failure` for anything else, an error in a reply of status 200 among it.
Refrains from passing on what the server said: it may repeat a prompt, and with it opinions. That is why
failures are raised `from None`.

HTTP is httpx2, which huggingface_hub brings and uses, so that there is one kind of connection and of error.
An Authorization header is always sent: huggingface_hub would otherwise send the machine's own HF_TOKEN to
whatever address it is given. The certificates that this machine trusts are read once, and not for each round:
that takes longer than many a request.
"""

import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpx2
from huggingface_hub import get_async_session, set_async_client_factory
from huggingface_hub.errors import HfHubHTTPError, InferenceTimeoutError, TextGenerationError

from engine.drafting.http import refusals
from engine.drafting.http.replies import decoded
from engine.drafting.http.streams import Events, came_to_an_end
from engine.drafting.http.troubles import Failure, Trouble

_ERROR_TYPES = {"overloaded": 429, "validation": 422, "generation": 424, "incomplete_generation": 500}
"""TGI's own words for what went wrong; in a stream they come with status 200."""
_ANSWERS = frozenset({"choices", "data", "generated_text", "message"})
NO_KEY = "unused"
"""Sent in place of a key where the server wants none: an empty header is not valid HTTP."""


@cache
def _certificates() -> ssl.SSLContext:
    return httpx2.create_ssl_context()


def _session() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(verify=_certificates(), follow_redirects=True, timeout=None)


set_async_client_factory(_session)  # so that an `AsyncInferenceClient` has one of these as well


def authorization(api_key: str | None) -> dict[str, str]:
    """The header that says who asks."""
    return {"Authorization": f"Bearer {api_key or NO_KEY}"}


def limits(request_s: float, connect_s: float) -> Any:
    """The time-outs of a request. `AsyncInferenceClient` hands them on to httpx2, whatever its types say."""
    return httpx2.Timeout(request_s, connect=connect_s)


@contextmanager
def failures() -> Iterator[None]:
    """Turn whatever httpx2 and huggingface_hub raise into `Failure`; a reply of another shape as well."""
    try:
        yield
    except (TextGenerationError, HfHubHTTPError, httpx2.HTTPStatusError) as error:
        raise _failure(error) from None
    except (InferenceTimeoutError, httpx2.TimeoutException) as error:
        raise Failure(Trouble.UNREACHABLE if _never_connected(error) else Trouble.SLOW) from None
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError):
        raise Failure(Trouble.UNREACHABLE) from None
    except (ValueError, TypeError, LookupError, AttributeError):
        raise Failure(Trouble.STRANGE) from None  # 200 with a page of HTML, or another server's JSON


class Wire:
    """Plain requests to servers of one kind, with key and time-outs; an asynchronous context manager."""

    def __init__(self, api_key: str | None, *, request_s: float, connect_s: float) -> None:
        self._headers = authorization(api_key)
        self._timeout = limits(request_s, connect_s)
        self._unhurried = httpx2.Timeout(None, connect=connect_s)
        self._session = get_async_session()

    async def __aenter__(self) -> "Wire":
        await self._session.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._session.aclose()

    async def get(self, url: str, *, within_s: float) -> Any:
        """The JSON at `url`; Failure otherwise."""
        with failures():
            reply = await self._session.get(url, headers=self._headers, timeout=httpx2.Timeout(within_s))
            return _json(reply)

    async def post(self, url: str, body: Mapping[str, Any]) -> Any:
        """The JSON that comes back for `body`; Failure otherwise."""
        with failures():
            reply = await self._session.post(
                url, json=dict(body), headers=self._headers, timeout=self._timeout
            )
            return _json(reply)

    async def stream(
        self, url: str, body: Mapping[str, Any], heard: Callable[[Any], bool], *, wanted: bool
    ) -> tuple[list[Any], bool]:
        """The events that come back for `body`, and whether they were cut; Failure otherwise.

        A reply that is no stream is one event, of which `heard` is not told. How long to wait is left open.

        Args:
            heard: called with each event as it comes; True: enough has come, the rest is not waited for.
            wanted: whether a stream was asked for, which then has to say that it has ended.
        """
        with failures():
            sent = self._session.stream(
                "POST", url, json=dict(body), headers=self._headers, timeout=self._unhurried
            )
            async with sent as reply:
                if not reply.is_success:
                    await reply.aread()
                    raise _of_reply(reply)
                events = Events(reply.headers.get("content-type", ""))
                async for piece in reply.aiter_bytes():
                    if _heard(events.fed(piece), heard):
                        return events.all, True
            for event in events.ended():
                _check(event)
            if wanted and events.all and not events.done and not came_to_an_end(events.all):
                raise Failure(Trouble.UNREACHABLE)  # broken off
            return events.all, False


def _heard(new: list[Any], heard: Callable[[Any], bool]) -> bool:
    for event in new:
        _check(event)
    enough = [heard(event) for event in new]
    return any(enough)


def _check(event: Any) -> None:
    """Failure for an event that is an error."""
    if _is_error(event):
        raise Failure.of_status(_status_in(event), None, refusals.complaint(json.dumps(event)))


def _json(reply: httpx2.Response) -> Any:
    if not reply.is_success:
        raise _of_reply(reply)
    answer = decoded(reply.content, reply.headers.get("content-type", ""))
    if _is_error(answer):
        raise Failure.of_status(_status_in(answer), _retry_after_s(reply), refusals.complaint(reply.text))
    return answer


def _is_error(answer: Any) -> bool:
    """Whether an answer of status 200 says that something failed, and holds nothing else."""
    told = answer[0] if isinstance(answer, list) and answer else answer
    if not isinstance(told, dict):
        return False
    return told.get("object") == "error" or (bool(told.get("error")) and not _ANSWERS & told.keys())


def _status_in(answer: Any) -> int:
    """The status that an error of status 200 would have deserved: its own word for it, or else 500."""
    told = answer[0] if isinstance(answer, list) else answer
    error = told.get("error")
    for place in (error if isinstance(error, dict) else {}, told):
        for name in ("code", "status", "status_code"):
            said = str(place.get(name, ""))
            if said.isdecimal() and 400 <= int(said) < 600:
                return int(said)
    return _ERROR_TYPES.get(str(told.get("error_type")), 500)


def _failure(error: Exception) -> Failure:
    """The failure behind an error that may have lost its status: TGI's typed errors keep it in the cause."""
    for at in (error, error.__cause__):
        reply = getattr(at, "response", None)
        if isinstance(reply, httpx2.Response):
            return _of_reply(reply)
    return Failure(Trouble.FAILED)


def _of_reply(reply: httpx2.Response) -> Failure:
    """What a status that is no success means; the body is asked only what it is about."""
    try:
        about = refusals.complaint(reply.text)
    except httpx2.StreamError:  # nobody has read the body
        about = frozenset()
    return Failure.of_status(reply.status_code, _retry_after_s(reply), about)


def _never_connected(error: Exception) -> bool:
    return isinstance(error, httpx2.ConnectTimeout) or isinstance(error.__cause__, httpx2.ConnectTimeout)


def _retry_after_s(reply: httpx2.Response) -> float | None:
    """The seconds of a Retry-After header; a date in it is not read."""
    said = reply.headers.get("retry-after", "")
    return float(said) if said.isdecimal() else None
