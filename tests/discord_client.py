"""A bare discord.py in front of the loopback Discord, for tests of that server.

Gives:  `Bot`, an unmodified AutoShardedClient with a small command tree that notes what it hears.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.discord_server import DiscordServer, Guild

INTENTS = discord.Intents(guilds=True, guild_reactions=True, guild_messages=True, guild_polls=True)
RAW_EVENTS = ("raw_reaction_add", "raw_reaction_remove", "raw_poll_vote_add", "raw_poll_vote_remove")


@asynccontextmanager
async def pointed_at(server: DiscordServer) -> AsyncIterator[None]:
    """Let discord.py speak to a loopback server for a while."""
    before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = server.api_url, yarl.URL(server.gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before


class Bot(discord.AutoShardedClient):
    """The client, with what it heard; `answer` is what each interaction is given."""

    def __init__(self, server: DiscordServer, *, intents: discord.Intents = INTENTS) -> None:
        super().__init__(intents=intents, guild_ready_timeout=0.05)
        self.server = server
        self.tree = app_commands.CommandTree(self)
        self.heard: list[tuple[str, Any]] = []
        self.running: asyncio.Task[None] | None = None

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Nobody waits five seconds between sessions here."""

    def dispatch(self, event: str, /, *args: Any, **kwargs: Any) -> None:
        self.heard.append((event, args[0] if args else None))
        self.server.state.ring()
        super().dispatch(event, *args, **kwargs)

    def told(self, *events: str) -> list[Any]:
        """What came with these events, in order."""
        return [what for event, what in self.heard if event in events]

    async def run_beside(self) -> None:
        """Log in and connect in the background; returns once everything is ready."""
        self.running = asyncio.create_task(self.start(self.server.app.token))
        ready = asyncio.create_task(
            self.server.until(lambda: self.told("ready"), what="the client to be ready")
        )
        await asyncio.wait([self.running, ready], return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self.running.done():
            await self.running

    async def stop(self) -> None:
        """Log out."""
        await self.close()
        if self.running is not None:
            with suppress(Exception):
                await self.running

    def text_channel(self, guild: Guild | None = None) -> discord.TextChannel:
        """The first channel of a guild, as the client knows it."""
        found = self.get_channel(self.server.first_channel(guild).id)
        assert isinstance(found, discord.TextChannel)
        return found
