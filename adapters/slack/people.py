"""Who people are: admins, guests, bots, members of a channel, their time zone.

Reads:  Slack's users and channel members, kept for a while in this process so that a crowd costs few calls.
Gives:  an `Actor`: when Slack does not say, a person is somebody without rights, and a member. Only where
guests are left out nobody takes part of whom it is not known whether they are one.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from adapters.slack.clients import Clients
from bot.domain.actors import Actor
from bot.domain.deliberation import Deliberation
from bot.errors import PlatformError, UnreachableError

FRESH_S = 300.0
CHANNEL_FRESH_S = 60.0
# Somebody who is not in a list this old may have joined since; asked again at most this often.
CHANNEL_RECHECK_S = 3.0
KEPT = 20_000
CHANNELS_KEPT = 200
PAGE = 1_000
WHO_IS_A_GUEST = (
    "Guests do not take part here, and Slack does not say right now who is one. Try again in a minute."
)


@dataclass(frozen=True)
class Person:
    """What Slack says of somebody. `zone` is an IANA name, empty when unknown.

    bot: another app; gone: they left the workspace; known: False while Slack does not say anything.
    """

    user: str
    name: str = ""
    zone: str = ""
    admin: bool = False
    guest: bool = False
    bot: bool = False
    gone: bool = False
    known: bool = True


class People:
    """One for a process."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._known: OrderedDict[tuple[str, str], tuple[float, Person]] = OrderedDict()
        self._channels: OrderedDict[tuple[str, str], tuple[float, frozenset[str]]] = OrderedDict()

    async def person(self, team: str, user: str) -> Person:
        """Who somebody is; with nothing but their id when Slack does not say."""
        looked_at, known = self._known.get((team, user), (0.0, None))
        if known is not None and time.monotonic() - looked_at < FRESH_S:
            return known
        try:
            answer = await self._clients.call(team, "users_info", user=user)
        except UnreachableError:
            return Person(user, gone=True)
        except PlatformError:
            return known or Person(user, known=False)
        found = _person(user, answer.get("user", {}))
        self._known[team, user] = (time.monotonic(), found)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return found

    async def actor(self, team: str, user: str, *, channel: str | None = None, name: str = "") -> Actor:
        """Somebody as the rest of Accord knows them; with a channel, whether they belong to it."""
        person = await self.person(team, user)
        return Actor(
            team=team,
            user=user,
            name=person.name or name,
            admin=person.admin,
            guest=person.guest,
            member=channel is None or await self.is_member(team, channel, user),
        )

    async def participant(self, d: Deliberation, user: str, *, name: str = "") -> Actor:
        """Somebody who takes part, or may not. Raises PlatformError while that is not known."""
        person = await self.person(d.team, user)
        if d.terms.exclude_guests:
            self.require_known(person)
        member = not person.bot and await self.is_member(d.team, d.channel, user)
        return Actor(d.team, user, name=person.name or name, guest=person.guest, member=member)

    def require_known(self, person: Person) -> None:
        """Where guests are left out, whoever might be one waits. Raises PlatformError."""
        if not person.known:
            raise PlatformError(WHO_IS_A_GUEST)

    async def is_member(self, team: str, channel: str, user: str) -> bool:
        """Whether somebody is in a channel; True when Slack does not say, so that nobody's voice is lost."""
        try:
            if user in await self.in_channel(team, channel):
                return True
            looked_at, _ = self._channels[team, channel]
            if time.monotonic() - looked_at < CHANNEL_RECHECK_S:
                return False
            return user in await self.in_channel(team, channel, fresh=True)
        except PlatformError:
            return True

    async def in_channel(self, team: str, channel: str, *, fresh: bool = False) -> frozenset[str]:
        """Everybody in a channel. Raises PlatformError."""
        looked_at, known = self._channels.get((team, channel), (0.0, None))
        if known is not None and not fresh and time.monotonic() - looked_at < CHANNEL_FRESH_S:
            return known
        found: set[str] = set()
        cursor = ""
        while True:
            page = await self._clients.call(
                team, "conversations_members", lane=channel, channel=channel, limit=PAGE, cursor=cursor
            )
            found.update(page.get("members", []))
            cursor = (page.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor:
                break
        self._channels[team, channel] = (time.monotonic(), frozenset(found))
        while len(self._channels) > CHANNELS_KEPT:
            self._channels.popitem(last=False)
        return frozenset(found)

    def forget(self, team: str, user: str) -> None:
        """Somebody changed: look again."""
        self._known.pop((team, user), None)


def _person(user: str, said: dict[str, Any]) -> Person:
    profile = said.get("profile") or {}
    return Person(
        user=user,
        name=profile.get("display_name") or profile.get("real_name") or said.get("real_name") or "",
        zone=said.get("tz") or "",
        admin=bool(said.get("is_admin") or said.get("is_owner") or said.get("is_primary_owner")),
        guest=bool(said.get("is_restricted") or said.get("is_ultra_restricted")),
        bot=bool(said.get("is_bot") or user == "USLACKBOT"),
        gone=bool(said.get("deleted")),
    )
