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
from bot.service.ports import Ports
from bot.service.ports.state import Deliberations
from bot.service.ports.web_access import BEFORE, Invitation, OpenLink, Standing, WebAccess
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


async def given_here(session: Session, deliberation: Deliberation, config: WebConfig, ports: Ports) -> bool:
    """Whether this browser may read and change what there is of its person in this question.

    In an anonymous question the maker of a personal link has it too, and is to read nothing by it.
    """
    return await _kept_giver(session, deliberation, config, ports) == session.giver(deliberation, config)


async def given_elsewhere(
    session: Session, deliberation: Deliberation, config: WebConfig, ports: Ports
) -> bool:
    """Whether another browser gave what was given by this personal link: then only that one changes it."""
    kept = await _kept_giver(session, deliberation, config, ports)
    return kept not in (None, session.giver(deliberation, config))


async def _kept_giver(
    session: Session, deliberation: Deliberation, config: WebConfig, ports: Ports
) -> str | None:
    """Who gave what there is of this browser's person: None for nothing, empty where it matters to nobody."""
    if not session.giver(deliberation, config):
        return ""
    participant = ports.pseudonyms.of(deliberation, session.place_in(deliberation.id).user)
    return await ports.contributions.giver(deliberation.id, participant)


async def places_given_elsewhere(
    session: Session, access: WebAccess, config: WebConfig, ports: Ports
) -> list[Place]:
    """Where another browser gave what was given by the same personal link, ended ones too."""
    found = []
    for place in await _own_places(session, access, Standing.HOLDS, Standing.ENDED):
        try:
            deliberation = await ports.deliberations.load(place.deliberation)
        except UnknownDeliberationError:
            continue
        if await given_elsewhere(session, deliberation, config, ports):
            found.append(place)
    return found


async def readable(session: Session, access: WebAccess) -> set[str]:
    """The people of its personal links whose answers this browser may read."""
    return {place.user for place in await _own_places(session, access, Standing.HOLDS)}


async def everyone(session: Session, access: WebAccess, questions: Deliberations) -> list[Actor]:
    """This browser and every person that it is somewhere, for what belongs to these people alone.

    Each with the name by which it is known there, for what was decided may name them.
    """
    own = await people(session, access, questions)
    here = Actor(session.team, session.user, session.name)
    return list({actor.user: actor for actor in (here, *own.values())}.values())


async def people(session: Session, access: WebAccess, questions: Deliberations) -> dict[str, Actor]:
    """Whom else this browser is and may forget, each by the one question of that person.

    An ended link still lets its person be forgotten: that is theirs to wish, and nobody else's to prevent.
    Not where that person was given another since: the ended one may be in anybody's hands (`replaced`).
    """
    gone = await replaced(session, access, questions)
    own = await _own_places(session, access, Standing.HOLDS, Standing.ENDED)
    return {
        place.deliberation: Actor(session.team, place.user, place.name) for place in own if place not in gone
    }


async def replaced(session: Session, access: WebAccess, questions: Deliberations) -> list[Place]:
    """Where this browser's personal link has ended, and the same person was given another since."""
    ended = await _own_places(session, access, Standing.ENDED)
    return [place for place in ended if await _has_another(place, access, questions)]


async def forget_names(session: Session, access: WebAccess, questions: Deliberations) -> None:
    """Take this browser's people off the lists of who was invited."""
    gone = await replaced(session, access, questions)
    for place in await _own_places(session, access, Standing.HOLDS, Standing.ENDED):
        if place not in gone:
            await access.invitations.forget(place.deliberation, place.came_by)


async def leave_everywhere(
    session: Session, access: WebAccess, questions: Deliberations, now: datetime
) -> None:
    """Sign out every browser that came by a personal link of this browser's people."""
    for place in await _own_places(session, access, Standing.ENDED):
        await access.invitations.leave(place.deliberation, place.came_by, now)
    for place in await _own_places(session, access, Standing.HOLDS):
        same = [each.id for each in await _links_of(place, access, questions)]
        for link in {place.came_by, *same}:
            await access.invitations.leave(place.deliberation, link, now)


async def _own_places(session: Session, access: WebAccess, *worth: Standing) -> list[Place]:
    """Where this browser came in by a personal link that is worth this now."""
    personal = [place for place in session.places if place.user]
    return [place for place in personal if await _standing(place, access) in worth]


async def _has_another(place: Place, access: WebAccess, questions: Deliberations) -> bool:
    """Whether its person was given another link after this one."""
    links = await _links_of(place, access, questions)
    since = [each.made_at for each in links if each.id == place.came_by]
    return any(
        each.id != place.came_by and all(each.made_at >= made_at for made_at in since) for each in links
    )


async def _links_of(place: Place, access: WebAccess, questions: Deliberations) -> list[Invitation]:
    """All links of a place's person, as far as several have one: where names are told (`links.person_id`)."""
    try:
        anonymous = (await questions.load(place.deliberation)).terms.anonymous
    except UnknownDeliberationError:
        return []
    invited = [] if anonymous else await access.invitations.invited(place.deliberation)
    return [each for each in invited if each.name.casefold() == place.name.casefold()]


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
