"""A question on a big screen, for all in a room: what is asked, how to take part, how it stands and ended.

Reads:  the store, and the question's link for everyone.
Gives:  a page in large type that follows the question, for those who run it to show.
Refrains from what members must not see yet: a wall is seen by everybody, so it shows what a member sees who
has not rated, and how the question ended only once everybody may see that.
"""

from typing import Any

from aiohttp import web

from adapters.web.links import invite_link
from adapters.web.page_context import Site, render, site_of, steered
from adapters.web.qr import qr_code
from adapters.web.views import shared_result
from bot.domain.deliberation import Deliberation, Phase
from bot.service.turnout import turnout

routes = web.RouteTableDef()

JOINED_IN = frozenset({Phase.SCHEDULED, Phase.OPINIONS, Phase.RATING})
"""While the link for everyone is shown: there is something to do behind it."""


@routes.get("/d/{id}/present")
async def present(request: web.Request) -> web.Response:
    """The page for a room, for those who run the question."""
    session, deliberation = await steered(request)
    shown = await _shown(deliberation, site_of(request))
    return await render(request, "present.html", session=session, **shown)


async def _shown(deliberation: Deliberation, site: Site) -> dict[str, Any]:
    ports, id_ = site.ports, deliberation.id
    rated = deliberation.phase is Phase.RATING
    link = await join_link(deliberation, site) if deliberation.phase in JOINED_IN else ""
    return {
        "d": deliberation,
        "link": link,
        "code": qr_code(link) if link else "",
        "answered": await ports.contributions.opinion_count(id_),
        "turnout": await turnout(deliberation, ports) if rated else None,
        # Of a study nobody is told which statement was chosen.
        "result": None if deliberation.terms.study else await shared_result(deliberation, ports),
    }


async def join_link(deliberation: Deliberation, site: Site) -> str:
    """The link for everyone, while it lets new people in; else empty."""
    opened = await site.access.invitations.open_link(deliberation.id)
    if opened is None or not opened.admits:
        return ""
    return invite_link(site.config, deliberation.id, opened.id, now=site.now)
