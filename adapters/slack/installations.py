"""Which workspaces have installed the app, and with which token: the SDK's two OAuth stores over notes.

Reads:  what OAuth gave, once.
Gives:  a workspace's bot, to whoever calls Slack.
Tokens are encrypted with a key that is made from ACCORD_SECRET_KEY: a copy of the state store alone opens
no workspace. Only bot tokens are kept; Accord never asks for a member's own.
"""

import base64
import json
import logging
import secrets
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from bot.chat.notes import Notes

log = logging.getLogger(__name__)

PURPOSE = b"accord: tokens of Slack installations"
STATE_S = 600
WORKSPACES = "workspaces"
# Workspaces without an installation of their own, which their organisation's serves.
SERVED = "workspaces of organisations"
# What is kept of a bot. The names of people and workspaces are not needed.
FIELDS = (
    "app_id",
    "enterprise_id",
    "team_id",
    "bot_token",
    "bot_id",
    "bot_user_id",
    "bot_scopes",
    "is_enterprise_install",
    "installed_at",
)


class Installations(AsyncInstallationStore):
    """The SDK's installation store, for bots only. Takes the secret keys in use, the newest first."""

    def __init__(self, notes: Notes, *secrets: str) -> None:
        self._notes = notes
        self._box = MultiFernet([_box(secret) for secret in secrets])

    @property
    def logger(self) -> logging.Logger:
        """Where the SDK may log."""
        return log

    async def async_save(self, installation: Installation) -> None:
        """Keep what OAuth gave, in place of an earlier installation."""
        await self.async_save_bot(installation.to_bot())

    async def async_save_bot(self, bot: Bot) -> None:
        """Keep a bot."""
        name = _name(bot.enterprise_id, None if bot.is_enterprise_install else bot.team_id)
        kept = {field: getattr(bot, field) for field in FIELDS}
        sealed = self._box.encrypt(json.dumps(kept).encode()).decode()
        # Slack gives it once: it is good until the app is uninstalled, however many years that is.
        await self._notes.put(name, sealed, for_s=None)
        await self._notes.add_to(WORKSPACES, name)
        log.info("a workspace installed the app")

    async def async_find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None = False
    ) -> Bot | None:
        """The workspace's bot, else its organisation's."""
        if team_id is not None and not is_enterprise_install:
            found = await self._open(_name(None, team_id))
            if found is not None:
                return found
        found = await self._open(_name(enterprise_id, None)) if enterprise_id else None
        if found is not None or team_id is None:
            return found
        # Outside a request only the workspace is known, and in a shared channel the organisation may be a
        # guest's; requests of the workspace's own have told whose it is.
        organisation = await self._notes.get(f"organisation of {team_id}")
        return await self._open(_name(organisation, None)) if organisation else None

    async def belongs(self, team_id: str, enterprise_id: str) -> None:
        """Remember which organisation's installation serves a workspace."""
        await self._notes.put(f"organisation of {team_id}", enterprise_id, for_s=None)
        await self._notes.add_to(SERVED, team_id)

    async def left(self, team_id: str) -> None:
        """The organisation took the app out of this workspace."""
        await self._notes.remove(f"organisation of {team_id}")
        await self._notes.remove_from(SERVED, team_id)

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """None: no member's own installation is kept, only bots."""
        return None

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """Nothing is kept of single members."""

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """The token is void: keep it no longer."""
        name = _name(enterprise_id, team_id)
        await self._notes.remove(name)
        await self._notes.remove_from(WORKSPACES, name)
        if team_id is None and enterprise_id is not None:
            for served in await self.served_by(enterprise_id):
                await self.left(served)
        log.info("a workspace's token is dropped")

    async def served_by(self, enterprise_id: str) -> list[str]:
        """The workspaces that an organisation's installation serves."""
        served = await self._notes.members(SERVED)
        return [team for team in served if await self._notes.get(f"organisation of {team}") == enterprise_id]

    async def async_delete_all(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """The app was uninstalled."""
        await self.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)

    async def workspaces(self) -> list[Bot]:
        """Every bot that is kept."""
        found = [await self._open(name) for name in await self._notes.members(WORKSPACES)]
        return [bot for bot in found if bot is not None]

    async def teams(self) -> list[str]:
        """The ids of all workspaces that are served."""
        own = [
            bot.team_id for bot in await self.workspaces() if bot.team_id and not bot.is_enterprise_install
        ]
        return sorted({*own, *await self._notes.members(SERVED)})

    async def _open(self, name: str) -> Bot | None:
        sealed = await self._notes.get(name)
        if sealed is None:
            return None
        try:
            kept: dict[str, Any] = json.loads(self._box.decrypt(sealed.encode()))
        except InvalidToken:
            log.warning(
                "a workspace's token was kept under a secret key that is missing; it must install again"
            )
            return None
        return Bot(**kept)


def _box(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


def _name(enterprise_id: str | None, team_id: str | None) -> str:
    """A workspace's own installation goes by its id alone, which is unique; an organisation's by its own."""
    return f"bot of {team_id}" if team_id else f"bot of organisation {enterprise_id}"


class States(AsyncOAuthStateStore):
    """The SDK's store of OAuth states: each is good for ten minutes and once, at any gateway."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    @property
    def logger(self) -> logging.Logger:
        """Where the SDK may log."""
        return log

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        """A new state."""
        state = secrets.token_urlsafe(32)
        await self._notes.put(f"state {state}", "issued", for_s=STATE_S)
        return state

    async def async_consume(self, state: str) -> bool:
        """True the first time, while it is fresh."""
        return await self._notes.take(f"state {state}") is not None
