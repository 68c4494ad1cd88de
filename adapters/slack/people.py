"""Who people are: admins, guests, bots, members of a channel, their time zone.

Reads:  Slack's users and channel members, kept for a while in this process so that a crowd costs few calls.
Gives:  an `Actor`: when Slack does not say, a person is somebody without rights; who is in a channel is not
guessed. Where guests are left out nobody takes part of whom it is not known whether they are one.
"""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.slack.clients import Clients
from bot.chat.lookup_cache import Looks
from bot.domain.actors import Actor
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import PlatformError, RateLimitedError, UnreachableError
from bot.domain.juries import bare, group_names
from bot.wording import troubles

log = logging.getLogger(__name__)

FRESH_S = 300.0
# Whoever was taken out of a channel sees no more of it after so long.
CHANNEL_FRESH_S = 20.0
# Somebody who is not in the list may have joined since: Slack is asked again, at most this often.
CHANNEL_RECHECK_S = 0.25
# Slack's limits are waited for so long: nobody's opinion is refused because many come at once.
PATIENT_S = 20.0
KEPT = 20_000
CHANNELS_KEPT = 200
PAGE = 1_000


@dataclass(frozen=True)
class Person:
    """What Slack says of somebody. `zone` is an IANA name, `locale` such as "en-GB"; empty when unknown.

    bot: another app; gone: they left the workspace; known: False while Slack does not say anything.
    """

    user: str
    name: str = ""
    zone: str = ""
    locale: str = ""
    admin: bool = False
    guest: bool = False
    bot: bool = False
    gone: bool = False
    known: bool = True


