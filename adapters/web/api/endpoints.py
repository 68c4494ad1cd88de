"""What an endpoint is: from one of these stem its route, how its request is read, and its description.

Gives:  `Endpoint`, of which `table` has all, and `Call`, which is what a handler gets.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from adapters.web.api.models import In, Nothing, Out, Typed
from adapters.web.page_context import Site
from bot.chat.copies import Copies
from bot.domain.actors import Actor
from bot.domain.api_tokens import ApiToken, Scope
from bot.domain.commands import Command
from bot.domain.deliberation import Deliberation
from bot.domain.errors import UnknownDeliberationError
from bot.service.access import load_visible
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.reply import Reply

API = "/api/v1"
Handler = Callable[["Call"], Awaitable[Out | web.StreamResponse]]


@dataclass(frozen=True)
class Endpoint:
    """One method of one path.

    handle: what it does; its docstring is its description, the first line the summary.
    path, query: models of what is in the address; body: of what is sent, None where nothing is.
    answer: of what comes back; None for a file, whose kind is `media`.
    status: of success.
    """

    method: str
    at: str
    handle: Handler
    scope: Scope
    answer: type[Out] | None
    path: type[Typed] = Nothing
    query: type[Typed] = Nothing
    body: type[In] | None = None
    status: int = 200
    media: str = "application/json"

    @property
    def address(self) -> str:
        """The whole path, with its places in braces."""
        return API + self.at

    @property
    def name(self) -> str:
        """What generated clients call it."""
        return self.handle.__name__

    @property
    def summary(self) -> str:
        """The first line of what it does."""
        return self._told[0].rstrip(".")

    @property
    def description(self) -> str:
        """The rest of it."""
        return " ".join(" ".join(self._told[1:]).split())

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.method != "GET"

    @property
    def _told(self) -> list[str]:
        lines = (self.handle.__doc__ or "").strip().splitlines()
        return [line.strip() for line in lines]


@dataclass(frozen=True)
class Call:
    """One request, once it is known who sends it and what it says.

    key: what the client calls this request, the same for every copy of it; empty where it does not say.
    """

    endpoint: Endpoint
    request: web.Request
    site: Site
    token: ApiToken
    path: Any
    query: Any
    body: Any
    key: str = ""
    now: datetime = field(kw_only=True)

    @property
    def ports(self) -> Ports:
        """Everything outside."""
        return self.site.ports

    @property
    def actor(self) -> Actor:
        """The software itself, with what this endpoint's scope gives."""
        return self.token.itself(self.endpoint.scope)

    @property
    def copies(self) -> Copies:
        """What copies of requests have done."""
        return Copies(self.site.notes, self.ports.clock)

    @property
    def copy(self) -> str:
        """Names this request's copies in what gateways note; empty without a key."""
        return f"api {self.token.id} {self.endpoint.name} {self.key}" if self.key else ""

    async def question(self, actor: Actor | None = None) -> Deliberation:
        """The question in the address, if this token's channel has it. Raises UnknownDeliberationError."""
        found = await load_visible(actor or self.actor, self.path.question, self.ports)
        if (found.platform, found.channel) != (self.token.platform, self.token.channel):
            raise UnknownDeliberationError
        return found

    async def at(self) -> datetime:
        """When the first copy of this request came."""
        return await self.copies.came_at(self.copy) if self.copy else self.now

    async def run(self, command: Command) -> Reply:
        """Send a command into the application."""
        return await dispatch(command, self.ports)

    async def once(self, command: Command) -> Reply:
        """The same for what would not be the same the second time: a copy gets the first one's answer."""
        if not self.copy:
            return await self.run(command)
        return await self.copies.once(self.copy, lambda: self.run(command))
