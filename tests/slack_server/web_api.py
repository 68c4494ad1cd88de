"""Slack's Web API: tokens, scopes, rate limits and envelopes, in front of the methods.

Reads:  form and JSON bodies with bearer tokens, as slack-sdk sends them.
Gives:  `ok`/`error` envelopes; 429 with Retry-After; every call that came, in `calls`.
The methods themselves live in `methods_*.py` and register themselves with `method`.
Source: docs.slack.dev/apis/web-api.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.slack_server.state import CONVERSATION_SCOPES, Channel, Json, State, Team, Token

if TYPE_CHECKING:
    from tests.slack_server.server import SlackServer


class ApiError(Exception):
    """A refusal: `error` as Slack names it, and what else the envelope carries."""

    def __init__(self, error: str, *, status: int = 200, headers: dict[str, str] | None = None, **more: Any):
        super().__init__(error)
        self.error, self.status, self.headers, self.more = error, status, headers or {}, more


def wrong_arguments(mistakes: list[str], error: str = "invalid_arguments") -> ApiError:
    """A refusal that says in Slack's words what is wrong with the arguments."""
    messages = [f"[ERROR] {mistake}" for mistake in mistakes]
    return ApiError(error, errors=mistakes, response_metadata={"messages": messages})


@dataclass
class Call:
    """One call of a method: who, with what, and (afterwards) the answer."""

    method: str
    args: Json
    server: "SlackServer" = field(repr=False)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    token: Token | None = field(default=None, repr=False)
    answer: Json = field(default_factory=dict)
    status: int = 0
    at: float = 0.0

    @property
    def state(self) -> State:
        return self.server.state

    @property
    def team(self) -> Team:
        assert self.token is not None
        return self.token.team

    @property
    def caller(self) -> str:
        """The user id behind the token."""
        assert self.token is not None
        return self.token.user

    def text(self, name: str, default: str = "") -> str:
        """A string argument."""
        value = self.args.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        """A string argument that has to be there."""
        if self.args.get(name) in (None, ""):
            raise wrong_arguments([f"missing required field: {name}"])
        return str(self.args[name])

    def flag(self, name: str) -> bool:
        """A boolean argument: JSON's, or `1`/`true` in a form."""
        return self.args.get(name) in (True, 1, "1", "true", "True")

    def number(self, name: str, default: int) -> int:
        """A whole number."""
        try:
            return int(self.args.get(name) or default)
        except ValueError:
            raise wrong_arguments([f"must be an integer [json-pointer:/{name}]"]) from None

    def structure(self, name: str) -> Any:
        """An argument that is JSON, as such or inside a string; None when it is not there."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise ApiError(f"invalid_{name}_format" if name == "blocks" else "invalid_json") from None

    def needs(self, *scopes: str) -> None:
        """Refuse with missing_scope unless the token has one of `scopes`."""
        assert self.token is not None
        if not self.token.scopes.intersection(scopes):
            provided = ",".join(sorted(self.token.scopes))
            raise ApiError("missing_scope", needed=",".join(scopes), provided=provided)

    def channel(self, access: str = "", *, name: str = "channel") -> Channel:
        """The conversation meant, seen with the token's eyes.

        Args:
            access: the scope's second half, as `read` or `history`; none is asked for without.
            name: the argument that holds the channel.
        """
        channel = find_channel(self, self.required(name))
        if access:
            self.needs(f"{CONVERSATION_SCOPES[channel.kind]}:{access}")
        return channel


def find_channel(call: Call, given: str) -> Channel:
    """A conversation by id or `#name`; those the token's user cannot see are not found."""
    named = given.lstrip("#")
    for channel in call.team.channels.values():
        hidden = channel.deleted or (channel.kind != "public" and call.caller not in channel.members)
        if not hidden and (channel.id == given or (channel.name == named and channel.kind != "im")):
            return channel
    raise ApiError("channel_not_found")


Method = Callable[[Call], Json]
METHODS: dict[str, tuple[Method, tuple[str, ...]]] = {}
OPEN_METHODS = frozenset({"oauth.v2.access", "apps.connections.open", "api.test"})
"""Methods that need no bot token: they look after the caller's proof themselves."""


def method(name: str, *scopes: str) -> Callable[[Method], Method]:
    """Register a method of the Web API with the scopes of which it needs one."""

    def register(handler: Method) -> Method:
        METHODS[name] = (handler, scopes)
        return handler

    return register


class WebApi:
    """The endpoint behind `/api/`."""

    def __init__(self, server: "SlackServer") -> None:
        self.server = server
        self.calls: list[Call] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        name = request.match_info["method"]
        call = Call(name, await _arguments(request), self.server, dict(request.headers))
        call.at = self.server.state.clock()
        headers: dict[str, str] = {}
        try:
            call.token = self._token(call)
            await self._faults(call)
            self.server.limits.check(call)
            call.answer, call.status = {"ok": True, **self._called(call)}, 200
        except ApiError as error:
            call.answer, call.status = {"ok": False, "error": error.error, **error.more}, error.status
            headers = error.headers
        self.calls.append(call)
        self.server.state.ring()
        if call.token is not None:
            headers["x-oauth-scopes"] = ",".join(sorted(call.token.scopes))
        return web.json_response(call.answer, status=call.status, headers=headers)

    async def _faults(self, call: Call) -> None:
        """Play what a test asked to go wrong with this call."""
        for fault in self.server.faults.due(call):
            await asyncio.sleep(fault.delay_s)
            if fault.error:
                raise ApiError(fault.error, status=fault.status, headers=fault.headers, **fault.more)

    def _token(self, call: Call) -> Token | None:
        if call.method in OPEN_METHODS:
            return None
        value = bearer(call)
        token = self.server.state.tokens.get(value)
        if not value:
            raise ApiError("not_authed")
        if token is None:
            raise ApiError("not_allowed_token_type" if value.startswith("xapp-") else "invalid_auth")
        if token.error:
            raise ApiError(token.error)
        return token

    def _called(self, call: Call) -> Json:
        if call.method not in METHODS:
            raise ApiError("unknown_method", req_method=call.method)
        handler, scopes = METHODS[call.method]
        if scopes:
            call.needs(*scopes)
        return handler(call)


def bearer(call: Call) -> str:
    """The token of a call: from the header, or (as Slack also takes it) from a form field."""
    scheme, _, value = call.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else call.text("token")


async def _arguments(request: web.Request) -> Json:
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await request.text()
        try:
            given = json.loads(body) if body else {}
        except ValueError:
            given = None
        return args | given if isinstance(given, dict) else {"": body}
    return args | {key: value for key, value in (await request.post()).items() if isinstance(value, str)}
