"""Signing in and out: links that people open, and the way into everything.

Reads:  tokens in addresses, and whether their links still open.
Gives:  a session cookie and a redirect, so that no token stays in the address bar or in the history's last
entry. A session that is left or signed out of is ended on the server, so that no copy of its cookie opens
anything. An admin link works once, by the button on its page: opening it uses nothing up. A personal link
makes a person in its own question only. It never silently turns one person into another there: whoever takes
part already, or goes by another name, is asked first. Otherwise a stranger's link could make a member write
under an identity that the stranger can read.
"""

from collections.abc import Set
from datetime import UTC, datetime, timedelta

from aiohttp import web

from adapters.web import access, sessions
from adapters.web.limits import client_of
from adapters.web.links import Link, LinkKind, read_link
from adapters.web.live import nudge
from adapters.web.middleware import Refusal
from adapters.web.page_context import (
    Site,
    form_of,
    go,
    key_of,
    new_key,
    render,
    require_admin,
    require_session,
    run,
    session_of,
    site_of,
)
from adapters.web.sessions import Session
from bot.chat import changing
from bot.domain.commands import ForgetMe
from bot.ops import metrics
from bot.service.ids import named
from bot.service.ports import Ports
from bot.service.ports.web_access import OpenLink, Standing
from bot.service.queries import OwnOpinion, own_opinions
from bot.wording import page_lines, texts
from bot.wording.choices import lasts
from bot.wording.confirmations import stopping_learning

routes = web.RouteTableDef()

# As many of their own texts as a page shows a person.
OWN_SHOWN = 2_000

LINK_ENDED = Refusal(410, *page_lines.LINK_ENDED)
NOBODY_NEW = Refusal(403, *page_lines.NOBODY_NEW)
LINK_USED = Refusal(410, *page_lines.LINK_USED)


def _link(request: web.Request, kind: LinkKind) -> Link:
    site = site_of(request)
    return read_link(kind, request.match_info["token"], site.config, site.now)


def _enter(request: web.Request, session: Session, to: str) -> web.Response:
    site = site_of(request)
    response = go(request, to)
    sessions.remember(response, session, site.config, site.now)
    return response


def _session_or_new(request: web.Request) -> Session:
    site = site_of(request)
    return session_of(request) or Session.begin(site.config, site.now)


@routes.get("/i/{token}", allow_head=False)
async def invitation(request: web.Request) -> web.Response:
    """Come in as the person this browser is already, or as a new visitor."""
    link = _link(request, LinkKind.INVITE)
    site = site_of(request)
    opened = await access.opened_by(link, site.access, site.now)
    if opened is None:
        raise LINK_ENDED
    session, is_new = await access.let_in(_session_or_new(request), link, site.access, site.now)
    if is_new:
        await _require_room(request, link, opened)
    return _enter(request, session, f"/d/{link.deliberation}")


async def _require_room(request: web.Request, link: Link, opened: OpenLink) -> None:
    """Raises Refusal when nobody new may come in, or too many came from this network within the minute."""
    if not opened.admits:
        raise NOBODY_NEW
    site = site_of(request)
    network = access.network_id(client_of(request, site.config), link.deliberation, site.config)
    count = await site.access.invitations.count_newcomer(link.deliberation, network, site.now)
    if count > (opened.per_minute or site.config.newcomers_per_minute):
        metrics.REFUSED.labels("newcomers").inc()
        raise Refusal(
            429,
            *page_lines.TOO_MANY_NEW,
            retry_after_s=60 - int(site.now.timestamp()) % 60,
        )


@routes.get("/p/{token}", allow_head=False)
async def personal_link(request: web.Request) -> web.Response:
    """Come in as the person whom the link names; ask first when this browser is somebody else."""
    link = await _personal_link(request)
    site = site_of(request)
    session = _session_or_new(request)
    if session.is_not(link):
        return await render(request, "switch.html", link=link, runs=await _run_by(session, site.ports))
    return _enter(request, session.as_person(link, site.now), f"/d/{link.deliberation}")


