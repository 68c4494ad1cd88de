"""Teams' settings and their members' wishes in dictionaries."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from bot.domain.actors import Member
from bot.domain.errors import VersionConflictError
from bot.domain.team import CHANGES_KEPT, SettingsChange, Team

Wishes = dict[tuple[str, str], tuple[datetime, bool]]


class MemoryTeams:
    """`Teams` in dictionaries."""

    def __init__(self) -> None:
        self._teams: dict[str, Team] = {}
        self._changes: dict[str, list[SettingsChange]] = defaultdict(list)
        self._reminders: Wishes = {}

    async def team(self, team: str) -> Team:
        """A team's settings, or the defaults."""
        return self._teams.get(team, Team(id=team))

    async def save_team(self, team: Team, change: SettingsChange | None = None) -> Team:
        """Keep a team's settings and who changed what: compare-and-set."""
        if (await self.team(team.id)).version != team.version:
            raise VersionConflictError("Somebody else changed the settings at the same moment.")
        self._teams[team.id] = team.model_copy(update={"version": team.version + 1})
        if change is not None:
            self._changes[team.id] = [change, *self._changes[team.id]][:CHANGES_KEPT]
        return self._teams[team.id]

    async def settings_changes(self, team: str, *, limit: int = 50) -> Sequence[SettingsChange]:
        """Who changed what, newest first."""
        return self._changes[team][:limit]

    async def set_reminders(self, team: str, member: Member, on: bool, at: datetime) -> None:
        """Whether a member wants to be reminded; the newest wish counts."""
        _wish(self._reminders, (team, member[0]), on, at)

    async def wants_reminders(self, team: str, members: Sequence[Member]) -> Sequence[bool]:
        """For each of these members."""
        return [_wished(self._reminders, team, member, otherwise=True) for member in members]


def _wish(wishes: Wishes, whose: tuple[str, str], on: bool, at: datetime) -> None:
    kept = wishes.get(whose)
    if kept is None or at >= kept[0]:
        wishes[whose] = (at, on)


def _wished(wishes: Wishes, team: str, member: Member, *, otherwise: bool) -> bool:
    """What was said under the newest of a member's pseudonyms that said anything."""
    said = (wishes[team, pseudonym][1] for pseudonym in member if (team, pseudonym) in wishes)
    return next(said, otherwise)
