"""What the app may not do in a server's channels, looked up before it fails.

Reads:  Discord's channels, the app's own roles.
Gives:  for each channel the permissions that are missing, by their names in `bot.wording.permissions`.
"""

from collections.abc import Collection, Iterable

import discord

from adapters.discord.config import NEEDED_FOR, needed_for
from adapters.discord.rest import Rest
from bot.domain.team import Team
from bot.domain.terms import Terms
from bot.wording.permissions import ON_DISCORD


def wanted(team: Team) -> tuple[str, ...]:
    """What a question with these settings can need: everything but what other ways to rate need."""
    needed = needed_for(Terms.of(team))
    elsewhere = {name for names in NEEDED_FOR.values() for name in names}.difference(needed)
    return tuple(name for name in ON_DISCORD if name not in elsewhere)


async def missing(
    rest: Rest, team: str, channels: Collection[str], names: Iterable[str]
) -> dict[str, list[str]]:
    """Those of `names` that the app has not, for each of the channels that are still there.

    A channel that is not listed may be a thread, or gone. Raises PlatformError.
    """
    names, ours = tuple(names), await rest.user()

    async def look(client: discord.Client) -> dict[str, list[str]]:
        guild = await client.fetch_guild(int(team), with_counts=False)
        me = await guild.fetch_member(int(ours))
        places = [each for each in await guild.fetch_channels() if str(each.id) in channels]
        return {str(place.id): _lacked(place, me, names) for place in places}

    return await rest.call(look)


def _lacked(place: discord.abc.GuildChannel, me: discord.Member, names: Iterable[str]) -> list[str]:
    may = place.permissions_for(me)
    return [name for name in names if not getattr(may, name)]