async def _personal_link(request: web.Request) -> Link:
    """A personal link that still opens."""
    link = _link(request, LinkKind.PERSONAL)
    site = site_of(request)
    if await site.access.invitations.standing(link.deliberation, link.id, site.now) is Standing.ENDED:
        raise LINK_ENDED
    return link


async def _run_by(session: Session, ports: Ports) -> list[str]:
    """The questions that this browser asked, and could not run any more as somebody else; latest first."""
    found = [d async for d in ports.deliberations.each_of_team(session.team) if d.facilitator == session.user]
    return [d.question for d in sorted(found, key=lambda d: d.created_at, reverse=True)]


@routes.post("/p/{token}")
async def become(request: web.Request) -> web.Response:
    """Become that person, and leave behind who this browser was before."""
    link = await _personal_link(request)
    site = site_of(request)
    await _end(require_session(request), site)
    session = require_session(request).somebody_else(site.config, site.now).as_person(link, site.now)
    return _enter(request, session, f"/d/{link.deliberation}")


@routes.get("/s/{token}", allow_head=False)
async def admin_link(request: web.Request) -> web.Response:
    """Ask whether to sign in. Mail scanners and chats' previews open links too: that uses nothing up."""
    _link(request, LinkKind.ADMIN)
    site = site_of(request)
    before = session_of(request)
    if before is not None and before.admin:
        return go(request, "/admin")
    session = before or Session.begin(site.config, site.now)
    period = lasts(timedelta(hours=site.config.admin_session_hours))
    response = await render(request, "admin_link.html", session=session, period=period)
    if before is None:
        # The form's token is this browser's, so it has to be known again.
        sessions.remember(response, session, site.config, site.now)
    return response


@routes.post("/s/{token}")
async def admin_sign_in(request: web.Request) -> web.Response:
    """Raise this browser's session to admin, once; an admin goes on as they are."""
    link = _link(request, LinkKind.ADMIN)
    site = site_of(request)
    before = require_session(request)
    # An admin who came back is who they were, also where they were in no question but their own.
    known = before if before.places or before.admin_until else Session.begin(site.config, site.now, link.user)
    session = known.as_admin(site.config, site.now)
    is_admin = await site.access.sessions.make_admin(
        session.id,
        link.id,
        made_at=link.made_at,
        link_until=link.until,
        until=datetime.fromtimestamp(session.admin_until, UTC),
    )
    if is_admin:
        await _end(before, site)
        return _enter(request, session, "/admin")
    if before.admin:
        return go(request, "/admin")
    raise LINK_USED


@routes.get("/me")
async def me(request: web.Request) -> web.Response:
    """Who you are here, and what you can do about it."""
    return await _me_page(request, require_session(request))


async def _own_texts(session: Session, site: Site) -> tuple[list[OwnOpinion], int]:
    """What "forget me" deletes: the opinions that this browser may read, and how many others there are."""
    people = await access.people(session, site.access, site.ports.deliberations)
    found = await own_opinions(session.actor(), site.ports, people)
    readable = await access.readable(session, site.access)
    own = [
        each for each in found if each.user == session.user or await _may_read(each, session, readable, site)
    ]
    return own, len(found) - len(own)


async def _may_read(own: OwnOpinion, session: Session, readable: Set[str], site: Site) -> bool:
    """Whether what was given by a personal link is shown: the link holds, and this browser gave it."""
    if own.deliberation is None or own.user not in readable:
        return False
    return await access.given_here(session, own.deliberation, site.config, site.ports)


async def _me_page(
    request: web.Request, session: Session, *, status: int = 200, error: str = ""
) -> web.Response:
    site = site_of(request)
    own, hidden = await _own_texts(session, site)
    replaced = await access.replaced(session, site.access, site.ports.deliberations)
    return await render(
        request,
        "me.html",
        session=session,
        status=status,
        error=error,
        own=own[:OWN_SHOWN],
        left=len(own) - OWN_SHOWN,
        hidden=page_lines.hidden_opinions(hidden) if hidden else "",
        replaced=page_lines.LINK_REPLACED if replaced else "",
        stopping=stopping_learning(),
        texts=texts,
    )


