"""A Discord on this machine: what tests start, furnish and look at.

Gives:  an aiohttp server on 127.0.0.1 with the REST API, the gateway and the files that were sent;
        guilds, channels and members to act in them.
An unmodified discord.py reaches it by `api_url` and `gateway_url`. Everything happens in the test's own
event loop.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from aiohttp import web

from tests.bell import PATIENCE_S
from tests.discord_server import (
    permissions,
    posting,
    routes_apps,
    routes_guilds,
    routes_interactions,
    routes_messages,
    routes_polls,
    routes_reactions,
)
from tests.discord_server.events import Events
from tests.discord_server.gateway import Gateway
from tests.discord_server.limits import Faults, Limits
from tests.discord_server.people import Member
from tests.discord_server.permissions import Overwrite
from tests.discord_server.rest import API, Call, Rest
from tests.discord_server.state import (
    DM,
    PRIVATE_THREAD,
    TEXT,
    THREAD,
    AppIdentity,
    Channel,
    Clock,
    Guild,
    Interaction,
    Json,
    Membership,
    Message,
    Person,
    Role,
    State,
)
from tests.discord_server.wire import POLL_RESULT, Wire

T = TypeVar("T")
ROUTE_MODULES = (
    routes_apps,
    routes_guilds,
    routes_interactions,
    routes_messages,
    routes_polls,
    routes_reactions,
)
"""Imported so that they register their routes."""


class DiscordServer:
    """The whole of it. `async with DiscordServer() as discord: …`."""

    def __init__(self, *, app: AppIdentity | None = None, port: int = 0) -> None:
        self.clock = Clock()
        self.state = State(app or AppIdentity(), self.clock)
        self.port = port
        self.limits, self.faults = Limits(), Faults()
        self.wire, self.events = Wire(self.state), Events(self)
        self.rest, self.gateway = Rest(self), Gateway(self)
        self.problems: list[str] = []
        """What the application asked that this server does not know."""
        self._runner: web.AppRunner | None = None

    # Up and down.

    async def __aenter__(self) -> "DiscordServer":
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; after `stop` again on the same port, with everything remembered."""
        app = web.Application(client_max_size=64 * 1024**2)
        app.router.add_get("/gateway", self.gateway.handle)
        app.router.add_get("/cdn/attachments/{channel}/{attachment}/{filename}", self._file)
        self.rest.add_to(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]
        self.wire.base_url = self.url

    async def stop(self) -> None:
        """Drop all sockets and stop listening, as an outage of Discord does."""
        await self.gateway.cut()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    # Where it is and what opens it.

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_url(self) -> str:
        """What discord.py's `Route.BASE` has to be."""
        return f"{self.url}{API}"

    @property
    def gateway_url(self) -> str:
        """What discord.py's `DiscordWebSocket.DEFAULT_GATEWAY` has to be (as a URL)."""
        return f"ws://127.0.0.1:{self.port}/gateway"

    @property
    def app(self) -> AppIdentity:
        """Token, application id, shards, privileged intents."""
        return self.state.app

    # Furniture. Made while the application is connected, it is told of it.

    def guild(self, name: str = "Assembly", *, locale: str = "en-US", guild_id: int | None = None) -> Guild:
        """A new guild with the bot in it, an owner, and a channel `general`."""
        guild = Guild(guild_id or self.state.new_guild_id(), name, locale=locale)
        owner = self._person(f"owner-of-{name.lower()}")
        guild.owner = owner.id
        guild.members[owner.id] = Membership(owner, joined_at=self.state.iso())
        self.state.guilds[guild.id] = guild
        self._place_channel(Channel(self.state.new_id(), "general", guild=guild))
        self.add_bot(guild)
        return guild

    @property
    def first_guild(self) -> Guild:
        """The first guild, made when it is asked for."""
        return next(iter(self.state.guilds.values()), None) or self.guild()

    def first_channel(self, guild: Guild | None = None) -> Channel:
        """A guild's first text channel."""
        home = guild or self.first_guild
        return next(c for c in home.channels.values() if c.type == TEXT and not c.deleted)

    def member(
        self,
        name: str,
        guild: Guild | None = None,
        *,
        roles: tuple[Role, ...] = (),
        nick: str | None = None,
        **flags: Any,
    ) -> Member:
        """A new member; `flags` are fields of `Person` (locale, dms_open, global_name, …)."""
        return self.admit(self._person(name, **flags), guild or self.first_guild, roles=roles, nick=nick)

    def admit(
        self, person: Person, guild: Guild, *, roles: tuple[Role, ...] = (), nick: str | None = None
    ) -> Member:
        """Let somebody into a guild."""
        member = Membership(person, [role.id for role in roles], nick, self.state.iso())
        guild.members[person.id] = member
        self.events.member("GUILD_MEMBER_ADD", guild, member)
        return Member(self, guild, person)

    def owner(self, guild: Guild | None = None) -> Member:
        """A guild's owner, who may do everything."""
        home = guild or self.first_guild
        return Member(self, home, self.state.people[home.owner])

    def _person(self, name: str, **flags: Any) -> Person:
        person = Person(self.state.new_id(), name, **flags)
        self.state.people[person.id] = person
        return person

    def role(self, name: str, guild: Guild | None = None, *names: str, mentionable: bool = False) -> Role:
        """A new role with these permissions."""
        home = guild or self.first_guild
        role = Role(self.state.new_id(), name, permissions.bits(names), len(home.roles))
        role.mentionable = mentionable
        home.roles[role.id] = role
        self.events.role("GUILD_ROLE_CREATE", home, role)
        return role

    def channel(
        self,
        name: str,
        guild: Guild | None = None,
        *,
        only: tuple[Member, ...] | None = None,
        kind: int = TEXT,
    ) -> Channel:
        """A new channel; with `only`, one that these members and the bot see and nobody else."""
        home = guild or self.first_guild
        channel = Channel(self.state.new_id(), name, kind, home)
        if only is not None:
            seen = permissions.bits(["view_channel"])
            people = [*(member.id for member in only), self.state.bot.id]
            channel.overwrites = [Overwrite(home.id, False, deny=seen)]
            channel.overwrites += [Overwrite(user, True, allow=seen) for user in people]
        self._place_channel(channel)
        self.events.channel("CHANNEL_CREATE", channel)
        return channel

    def post_in(self, forum: Channel, name: str) -> Channel:
        """A new post in a forum, which is a thread."""
        thread = Channel(self.state.new_id(), name, THREAD, forum.guild, forum)
        self._place_channel(thread)
        self.events.channel("CHANNEL_CREATE", thread)
        return thread

    def private_thread(self, parent: Channel, name: str, *members: Member) -> Channel:
        """A thread in a channel that only these members and the bot are in."""
        inside = [*(member.id for member in members), self.state.bot.id]
        thread = Channel(self.state.new_id(), name, PRIVATE_THREAD, parent.guild, parent)
        thread.thread_members += inside
        self._place_channel(thread)
        self.events.channel("CHANNEL_CREATE", thread)
        return thread

    def direct(self, person: Person) -> Channel:
        """The bot's direct conversation with somebody, made when it is asked for."""
        found = self.state.dm_with(person.id)
        if found is None:
            bot = self.state.bot.id
            found = Channel(self.state.new_id(), "", DM, recipients=[person.id, bot])
            self.state.channels[found.id] = found
        return found

    def _place_channel(self, channel: Channel) -> None:
        assert channel.guild is not None
        channel.guild.channels[channel.id] = self.state.channels[channel.id] = channel

    # What happens to guilds.

    def add_bot(self, guild: Guild) -> None:
        """Install the application: its bot joins with a role of its own."""
        bot = self.state.bot
        role = Role(
            self.state.new_id(), self.app.name, managed=True, bot_id=bot.id, position=len(guild.roles)
        )
        guild.roles[role.id] = role
        guild.members[bot.id] = Membership(bot, [role.id], joined_at=self.state.iso())
        self.events.joined_guild(guild)

    def remove_bot(self, guild: Guild) -> None:
        """Kick the bot."""
        role = guild.bot_role(self.state.bot.id)
        del guild.members[self.state.bot.id], guild.roles[role.id]
        self.events.left_guild(guild)

    def allow(self, place: Guild | Channel, *names: str, member: Member | None = None) -> None:
        """Give permissions to the bot (or a member): in a channel, or, for the bot, in a whole guild."""
        self._permit(place, permissions.bits(names), allowed=True, member=member)

    def deny(self, place: Guild | Channel, *names: str, member: Member | None = None) -> None:
        """Take permissions from the bot (or a member).

        In a guild this takes them from @everyone too, as the bot has what everybody has.
        """
        self._permit(place, permissions.bits(names), allowed=False, member=member)

    def _permit(self, place: Guild | Channel, wanted: int, *, allowed: bool, member: Member | None) -> None:
        user = member.id if member else self.state.bot.id
        if isinstance(place, Channel):
            found = next((o for o in place.overwrites if o.is_member and o.target == user), None)
            if found is None:
                found = Overwrite(user, True)
                place.overwrites.append(found)
            found.allow = found.allow | wanted if allowed else found.allow & ~wanted
            found.deny = found.deny & ~wanted if allowed else found.deny | wanted
            self.events.channel("CHANNEL_UPDATE", place)
            return
        for role in (place.bot_role(self.state.bot.id), *([] if allowed else [place.roles[place.id]])):
            role.permissions = role.permissions | wanted if allowed else role.permissions & ~wanted
            self.events.role("GUILD_ROLE_UPDATE", place, role)

    def delete_channel(self, channel: Channel) -> None:
        """Delete a channel with everything in it, its threads included."""
        assert channel.guild is not None
        for thread in [c for c in channel.guild.channels.values() if c.parent is channel]:
            self.delete_channel(thread)
        self.events.channel("CHANNEL_DELETE", channel)
        channel.deleted = True
        del channel.guild.channels[channel.id]

    def delete_role(self, guild: Guild, role: Role) -> None:
        """Delete a role; members lose it."""
        del guild.roles[role.id]
        for member in guild.members.values():
            with suppress(ValueError):
                member.roles.remove(role.id)
        self.events.role("GUILD_ROLE_DELETE", guild, role)

    def delete_message(self, message: Message) -> None:
        """Delete a message, as a moderator does."""
        posting.remove(self, message)

    def end_poll(self, message: Message) -> None:
        """End a poll: its results are final, and Discord posts them."""
        assert message.poll is not None
        message.poll.closed = True
        self.events.message("MESSAGE_UPDATE", message)
        body = {"embeds": [_poll_result(message)], "message_reference": {"message_id": str(message.id)}}
        posting.post(self, message.channel, message.author, body, kind=POLL_RESULT)

    def end_due_polls(self) -> None:
        """End the polls whose time is over; nothing else does, as nothing runs by itself here."""
        for message in list(self.state.messages()):
            poll = message.poll
            if poll is not None and not poll.closed and self.clock() >= poll.expires_at:
                self.end_poll(message)

    # Interactions.

    def send_interaction(self, interaction: Interaction) -> int:
        """Send INTERACTION_CREATE (twice, if `gateway.twice`); gives to how many connections it went."""
        guild = interaction.channel.guild
        sent = 0
        for _ in range(2 if self.gateway.twice else 1):
            sent += self.gateway.dispatch("INTERACTION_CREATE", interaction.payload, guild=guild)
        return sent

    # Files.

    async def _file(self, request: web.Request) -> web.StreamResponse:
        found = self.state.attachments.get(int(request.match_info["attachment"]))
        if found is None:
            return web.Response(status=404)
        return web.Response(body=found.data, headers={"Content-Type": found.content_type})

    # Looking.

    def calls(self, route: str, **where: Any) -> list[Call]:
        """Every call of a route whose path and body are as in `where`, oldest first."""
        wanted = [c for c in self.rest.calls if c.route == route]
        given = [(c, {**c.body, **c.params}) for c in wanted]
        return [c for c, told in given if all(str(told.get(k)) == str(v) for k, v in where.items())]

    async def until(self, found: Callable[[], T], *, what: str = "", timeout_s: float = PATIENCE_S) -> T:
        """Wait until `found()` is truthy, looking whenever something changed; gives its value."""
        return await self.state.bell.until(found, what=what, timeout_s=timeout_s)

    async def connected(self, count: int = 1) -> None:
        """Wait until at least so many shards are connected and identified."""
        enough = f"{count} shards of the application"
        await self.until(lambda: len(self.gateway.shards) >= count, what=enough)

    async def posted(self, channel: Channel, words: str, *, timeout_s: float = PATIENCE_S) -> Message:
        """Wait for a public message in a channel that holds these words."""

        def found() -> Message | None:
            return next((m for m in reversed(channel.shown) if words in m.shown), None)

        message = await self.until(found, what=f"{words!r} in {channel.name}", timeout_s=timeout_s)
        assert message is not None
        return message


def _poll_result(message: Message) -> Json:
    """The embed under which Discord posts a poll's results."""
    poll = message.poll
    assert poll is not None
    votes = {number: len(users) for number, users in poll.votes.items() if users}
    fields = {"poll_question_text": poll.question, "total_votes": str(sum(votes.values()))}
    best = max(votes.values(), default=0)
    winners = [number for number, count in votes.items() if count == best]
    fields["victor_answer_votes"] = str(best)
    if len(winners) == 1:
        fields |= {"victor_answer_id": str(winners[0]), "victor_answer_text": poll.answers[winners[0]]}
    told = [{"name": name, "value": value, "inline": False} for name, value in fields.items()]
    return {"type": "poll_result", "fields": told}
