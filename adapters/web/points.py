"""Pages of a question's points: voting on one after the other, adding one, and hiding what is out of place.

Reads:  the store, for whoever was invited; acts go through `bot.chat.taking_part`.
Gives:  pages. Everything works without JavaScript; app.js adds keys. Whose a point is, no page knows.
"""

from typing import Any

from aiohttp import web

from adapters.web.access import given_elsewhere, given_here
from adapters.web.members import act_of, require_given_here
from adapters.web.page_context import form_of, go, render, run, site_of, steered, visible
from adapters.web.sessions import Session
from bot.domain.commands import HidePoint, ShowPoint
from bot.domain.deliberation import Deliberation
from bot.domain.errors import TransitionError
from bot.service import points
from bot.service.transitions import hint_splitting
from bot.wording import page_lines

routes = web.RouteTableDef()


@routes.get("/d/{id}/points")
async def vote(request: web.Request) -> web.Response:
    """The next point, and those that were voted on."""
    session, deliberation = await visible(request)
    return await _page(request, session, deliberation)


async def _page(
    request: web.Request, session: Session, deliberation: Deliberation, status: int = 200, **extra: Any
) -> web.Response:
    _require_points(deliberation)
    site = site_of(request)
    member, place = session.member(deliberation.id), session.place_in(deliberation.id)
    view = await points.points_view(member, deliberation.id, site.ports)
    # After all that is read, so that it is of whoever gave that.
    if not await given_here(session, deliberation, site.config, site.ports):
        view = await points.points_view(member, deliberation.id, site.ports, own=False)
    elsewhere = await given_elsewhere(session, deliberation, site.config, site.ports)
    if view.is_open and not view.any:
        # A job for what was written may have been lost.
        await hint_splitting(deliberation, site.ports)
    last = request.query.get("last", "")
    shared = {
        "d": deliberation,
        "view": view,
        "last": next((each for each in view.voted if each.point.id == last), None),
        "steward": session.is_steward(deliberation),
        "given_elsewhere": page_lines.given_elsewhere(place.name) if elsewhere else "",
        "typed": "",
        "refused": "",
    }
    return await render(request, "points.html", session=session, status=status, **shared | extra)


def _require_points(deliberation: Deliberation) -> None:
    """Raises TransitionError where there are none to see."""
    if not deliberation.terms.points:
        raise TransitionError(page_lines.NO_POINTS)


@routes.post("/d/{id}/points/vote")
async def vote_on_point(request: web.Request) -> web.Response:
    """Keep what somebody says to a point, and show the next one."""
    session, deliberation = await visible(request)
    form = await form_of(request)
    act, point = act_of(request, session, deliberation), form.get("point", "")
    reply = await site_of(request).taking_part.vote_on_point(act, point, form.get("side", ""))
    require_given_here(reply, session, deliberation)
    to = f"/d/{deliberation.id}/points"
    if not reply.ok:
        return go(request, to, reply.text, ok=False)
    # Only an id of ours goes into the address.
    return go(request, f"{to}?last={point}" if point.isalnum() and point.isascii() else to)


@routes.post("/d/{id}/points/add")
async def add_point(request: web.Request) -> web.Response:
    """Add a point; what was refused is shown again."""
    session, deliberation = await visible(request)
    text = (await form_of(request)).get("text", "")
    reply = await site_of(request).taking_part.add_point(act_of(request, session, deliberation), text)
    require_given_here(reply, session, deliberation)
    if not reply.ok:
        return await _page(request, session, deliberation, 422, typed=text, refused=reply.text)
    return go(request, f"/d/{deliberation.id}/points", reply.text)


@routes.post("/d/{id}/points/spam")
async def mark_spam(request: web.Request) -> web.Response:
    """Mark a point as spam, and show the next one."""
    session, deliberation = await visible(request)
    point = (await form_of(request)).get("point", "")
    reply = await site_of(request).taking_part.mark_point_spam(act_of(request, session, deliberation), point)
    require_given_here(reply, session, deliberation)
    return go(request, f"/d/{deliberation.id}/points", reply.text, ok=reply.ok)


@routes.get("/d/{id}/points/manage")
async def moderate(request: web.Request) -> web.Response:
    """Every point, to be hidden or shown, and what was."""
    session, deliberation = await steered(request)
    _require_points(deliberation)
    ports = site_of(request).ports
    found = await points.moderated(session.actor(), deliberation.id, ports)
    return await render(request, "points_manage.html", session=session, d=deliberation, found=found)


@routes.post("/d/{id}/points/manage/{step:hide|show}")
async def change(request: web.Request) -> web.Response:
    """Hide a point, or show it again."""
    session, deliberation = await steered(request)
    kind = HidePoint if request.match_info["step"] == "hide" else ShowPoint
    point = (await form_of(request)).get("point", "")
    reply = await run(request, kind(session.actor(), deliberation.id, point))
    return go(request, f"/d/{deliberation.id}/points/manage", reply.text, ok=reply.ok)
