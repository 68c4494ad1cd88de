"""Discord's REST API: tokens, rate limits, bodies and refusals, in front of the routes.

Reads:  JSON and multipart bodies as discord.py sends them.
Gives:  JSON answers with Discord's statuses; every call that came, in `calls`.
The routes themselves live in `routes_*.py` and register themselves with `route`.
Source: docs.discord.com/developers/reference.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.discord_server import limits_of_discord as most
from tests.discord_server import permissions
from tests.discord_server.errors import NOT_FOUND, UNAUTHORIZED, ApiError, Mistakes, refused
from tests.discord_server.state import Channel, Guild, Json, Message, State

if TYPE_CHECKING:
    from tests.discord_server.server import DiscordServer
    from tests.discord_server.wire import Wire

API = "/api/v10"


@dataclass
class Upload:
    """A file in a request."""

    filename: str
    data: bytes = field(repr=False)
    content_type: str = "application/octet-stream"


@dataclass
class Call:
    """One request: which route, with what, and (afterwards) the answer."""

    route: str
    params: dict[str, str]
    query: dict[str, str]
    body: Json
    server: "DiscordServer" = field(repr=False)
    listed: list[Any] | None = None
    """The body where it is an array."""
    files: dict[int, Upload] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    answer: Any = None
    status: int = 0
    at: float = 0.0

    @property
    def state(self) -> State:
        return self.server.state

    @property
    def wire(self) -> "Wire":
        return self.server.wire

    def id(self, name: str) -> int:
        """A snowflake of the path."""
        try:
            return int(self.params[name])
        except ValueError:
            wrong = Mistakes()
            wrong.add((name,), "NUMBER_TYPE_COERCE", f'Value "{self.params[name]}" is not snowflake.')
            raise refused(50035, errors=wrong.tree) from None

    def limit(self, default: int) -> int:
        """`limit` of the query: 1 to 100."""
        wrong = Mistakes()
        given = self.query.get("limit", "")
        limit = int(given) if given.isdigit() else default
        wrong.number(("limit",), limit, 1, most.PAGE)
        wrong.check()
        return limit

    def channel(self, *needed: str) -> Channel:
        """The channel of the path, where the bot sees it and has these permissions."""
        channel = self.state.channels.get(self.id("channel"))
        if channel is None or channel.deleted:
            raise refused(10003)
        self.needs(channel, *needed)
        return channel

    def needs(self, channel: Channel, *needed: str) -> None:
        """Refuse with 50001 what the bot cannot see, with 50013 what it may not do."""
        granted = permissions.in_channel(channel, self.state.bot.id)
        if not granted & permissions.BITS["view_channel"]:
            raise refused(50001)
        if permissions.bits(needed) & ~granted:
            raise refused(50013)

    def message(self, *needed: str) -> Message:
        """The message of the path, in its channel, which the bot has to see."""
        message = self.channel(*needed).message(self.id("message"))
        if message is None:
            raise refused(10008)
        return message

    def guild(self) -> Guild:
        """The guild of the path, where the bot is in it."""
        guild = self.state.guilds.get(self.id("guild"))
        if guild is None:
            raise refused(10004)
        if self.state.bot.id not in guild.members:
            raise refused(50001)
        return guild


Route = Callable[[Call], Any]
ROUTES: dict[str, tuple[Route, bool]] = {}
"""Route name -> its handler, and whether it needs the bot's token."""


def route(method: str, path: str, *, needs_token: bool = True) -> Callable[[Route], Route]:
    """Register a route; its handler gives the JSON of the answer, None for 204."""

    def register(handler: Route) -> Route:
        ROUTES[f"{method} {path}"] = (handler, needs_token)
        return handler

    return register


class Rest:
    """The endpoints behind `/api/v10`."""

    def __init__(self, server: "DiscordServer") -> None:
        self.server = server
        self.calls: list[Call] = []

    def add_to(self, app: web.Application) -> None:
        """Serve every registered route."""
        for name in ROUTES:
            method, _, path = name.partition(" ")
            app.router.add_route(method, API + path, self._handler(name))
        app.router.add_route("*", API + "/{rest:.*}", self._unknown)

    def _handler(self, name: str) -> Callable[[web.Request], Any]:
        async def handle(request: web.Request) -> web.StreamResponse:
            return await self.handle(name, request)

        return handle

    async def handle(self, name: str, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        call = Call(name, dict(request.match_info), dict(request.query), {}, self.server)
        call.headers, call.at = dict(request.headers), self.server.state.clock()
        headers: dict[str, str] = {}
        try:
            await _read_body(call, request)
            self._check_token(call, name)
            await self._faults(call)
            headers = self.server.limits.check(call, asyncio.get_running_loop().time())
            call.answer = ROUTES[name][0](call)
            call.status = 204 if call.answer is None else 200
        except ApiError as error:
            call.answer, call.status, headers = error.body, error.status, error.headers
        self.calls.append(call)
        self.server.state.ring()
        return _response(call.answer, call.status, headers)

    async def _unknown(self, request: web.Request) -> web.StreamResponse:
        self.server.problems.append(f"no such route: {request.method} {request.path}")
        error = ApiError(*NOT_FOUND)
        return _response(error.body, error.status, {})

    def _check_token(self, call: Call, name: str) -> None:
        needs_token = ROUTES[name][1]
        if needs_token and call.headers.get("Authorization") != f"Bot {self.server.state.app.token}":
            raise ApiError(*UNAUTHORIZED)

    async def _faults(self, call: Call) -> None:
        """Play what a test asked to go wrong with this call."""
        for fault in self.server.faults.due(call):
            await asyncio.sleep(fault.delay_s)
            if fault.error is not None:
                raise fault.error


def _response(answer: Any, status: int, headers: dict[str, str]) -> web.Response:
    """JSON without a charset: discord.py parses nothing else."""
    if status == 204:
        return web.Response(status=204, headers=headers)
    body = json.dumps(answer).encode()
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


async def _read_body(call: Call, request: web.Request) -> None:
    if request.content_type.startswith("multipart/"):
        await _read_parts(call, request)
        return
    text = await request.text()
    _take_json(call, text or "{}")


async def _read_parts(call: Call, request: web.Request) -> None:
    """`payload_json` and `files[n]`."""
    for name, value in (await request.post()).items():
        if name == "payload_json":
            _take_json(call, str(value))
        elif name.startswith("files[") and isinstance(value, web.FileField):
            data = value.file.read()
            if len(data) > most.ATTACHMENT_BYTES:
                raise refused(40005)
            call.files[int(name[6:-1])] = Upload(value.filename, data, _kind_of(value.filename))


def _kind_of(filename: str) -> str:
    kinds = {"csv": "text/csv; charset=utf-8", "txt": "text/plain; charset=utf-8", "json": "application/json"}
    return kinds.get(filename.rpartition(".")[2], "application/octet-stream")


def _take_json(call: Call, text: str) -> None:
    try:
        given = json.loads(text)
    except ValueError:
        raise refused(50109) from None
    if isinstance(given, list):
        call.listed = given
    elif isinstance(given, dict):
        call.body = given
    else:
        raise refused(50109)
