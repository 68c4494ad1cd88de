"""What goes wrong, as `application/problem+json` (RFC 9457): one kind for each status, with a sentence.

Reads:  errors of the application and of requests.
Gives:  responses. Sentences for members come from `bot.wording`, in the reader's language; what is for the
developer of a client alone is English here. No value that was sent is repeated.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web
from pydantic import ValidationError

from adapters.web.api.models import Fault, Problem
from adapters.web.config import WebConfig
from bot.domain.api_scopes import Scope
from bot.domain.errors import (
    DomainError,
    PermissionDeniedError,
    StoreError,
    UnknownDeliberationError,
)
from bot.service.reply import Reply
from bot.wording import texts
from bot.wording.confirmations import Confirmation
from bot.wording.language import explained

log = logging.getLogger(__name__)

MEDIA = "application/problem+json"


@dataclass(frozen=True)
class Kind:
    """One kind of problem: its name in an address, and what it is."""

    name: str
    status: int
    title: str
    detail: str


KINDS = {
    kind.status: kind
    for kind in (
        Kind("not-understood", 400, "Not understood", "The body isn't JSON, or the request can't be read."),
        Kind("no-token", 401, "No token", "Send a token that works, as “Authorization: Bearer …”."),
        Kind("not-allowed", 403, "Not allowed", "This token or this person may not do that."),
        Kind("not-found", 404, "Not found", "There is nothing here that this token can see."),
        Kind(
            "no-such-method", 405, "No such method", "The header “Allow” says which methods there are here."
        ),
        Kind(
            "not-now", 409, "Not now, or not like this", "That can't be done with the question as it is now."
        ),
        Kind("too-long", 413, "Too long", "The body is longer than Accord accepts."),
        Kind("wrong-media", 415, "Wrong media type", "Send the body as “Content-Type: application/json”."),
        Kind("invalid", 422, "Invalid", "Something is missing or out of bounds; “errors” says what."),
        Kind("too-many", 429, "Too many requests", "The header “Retry-After” says how many seconds to wait."),
        Kind("unexpected", 500, "Unexpected error", "Details are in the server's log."),
        Kind(
            "store-away",
            503,
            "Back in a moment",
            "The store doesn't answer; the same request may succeed soon.",
        ),
    )
}
KEY_OF_ANOTHER = "This Idempotency-Key was sent before with another request."
KEY_TOO_LONG = "An Idempotency-Key has 1 to 100 visible characters."
TWICE = "A parameter was sent twice."
WRONG_VALUE = "This value cannot be used."


def lacks(scope: Scope) -> str:
    """Why a token may not do something."""
    return f"This token may not do that: it lacks the scope “{scope}”."


class ProblemError(Exception):
    """A request that is turned away. detail: a sentence in place of the usual one."""

    def __init__(
        self,
        status: int,
        detail: str = "",
        *,
        errors: Sequence[Fault] = (),
        asks: Confirmation | None = None,
        retryable: bool = False,
        wait_s: float = 0,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(KINDS[status].title)
        self.status, self.detail, self.errors, self.asks = status, detail, list(errors), asks
        self.retryable, self.wait_s, self.headers = retryable, wait_s, headers or {}


def refused(reply: Reply) -> ProblemError:
    """A reply that is not ok."""
    if reply.retryable:
        return ProblemError(503, str(reply.text), retryable=True)
    kind = reply.kind or DomainError
    if issubclass(kind, UnknownDeliberationError):
        return ProblemError(404, str(reply.text))
    status = 403 if issubclass(kind, PermissionDeniedError) else 409
    return ProblemError(status, str(reply.text), asks=reply.asks)


def invalid(error: ValidationError, where: str) -> ProblemError:
    """What a model says of what was sent; 400 for what is no JSON at all."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if any(each["type"] == "json_invalid" for each in found):
        return ProblemError(400)
    faults = [
        Fault(
            at=".".join(map(str, (where, *each["loc"]))),
            said=WRONG_VALUE if _own(each["type"]) else each["msg"],
        )
        for each in found
    ]
    return ProblemError(422, errors=faults)


def _own(kind: str) -> bool:
    """Of an error of our own validators the message is for no client."""
    return kind in ("value_error", "assertion_error")


def problem_of(exc: Exception, config: WebConfig) -> web.Response:
    """The response for what went wrong."""
    match exc:
        case ProblemError():
            return response(exc, config)
        case web.HTTPException():
            return response(_of_http(exc), config)
        case web.RequestPayloadError():
            # Sent in another encoding than it says, or cut off.
            return response(ProblemError(400), config)
        case UnknownDeliberationError():
            return response(ProblemError(404, explained(exc)), config)
        case PermissionDeniedError():
            return response(ProblemError(403, explained(exc)), config)
        case DomainError():
            return response(ProblemError(409, explained(exc)), config)
        case StoreError():
            log.error("the store does not answer")
            return response(ProblemError(503, str(texts.STORE_UNREACHABLE), retryable=True), config)
        case _:
            log.exception("a request of the API failed")
            return response(ProblemError(500, str(texts.UNEXPECTED)), config)


def _of_http(exc: web.HTTPException) -> ProblemError:
    status = exc.status if exc.status in KINDS else 400
    allowed = exc.headers.get("Allow")
    return ProblemError(status, headers={"Allow": allowed} if allowed else {})


def response(error: ProblemError, config: WebConfig) -> web.Response:
    """The problem, as it goes out."""
    kind = KINDS[error.status]
    problem = Problem(
        type=config.url(f"/api#{kind.name}"),
        title=kind.title,
        status=kind.status,
        detail=error.detail or kind.detail,
        errors=error.errors,
        retryable=error.retryable or error.status in (429, 503),
        asks=f"{error.asks.asks} {error.asks.follows}" if error.asks else None,
    )
    made = web.Response(status=kind.status, text=problem.model_dump_json(), content_type=MEDIA)
    made.headers.update(error.headers)
    if error.status == 401:
        made.headers["WWW-Authenticate"] = 'Bearer realm="Accord"'
    if error.wait_s or error.status == 503:
        made.headers["Retry-After"] = str(max(1, math.ceil(error.wait_s or 5)))
    return made
