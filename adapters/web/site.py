"""What every page needs: the ports, the settings, the limits, and a way to render.

Reads:  the application's one `Site`, and the session of a request.
Gives:  rendered pages and redirects that carry a sentence; a deliberation only to those who may see it.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from adapters.web import sessions
from adapters.web.config import WebConfig
from adapters.web.limits import Buckets, Streams
from adapters.web.sessions import Session
from bot.dispatch import dispatch
from bot.domain.commands import Command
from bot.domain.deliberation import Deliberation
from bot.errors import PermissionDeniedError
from bot.ports import Ports
from bot.reply import Reply

HERE = Path(__file__).parent
STATIC = {"app.css": "text/css", "app.js": "text/javascript", "icon.svg": "image/svg+xml"}


@dataclass(frozen=True)
class Site:
    """One running web channel. `stopping` is set at shutdown, so that open streams end at once."""

    ports: Ports
    config: WebConfig
    clients: Buckets
    people: Buckets
    streams: Streams
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    static: Mapping[str, bytes] = field(
        default_factory=lambda: {name: (HERE / "static" / name).read_bytes() for name in STATIC}
    )

    @property
    def now(self) -> datetime:
        """The time by the application's clock."""
        return self.ports.clock.now()

    def static_url(self, name: str) -> str:
        """An address that changes with the content, so that browsers may keep it for ever."""
        return f"/static/{hashlib.sha256(self.static[name]).hexdigest()[:12]}/{name}"


SITE: web.AppKey[Site] = web.AppKey("site", Site)


def site_of(request: web.Request) -> Site:
    """The site that a request came to."""
    return request.app[SITE]


def session_of(request: web.Request) -> Session | None:
    """Who is asking; None for a stranger."""
    site = site_of(request)
    return sessions.read(request, site.config, site.now)


def require_session(request: web.Request) -> Session:
    """Whoever came by link. Raises PermissionDeniedError with what to do."""
    session = session_of(request)
    if session is None:
        raise PermissionDeniedError(
            "You are not signed in here. Open the link that you were given once more; "
            "if it has expired, ask for a new one."
        )
    return session


def require_admin(request: web.Request) -> Session:
    """An admin. Raises PermissionDeniedError with what to do."""
    session = session_of(request)
    if session is None or not session.admin:
        raise PermissionDeniedError(
            "This page is for the people who run Accord here. "
            "Sign in with a new link: `accord admin-link` prints one."
        )
    return session


async def visible(request: web.Request, session: Session) -> Deliberation:
    """The deliberation in the address. Raises UnknownDeliberationError to those who may not see it."""
    deliberation = await site_of(request).ports.store.load(request.match_info["id"])
    session.require_view(deliberation)
    return deliberation


async def steered(request: web.Request) -> tuple[Session, Deliberation]:
    """The deliberation in the address, for its facilitator or an admin."""
    session = require_session(request)
    deliberation = await visible(request, session)
    if not session.is_steward(deliberation):
        raise PermissionDeniedError("Only the person who asked this question or a team admin can do that.")
    return session, deliberation


async def run(request: web.Request, command: Command) -> Reply:
    """Send a command into the application."""
    return await dispatch(command, site_of(request).ports)


def render(
    request: web.Request,
    template: str,
    *,
    session: Session | None = None,
    status: int = 200,
    **context: Any,
) -> web.Response:
    """A page for `session`, or for whoever the cookie says; a sentence that was left for it is shown once."""
    site = site_of(request)
    session = session or session_of(request)
    flash = sessions.said(request, site.config)
    shared = {
        "session": session,
        "csrf": sessions.csrf_token(session, site.config) if session else "",
        "flash": flash,
        "now": site.now,
        "static": site.static_url,
        "path": request.path,
    }
    response = aiohttp_jinja2.render_template(template, request, shared | context, status=status)
    if flash:
        sessions.unsay(response, site.config)
    return response


def go(request: web.Request, to: str, text: str = "", *, ok: bool = True) -> web.Response:
    """Redirect after a form; the next page says `text`."""
    response = web.Response(status=303, headers={"Location": to})
    if text:
        sessions.say(response, text, site_of(request).config, ok=ok)
    return response


async def form_of(request: web.Request) -> dict[str, str]:
    """The fields of a form, files left out; of several with one name, the first."""
    return {
        key: value for key, value in reversed(list((await request.post()).items())) if isinstance(value, str)
    }


def new_key() -> str:
    """A key that makes sending a form twice harmless."""
    return secrets.token_urlsafe(16)
