"""Who people are: admins, their roles, who sees a channel, whom can be reminded.

Reads:  interactions, which say who acts; Discord's members and channels, kept for a while in this process.
Gives:  an `Actor`. Discord lists a server's members only to apps with a privileged intent, which Accord does
not ask for. Where it has none, those are known who have used Accord in a channel; `forget` makes it forget
them.
"""

import logging
from dataclasses import dataclass
from typing import Any

import discord

from adapters.discord.errors import ChannelClosedError
from adapters.discord.rest import Rest
from adapters.discord.sealed_ids import SealedIds
from bot.chat.lookup_cache import Looks
from bot.chat.notes import KEPT_S, Notes
from bot.domain.actors import Actor
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import PlatformError, UnreachableError
from bot.domain.juries import bare, group_names
from bot.service.ports import Ports
from bot.wording import troubles
from bot.wording.time_zones import known_zone, zone_or_utc

log = logging.getLogger(__name__)

FRESH_S = 300.0
# Whoever lost a role or a permission sees no more of what that opened after so long.
ROLES_FRESH_S = 10.0
CHANNEL_FRESH_S = 30.0
IN_THREAD_FRESH_S = 5.0
LANGUAGE_FRESH_S = 3_600.0
KEPT = 20_000
CHANNELS_KEPT = 500
UTC = "UTC"


@dataclass(frozen=True)
class Place:
    """A channel, or the one around a thread, with what everybody may do there; private: a private thread."""

    around: discord.abc.GuildChannel
    private: bool = False


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
    locale: str = ""


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
        locale=str(interaction.locale),
    )


