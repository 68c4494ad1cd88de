"""A Slack on this machine: what tests start, furnish and look at.

Gives:  an aiohttp server on 127.0.0.1 with the Web API, Socket Mode, response URLs and the OAuth pages;
        workspaces, channels and members to act in them.
Unmodified SDK clients reach it by `api_url`. Everything happens in the test's own event loop.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from aiohttp import web

from tests.bell import PATIENCE_S
from tests.slack_server import (
    events,
    methods_apps,
    methods_chat,
    methods_conversations,
    methods_files,
    methods_people,
    methods_views,
)
from tests.slack_server.delivery import EVENTS, Delivery, Post, Redelivery
from tests.slack_server.http_mode import HttpMode
from tests.slack_server.limits import Faults, Limits
from tests.slack_server.people import User
from tests.slack_server.response_urls import ResponseUrls
from tests.slack_server.socket_mode import PATH, SocketMode
from tests.slack_server.state import AppIdentity, Channel, Json, Message, Person, State, Team, Token
from tests.slack_server.web_api import Call, WebApi

T = TypeVar("T")
METHOD_MODULES = (
    methods_apps,
    methods_chat,
    methods_conversations,
    methods_files,
    methods_people,
    methods_views,
)
"""Imported so that they register their methods."""


@dataclass
class Grant:
    """An admin's consent, to be exchanged for a token."""

    team: Team
    user: str
    scopes: set[str]
    redirect_uri: str
    used: bool = False


