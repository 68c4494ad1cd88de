"""What every page needs: the ports, the settings, the limits, and a way to render.

Reads:  the application's one `Site`, and the session of a request.
Gives:  rendered pages and redirects that carry a sentence; a deliberation only to those who may see it.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from adapters.web import access, languages, sessions
from adapters.web.config import WebConfig
from adapters.web.halls import Halls
from adapters.web.limits import Buckets, OneAddress, Streams
from adapters.web.sessions import Session
from bot.chat.copies import Copies
from bot.chat.listening import Connection
from bot.chat.notes import Notes
from bot.chat.rehearsals import Rehearsals
from bot.chat.taking_part import TakingPart, no_card
from bot.domain.actors import require_asker, require_steward
from bot.domain.commands import Command
from bot.domain.deliberation import Deliberation
from bot.domain.errors import PermissionDeniedError, UnknownDeliberationError
from bot.domain.team import Team
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.ports.web_access import WebAccess
from bot.service.reply import Reply
from bot.wording import page_lines

HERE = Path(__file__).parent
KEY_LIMIT = 64
STATIC = {
    "app.css": "text/css",
    "app.js": "text/javascript",
    "live.js": "text/javascript",
    "seats.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Site:
    """One running web channel. `stopping` is set at shutdown, so that open streams end at once.

    software: by token.
    notes: what all gateways have to know of a form that may be sent twice.
    clients: how often one address asks; asking: how often one person does, or strangers at one address;
    people: how often one person changes something.
    connections: those of the same process to chat platforms.
    rehearsals: questions that are tried out with simulated members; None where they cannot be.
    """

    ports: Ports
    config: WebConfig
    access: WebAccess
    notes: Notes
    clients: Buckets
    asking: Buckets
    people: Buckets
    software: Buckets
    streams: Streams
    halls: Halls
    connections: Sequence[Connection] = ()
    rehearsals: Rehearsals | None = None
    one_address: OneAddress = field(default_factory=OneAddress)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    static: Mapping[str, bytes] = field(
        default_factory=lambda: {name: (HERE / "static" / name).read_bytes() for name in STATIC}
    )

    @property
    def now(self) -> datetime:
        """The time by the application's clock."""
        return self.ports.clock.now()

    @property
    def taking_part(self) -> TakingPart:
        """What members do. Open pages hear of a new count by the live feed; there is no card to be told."""
        return TakingPart(self.ports, Copies(self.notes, self.ports.clock), no_card)

    def static_url(self, name: str) -> str:
        """An address that changes with the content, so that browsers may keep it for ever."""
        return f"/static/{hashlib.sha256(self.static[name]).hexdigest()[:12]}/{name}"


SITE: web.AppKey[Site] = web.AppKey("site", Site)
SESSION: web.RequestKey[Session | None] = web.RequestKey("session")
MAY_ASK: web.RequestKey[Team] = web.RequestKey("may_ask")
IS_IN: web.RequestKey[bool] = web.RequestKey("is_in")


def site_of(request: web.Request) -> Site:
    """The site that a request came to."""
    return request.app[SITE]


async def recognise(request: web.Request) -> Session | None:
    """Find out who is asking, once for each request."""
    site = site_of(request)
    cookie = sessions.read(request, site.config, site.now)
    found = await access.recognised(cookie, site.access, site.now)
    request[SESSION] = found
    return found


def session_of(request: web.Request) -> Session | None:
    """Who is asking; None for a stranger, and where nobody has found out."""
    return request.get(SESSION)


def require_session(request: web.Request) -> Session:
    """Whoever came by link. Raises PermissionDeniedError with what to do."""
    session = session_of(request)
    if session is None:
        raise PermissionDeniedError(page_lines.NOT_SIGNED_IN)
    return session


def require_admin(request: web.Request) -> Session:
    """An admin. Raises PermissionDeniedError with what to do."""
    session = session_of(request)
    if session is None or not session.admin:
        raise PermissionDeniedError(page_lines.ADMINS_ONLY)
    return session


