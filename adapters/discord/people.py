"""Who people are: admins, their roles, who sees a channel, whom can be reminded.

Reads:  interactions, which say who acts; Discord's members and channels, kept for a while in this process.
Gives:  an `Actor`. Discord lists a server's members only to apps with a privileged intent, which Accord does
not ask for. Where it has none, those are known who have used Accord in a channel; `forget` makes it forget
them.
"""

import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import discord

from adapters.discord.rest import Rest
from bot.domain.actors import Actor
from bot.domain.deliberation import Deliberation
from bot.errors import PlatformError, UnreachableError
from bot.notes import KEPT_S, Notes
from bot.ports import Ports

FRESH_S = 300.0
CHANNEL_FRESH_S = 60.0
LANGUAGE_FRESH_S = 3_600.0
KEPT = 20_000
CHANNELS_KEPT = 500
UTC = "UTC"

T = TypeVar("T")


@dataclass(frozen=True)
class Who:
    """Somebody who acts. `team` is empty in a direct message; manages: may manage the server.

    within: the channel that theirs is a thread of, if it is one.
    """

    team: str
    user: str
    name: str = ""
    roles: frozenset[str] = frozenset()
    manages: bool = False
    channel: str = ""
    within: str = ""


def who(interaction: "discord.Interaction[Any]") -> Who:
    """Who clicked, typed or submitted."""
    user, place = interaction.user, interaction.channel
    roles = (
        frozenset(str(role.id) for role in user.roles) if isinstance(user, discord.Member) else frozenset()
    )
    return Who(
        team=str(interaction.guild_id or ""),
        user=str(user.id),
        name=user.display_name,
        roles=roles,
        manages=bool(interaction.guild_id) and interaction.permissions.manage_guild,
        channel=str(interaction.channel_id or ""),
        within=str(place.parent_id) if isinstance(place, discord.Thread) else "",
    )


class Fresh(Generic[T]):
    """Things looked up lately: at most `most`, the oldest dropped."""

    def __init__(self, for_s: float, most: int) -> None:
        self._for_s = for_s
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()

    def get(self, key: Hashable) -> T | None:
        """What is kept and still fresh."""
        at, found = self._kept.get(key, (0.0, None))
        return found if found is not None and time.monotonic() - at < self._for_s else None

    def put(self, key: Hashable, found: T) -> T:
        """Keep it."""
        self._kept[key] = (time.monotonic(), found)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return found

    def drop(self, key: Hashable) -> None:
        """Keep it no longer."""
        self._kept.pop(key, None)


