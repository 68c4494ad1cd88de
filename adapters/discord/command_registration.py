"""Telling Discord which commands there are, and only when that has changed.

Reads:  the command tree; what was told last, from notes.
Gives:  whether Discord was told. Every gateway that starts asks, and Discord limits how often commands may be
        put in place.
"""

import hashlib
import json
from typing import Any

import discord
from discord import app_commands

from bot.chat.notes import KEPT_S, Notes
from bot.domain.errors import StoreError


async def register(tree: app_commands.CommandTree[Any], notes: Notes) -> bool:
    """Put the commands in place unless Discord has exactly these. Raises discord.DiscordException."""
    mark, name = await _mark(tree), f"commands {tree.client.application_id}"
    if await _known(notes, name) == mark and await _are_there(tree):
        return False
    await tree.sync()
    await _keep(notes, name, mark)
    return True


async def _mark(tree: app_commands.CommandTree[Any]) -> str:
    """The same for the same commands in the same languages."""
    translator = tree.translator
    told = [
        await command.get_translated_payload(tree, translator) if translator else command.to_dict(tree)
        for command in tree.get_commands()
    ]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


async def _are_there(tree: app_commands.CommandTree[Any]) -> bool:
    """Whether Discord has commands of these names: somebody may have taken them away by other means."""
    there = {(command.name, command.type) for command in await tree.fetch_commands()}
    return there == {(command.name, _type(command)) for command in tree.get_commands()}


def _type(command: Any) -> discord.AppCommandType:
    found: discord.AppCommandType = getattr(command, "type", discord.AppCommandType.chat_input)
    return found


async def _known(notes: Notes, name: str) -> str | None:
    try:
        return await notes.get(name)
    except StoreError:
        # Told once too often does no harm.
        return None


async def _keep(notes: Notes, name: str, mark: str) -> None:
    try:
        await notes.put(name, mark, for_s=KEPT_S)
    except StoreError:
        return
