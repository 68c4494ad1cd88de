"""Who may see a question now: asked of the server on every request, and again while a page watches.

Reads:  what a cookie says (`sessions`), and what has been ended since (`bot.service.ports.web_access`).
Gives:  a session that still holds; nothing, or an error with a sentence for whoever may not see a question.
Closed when in doubt: a link that is not known is worth as little as one that was ended, an admin is whoever
is on the list of admins, and a store that does not answer lets nobody in. Places and links from before links
carried ids hold until anything is decided about their question's links: an update locks nobody out.
"""

import hashlib
import hmac
from dataclasses import replace
from datetime import datetime

from adapters.web.config import WebConfig
from adapters.web.links import Link
from adapters.web.sessions import Place, Session
from bot.domain.actors import Actor, require_same_team
from bot.domain.deliberation import Deliberation
from bot.domain.errors import PermissionDeniedError, UnknownDeliberationError
from bot.domain.likeness import look_alike
from bot.service.ports.web_access import BEFORE, OpenLink, Standing, WebAccess
from bot.wording import page_lines


async def recognised(session: Session | None, access: WebAccess, now: datetime) -> Session | None:
    """A cookie's session as it holds now: none once it was signed out, an admin's only while it is one."""
    if session is None or await access.sessions.has_ended(session.id):
        return None
    claims = session.admin_until > now.timestamp()
    return replace(session, admin=claims and await access.sessions.is_admin(session.id, now))


async def admitted(session: Session, deliberation: Deliberation, access: WebAccess) -> Session:
    """The session as whom it may see this question: without the person of a link that no longer holds.

    To whoever was never let in, a question does not exist: raises UnknownDeliberationError. Raises
    PermissionDeniedError where they were, and their link no longer holds.
    """
    require_same_team(session.actor(), deliberation)
    is_steward, knows = session.is_steward(deliberation), session.knows(deliberation.id)
    if not (is_steward or knows):
        raise UnknownDeliberationError
    standing = await _standing(session.place_in(deliberation.id), access) if knows else Standing.ENDED
    if standing is Standing.HOLDS:
        return session
    if is_steward:
        return session.as_itself(deliberation.id)
    raise PermissionDeniedError(page_lines.LEFT if standing is Standing.LEFT else page_lines.ENDED)


async def still_sees(session: Session, deliberation: Deliberation, access: WebAccess, now: datetime) -> bool:
    """Whether a page that was opened with this session may go on watching."""
    present = await recognised(session, access, now) if session.expires_at > now.timestamp() else None
    if present is None:
        return False
    try:
        await admitted(present, deliberation, access)
    except (UnknownDeliberationError, PermissionDeniedError):
        return False
    return True


async def opened_by(link: Link, access: WebAccess, now: datetime) -> OpenLink | None:
    """A question's link for everyone as it is now, if it is this one."""
    if link.id == BEFORE:
        standing = await access.invitations.standing(link.deliberation, link.id, now)
        return OpenLink(id=link.id) if standing is Standing.HOLDS else None
    opened = await access.invitations.open_link(link.deliberation)
    return opened if opened is not None and opened.id == link.id else None


async def let_in(session: Session, link: Link, access: WebAccess, now: datetime) -> tuple[Session, bool]:
    """A session that came by the link for everyone, and whether somebody new comes with it.

    It stays the person of a personal link that holds. Of one that does not, it can be no more.
    """
    place = session.place_in(link.deliberation)
    if place.user and await _standing(place, access) is Standing.HOLDS:
        return session, False
    is_new = bool(place.user) or not session.knows(link.deliberation)
    return session.invited(link, now), is_new


async def everyone(session: Session, access: WebAccess) -> list[Actor]:
    """This browser and every person that it is somewhere, for what belongs to these people alone.

    An ended link still lets its person be forgotten: that is theirs to wish, and nobody else's to prevent.
    """
    users = [session.user, *(person.user for person in (await people(session, access)).values())]
    return [Actor(session.team, user) for user in dict.fromkeys(users)]


async def people(session: Session, access: WebAccess) -> dict[str, Actor]:
    """The persons of this browser's personal links, each by the one question that it exists in."""
    places = await _own_places(session, access)
    return {place.deliberation: Actor(session.team, place.user) for place in places}


async def forget_names(session: Session, access: WebAccess) -> None:
    """Take this browser's people off the lists of who was invited."""
    for place in await _own_places(session, access):
        await access.invitations.forget(place.deliberation, place.came_by)


async def leave_everywhere(session: Session, access: WebAccess, now: datetime) -> None:
    """Sign out every browser that came by this one's personal links."""
    for place in await _own_places(session, access):
        await access.invitations.leave(place.deliberation, place.came_by, now)


async def _own_places(session: Session, access: WebAccess) -> list[Place]:
    """Where this browser came in by a personal link, and has not been signed out since."""
    personal = [place for place in session.places if place.user]
    return [place for place in personal if await _standing(place, access) is not Standing.LEFT]


async def is_reserved(name: str, deliberation_id: str, access: WebAccess) -> bool:
    """Whether a personal link carries this name: it is that person's own, however it is typed."""
    invited = await access.invitations.invited(deliberation_id)
    return any(look_alike(name, each.name) for each in invited if each.name)


def network_id(address: str, deliberation_id: str, config: WebConfig) -> str:
    """Tells networks apart for a minute without keeping their addresses."""
    message = f"{deliberation_id} {address}".encode()
    return hmac.new(config.secret.encode(), b"accord.web.network" + message, hashlib.sha256).hexdigest()[:16]


async def _standing(place: Place, access: WebAccess) -> Standing:
    return await access.invitations.standing(place.deliberation, place.came_by, place.since_when)
