"""Changing what a question asks, for those who run it, before anybody has answered.

Reads:  the question and how many have answered; the form, which says which edition it showed.
Gives:  `ChangeQuestion`. What was typed into a form that cannot be used is shown again.
"""

from aiohttp import web

from adapters.web import forms
from adapters.web.admin_pages import fields_of
from adapters.web.page_context import form_of, go, render, run, site_of, steered
from adapters.web.sessions import Session
from bot.chat import asking
from bot.domain.commands import ChangeQuestion
from bot.domain.deliberation import ANSWERED_ALREADY, Deliberation, Phase
from bot.wording import texts
from bot.wording.field_readers import whole
from bot.wording.fields import Form
from bot.wording.forms import Answers
from bot.wording.language import _

routes = web.RouteTableDef()

LARGEST_EDITION = 999_999


@routes.get("/d/{id}/manage/question")
async def change(request: web.Request) -> web.Response:
    """The question's words and terms, as they are."""
    session, deliberation = await steered(request)
    if refused := await why_not(request, deliberation):
        return go(request, f"/d/{deliberation.id}/manage", refused, ok=False)
    begun = await _begun(request, deliberation)
    start = forms.question_start(begun.team, site_of(request).now)
    typed = {**start, **begun.typed, "seen": str(deliberation.edition)}
    return await _page(request, session, deliberation, typed, {})


@routes.post("/d/{id}/manage/question")
async def changed(request: web.Request) -> web.Response:
    """Put what was typed in its place; sent twice, the second finds it there."""
    session, deliberation = await steered(request)
    typed = await form_of(request)
    begun = await _begun(request, deliberation)
    asked, errors = await forms.question_form(typed, begun.team, site_of(request).ports)
    if asked is None:
        return await _page(request, session, deliberation, typed, errors, status=422)
    seen = Answers(typed).read("seen", whole(1, LARGEST_EDITION), 1)
    command = ChangeQuestion(
        session.actor(), deliberation.id, asked.question, asked.context, asked.terms, seen
    )
    reply = await run(request, command)
    if not reply.ok:
        return await _page(request, session, deliberation, typed, {"question": reply.text}, status=422)
    return go(request, f"/d/{deliberation.id}/manage", reply.text)


async def why_not(request: web.Request, deliberation: Deliberation) -> str:
    """Why its words stay as they are; empty while they can be changed."""
    if not deliberation.may_be_changed:
        return texts.why_cancelled(deliberation) or str(texts.ALREADY_CLOSED)
    answered = await site_of(request).ports.contributions.opinion_count(deliberation.id)
    return _(ANSWERED_ALREADY) if answered else ""


async def _begun(request: web.Request, deliberation: Deliberation) -> asking.Start:
    team = await site_of(request).ports.teams.team(deliberation.team)
    return asking.start_like(deliberation, team)


async def _page(
    request: web.Request,
    session: Session,
    deliberation: Deliberation,
    typed: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
) -> web.Response:
    begun = await _begun(request, deliberation)
    # Members may have said how far they agree with it.
    stays = {"position_statement"} if deliberation.phase is Phase.OPINIONS else set()
    drawn = fields_of(Form.ASK, begun.team)
    return await render(
        request,
        "change.html",
        session=session,
        status=status,
        d=deliberation,
        typed=typed,
        errors=errors,
        extra_open=bool(set(errors) - {"question", "context"}),
        **drawn
        | {"fields": lambda *parts: [each for each in drawn["fields"](*parts) if each.name not in stays]},
    )
