"""Options that complete themselves while somebody types: time zones, templates.

Reads:  the server's templates and juries; the time zones of this machine.
Gives:  choices that hold what was typed, at most as many as Discord shows.
"""

import zoneinfo
from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any

from discord import app_commands

from adapters.discord.interaction import Interaction, InteractionContext
from adapters.discord.views import text

MOST = 25
Choices = list[app_commands.Choice[str]]


async def zones(interaction: Interaction, typed: str) -> Choices:
    """Time zones."""
    wanted = typed.casefold().replace(" ", "_")
    names = [zone for zone in _known() if wanted in zone.casefold()]
    return [app_commands.Choice(name=zone, value=zone) for zone in names[:MOST]]


@cache
def _known() -> list[str]:
    """Read from the disk once."""
    return sorted(zoneinfo.available_timezones())


def templates(shared: InteractionContext) -> Callable[[Interaction, str], Coroutine[Any, Any, Choices]]:
    """This server's templates, by their names."""

    async def find(team: str) -> list[str]:
        return [each.name for each in await shared.ports.library.templates(team)]

    return _named(shared, find)


def juries(shared: InteractionContext) -> Callable[[Interaction, str], Coroutine[Any, Any, Choices]]:
    """This server's juries, by their names."""

    async def find(team: str) -> list[str]:
        return [each.name for each in (await shared.ports.teams.team(team)).juries]

    return _named(shared, find)


def _named(
    shared: InteractionContext, find: Callable[[str], Coroutine[Any, Any, list[str]]]
) -> Callable[[Interaction, str], Coroutine[Any, Any, Choices]]:
    async def complete(interaction: Interaction, typed: str) -> Choices:
        team = str(interaction.guild_id or "")
        return [
            app_commands.Choice(name=text.plain(name, text.OPTION), value=name)
            for name in await shared.found_in_time(find(team))
            if typed.casefold() in name.casefold()
        ][:MOST]

    return complete
