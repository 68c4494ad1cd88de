"""Workspaces that install the app, and those that take it off: OAuth v2, `app_uninstalled`, `tokens_revoked`,
and `team_access_revoked` where an organisation took the app out of some of its workspaces.

Reads:  what Slack and browsers send.
Gives:  installations kept and dropped. A late copy of an older farewell does not undo a newer installation.
"""

from typing import Any

from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.oauth.installation_store import Bot

from adapters.slack.config import INSTALL_PATH, REDIRECT_PATH, SCOPES
from adapters.slack.installations import States
from adapters.slack.parts import SlackParts


def oauth_flow(parts: SlackParts) -> AsyncOAuthFlow:
    """bolt's OAuth flow over our stores."""
    config = parts.config
    address = config.base_url.rstrip("/")
    settings = AsyncOAuthSettings(
        client_id=config.client_id,
        client_secret=config.client_secret,
        scopes=SCOPES,
        user_scopes=(),
        redirect_uri=f"{address}{REDIRECT_PATH}" if address else None,
        install_path=INSTALL_PATH,
        redirect_uri_path=REDIRECT_PATH,
        authorization_url=_authorization_url(config.api),
        installation_store=parts.installations,
        installation_store_bot_only=True,
        state_store=States(parts.notes),
        token_rotation_expiration_minutes=120,
    )
    return AsyncOAuthFlow(client=parts.clients.client(), settings=settings)


def _authorization_url(api: str) -> str:
    """The page where a workspace agrees: beside the Web API, on whichever server that is."""
    return api.rstrip("/").removesuffix("/api") + "/oauth/v2/authorize"


class Uninstalled:
    """A workspace took the app off, or took its token back."""

    def __init__(self, parts: SlackParts) -> None:
        self._parts = parts

    async def __call__(self, body: dict[str, Any]) -> None:
        """Drop the token, unless the app was installed again since."""
        event = body["event"]
        if event.get("type") == "team_access_revoked":
            for left in event.get("team_ids") or []:
                await self._out_of_reach(str(left), body)
            return
        if event.get("type") == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
            return
        team, enterprise = body.get("team_id"), body.get("enterprise_id")
        kept = await self._parts.installations.async_find_bot(enterprise_id=enterprise, team_id=team)
        if kept is None or _is_newer(kept, body):
            return
        own = None if kept.is_enterprise_install else team
        known = {team, *await self._parts.installations.served_by(enterprise or "")}
        await self._parts.installations.async_delete_all(enterprise_id=enterprise, team_id=own)
        for each in filter(None, known):
            self._parts.clients.drop(each)

    async def _out_of_reach(self, team: str, body: dict[str, Any]) -> None:
        """The organisation's token serves this workspace no longer; an installation of its own goes too."""
        kept = await self._parts.installations.async_find_bot(enterprise_id=None, team_id=team)
        if kept is not None and not kept.is_enterprise_install:
            if _is_newer(kept, body):
                return
            await self._parts.installations.async_delete_all(enterprise_id=None, team_id=team)
        await self._parts.installations.left(team)
        self._parts.clients.drop(team)


def _is_newer(kept: Bot, body: dict[str, Any]) -> bool:
    """Whether the app was installed after what this event tells of."""
    return int(kept.installed_at) > int(body.get("event_time") or 0) > 0
