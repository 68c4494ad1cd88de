"""The doors: links that people open, signing out, and the way into everything.

Reads:  tokens in addresses.
Gives:  a session cookie and a redirect, so that no token stays in the address bar or in the history's last
entry. A personal link makes a person in its own question only. It never silently turns one person into
another there: whoever takes part already, or goes by another name, is asked first. Otherwise a stranger's
link could make a member write under an identity that the stranger can read.
"""

from aiohttp import web

from adapters.web import sessions
from adapters.web.links import Link, LinkKind, read_link
from adapters.web.sessions import Session
from adapters.web.site import form_of, go, render, require_session, run, session_of, site_of
from bot.domain.commands import ForgetMe, SetLearning
from bot.ports import Ports

routes = web.RouteTableDef()

FORGOTTEN = "Nothing that you gave is kept here any more. Statements that were published stay."


def _link(request: web.Request, kind: LinkKind) -> Link:
    site = site_of(request)
    return read_link(kind, request.match_info["token"], site.config, site.now)


def _enter(request: web.Request, session: Session, to: str) -> web.Response:
    site = site_of(request)
    response = go(request, to)
    sessions.remember(response, session, site.config, site.now)
    return response


def _session_or_new(request: web.Request, user: str = "") -> Session:
    site = site_of(request)
    return session_of(request) or Session.begin(site.config, site.now, user)


@routes.get("/i/{token}", allow_head=False)
async def invitation(request: web.Request) -> web.Response:
    """Come in as whoever this browser is already, or as a new visitor."""
    link = _link(request, LinkKind.INVITE)
    session = _session_or_new(request).invited(link.deliberation)
    return _enter(request, session, f"/d/{link.deliberation}")


@routes.get("/p/{token}", allow_head=False)
async def personal_link(request: web.Request) -> web.Response:
    """Come in as the person whom the link names; ask first when this browser is somebody else."""
    link = _link(request, LinkKind.PERSONAL)
    session = _session_or_new(request)
    if session.is_not(link):
        return render(request, "switch.html", link=link, runs=await _run_by(session, site_of(request).ports))
    session = session.as_person(link)
    return _enter(request, session, f"/d/{link.deliberation}")


async def _run_by(session: Session, ports: Ports) -> list[str]:
    """The questions that this browser asked, and could not run any more as somebody else; latest first."""
    found = [d async for d in ports.store.each_of_team(session.team) if d.facilitator == session.user]
    return [d.question for d in sorted(found, key=lambda d: d.created_at, reverse=True)]


@routes.post("/p/{token}")
async def become(request: web.Request) -> web.Response:
    """Become that person, and leave behind whoever this browser was."""
    link = _link(request, LinkKind.PERSONAL)
    site = site_of(request)
    session = Session.begin(site.config, site.now).as_person(link)
    return _enter(request, session, f"/d/{link.deliberation}")


@routes.get("/s/{token}", allow_head=False)
async def admin_sign_in(request: web.Request) -> web.Response:
    """Raise this browser's session to admin."""
    link = _link(request, LinkKind.ADMIN)
    site = site_of(request)
    session = _session_or_new(request, link.user).as_admin(site.config, site.now)
    return _enter(request, session, "/admin")


@routes.get("/me")
async def me(request: web.Request) -> web.Response:
    """Who you are here, and what you can do about it."""
    return await _me_page(request, require_session(request))


async def _me_page(
    request: web.Request, session: Session, *, status: int = 200, error: str = ""
) -> web.Response:
    ports, actor = site_of(request).ports, session.actor()
    member = ports.pseudonyms.of_member(actor.team, actor.user)
    may_learn = await ports.store.may_learn_from(actor.team, member)
    return render(request, "me.html", session=session, status=status, error=error, may_learn=may_learn)


@routes.post("/me/learning")
async def set_learning(request: web.Request) -> web.Response:
    """Let opinions be learnt from or not, of everybody whom this browser is somewhere."""
    session = require_session(request)
    on = (await form_of(request)).get("learn") == "yes"
    said = ""
    for actor in session.everyone():
        reply = await run(request, SetLearning(actor, on, at=site_of(request).now))
        if not reply.ok:
            return go(request, "/me", reply.text, ok=False)
        said = reply.text
    return go(request, "/me", said)


@routes.post("/me/forget")
async def forget_me(request: web.Request) -> web.Response:
    """Erase everything that this browser gave, as whomever; a visitor leaves with it."""
    session = require_session(request)
    site = site_of(request)
    if "sure" not in await request.post():
        ticked = "Tick the box first: erasing cannot be undone."
        return await _me_page(request, session, status=422, error=ticked)
    for actor in session.everyone():
        reply = await run(request, ForgetMe(actor, at=site.now))
        if not reply.ok:
            return go(request, "/me", reply.text, ok=False)
    response = go(request, "/", FORGOTTEN)
    if not session.admin:
        sessions.forget(response, site.config)
    return response


@routes.post("/sign-out")
async def sign_out(request: web.Request) -> web.Response:
    """Forget this person in this browser."""
    require_session(request)
    response = go(request, "/", "You are signed out of this browser.")
    sessions.forget(response, site_of(request).config)
    return response
