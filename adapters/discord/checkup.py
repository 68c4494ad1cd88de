"""What `accord doctor` finds about Discord: the token, the application, its commands, its servers.

Reads:  the configuration; asks Discord who the token belongs to.
Gives:  findings, each with what to click, and the address at which servers add the app. Never a token.
"""

from typing import Any

import discord
from discord import app_commands

from adapters.discord.config import NEEDED, PORTAL, DiscordConfig, invite_url, prevented
from adapters.discord.rest import Rest
from bot.domain.errors import PlatformError
from bot.wording.permissions import ON_DISCORD

SERVERS_LOOKED_AT = 20
Finding = tuple[bool, str]


async def examine(config: DiscordConfig) -> list[Finding]:
    """Whether all is well, and a sentence, for each thing that was looked at."""
    rest = Rest(config)
    try:
        try:
            client = await rest.client()
        except PlatformError as exc:
            return [(False, f"DISCORD_TOKEN does not work: {exc}")]
        try:
            return await _examined(rest, client)
        except PlatformError as exc:
            return [_token(client), (False, str(exc))]
    finally:
        await rest.close()


async def _examined(rest: Rest, client: discord.Client) -> list[Finding]:
    findings = [_token(client), _intents(), await _commands(rest, client)]
    findings += await rest.call(_servers)
    findings.append((True, f"servers add the app at {invite_url(client.application_id or 0)}"))
    return findings


def _token(client: discord.Client) -> Finding:
    return True, f"the token works; it belongs to the application {client.application_id}."


def _intents() -> Finding:
    return True, f"no privileged intent is needed: all of them can be off under Bot on {PORTAL}."


async def _commands(rest: Rest, client: discord.Client) -> Finding:
    tree: app_commands.CommandTree[Any] = app_commands.CommandTree(client)

    async def look(_: discord.Client) -> list[app_commands.AppCommand]:
        return await tree.fetch_commands()

    if any(command.name == "accord" for command in await rest.call(look)):
        return True, "the command /accord is registered."
    return True, "the command /accord is not registered yet; `accord run` does that when it starts."


async def _servers(client: discord.Client) -> list[Finding]:
    """Which servers have the app, and what it may not do in them as a whole."""
    guilds = [guild async for guild in client.fetch_guilds(limit=SERVERS_LOOKED_AT, with_counts=False)]
    if not guilds:
        return [(False, "no server has added the app yet; open the address below.")]
    lacking = [(guild, lacked) for guild in guilds if (lacked := await _lacked(client, guild))]
    many = "one server has" if len(guilds) == 1 else f"{len(guilds)} servers have"
    more = " or more" if len(guilds) == SERVERS_LOOKED_AT else ""
    told: list[Finding] = [(True, f"{many}{more} added the app.")]
    return told + [(not set(lacked) & set(NEEDED), _sentence(guild, lacked)) for guild, lacked in lacking]


async def _lacked(client: discord.Client, guild: discord.Guild) -> list[str]:
    assert client.user is not None
    whole = await client.fetch_guild(guild.id, with_counts=False)
    may = (await whole.fetch_member(client.user.id)).guild_permissions
    return [name for name in ON_DISCORD if not getattr(may, name)]


def _sentence(guild: discord.Guild, lacked: list[str]) -> str:
    return (
        f"in the server {guild.id} the app lacks {prevented(lacked)}. Give these to its role under Server "
        "Settings, Roles, or add the app again at the address below; channels can differ from that."
    )
