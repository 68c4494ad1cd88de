"""The links to one question: made, ended and made again by those who run it.

Reads:  forms on the manage page.
Gives:  changes to the question's links (`bot.service.ports.web_access`). The address of a personal link is
shown once and kept nowhere.
Whoever came in by a link that ends sees the question no more, at once, and a page that watches it ends. What
they gave stays, and in the same browser they are the same participant when they come by a new one.
"""

from collections.abc import Iterable, Sequence
from functools import partial

from aiohttp import web

from adapters.web.links import new_link_id, personal_link, shown_name
from adapters.web.live import nudge
from adapters.web.manage_page import manage_page
from adapters.web.page_context import Site, form_of, go, run, site_of, steered
from bot.chat import steering
from bot.domain.errors import QuestionError
from bot.service.ports.web_access import Invitation
from bot.wording import page_lines
from bot.wording.field_readers import whole
from bot.wording.language import explained

routes = web.RouteTableDef()

NAMES_AT_ONCE = 500
MOST_PER_MINUTE = 10_000
SAID = {
    "open": page_lines.LINK_MADE,
    "renew": page_lines.LINK_RENEWED,
    "close": page_lines.LINK_CLOSED,
    "pause": page_lines.LINK_PAUSED,
    "resume": page_lines.LINK_RESUMED,
}
RESULT_LINK = {"renew": steering.OTHER_LINK, "close": steering.END_LINK}


@routes.post("/d/{id}/manage/open-link/{step:open|renew|close|pause|resume}")
async def change_open_link(request: web.Request) -> web.Response:
    """Make the link for everyone, end it, or let nobody new come in by it."""
    _, deliberation = await steered(request)
    site, step = site_of(request), request.match_info["step"]
    invitations = site.access.invitations
    match step:
        case "pause" | "resume":
            await invitations.tune_open_link(deliberation.id, admits=step == "resume")
        case "close":
            await invitations.put_open_link(deliberation.id, None)
        case _:
            await invitations.put_open_link(deliberation.id, new_link_id())
    await nudge(deliberation.id, site)
    return go(request, f"/d/{deliberation.id}/manage", SAID[step])


@routes.post("/d/{id}/manage/result-link/{step:renew|close}")
async def change_result_link(request: web.Request) -> web.Response:
    """End the link to the result, or make a new one in its place."""
    session, deliberation = await steered(request)
    step = RESULT_LINK[request.match_info["step"]]
    seen = (await form_of(request)).get("seen", "")
    reply = await run(request, steering.pressed(step, session.actor(), deliberation.id, seen))
    return go(request, f"/d/{deliberation.id}/manage", reply.text, ok=reply.ok)


@routes.post("/d/{id}/manage/open-link/newcomers")
async def change_newcomers(request: web.Request) -> web.Response:
    """How many new people one network may bring in a minute."""
    _, deliberation = await steered(request)
    to = f"/d/{deliberation.id}/manage"
    try:
        per_minute = whole(1, MOST_PER_MINUTE)((await form_of(request)).get("per_minute", ""))
    except QuestionError as exc:
        return go(request, to, explained(exc), ok=False)
    await site_of(request).access.invitations.tune_open_link(deliberation.id, per_minute=per_minute)
    return go(request, to, page_lines.newcomers(per_minute))


@routes.post("/d/{id}/manage/links")
async def make_links(request: web.Request) -> web.Response:
    """A personal link for each name, for this question only."""
    session, deliberation = await steered(request)
    site, form = site_of(request), await form_of(request)
    typed = form.get("names", "")
    # The same name twice is the same person: one link.
    names = {name.casefold(): name for line in typed.splitlines() if (name := shown_name(line))}
    if not names or len(names) > NAMES_AT_ONCE:
        error = page_lines.write_names(NAMES_AT_ONCE)
        return await manage_page(request, session, deliberation, 422, error=error, names=typed)
    if "replace" in form:
        await _end_links_of(names.keys(), deliberation.id, site)
    if "only" in form:
        await site.access.invitations.tune_open_link(deliberation.id, admits=False)
    made = [Invitation(id=new_link_id(), name=name, made_at=site.now) for name in names.values()]
    await site.access.invitations.invite(deliberation.id, made)
    # Links from before links carried ids end by this.
    await nudge(deliberation.id, site)
    link = partial(
        personal_link,
        site.config,
        deliberation.id,
        anonymous=deliberation.terms.anonymous,
        key_id=deliberation.key_id,
        now=site.now,
    )
    people = [(each.name, link(each.name, each.id)) for each in made]
    return await manage_page(request, session, deliberation, people=people, names=typed)


async def _end_links_of(names: Iterable[str], deliberation_id: str, site: Site) -> None:
    """End the links that were made for these names before."""
    wanted = set(names)
    invited = await site.access.invitations.invited(deliberation_id)
    await _end(
        [each.id for each in invited if not each.ended and each.name.casefold() in wanted],
        deliberation_id,
        site,
    )


@routes.post("/d/{id}/manage/links/end")
async def end_links(request: web.Request) -> web.Response:
    """End the personal links that are ticked, or all of them."""
    _, deliberation = await steered(request)
    site, form = site_of(request), await request.post()
    to = f"/d/{deliberation.id}/manage"
    ticked = set(form.getall("link", []))
    invited = await site.access.invitations.invited(deliberation.id)
    ending = [each.id for each in invited if not each.ended and ("all" in form or each.id in ticked)]
    if not ending:
        return go(request, to, page_lines.TICK_LINKS, ok=False)
    await _end(ending, deliberation.id, site)
    return go(request, to, page_lines.links_ended(len(ending)))


async def _end(links: Sequence[str], deliberation_id: str, site: Site) -> None:
    if links:
        await site.access.invitations.end(deliberation_id, links)
        await nudge(deliberation_id, site)
