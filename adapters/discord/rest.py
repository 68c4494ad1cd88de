"""Discord's REST interface, signed in once: what workers post with, and gateways too.

Reads:  the configuration.
Gives:  a client of the SDK that listens to nothing. A gateway's own client may end by one bad event; this one
goes on. Waiting for rate limits is left to the SDK, up to a limit at which the work is put off instead.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord.config import API_URL, DiscordConfig
from adapters.discord.errors import DiscordError, mapped
from bot.wording import troubles

T = TypeVar("T")

LONGEST_WAIT_S = 60.0
GATEWAY = DiscordWebSocket.DEFAULT_GATEWAY


def point_at(api_url: str) -> None:
    """Make the SDK speak with another server, or with Discord's own again; for the whole process."""
    Route.BASE = api_url.rstrip("/")
    DiscordWebSocket.DEFAULT_GATEWAY = GATEWAY if api_url.rstrip("/") == API_URL else _gateway_of(api_url)


def _gateway_of(api_url: str) -> yarl.URL:
    """Where sessions begin that the server has forgotten; others go where it said they should."""
    url = yarl.URL(api_url)
    return yarl.URL.build(
        scheme="wss" if url.scheme == "https" else "ws", host=url.host or "", port=url.port, path="/gateway"
    )


class Rest:
    """One for a process."""

    def __init__(self, config: DiscordConfig) -> None:
        self._config = config
        self._client: discord.Client | None = None
        self._signing_in = asyncio.Lock()
        self._closed = False

    async def client(self) -> discord.Client:
        """Signed in. Raises PlatformError."""
        async with self._signing_in:
            if self._closed:
                raise DiscordError(troubles.PROCESS_STOPPING)
            if self._client is None:
                self._client = await self._signed_in()
            if self._closed:  # meanwhile
                await self.close()
                raise DiscordError(troubles.PROCESS_STOPPING)
        return self._client

    async def _signed_in(self) -> discord.Client:
        if self._config.api_url != API_URL:
            point_at(self._config.api_url)
        client = discord.Client(
            # Nothing is listened to; this lets the SDK list a server's members where Discord allows it.
            intents=discord.Intents(guilds=True, members=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_ratelimit_timeout=LONGEST_WAIT_S,
        )
        try:
            with mapped():
                await client.login(self._config.token)
        except BaseException:
            await client.close()
            raise
        return client

    async def call(self, work: Callable[[discord.Client], Awaitable[T]]) -> T:
        """What `work` gives. Raises PlatformError."""
        client = await self.client()
        with mapped():
            return await work(client)

    async def user(self) -> str:
        """Our own id."""
        user = (await self.client()).user
        return "" if user is None else str(user.id)

    async def close(self) -> None:
        """Give connections back, for good: who comes late must not open others."""
        self._closed = True
        client, self._client = self._client, None
        if client is not None:
            await client.close()
