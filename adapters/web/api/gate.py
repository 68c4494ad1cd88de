"""In front of every endpoint: who asks, how often, what was sent; and what goes wrong as a problem.

Reads:  requests under `/api/`, before anything else of the web channel sees them: no cookie counts here,
        and no form is sent.
Gives:  a `Call` to the endpoint's handler; its answer, with headers that say how many requests are left.
"""

import asyncio
import hashlib
import hmac
import json
import math
import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from adapters.web import languages as reader
from adapters.web.api import problems
from adapters.web.api.endpoints import API, Call, Endpoint
from adapters.web.api.models import Fault, In, Out, Typed
from adapters.web.api.problems import ProblemError
from adapters.web.limits import client_of
from adapters.web.page_context import Site, site_of
from bot.chat.notes import HOUR_S
from bot.domain.api_tokens import ApiToken
from bot.service import api_tokens
from bot.wording.language import reading

OPENAPI = "/api/openapi.json"
JSON = "application/json"
KEY_LIMIT = 100
KEY_PATTERN = "^[!-~]+$"
TOKEN: web.RequestKey[ApiToken] = web.RequestKey("api_token")
Model = TypeVar("Model", bound=BaseModel)
Next = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def api(request: web.Request, handler: Next) -> web.StreamResponse:
    """Answer what is for software here; let all else pass."""
    if not (request.path == API or request.path.startswith((API + "/", OPENAPI))):
        return await handler(request)
    with reading(reader.language_of(request)):
        try:
            if request.match_info.http_exception is not None:
                # No endpoint: nobody asks here who this is.
                _limit_stranger(request)
            response = await request.match_info.handler(request)
        except (asyncio.CancelledError, ConnectionResetError):
            raise
        except Exception as exc:
            response = problems.problem_of(exc, site_of(request).config)
        if not response.prepared:
            _say_what_is_left(request, response)
        return response


def serving(endpoint: Endpoint) -> Next:
    """The route's handler for an endpoint."""

    async def serve(request: web.Request) -> web.StreamResponse:
        answer = await endpoint.handle(await _call(endpoint, request))
        if isinstance(answer, Out):
            return web.Response(status=endpoint.status, text=answer.model_dump_json(), content_type=JSON)
        return answer

    return serve


async def _call(endpoint: Endpoint, request: web.Request) -> Call:
    site = site_of(request)
    token = await _token(request, site)
    if endpoint.scope not in token.scopes:
        raise ProblemError(403, problems.lacks(endpoint.scope))
    call = Call(
        endpoint,
        request,
        site,
        token,
        path=_path(endpoint.path, request),
        query=_query(endpoint.query, request),
        body=await _body(endpoint.body, request),
        key=_key(request) if endpoint.writes else "",
        now=site.now,
    )
    await _require_same(call)
    return call


async def _token(request: web.Request, site: Site) -> ApiToken:
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    token = None
    if kind.lower() == "bearer":
        token = await api_tokens.presented(text.strip(), site.access.tokens, site.now)
    if token is None:
        _limit_stranger(request)
        raise ProblemError(401)
    request[TOKEN] = token
    if wait_s := site.software.wait_s(token.id):
        raise ProblemError(429, wait_s=wait_s)
    return token


def _limit_stranger(request: web.Request) -> None:
    """Nobody tries tokens, or addresses, as often as they like: they count as pages' strangers do."""
    site = site_of(request)
    client = client_of(request, site.config)
    if wait_s := site.clients.wait_s(client) or site.asking.wait_s(client):
        raise ProblemError(429, wait_s=wait_s)


def _path(model: type[Typed], request: web.Request) -> Typed:
    """What is in the address. What can be no id of ours is not there, as one that nothing has."""
    try:
        return model.model_validate(dict(request.match_info))
    except ValidationError:
        raise ProblemError(404) from None


def _query(model: type[Typed], request: web.Request) -> Typed:
    twice = [name for name in request.query if len(request.query.getall(name)) > 1]
    if twice:
        raise ProblemError(422, errors=[Fault(at="query", said=problems.TWICE)])
    try:
        return model.model_validate(dict(request.query))
    except ValidationError as exc:
        raise problems.invalid(exc, "query") from None


async def _body(model: type[In] | None, request: web.Request) -> In | None:
    if model is None:
        return None
    if request.content_type != JSON:
        raise ProblemError(415)
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as exc:
        raise problems.invalid(exc, "body") from None


def _key(request: web.Request) -> str:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return ""
    if len(key) > KEY_LIMIT or not re.fullmatch(KEY_PATTERN, key):
        raise ProblemError(422, problems.KEY_TOO_LONG)
    return key


async def _require_same(call: Call) -> None:
    """One key stands for one request: another one with it is a mistake of the client's."""
    if not call.key:
        return
    said = _told_apart(call, await call.request.read())
    if await call.site.notes.first(f"{call.copy} is", said, for_s=HOUR_S) != said:
        raise ProblemError(422, problems.KEY_OF_ANOTHER)


def _told_apart(call: Call, body: bytes) -> str:
    """Tells a request from others and nobody who made it: the note outlives a person who is forgotten.

    Short words could be found from a digest without a key.
    """
    said = json.dumps(["accord", "request", call.request.raw_path, hashlib.sha256(body).hexdigest()])
    return hmac.new(call.site.config.secret.encode(), said.encode(), hashlib.sha256).hexdigest()


def _say_what_is_left(request: web.Request, response: web.StreamResponse) -> None:
    """In the headers of draft-ietf-httpapi-ratelimit-headers-07, which most clients read."""
    token = request.get(TOKEN)
    if token is None:
        return
    limit, left, full_in_s = site_of(request).software.left(token.id)
    response.headers["RateLimit-Limit"] = str(limit)
    response.headers["RateLimit-Remaining"] = str(left)
    response.headers["RateLimit-Reset"] = str(math.ceil(full_in_s))