async def visible(request: web.Request) -> tuple[Session, Deliberation]:
    """Who asks, and the deliberation in the address, if they may see it now (`access.admitted`)."""
    session = require_session(request)
    return await _admitted(request, session, request.match_info["id"])


async def _admitted(request: web.Request, session: Session, id_: str) -> tuple[Session, Deliberation]:
    site = site_of(request)
    deliberation = await site.ports.deliberations.load(id_)
    admitted = await access.admitted(session, deliberation, site.access)
    request[IS_IN] = session.knows(deliberation.id)
    return admitted, deliberation


async def questions_of(request: web.Request, session: Session) -> list[Deliberation]:
    """The questions that somebody was let into and may see now, latest first."""
    ids = [place.deliberation for place in reversed(session.places)]
    found = await asyncio.gather(*(_seen(request, session, id_) for id_ in ids))
    return [deliberation for deliberation in found if deliberation]


async def _seen(request: web.Request, session: Session, deliberation_id: str) -> Deliberation | None:
    """None for one that was purged meanwhile, and for one whose link holds no longer."""
    site = site_of(request)
    try:
        deliberation = await site.ports.deliberations.load(deliberation_id)
        await access.admitted(session, deliberation, site.access)
    except (UnknownDeliberationError, PermissionDeniedError):
        return None
    request[IS_IN] = True
    return deliberation


async def is_in_somewhere(request: web.Request, session: Session) -> bool:
    """Whether a link lets somebody in anywhere now; looks no further than the first that does."""
    if request.get(IS_IN):  # as this page has found already
        return True
    for place in reversed(session.places):
        if await _seen(request, session, place.deliberation):
            return True
    return False


async def require_may_ask(request: web.Request, session: Session) -> Team:
    """The team in which somebody may ask; looked up once for each request.

    Raises PermissionDeniedError where the team's settings do not let them, or no link lets them in any more.
    """
    if MAY_ASK in request:
        return request[MAY_ASK]
    team = await site_of(request).ports.teams.team(session.team)
    require_asker(session.actor(), team)
    if not (session.admin or await is_in_somewhere(request, session)):
        raise PermissionDeniedError(page_lines.NO_LINK_TO_ASK)
    request[MAY_ASK] = team
    return team


async def _look_whether_may_ask(request: web.Request) -> None:
    """For the menu of a page."""
    session = session_of(request)
    if session is not None:
        with suppress(PermissionDeniedError):
            await require_may_ask(request, session)


async def steered(request: web.Request) -> tuple[Session, Deliberation]:
    """The same for its facilitator or an admin."""
    session, deliberation = await visible(request)
    require_steward(session.actor(), deliberation)
    return session, deliberation


async def steered_by(request: web.Request, session: Session, id_: str) -> Deliberation:
    """A question that is not the one in the address, for its facilitator or an admin."""
    admitted, deliberation = await _admitted(request, session, id_)
    require_steward(admitted.actor(), deliberation)
    return deliberation


async def run(request: web.Request, command: Command) -> Reply:
    """Send a command into the application."""
    return await dispatch(command, site_of(request).ports)


async def render(
    request: web.Request,
    template: str,
    *,
    session: Session | None = None,
    status: int = 200,
    **context: Any,
) -> web.Response:
    """A page for `session`, or for whoever the cookie says; a sentence that was left for it is shown once."""
    await _look_whether_may_ask(request)
    return drawn(request, template, session=session, status=status, **context)


def drawn(
    request: web.Request,
    template: str,
    *,
    session: Session | None = None,
    status: int = 200,
    **context: Any,
) -> web.Response:
    """The same without asking the store for anything, for the page that says that something went wrong."""
    site = site_of(request)
    session = session or session_of(request)
    flash = sessions.said(request, site.config)
    shared = {
        "session": session,
        "csrf": sessions.csrf_token(session, site.config) if session else "",
        "flash": flash,
        "now": site.now,
        "static": site.static_url,
        "may_ask": MAY_ASK in request,
        "new_key": new_key,
        "path": request.path,
        **languages.offered(request),
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


def key_of(form: Mapping[str, str]) -> str:
    """The key that a form was drawn with; empty where it had none."""
    return form.get("key", "")[:KEY_LIMIT]
