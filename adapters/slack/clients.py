"""Calls of Slack's Web API: the right token for the workspace, one connection pool, our errors, counted.

Reads:  installations, or the one configured token.
Gives:  Slack's answers as plain dictionaries; `PlatformError` with a sentence otherwise.
What Slack asks to wait for is waited for by channel: another channel's message goes out meanwhile. Nothing is
sent twice from here: who called decides whether to try again.
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient
from yarl import URL

from adapters.slack.config import PLATFORM, SlackConfig
from adapters.slack.errors import NotInstalledError, SlackError, asks_to_wait, from_slack, unreadable
from adapters.slack.installations import Installations
from bot.chat.lookup_cache import Looks
from bot.chat.tasks import in_time
from bot.domain.errors import BotError, RateLimitedError
from bot.ops import metrics
from bot.wording import library_lines, troubles
from bot.wording.language import told

log = logging.getLogger(__name__)

# How long a token is used without looking whether it is still installed.
FRESH_S = 30.0
# And how long that look is waited for where an older one is known.
LOOKING_S = 0.3
WORKSPACES_KEPT = 20_000
# The one bot of the settings, among those that workspaces brought.
CONFIGURED = "configured"
CALL_S = 20
CONNECTIONS = 100
FILES_HOST = "files.slack.com"


@dataclass(frozen=True)
class Bot:
    """Who we are in one workspace."""

    team: str
    token: str
    user: str
    id: str
    scopes: frozenset[str] = frozenset()
    enterprise: str | None = None


class Clients:
    """One for a process; `async with` it, or `close` it."""

    def __init__(self, config: SlackConfig, installations: Installations) -> None:
        self._config = config
        self._installations = installations
        self._session: aiohttp.ClientSession | None = None
        self._closed = False
        self._bots: Looks[Bot] = Looks(WORKSPACES_KEPT)
        self._waits: dict[tuple[str, str, str], float] = {}

    async def close(self) -> None:
        """Give the connections back; whatever calls from now on is refused."""
        self._closed = True
        self._bots.close()
        if self._session is not None:
            await self._session.close()

    def client(self, token: str | None = None) -> AsyncWebClient:
        """An SDK client that goes where the settings say. It never tries again by itself."""
        return AsyncWebClient(
            token=token,
            base_url=self._config.api,
            session=self._pool(),
            timeout=CALL_S,
            retry_handlers=[],
        )

    def _pool(self) -> aiohttp.ClientSession:
        if self._closed:
            raise SlackError(troubles.STOPPING)
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=CALL_S),
                connector=aiohttp.TCPConnector(limit=CONNECTIONS),
            )
        return self._session

    # -- who we are ------------------------------------------------------------------------------

    async def bot(self, team: str, enterprise: str | None = None) -> Bot:
        """Who we are in a workspace. Raises NotInstalledError; StoreError or PlatformError: not known now."""
        if not self._config.bot_token:
            return await self._found(team, partial(self._installed, team, enterprise), FRESH_S)
        own = await self.configured()
        if team not in (own.team, own.enterprise):
            raise NotInstalledError(troubles.UNINSTALLED)
        return own

    async def configured(self) -> Bot:
        """Who we are where the settings have the token. Raises PlatformError."""
        return await self._found(CONFIGURED, partial(self.whoami, self._config.bot_token), math.inf)

    async def get_ready(self) -> None:
        """Ask Slack who we are before anybody waits for it."""
        if not self._config.bot_token:
            return
        try:
            await self.configured()
        except BotError:
            log.warning("Slack does not say yet who we are; it is asked again", exc_info=True)

    async def _found(self, name: str, look: Callable[[], Coroutine[None, None, Bot]], fresh_s: float) -> Bot:
        """Look at most once at a time; where nothing can be learnt soon, what was known is good enough."""
        if (fresh := self._bots.kept(name, fresh_s)) is not None:
            return fresh
        known, looking = self._bots.kept(name), self._bots.look(name, lambda: self._look(name, look))
        if known is None:
            # Whoever gives up waiting does not end it for the others.
            return await asyncio.shield(looking)
        if await in_time(looking, LOOKING_S):
            problem = looking.exception()
            if problem is None or isinstance(problem, NotInstalledError):
                return looking.result()
        return known

    async def _look(self, name: str, look: Callable[[], Coroutine[None, None, Bot]]) -> Bot:
        try:
            return await look()
        except NotInstalledError:
            # This is known for certain.
            self._bots.forget(name)
            raise

    async def _installed(self, team: str, enterprise: str | None) -> Bot:
        found = await self._installations.async_find_bot(enterprise_id=enterprise, team_id=team)
        if found is None:
            raise NotInstalledError(troubles.UNINSTALLED)
        if found.is_enterprise_install and found.enterprise_id and enterprise not in (None, team):
            await self._installations.belongs(team, found.enterprise_id)
        scopes = found.bot_scopes.split(",") if isinstance(found.bot_scopes, str) else found.bot_scopes
        return Bot(
            team, found.bot_token, found.bot_user_id, found.bot_id, frozenset(scopes), found.enterprise_id
        )

    async def whoami(self, token: str) -> Bot:
        """Whose token this is. Raises PlatformError."""
        response = await self.send("auth_test", self.client(token), {})
        scopes = response.headers.get("x-oauth-scopes", "")
        return Bot(
            team=response.get("team_id") or response.get("enterprise_id", ""),
            token=token,
            user=response.get("user_id", ""),
            id=response.get("bot_id", ""),
            scopes=frozenset(scope.strip() for scope in scopes.split(",") if scope.strip()),
            enterprise=response.get("enterprise_id"),
        )

    def drop(self, team: str) -> None:
        """Look again who we are there."""
        for name in (team, CONFIGURED):
            self._bots.forget(name)

    async def forget(self, team: str, refused: Bot) -> None:
        """The workspace took this token back; a newer one, from an installation since, stays."""
        self.drop(team)
        kept = await self._installations.async_find_bot(enterprise_id=None, team_id=team)
        if kept is not None and kept.bot_token == refused.token:
            own = None if kept.is_enterprise_install else team
            await self._installations.async_delete_bot(enterprise_id=kept.enterprise_id, team_id=own)

    # -- calling ---------------------------------------------------------------------------------

    async def call(self, team: str, method: str, *, lane: str = "", **arguments: Any) -> dict[str, Any]:
        """Call a method by the SDK's name for it (`chat_postMessage`).

        lane: what Slack's limit is for, usually the channel: while Slack asks to wait there, nothing is sent.
        """
        key = (team, method, lane)
        left = self._waits.get(key, 0.0) - time.monotonic()
        if left > 0:
            raise asks_to_wait(left)
        bot = await self.bot(team)
        try:
            response = await self.send(method, self.client(bot.token), arguments)
        except RateLimitedError as exc:
            self._waits[key] = time.monotonic() + exc.retry_after_s
            raise
        except NotInstalledError as exc:
            if exc.code in ("token_revoked", "account_inactive") and not self._config.bot_token:
                await self.forget(team, bot)
            self.drop(team)
            raise
        self._waits.pop(key, None)
        return dict(response.data)

    async def download(self, team: str, url: str, limit: int) -> str:
        """A file that somebody gave us in Slack, as text of at most `limit` bytes. Raises PlatformError."""
        # The token goes to Slack and nowhere else, whatever address a payload names.
        if URL(url).host not in (FILES_HOST, URL(self._config.api).host):
            raise SlackError(library_lines.FILE_ELSEWHERE)
        bot = await self.bot(team)
        headers = {"Authorization": f"Bearer {bot.token}"}
        try:
            async with self._pool().get(url, headers=headers, allow_redirects=False) as answer:
                content = await answer.content.read(limit + 1)
                if answer.status != 200:
                    raise SlackError(library_lines.FILE_WITHHELD)
        except (TimeoutError, aiohttp.ClientError, OSError) as exc:
            raise unreadable() from exc
        if len(content) > limit:
            raise SlackError(library_lines.file_too_long(limit))
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise SlackError(library_lines.FILE_NOT_TEXT) from None

    async def upload(self, url: str, content: bytes) -> None:
        """Send a file's bytes where Slack wants them; the address is enough, no token goes with them.

        Raises PlatformError.
        """
        try:
            async with self._pool().post(url, data=content) as answer:
                if answer.status != 200:
                    raise unreadable()
        except (TimeoutError, aiohttp.ClientError, OSError) as exc:
            raise unreadable() from exc

    async def send(self, method: str, client: AsyncWebClient, arguments: dict[str, Any]) -> Any:
        """One call with a client of one's own. Raises PlatformError."""
        try:
            response = await getattr(client, method)(**told(arguments))
        except SlackApiError as exc:
            error = from_slack(exc)
            _count("limited" if isinstance(error, RateLimitedError) else "refused")
            # Its own message may quote what was sent.
            raise error from None
        except SlackRequestError:
            _count("refused")
            # A file was not taken; the SDK's message quotes names and answers.
            raise unreadable() from None
        except (TimeoutError, aiohttp.ClientError, OSError) as exc:
            _count("unreachable")
            raise unreadable() from exc
        if not isinstance(response.data, dict):
            _count("unreadable")
            raise unreadable()
        _count("done")
        return response


def _count(outcome: str) -> None:
    metrics.REQUESTS.labels(PLATFORM, outcome).inc()