class SlackServer:
    """The whole of it. `async with SlackServer() as slack: …`."""

    def __init__(
        self, *, app: AppIdentity | None = None, port: int = 0, clock: Callable[[], float] = time.time
    ):
        self.state = State(app or AppIdentity(), clock)
        self.port = port
        self.limits, self.faults = Limits(), Faults()
        self.api, self.socket, self.http = WebApi(self), SocketMode(self), HttpMode(self)
        self.post = Post(self.state, self.socket)
        self.events = events.Events(self.state, self.post)
        self.response_urls = ResponseUrls(self)
        self.problems: list[str] = []
        """Answers of the app that Slack could not have used."""
        self.grants: dict[str, Grant] = {}
        self.uploads: dict[str, methods_files.Upload] = {}
        self.busy_files = 0
        self.picked: dict[tuple[str, str, str], dict[tuple[str, str], Json]] = {}
        self._runner: web.AppRunner | None = None

    # Up and down.

    async def __aenter__(self) -> "SlackServer":
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; after `stop` again on the same port, with everything remembered."""
        app = web.Application(client_max_size=4 * 1024**2)
        app.router.add_route("*", "/api/{method}", self.api.handle)
        app.router.add_get(PATH, self.socket.handle)
        app.router.add_post("/actions/{team}/{key}", self.response_urls.handle)
        app.router.add_post("/upload/v1/{file}", partial(methods_files.receive, self.uploads))
        app.router.add_get("/oauth/v2/authorize", self._authorize)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close all sockets and stop listening, as an outage of Slack does."""
        await self.socket.close()
        await self.http.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def use_http(self, request_url: str) -> None:
        """Deliver to this request URL from now on, instead of sockets."""
        self.http.request_url = request_url
        self.socket.enabled = False
        self.post.carrier = self.http

    def use_sockets(self) -> None:
        """Deliver over Socket Mode (as at first)."""
        self.socket.enabled = True
        self.post.carrier = self.socket

    # Where it is and what opens it.

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_url(self) -> str:
        """The SDK's `base_url`."""
        return f"{self.url}/api/"

    @property
    def app(self) -> AppIdentity:
        """App token, signing secret, client id and secret."""
        return self.state.app

    @property
    def redelivery(self) -> Redelivery:
        """How stubbornly events are delivered; change its fields."""
        return self.post.how

    # Furniture.

    def team(
        self,
        name: str = "Assembly",
        *,
        installed: bool = True,
        enterprise_id: str | None = None,
        is_enterprise_install: bool = False,
    ) -> Team:
        """A new workspace with the app's bot; with a bot token unless `installed` is false."""
        new_id = self.state.new_id
        bot = Person(new_id("U"), "accord", "Accord", is_bot=True)
        team = Team(new_id("T"), name, name.lower().replace(" ", "-"), bot, new_id("B"))
        team.enterprise_id, team.is_enterprise_install = enterprise_id, is_enterprise_install
        team.enterprise_name = f"{name} Group" if enterprise_id else None
        team.people[bot.id] = bot
        self.state.teams[team.id] = team
        if installed:
            self.new_token(team)
        return team

    @property
    def first_team(self) -> Team:
        """The first workspace, made when it is asked for."""
        return next(iter(self.state.teams.values()), None) or self.team()

    def new_token(self, team: Team, scopes: set[str] | None = None) -> Token:
        """Another bot token of a workspace."""
        value = f"xoxb-{team.id}-{self.state.new_id('X')}-loopback"
        granted = set(self.app.scopes if scopes is None else scopes)
        token = self.state.tokens[value] = Token(value, team, team.bot.id, granted, team.bot_id)
        return token

    def bot_token(self, team: Team | None = None) -> str:
        """A bot token of a workspace: its newest that works."""
        wanted = team or self.first_team
        found = [t for t in self.state.tokens.values() if t.team is wanted]
        return next((t for t in reversed(found) if not t.error), found[-1]).value

    def user(self, name: str, team: Team | None = None, **flags: Any) -> User:
        """A new member; `flags` are fields of `Person` (tz, locale, is_admin, is_restricted, …)."""
        home = team or self.first_team
        person = Person(self.state.new_id("U"), name, **flags)
        home.people[person.id] = person
        return User(self, home, person)

    def guest_from(self, other: Team, name: str, host: Team | None = None) -> User:
        """A member of another workspace, in the host's by a channel that both share (Slack Connect)."""
        return self.user(name, host, home=other)

    def channel(
        self,
        name: str,
        *members: User,
        team: Team | None = None,
        kind: str = "public",
        with_bot: bool = True,
    ) -> Channel:
        """A new channel with these members, and the bot unless `with_bot` is false."""
        home = team or (members[0].team if members else self.first_team)
        ids = [*(m.id for m in members), *([home.bot.id] if with_bot else [])]
        channel = Channel(self.state.new_id("C"), name, home, kind, ids, creator=next(iter(ids), ""))
        channel.created = int(self.state.clock())
        home.channels[channel.id] = channel
        return channel

    def direct(self, team: Team, *users: str) -> tuple[Channel, bool]:
        """The direct conversation of these people, and whether it is new."""
        found = team.dm_with(*users)
        if found is not None:
            return found, False
        kind = "im" if len(set(users)) <= 2 else "mpim"
        prefix = "D" if kind == "im" else "G"
        channel = Channel(self.state.new_id(prefix), "", team, kind, list(dict.fromkeys(users)))
        team.channels[channel.id] = channel
        return channel, True

    # What happens to workspaces.

    async def archive(self, channel: Channel, by: User) -> Delivery | None:
        """Archive a channel."""
        event = events.channel_event(self.state, channel, "archive", by.id)
        told = self.events.tell(channel.team, event, channel)
        channel.archived = True
        return await told

    def deactivate(self, user: User) -> None:
        """Deactivate a member's account.

        As with Slack, conversations.members goes on listing them and a message to them is accepted
        (python-slack-sdk#1156, irslackd#67); users.info says `deleted`, conversations.open user_disabled.
        """
        user.person.deleted = True

    async def unarchive(self, channel: Channel, by: User) -> Delivery | None:
        """Bring an archived channel back."""
        channel.archived = False
        event = events.channel_event(self.state, channel, "unarchive", by.id)
        return await self.events.tell(channel.team, event, channel)

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel, which from then on is not found."""
        channel.deleted = True

    async def add_bot(self, channel: Channel) -> Delivery | None:
        """Invite the app's bot into a channel."""
        channel.members.append(channel.team.bot.id)
        event = events.membership(self.state, channel, channel.team.bot.id, joined=True)
        return await self.events.tell(channel.team, event, channel)

    async def remove_bot(self, channel: Channel) -> Delivery | None:
        """Take the app's bot out of a channel."""
        channel.members.remove(channel.team.bot.id)
        event = events.membership(self.state, channel, channel.team.bot.id, joined=False)
        return await self.events.tell(channel.team, event, channel)

    async def uninstall(self, team: Team) -> list[Delivery | None]:
        """Remove the app from a workspace: tokens_revoked and app_uninstalled, and its tokens are dead."""
        revoked = await self.revoke(team, error="account_inactive")
        gone = {"type": "app_uninstalled", "event_ts": self.state.new_ts()}
        # An organisation takes the app out of all of its workspaces at once: the event names none of them.
        everywhere = {"team_id": None} if team.is_enterprise_install else {}
        told = await self.post.deliver(EVENTS, self.events.envelope(team, gone) | everywhere)
        team.uninstalled = True
        return [revoked, told]

    async def revoke(self, team: Team, *, error: str = "token_revoked") -> Delivery | None:
        """Revoke a workspace's bot tokens."""
        for token in self.state.tokens.values():
            if token.team is team:
                token.error = error
        event = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [team.bot.id]}}
        return await self.events.tell(team, event | {"event_ts": self.state.new_ts()})

    async def leave_organisation(self, *teams: Team) -> Delivery | None:
        """An organisation takes the app out of some of its workspaces: its token reaches them no longer."""
        event = {"type": "team_access_revoked", "team_ids": [team.id for team in teams]}
        told = await self.events.tell(teams[0], event | {"event_ts": self.state.new_ts()})
        for team in teams:
            team.uninstalled = True
        return told

    def tell_of(self, message: Message, event: Json) -> None:
        """Tell the app, in the background, of what it did itself: its own messages are events too."""
        self.events.tell_later(message.channel.team, event, message.channel)

    def reacted(self, message: Message, user: str, name: str, *, added: bool) -> None:
        """Tell the app, in the background, of a reaction that came by the Web API: its own."""
        self.tell_of(message, events.reaction(self.state, message, user, name, added=added))

    # Installing.

    def grant(
        self, team: Team, installer: User, *, scopes: set[str] | None = None, redirect_uri: str = ""
    ) -> str:
        """An admin clicks Allow; gives the code that goes to the app's redirect URL."""
        code = f"{team.id}.{self.state.new_id('G')}"
        granted = set(scopes or self.app.scopes)
        self.grants[code] = Grant(team, installer.id, granted, redirect_uri)
        return code

    async def _authorize(self, request: web.Request) -> web.StreamResponse:
        """The consent page, where `team` and `user` (both optional) say who clicks Allow."""
        query = request.query
        team = self.state.teams.get(query.get("team", "")) or self.first_team
        people = [p for p in team.people.values() if not p.is_bot]
        person = team.people.get(query.get("user", "")) or next(iter(people), team.bot)
        scopes = set(query.get("scope", "").split(",")) - {""}
        target = query.get("redirect_uri", "")
        code = self.grant(team, User(self, team, person), scopes=scopes or None, redirect_uri=target)
        if not target:
            return web.json_response({"code": code, "state": query.get("state", "")})
        raise web.HTTPFound(f"{target}?code={code}&state={query.get('state', '')}")

    # Looking.

    def calls(self, method: str, **where: Any) -> list[Call]:
        """Every call of a method whose arguments are as in `where`, oldest first."""
        wanted = [c for c in self.api.calls if c.method == method]
        return [c for c in wanted if all(str(c.args.get(k)) == str(v) for k, v in where.items())]

    async def until(self, found: Callable[[], T], *, what: str = "", timeout_s: float = PATIENCE_S) -> T:
        """Wait until `found()` is truthy, looking whenever something changed; gives its value."""
        return await self.state.bell.until(found, what=what, timeout_s=timeout_s)

    async def connected(self, count: int = 1) -> None:
        """Wait until the app holds at least so many sockets."""
        enough = f"{count} sockets of the app"
        await self.until(lambda: len(self.socket.connections) >= count, what=enough)

    async def settled(self) -> None:
        """Wait until every event that is under way was delivered, late copies included."""
        await self.post.settled()
