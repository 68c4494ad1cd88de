"""The chat platforms that are switched on, and how each is reached.

Reads:  `Settings`.
Gives:  parts of Slack and Discord (None where nothing of them is configured), the web channel's set-up, and
        links to it.
A new platform is added here: its parts in `chat_platforms`, and its gateway in `bot.bootstrap.processes`.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot.bootstrap.secret_keys import secret_keys
from bot.bootstrap.settings import Settings, SettingsError, read_settings
from bot.bootstrap.state import connected
from bot.chat.notes import Notes
from bot.chat.rehearsals import KIND, Rehearsals
from bot.service.ports.platform import ChatPlatform
from bot.service.ports.web_access import WebAccess
from bot.wording.cards import ResultLink, no_page

if TYPE_CHECKING:
    from adapters.discord.app import DiscordParts
    from adapters.discord.config import DiscordConfig
    from adapters.slack.config import SlackConfig
    from adapters.slack.parts import SlackParts
    from adapters.web.config import WebConfig

WEB = "web"
WEB_TEAM = "web"
# Addresses to listen on that no browser can go to.
EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (nothing is bound to them here)


def chat_platforms(
    slack: "SlackParts | None" = None, discord: "DiscordParts | None" = None
) -> dict[str, ChatPlatform]:
    """By name, what is switched on; the web channel always is."""
    from adapters.web.platform import WebPlatform

    platforms: dict[str, ChatPlatform] = {WEB: WebPlatform()}
    if slack is not None:
        platforms["slack"] = slack.platform
    if discord is not None:
        platforms["discord"] = discord.platform
    return platforms


@asynccontextmanager
async def slack_parts(settings: Settings, url: str) -> AsyncIterator["SlackParts | None"]:
    """What is needed to speak with Slack; None when nothing of it is configured."""
    config = slack_config(settings)
    if config is None:
        yield None
        return
    from adapters.redis.notes import RedisNotes
    from adapters.slack.parts import SlackParts

    async with connected(url) as client:
        parts = SlackParts.make(config, RedisNotes(client, "slack"), result_link(settings))
        try:
            yield parts
        finally:
            await parts.close()


def slack_config(settings: Settings) -> "SlackConfig | None":
    """How Slack is reached; None when nothing of it is configured. Raises SettingsError for half of it."""
    from adapters.slack.config import SlackConfig

    slack = settings.slack
    newest, *old = secret_keys(settings.state)
    config = SlackConfig(
        secret=newest,
        old_secrets=tuple(old),
        bot_token=_secret(slack.bot_token),
        app_token=_secret(slack.app_token),
        signing_secret=_secret(slack.signing_secret),
        client_id=slack.client_id,
        client_secret=_secret(slack.client_secret),
        api_url=slack.api_url,
        base_url=settings.web.base_url or "",
    )
    if (problem := config.problem()) is not None:
        raise SettingsError(problem)
    return config if config.configured else None


@asynccontextmanager
async def discord_parts(settings: Settings, url: str) -> AsyncIterator["DiscordParts | None"]:
    """What is needed to speak with Discord; None when nothing of it is configured."""
    config = discord_config(settings)
    if config is None:
        yield None
        return
    from adapters.discord.app import DiscordParts
    from adapters.redis.notes import RedisNotes

    async with connected(url) as client:
        parts = DiscordParts.make(config, RedisNotes(client, "discord"), result_link(settings))
        try:
            yield parts
        finally:
            await parts.close()


def discord_config(settings: Settings) -> "DiscordConfig | None":
    """How Discord is reached; None when nothing of it is configured. Raises SettingsError."""
    from adapters.discord.config import DiscordConfig

    config = DiscordConfig(
        token=_secret(settings.discord.token),
        api_url=settings.discord.api_url,
        secrets=secret_keys(settings.state),
    )
    if (problem := config.problem()) is not None:
        raise SettingsError(problem)
    return config if config.configured else None


def web_config(settings: Settings, port: int) -> "WebConfig":
    """How the web channel is set up; also what links are signed with."""
    from adapters.web.config import WebConfig
    from adapters.web.proxies import Proxies

    token = settings.web.metrics_token
    newest, *old = secret_keys(settings.state)
    return WebConfig(
        secret=newest,
        old_secrets=tuple(old),
        base_url=settings.web.base_url or _address(settings.web.host, port),
        team=WEB_TEAM,
        trusted_proxies=Proxies.parse(settings.web.trusted_proxies),
        metrics_token=token.get_secret_value() if token else "",
        newcomers_per_minute=settings.web.newcomers_per_minute,
        requests_per_minute=settings.web.requests_per_minute,
        requests_per_client=settings.web.requests_per_address,
        writes_per_minute=settings.web.writes_per_minute,
        api_requests_per_minute=settings.web.api_requests_per_minute,
        streams=settings.web.streams,
        streams_per_client=settings.web.streams_per_address,
        private_webhooks=settings.webhooks.private,
        streams_per_person=settings.web.streams_per_person,
        body_limit=settings.web.body_limit_kib * 1024,
        request_within_s=settings.web.request_within_s,
    )


def _address(host: str, port: int) -> str:
    """Where a browser on this machine finds what listens on `host`."""
    reachable = EVERYWHERE.get(host, host)
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


@contextmanager
def address_noted(settings: Settings, port: int) -> Iterator[None]:
    """Keep the port that the web channel listens on, for as long as it does, for links that others print."""
    note = _port_note(settings)
    # A folder that cannot be written to is no reason not to run.
    with suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text(f"{port}\n")
    try:
        yield
    finally:
        if web_port(settings) == port:
            with suppress(OSError):
                note.unlink()


def web_port(settings: Settings) -> int:
    """Where the web channel of this data directory listens; where none has said so, where it would."""
    try:
        return int(_port_note(settings).read_text())
    except (OSError, ValueError):
        return settings.web.port


def _port_note(settings: Settings) -> Path:
    return settings.state.data_dir / "web_port"


@asynccontextmanager
async def web_access(url: str) -> AsyncIterator[WebAccess]:
    """Who is let into the web channel, for as long as it is needed."""
    from adapters.redis.api_tokens import RedisApiTokens
    from adapters.redis.invitations import RedisInvitations
    from adapters.redis.sessions import RedisSessions

    async with connected(url) as client:
        yield WebAccess(RedisSessions(client, WEB_TEAM), RedisInvitations(client), RedisApiTokens(client))


@asynccontextmanager
async def web_notes(url: str) -> AsyncIterator[Notes]:
    """What the web channel's gateways have to know of what came already."""
    from adapters.redis.notes import RedisNotes

    async with connected(url) as client:
        yield RedisNotes(client, WEB)


@asynccontextmanager
async def kept_rehearsals(url: str, settings: Settings) -> AsyncIterator[Rehearsals]:
    """Questions that are being tried out with simulated members, for gateways and workers."""
    from adapters.redis.notes import RedisNotes
    from bot.bootstrap.simulated_members import estimate

    async with connected(url) as client:
        yield Rehearsals(RedisNotes(client, KIND), settings.engine.rehearsals_a_day, estimate)


def result_link(settings: Settings) -> ResultLink:
    """Where messages elsewhere send people for a result: nowhere without a public address."""
    if settings.web.base_url is None:
        return no_page
    from adapters.web.links import results_link

    config = web_config(settings, settings.web.port)
    return lambda d: results_link(config, d.team, d.id, d.result_link)


def admin_link(port: int | None) -> str:
    """`accord admin-link`: needs the secret key and no running process."""
    from adapters.web.links import admin_link as signed

    settings = read_settings()
    return signed(web_config(settings, port or web_port(settings)))


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value() if value is not None else ""