class People:
    """One for a process."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._known: Looks[Person] = Looks(KEPT)
        self._channels: Looks[frozenset[str]] = Looks(CHANNELS_KEPT)
        self._groups: Looks[Mapping[str, str]] = Looks(CHANNELS_KEPT)
        self._members_of: Looks[frozenset[str]] = Looks(CHANNELS_KEPT)

    async def person(self, team: str, user: str) -> Person:
        """Who somebody is; with nothing but their id when Slack does not say."""
        try:
            return await self._known.see((team, user), lambda: self._ask(team, user), FRESH_S)
        except UnreachableError:
            return Person(user, gone=True)
        except PlatformError:
            return self._known.kept((team, user)) or Person(user, known=False)

    async def _ask(self, team: str, user: str) -> Person:
        answer = await self._clients.call(team, "users_info", user=user, include_locale=True)
        return _person(user, answer.get("user", {}))

    async def language(self, team: str, user: str) -> str:
        """The locale in which somebody reads; empty when Slack does not say."""
        return (await self.person(team, user)).locale

    async def actor(self, team: str, user: str, *, name: str = "", channel: str = "") -> Actor:
        """Somebody as the rest of Accord knows them; channel: where they act."""
        person = await self.person(team, user)
        return Actor(
            team=team,
            user=user,
            name=person.name or name,
            admin=person.admin,
            guest=person.guest,
            channel=channel,
        )

    async def participant(self, d: Deliberation, user: str, *, name: str = "", channel: str = "") -> Actor:
        """Somebody who takes part, or may not. Raises PlatformError while that is not known."""
        person = await self.person(d.team, user)
        if d.terms.exclude_guests:
            self.require_known(person)
        member = not person.bot and await self.belongs(d, user, channel)
        called = person.name or name
        groups = await self.groups(d, user)
        return Actor(
            d.team, user, name=called, guest=person.guest, member=member, groups=groups, channel=channel
        )

    async def groups(self, d: Deliberation, user: str) -> frozenset[str]:
        """Those of the workspace's user groups that the question asks about and that somebody is in.

        Fewer while Slack does not say: nobody's opinion is refused for that.
        """
        wanted = group_names(d.terms.attributes)
        if not wanted or d.phase is not Phase.OPINIONS:
            return frozenset()
        try:
            named = await self._groups.see((d.team, ""), lambda: self._all_groups(d.team), FRESH_S)
            found = [
                name for name in wanted & named.keys() if user in await self._in_group(d.team, named[name])
            ]
        except PlatformError as exc:
            log.info("who is in a user group could not be read (%s)", type(exc).__name__)
            return frozenset()
        return frozenset(found)

    async def _all_groups(self, team: str) -> Mapping[str, str]:
        """The workspace's user groups: their ids by their handles, in small letters."""
        answer = await self._clients.call(team, "usergroups_list")
        return {bare(each["handle"]): each["id"] for each in answer.get("usergroups") or []}

    async def _in_group(self, team: str, group: str) -> frozenset[str]:
        async def look() -> frozenset[str]:
            answer = await self._clients.call(team, "usergroups_users_list", usergroup=group)
            return frozenset(answer.get("users") or [])

        return await self._members_of.see((team, group), look, FRESH_S)

    async def belongs(self, d: Deliberation, user: str, channel: str = "") -> bool:
        """Whether somebody is in the question's channel. Raises PlatformError while Slack does not say.

        Who acts in that channel is in it then: nobody's voice is lost.
        """
        try:
            return await self.is_member(d.team, d.channel, user)
        except PlatformError:
            if channel == d.channel:
                return True
            raise

    def require_known(self, person: Person) -> None:
        """Where guests are left out, whoever might be one waits. Raises PlatformError."""
        if not person.known:
            raise PlatformError(troubles.GUESTS_UNKNOWN)

    async def is_member(self, team: str, channel: str, user: str) -> bool:
        """Whether somebody is in a channel: nobody is refused by a list from before they asked.

        Many who are outside ask at once share one look. Raises PlatformError.
        """
        asked = time.monotonic()
        found = await self._patiently_in(team, channel)
        while user not in found and (looked_at := self._channels.seen_at((team, channel))) < asked:
            await asyncio.sleep(looked_at + CHANNEL_RECHECK_S - time.monotonic())
            found = await self._patiently_in(team, channel, fresh=True)
        return user in found

    async def _patiently_in(self, team: str, channel: str, *, fresh: bool = False) -> frozenset[str]:
        """Everybody in a channel, however long Slack asks to wait, within reason. Raises PlatformError."""
        until = time.monotonic() + PATIENT_S
        while True:
            try:
                return await self.in_channel(team, channel, fresh=fresh)
            except RateLimitedError as exc:
                if time.monotonic() + exc.retry_after_s > until:
                    raise
                await asyncio.sleep(exc.retry_after_s)

    async def in_channel(self, team: str, channel: str, *, fresh: bool = False) -> frozenset[str]:
        """Everybody in a channel. Raises PlatformError."""
        fresh_s = 0.0 if fresh else CHANNEL_FRESH_S
        return await self._channels.see((team, channel), lambda: self._look(team, channel), fresh_s)

    async def _look(self, team: str, channel: str) -> frozenset[str]:
        try:
            return await self._all_in(team, channel)
        except PlatformError as exc:
            log.info("who is in a channel could not be read (%s)", type(exc).__name__)
            raise

    async def _all_in(self, team: str, channel: str) -> frozenset[str]:
        found: set[str] = set()
        cursor = ""
        while True:
            page = await self._clients.call(
                team, "conversations_members", lane=channel, channel=channel, limit=PAGE, cursor=cursor
            )
            found.update(page.get("members", []))
            cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                return frozenset(found)

    def forget(self, team: str, user: str) -> None:
        """Somebody changed: look again."""
        self._known.forget((team, user))


def _person(user: str, said: dict[str, Any]) -> Person:
    profile = said.get("profile") or {}
    return Person(
        user=user,
        name=profile.get("display_name") or profile.get("real_name") or said.get("real_name") or "",
        zone=said.get("tz") or "",
        locale=said.get("locale") or "",
        admin=bool(said.get("is_admin") or said.get("is_owner") or said.get("is_primary_owner")),
        guest=bool(said.get("is_restricted") or said.get("is_ultra_restricted")),
        bot=bool(said.get("is_bot") or user == "USLACKBOT"),
        gone=bool(said.get("deleted")),
    )