@routes.post("/me/stop-learning")
async def stop_learning(request: web.Request) -> web.Response:
    """Learn no more from anybody whom this browser is somewhere, but by what it gave itself."""
    session = require_session(request)
    site, said, form = site_of(request), "", await form_of(request)
    if "sure" not in form:
        return await _me_page(request, session, status=422, error=texts.TICK_FIRST)
    key = key_of(form) or new_key()
    elsewhere = await access.places_given_elsewhere(session, site.access, site.config, site.ports)
    others = {place.user for place in elsewhere}
    for actor in await access.everyone(session, site.access, site.ports.deliberations):
        if actor.user in others:
            continue  # whoever made a link answers for nobody else
        # A copy that comes late erases no yes that was said since. The note tells nobody whose it is.
        name = f"learning {named(actor.user, key)}"
        reply = await changing.stop_learning(name, actor, "", site.ports, site.notes)
        if not reply.ok:
            return go(request, "/me", reply.text, ok=False)
        said = reply.text
    return go(request, "/me", f"{said} {page_lines.LEARNING_ELSEWHERE}" if others else said)


@routes.post("/me/forget")
async def forget_me(request: web.Request) -> web.Response:
    """Erase everything that this browser gave, under any link; a visitor leaves with it."""
    session = require_session(request)
    site = site_of(request)
    if "sure" not in await request.post():
        ticked = texts.TICK_FIRST
        return await _me_page(request, session, status=422, error=ticked)
    questions = site.ports.deliberations
    elsewhere = await access.places_given_elsewhere(session, site.access, site.config, site.ports)
    for actor in await access.everyone(session, site.access, questions):
        reply = await run(request, ForgetMe(actor, at=site.now))
        if not reply.ok:
            return go(request, "/me", reply.text, ok=False)
        if site.rehearsals is not None:
            await site.rehearsals.forget(actor.team, actor.user, site.now)
        for place in (each for each in elsewhere if each.user == actor.user):
            # Its maker could delete what was given by it, and then give something else in its place.
            await site.access.invitations.end(place.deliberation, [place.came_by])
            await nudge(place.deliberation, site)
    await access.forget_names(session, site.access, questions)
    said: str = page_lines.FORGOTTEN
    if await access.replaced(session, site.access, questions):
        said = f"{said} {page_lines.LINK_REPLACED}"
    if session.admin:
        return go(request, "/", said)
    return await _leave(request, session, said)


@routes.post("/sign-out")
async def sign_out(request: web.Request) -> web.Response:
    """Forget this person in this browser, and in every copy of its cookie."""
    return await _leave(request, require_session(request), page_lines.SIGNED_OUT)


@routes.post("/sign-out/everywhere")
async def sign_out_everywhere(request: web.Request) -> web.Response:
    """The same in every browser that this person's personal links were opened in."""
    session = require_session(request)
    site = site_of(request)
    await access.leave_everywhere(session, site.access, site.ports.deliberations, site.now)
    return await _leave(request, session, page_lines.SIGNED_OUT_EVERYWHERE)


@routes.post("/admin/sign-out")
async def sign_admins_out(request: web.Request) -> web.Response:
    """End what every admin may do here, the one who asks included."""
    require_admin(request)
    site = site_of(request)
    await site.access.sessions.end_admins(site.now)
    return go(request, "/me", page_lines.ADMINS_SIGNED_OUT)


async def _leave(request: web.Request, session: Session, said: str) -> web.Response:
    site = site_of(request)
    await _end(session, site)
    response = go(request, "/", said)
    sessions.forget(response, site.config)
    return response


async def _end(session: Session, site: Site) -> None:
    """End a session on the server, and with it the pages that watch."""
    await site.access.sessions.end(session.id, for_s=session.expires_at - site.now.timestamp())
    for place in session.places:
        await nudge(place.deliberation, site)