class People:
    """One for a process."""

    def __init__(self, rest: Rest, notes: Notes, sealed: SealedIds) -> None:
        self._rest = rest
        self._notes = notes
        self._sealed = sealed
        self._members: Looks[discord.Member] = Looks(KEPT)
        self._guilds: Looks[discord.Guild] = Looks(CHANNELS_KEPT)
        self._places: Looks[Place] = Looks(CHANNELS_KEPT)
        self._in_thread: Looks[bool] = Looks(KEPT)
        self._languages: Looks[discord.Locale] = Looks(KEPT)
        self._locales: Looks[str] = Looks(KEPT)
        self._met: Looks[bool] = Looks(KEPT)

    # -- who acts --------------------------------------------------------------------------------

    async def actor(self, who: Who, ports: Ports, d: Deliberation | None = None) -> Actor:
        """Who acts: with rights. In a direct message a question says in which server."""
        team = who.team or (d.team if d is not None else "")
        settings = await ports.teams.team(team)
        admin = who.manages or bool(who.roles & settings.admin_roles)
        return Actor(team, who.user, name=who.name, admin=admin, roles=who.roles, channel=who.channel)

    async def participant(self, who: Who, d: Deliberation) -> Actor:
        """Who takes part: asks Discord no more than the question needs.

        Raises PlatformError while it is not known whether their role takes part.
        """
        roles = who.roles
        if d.terms.excluded_roles and not who.team:
            roles = await self._roles(d.team, who.user)
        return Actor(
            who.team or d.team,
            who.user,
            name=who.name,
            roles=roles,
            groups=await self.groups(d, who.user),
            channel=who.channel,
        )

    async def groups(self, d: Deliberation, user: str) -> frozenset[str]:
        """Those of the server's roles that the question asks about and that somebody has, by their names.

        None of them while Discord does not say: nobody's opinion is refused for that.
        """
        wanted = group_names(d.terms.attributes)
        if not wanted or d.phase is not Phase.OPINIONS:
            return frozenset()
        try:
            held = {bare(role.name) for role in (await self._member(d.team, user)).roles}
        except PlatformError as exc:
            log.info("who has a role could not be read (%s)", type(exc).__name__)
            return frozenset()
        return wanted & held

    async def voter(self, user: str, d: Deliberation, channel: str = "") -> Actor:
        """Who reacted or voted: they saw the channel then. Their roles only where these matter.

        Raises PlatformError while these are not known; the vote is found again.
        """
        roles = await self._roles(d.team, user) if d.terms.excluded_roles else frozenset()
        return Actor(d.team, user, roles=roles, channel=channel)

    async def sees(self, team: str, channel: str, user: str) -> bool:
        """Whether somebody is in the server and sees the channel now. Raises PlatformError.

        A private thread is seen by those who are in it. Moderators see it too, but only from inside it, where
        what they do proves it.
        """
        try:
            place = await self._place(team, channel)
            member = await self._member(team, user)
            if not place.around.permissions_for(member).view_channel:
                return False
            return not place.private or await self._is_in_thread(channel, user)
        except (UnreachableError, ChannelClosedError):
            return False

    async def _is_in_thread(self, thread: str, user: str) -> bool:
        async def look(client: discord.Client) -> bool:
            try:
                await client.http.get_thread_member(int(thread), int(user))
            except discord.NotFound:
                return False
            return True

        return await self._in_thread.see((thread, user), lambda: self._rest.call(look), IN_THREAD_FRESH_S)

    async def _roles(self, team: str, user: str) -> frozenset[str]:
        """None of somebody who has left. Raises PlatformError while Discord does not say."""
        try:
            return frozenset(str(role.id) for role in (await self._member(team, user)).roles)
        except UnreachableError:
            return frozenset()

    async def _member(self, team: str, user: str) -> discord.Member:
        async def look() -> discord.Member:
            guild = await self._guild(team)
            return await self._rest.call(lambda client: guild.fetch_member(int(user)))

        return await self._members.see((team, user), look, ROLES_FRESH_S)

    async def _guild(self, team: str) -> discord.Guild:
        """The server, with its roles."""
        return await self._guilds.see((team,), lambda: self._fetched(team), ROLES_FRESH_S)

    async def _fetched(self, team: str) -> discord.Guild:
        return await self._rest.call(lambda client: client.fetch_guild(int(team), with_counts=False))

    async def _place(self, team: str, channel: str) -> Place:
        """Where a channel's permissions are. Raises ChannelClosedError where there is no such channel."""
        return await self._places.see((team, channel), lambda: self._found(team, channel), CHANNEL_FRESH_S)

    async def _found(self, team: str, channel: str) -> Place:
        guild = await self._guild(team)

        async def look(client: discord.Client) -> Place | None:
            places = {each.id: each for each in await guild.fetch_channels()}
            if int(channel) in places:
                return Place(places[int(channel)])
            # A thread has no permissions of its own.
            found = await client.fetch_channel(int(channel))
            if not isinstance(found, discord.Thread) or found.parent_id not in places:
                return None
            return Place(places[found.parent_id], found.is_private())

        place = await self._rest.call(look)
        if place is None:
            raise ChannelClosedError(troubles.CHANNEL_GONE)
        return place

    def changed(self, team: str) -> None:
        """Channels or roles of a server changed: look again who sees what."""
        known: tuple[Looks[Any], ...] = (self._guilds, self._places, self._members)
        for kept in known:
            kept.forget_all(lambda key: key[0] == team)

    # -- whom to remind --------------------------------------------------------------------------

    async def met(self, who: Who) -> None:
        """Somebody used Accord in a channel: they can be reminded there, in the language that they use."""
        await self.note_language(who)
        if who.team:
            await self._met.see((who.team, who.channel, who.user), lambda: self._noted(who), FRESH_S)

    async def _noted(self, who: Who) -> bool:
        met = _met(who.team, who.channel)
        # Earlier versions kept them as they are.
        for unsealed in [each for each in await self._notes.members(met) if each.isdigit()]:
            await self._notes.add_to(met, self._sealed.seal(unsealed, met))
            await self._notes.remove_from(met, unsealed)
        await self._notes.add_to(met, self._sealed.seal(who.user, met))
        await self._notes.add_to(f"met in {who.team}", who.channel)
        return True

    async def forget(self, team: str, user: str) -> None:
        """Know nothing of somebody any more."""
        for channel in await self._notes.members(f"met in {team}"):
            met = _met(team, channel)
            for kept in (user, *self._sealed.each(user, met)):
                await self._notes.remove_from(met, kept)
            self._met.forget((team, channel, user))
        self._members.forget((team, user))
        for note in self._zone_of(user):
            await self._notes.remove(note)
        await self._notes.remove(*self._locale_of(user))
        self._locales.forget(user)

    async def members(self, team: str, channel: str) -> list[str]:
        """The people who see a channel now, bots left out: all of them, or those who are known."""
        listed = await self._listed(team)
        if listed is None:
            return [user for user in await self._known(team, channel) if await self.sees(team, channel, user)]
        place = await self._place(team, channel)
        inside = await self._in_private_thread(channel) if place.private else None
        return [
            str(member.id)
            for member in listed
            if not member.bot
            and place.around.permissions_for(member).view_channel
            and (inside is None or str(member.id) in inside)
        ]

    async def _known(self, team: str, channel: str) -> list[str]:
        """The people who used Accord in a channel, where today's secrets can read them."""
        met = _met(team, channel)
        known = set()
        for kept in await self._notes.members(met):
            user = kept if kept.isdigit() else self._sealed.read(kept, met)
            if not (user and user.isdigit()):
                continue
            known.add(user)
            if kept != (newest := self._sealed.seal(user, met)):
                # Sealed by a secret that will be gone one day.
                await self._notes.add_to(met, newest)
                await self._notes.remove_from(met, kept)
        return sorted(known)

    async def _in_private_thread(self, thread: str) -> frozenset[str]:
        found = await self._rest.call(lambda client: client.http.get_thread_members(int(thread)))
        return frozenset(str(each["user_id"]) for each in found)

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

        async def look() -> discord.Locale:
            return (await self._fetched(team)).preferred_locale

        try:
            return await self._languages.see(team, look, LANGUAGE_FRESH_S)
        except PlatformError:
            return discord.Locale.american_english

    async def note_language(self, who: Who) -> None:
        """Kept for what is written to them: Discord tells somebody's language only when they act."""
        if who.locale and self._locales.kept(who.user, LANGUAGE_FRESH_S) != who.locale:
            await self._notes.put(self._locale_of(who.user)[0], who.locale, for_s=KEPT_S)
            self._locales.keep(who.user, who.locale)

    def _locale_of(self, user: str) -> list[str]:
        """The notes of somebody's language, which name them as little as that of where they were met."""
        return [f"locale {sealed}" for sealed in self._sealed.each(user, "locale")]

    async def reads(self, team: str, user: str) -> discord.Locale:
        """The one that somebody used last; the server's where they never did."""
        notes = [await self._notes.get(note) for note in self._locale_of(user)]
        kept = next(filter(None, notes), None)
        found = discord.utils.get(discord.Locale, value=kept) if kept else None
        return found or await self.language(team)

    # -- time zones ------------------------------------------------------------------------------

    async def zone(self, user: str, chosen: str = "") -> str:
        """The time zone that somebody chose, now or before; Discord tells none.

        Raises DeadlineError for a name that no zone has.
        """
        if chosen:
            chosen = known_zone(chosen)
            await self._notes.put(self._zone_of(user)[0], chosen, for_s=KEPT_S)
            return chosen
        kept = [await self._notes.get(note) for note in self._zone_of(user)]
        return zone_or_utc(next(filter(None, kept), UTC)).key

    def _zone_of(self, user: str) -> list[str]:
        """The notes of somebody's time zone: those which name nobody, and that of earlier versions."""
        return [*(f"zone {sealed}" for sealed in self._sealed.each(user, "zone")), f"zone {user}"]


def _met(team: str, channel: str) -> str:
    """The note of who has used Accord in a channel."""
    return f"met {team} {channel}"