class People:
    """One for a process."""

    def __init__(self, rest: Rest, notes: Notes) -> None:
        self._rest = rest
        self._notes = notes
        self._members: Fresh[discord.Member] = Fresh(FRESH_S, KEPT)
        self._channels: Fresh[discord.abc.GuildChannel] = Fresh(CHANNEL_FRESH_S, CHANNELS_KEPT)
        self._languages: Fresh[discord.Locale] = Fresh(LANGUAGE_FRESH_S, KEPT)
        self._met: Fresh[bool] = Fresh(FRESH_S, KEPT)

    # -- who acts --------------------------------------------------------------------------------

    async def actor(self, who: Who, ports: Ports, d: Deliberation | None = None) -> Actor:
        """Who acts: with rights and, for a question, whether they see its channel."""
        team = who.team or (d.team if d is not None else "")
        settings = await ports.store.team(team)
        admin = who.manages or bool(who.roles & settings.admin_roles)
        member = d is None or await self.is_member(who, d)
        return Actor(team, who.user, name=who.name, admin=admin, roles=who.roles, member=member)

    async def participant(self, who: Who, d: Deliberation) -> Actor:
        """Who takes part: asks Discord no more than the question needs."""
        roles = who.roles
        if d.terms.excluded_roles and not who.team:
            roles = await self._roles(d.team, who.user)
        member = await self.is_member(who, d)
        return Actor(who.team or d.team, who.user, name=who.name, roles=roles, member=member)

    async def voter(self, user: str, d: Deliberation) -> Actor:
        """Who reacted or voted: they saw the channel then. Their roles only where these matter."""
        roles = await self._roles(d.team, user) if d.terms.excluded_roles else frozenset()
        return Actor(d.team, user, roles=roles)

    async def is_member(self, who: Who, d: Deliberation) -> bool:
        """Whether somebody sees a question's channel; True when Discord does not say: no voice is lost."""
        if who.team and who.channel == d.channel:
            return True
        try:
            return await self.sees(d.team, d.channel, who.user)
        except PlatformError:
            return True

    async def sees(self, team: str, channel: str, user: str) -> bool:
        """Whether somebody is in the server and sees the channel. Raises PlatformError."""
        try:
            member = await self._member(team, user)
            place = await self._channel(team, channel)
        except UnreachableError:
            return False
        return place is None or place.permissions_for(member).view_channel

    async def _roles(self, team: str, user: str) -> frozenset[str]:
        try:
            return frozenset(str(role.id) for role in (await self._member(team, user)).roles)
        except PlatformError:
            return frozenset()

    async def _member(self, team: str, user: str) -> discord.Member:
        known = self._members.get((team, user))
        if known is not None:
            return known

        async def look(client: discord.Client) -> discord.Member:
            guild = await client.fetch_guild(int(team), with_counts=False)
            return await guild.fetch_member(int(user))

        return self._members.put((team, user), await self._rest.call(look))

    async def _channel(self, team: str, channel: str) -> discord.abc.GuildChannel | None:
        """A channel with what everybody may do there; of a thread the one that it is in."""
        known = self._channels.get((team, channel))
        if known is not None:
            return known

        async def look(client: discord.Client) -> discord.abc.GuildChannel | None:
            guild = await client.fetch_guild(int(team), with_counts=False)
            places = {each.id: each for each in await guild.fetch_channels()}
            if int(channel) in places:
                return places[int(channel)]
            # A thread has no permissions of its own.
            found = await client.fetch_channel(int(channel))
            return places.get(found.parent_id) if isinstance(found, discord.Thread) else None

        found = await self._rest.call(look)
        return None if found is None else self._channels.put((team, channel), found)

    # -- whom to remind --------------------------------------------------------------------------

    async def met(self, who: Who) -> None:
        """Somebody used Accord in a channel: they can be reminded there."""
        if not who.team or self._met.get((who.team, who.channel, who.user)):
            return
        self._met.put((who.team, who.channel, who.user), True)
        await self._notes.add_to(f"met {who.team} {who.channel}", who.user)
        await self._notes.add_to(f"met in {who.team}", who.channel)

    async def forget(self, team: str, user: str) -> None:
        """Know nothing of somebody any more."""
        for channel in await self._notes.members(f"met in {team}"):
            await self._notes.remove_from(f"met {team} {channel}", user)
            self._met.drop((team, channel, user))
        self._members.drop((team, user))
        await self._notes.remove(f"zone {user}")

    async def members(self, team: str, channel: str) -> list[str]:
        """The people who see a channel, bots left out: all of them, or those who are known."""
        listed = await self._listed(team)
        if listed is None:
            return [user for user in await self._notes.members(f"met {team} {channel}") if user.isdigit()]
        place = await self._channel(team, channel)
        return [
            str(member.id)
            for member in listed
            if not member.bot and (place is None or place.permissions_for(member).view_channel)
        ]

    async def knows_all(self, team: str) -> bool:
        """Whether Discord lists a server's members to this app."""
        return await self._listed(team, most=1) is not None

    async def _listed(self, team: str, most: int | None = None) -> list[discord.Member] | None:
        """None where Discord does not allow it."""

        async def look(client: discord.Client) -> list[discord.Member] | None:
            guild = await client.fetch_guild(int(team), with_counts=False)
            try:
                return [member async for member in guild.fetch_members(limit=most)]
            except discord.Forbidden:
                return None

        return await self._rest.call(look)

    # -- languages -------------------------------------------------------------------------------

    async def language(self, team: str) -> discord.Locale:
        """The one that a server has chosen; English where Discord does not say."""
        known = self._languages.get(team)
        if known is not None:
            return known
        try:
            guild = await self._rest.call(lambda client: client.fetch_guild(int(team), with_counts=False))
        except PlatformError:
            return discord.Locale.american_english
        return self._languages.put(team, guild.preferred_locale)

    # -- time zones ------------------------------------------------------------------------------

    async def zone(self, user: str, chosen: str = "") -> str:
        """The time zone that somebody chose, now or before; Discord tells none."""
        if chosen:
            await self._notes.put(f"zone {user}", chosen, for_s=KEPT_S)
            return chosen
        return await self._notes.get(f"zone {user}") or UTC
