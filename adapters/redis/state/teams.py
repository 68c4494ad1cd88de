"""Teams' settings and what members wish for themselves, in Redis: the port `Teams`."""

from collections.abc import Sequence
from datetime import datetime

from adapters.redis import keys
from adapters.redis.connection import Client
from adapters.redis.documents import read
from adapters.redis.errors import maps_errors
from adapters.redis.state.wishes import Wishes
from bot.domain.actors import Member
from bot.domain.errors import VersionConflictError
from bot.domain.team import CHANGES_KEPT, SettingsChange, Team

# KEYS: settings, changes. ARGV: the settings that are there or '', what to put in their place, who changed
# what or '', how many changes are kept. Gives 1 when they were still there, or when this is a second copy of
# what put them there.
SETTINGS = """
local kept = redis.call('GET', KEYS[1]) or ''
if kept == ARGV[2] then
  return 1
end
if kept ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2])
if ARGV[3] ~= '' then
  redis.call('LPUSH', KEYS[2], ARGV[3])
  redis.call('LTRIM', KEYS[2], 0, tonumber(ARGV[4]) - 1)
end
return 1
"""


class RedisTeams:
    """`Teams` over a client from `adapters.redis.connection`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._settings = client.register_script(SETTINGS)
        self._wishes = Wishes(client)

    @maps_errors
    async def team(self, team: str) -> Team:
        """A team's settings, or the defaults."""
        doc = await self._client.get(keys.team_settings(team))
        return Team(id=team) if doc is None else read(Team, doc)

    @maps_errors
    async def save_team(self, team: Team, change: SettingsChange | None = None) -> Team:
        """Keep a team's settings and who changed what: compare-and-set."""
        of = [keys.team_settings(team.id), keys.settings_changes(team.id)]
        saved = team.model_copy(update={"version": team.version + 1})
        there = await self._client.get(of[0])
        if (0 if there is None else read(Team, there).version) == team.version:
            by = "" if change is None else change.model_dump_json()
            if await self._settings(keys=of, args=[there or "", saved.model_dump_json(), by, CHANGES_KEPT]):
                return saved
        raise VersionConflictError("Somebody else changed the settings at the same moment.")

    @maps_errors
    async def settings_changes(self, team: str, *, limit: int = 50) -> Sequence[SettingsChange]:
        """Who changed what, newest first."""
        docs = await self._client.lrange(keys.settings_changes(team), 0, limit - 1)
        return [read(SettingsChange, doc) for doc in docs]

    @maps_errors
    async def set_reminders(self, team: str, member: Member, on: bool, at: datetime) -> None:
        """Whether a member wants to be reminded; the newest wish counts."""
        await self._wishes.keep(keys.reminders(team), member, on, at)

    @maps_errors
    async def wants_reminders(self, team: str, members: Sequence[Member]) -> Sequence[bool]:
        """For each of these members."""
        said = await self._wishes.of(keys.reminders(team), members)
        return [True if wish is None else wish for wish in said]
