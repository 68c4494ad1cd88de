"""The page on which those who run a question try other seats: whose agreement would have chosen what.

Reads:  the store; the seats, which are in the address: a composition can be shared, and nothing is kept.
Gives:  a page. It works without JavaScript; with it, what is moved shows at once.
"""

from collections.abc import Mapping

from aiohttp import web

from adapters.web.page_context import render, site_of, steered
from bot.service.seats import MOST_SEATS, other_seats
from engine.groups.jury_choice import winner_with

routes = web.RouteTableDef()

SEATS = "seats-"


@routes.get("/d/{id}/seats")
async def try_seats(request: web.Request) -> web.Response:
    """Sliders, and the winner with what they say."""
    session, deliberation = await steered(request)
    ports = site_of(request).ports
    participant = ports.pseudonyms.of(deliberation, session.member(deliberation.id).user)
    chosen = request.query.get("attribute", "")
    found = await other_seats(deliberation, participant, ports, winner_with, chosen, _given(request.query))
    return await render(request, "seats.html", session=session, d=deliberation, found=found, most=MOST_SEATS)


def _given(query: Mapping[str, str]) -> dict[int, int] | None:
    """Seats by the group's place; None where the address says none."""
    given = {
        int(name.removeprefix(SEATS)): int(count)
        for name, count in query.items()
        if _is_number(name.removeprefix(SEATS)) and name.startswith(SEATS) and _is_number(count)
    }
    return given or None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 4
