"""What `accord doctor` finds about Slack: tokens of the right kind, permissions, Socket Mode.

Reads:  the configuration; asks Slack who the tokens belong to.
Gives:  findings, each with what to click. Never a token.
"""

from adapters.slack.config import NEEDED_SCOPES, SCOPES, SlackConfig
from adapters.slack.parts import SlackParts
from bot.chat.notes import Notes
from bot.domain.errors import PlatformError

APPS = "api.slack.com/apps"


class _NoNotes:
    """Looking needs no memory."""

    async def get(self, name: str) -> str | None:
        return None


async def examine(config: SlackConfig) -> list[tuple[bool, str]]:
    """Whether all is well, and a sentence, for each thing that was looked at."""
    notes: Notes = _NoNotes()  # type: ignore[assignment]
    parts = SlackParts.make(config, notes)
    try:
        findings = [await _bot(parts)] if config.bot_token else [_many(config)]
        if config.app_token:
            findings.append(await _sockets(parts))
        if config.signing_secret:
            findings.append(_http(config))
        return findings
    finally:
        await parts.close()


async def _bot(parts: SlackParts) -> tuple[bool, str]:
    try:
        bot = await parts.clients.whoami(parts.config.bot_token)
    except PlatformError as exc:
        return False, f"SLACK_BOT_TOKEN does not work: {exc}"
    missing = sorted(set(SCOPES) - bot.scopes) if bot.scopes else []
    if missing:
        needed = sorted(NEEDED_SCOPES.intersection(missing))
        much = "it cannot work without" if needed else "something is left out without"
        return False, (
            f"the app lacks permissions; {much} {', '.join(needed or missing)}. "
            f"Add {', '.join(missing)} under OAuth & Permissions, Bot Token Scopes, on {APPS}, "
            "then click Reinstall to Workspace."
        )
    return True, "the bot token works and has every permission."


async def _sockets(parts: SlackParts) -> tuple[bool, str]:
    try:
        client = parts.clients.client(parts.config.app_token)
        await parts.clients.send("apps_connections_open", client, {"app_token": parts.config.app_token})
    except PlatformError as exc:
        return False, (
            f"Socket Mode does not open: {exc} On {APPS}, switch it on under Socket Mode, and make an "
            "app-level token with connections:write under Basic Information for SLACK_APP_TOKEN."
        )
    return True, "Socket Mode opens."


def _many(config: SlackConfig) -> tuple[bool, str]:
    return True, f"workspaces install the app at {config.base_url.rstrip('/')}/slack/install."


def _http(config: SlackConfig) -> tuple[bool, str]:
    if config.app_token and not config.base_url.startswith("https://"):
        return True, "HTTP mode has no public https address; Socket Mode is used and needs none."
    if not config.base_url.startswith("https://"):
        return False, (
            "HTTP mode needs a public https address: set ACCORD_BASE_URL to it, and on "
            f"{APPS} set it with /slack/events under Event Subscriptions, Interactivity and Slash Commands. "
            "Socket Mode (SLACK_APP_TOKEN) needs no address."
        )
    return True, f"HTTP mode listens under {config.base_url.rstrip('/')}/slack/events."
