"""The page behind a results link: how a question ended, for whoever has the link.

Reads:  the link's token, and the store.
Gives:  a page to read only: the question, the statement, how it was rated and predicted, and by which models.
Refrains from signing anybody in, and from whatever is somebody's own: opinions, names, drafts, who rated how.
Before the vote is closed nothing of it is shown, whoever may see ratings already.
"""

from aiohttp import web

from adapters.web.links import read_results_link
from adapters.web.page_context import drawn, render, site_of
from adapters.web.views import shared_result
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import UnknownDeliberationError
from bot.wording import page_lines, texts

routes = web.RouteTableDef()


@routes.get("/r/{token}", allow_head=False)
async def result(request: web.Request) -> web.Response:
    """One result; a sentence where there is none."""
    site = site_of(request)
    link = read_results_link(request.match_info["token"], site.config)
    try:
        deliberation = await site.ports.deliberations.load(link.deliberation)
    except UnknownDeliberationError:
        return _none(request, 404, *page_lines.RESULT_GONE)
    if deliberation.team != link.team:
        return _none(request, 404, *page_lines.RESULT_GONE)
    if link.id != deliberation.result_link:
        return _none(request, 410, *page_lines.RESULT_LINK_ENDED)
    shown = await shared_result(deliberation, site.ports)
    if shown is None:
        return _without_result(request, deliberation)
    return await render(request, "result.html", result=shown)


def _without_result(request: web.Request, deliberation: Deliberation) -> web.Response:
    if deliberation.phase is Phase.CANCELLED:
        because = texts.why_cancelled(deliberation)
        return _none(request, 404, page_lines.NO_STATEMENT_TITLE, because)
    return _none(request, 404, *page_lines.RESULT_NOT_YET)


def _none(request: web.Request, status: int, title: str, text: str) -> web.Response:
    return drawn(request, "error.html", status=status, title=title, text=text, kept="")
