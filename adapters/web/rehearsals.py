"""Pages to try a question out with simulated members before it is asked.

Reads:  the form of a question that nobody has posted yet.
Gives:  pages for the person who asked for it, each marked as simulated in its title and heading.
Refrains from all that is real: see `bot.chat.rehearsals`.
"""

from aiohttp import web

from adapters.web.page_context import (
    form_of,
    go,
    key_of,
    new_key,
    render,
    require_may_ask,
    require_session,
    site_of,
)
from adapters.web.sessions import Session
from bot.chat.rehearsals import Rehearsals, State, Wish, require_offered
from bot.domain.deliberation import checked_question
from bot.domain.errors import QuestionError, RehearsalError
from bot.wording import rehearsal_lines
from bot.wording.language import explained

routes = web.RouteTableDef()

TRY = "/ask/try"
LOOK_AGAIN_S = 3


@routes.post(TRY)
async def offer(request: web.Request) -> web.Response:
    """What it costs, and a form to start it; or, from that form, the start."""
    session, rehearsals = await _asker(request)
    typed = await form_of(request)
    if "start" in typed:
        return await _start(request, session, rehearsals, typed)
    return await _form(request, rehearsals, {**typed, "key": new_key()})


async def _start(
    request: web.Request, session: Session, rehearsals: Rehearsals, typed: dict[str, str]
) -> web.Response:
    wish = Wish(
        team=session.team,
        user=session.actor().user,
        question=typed.get("question", ""),
        about=typed.get("about", ""),
        key=key_of(typed) or new_key(),
    )
    try:
        begun = await rehearsals.ask(wish, site_of(request).now)
    except (QuestionError, RehearsalError) as error:
        return await _form(request, rehearsals, typed, explained(error))
    return go(request, f"{TRY}/{begun.id}")


async def _form(
    request: web.Request, rehearsals: Rehearsals, typed: dict[str, str], trouble: str = ""
) -> web.Response:
    question = typed.get("question", "")
    try:
        checked_question(question)
    except QuestionError as error:
        trouble = explained(error)
    return await render(
        request,
        "try.html",
        status=422 if trouble else 200,
        typed=typed,
        trouble=trouble,
        cost=rehearsals.cost(question, typed.get("about", "")),
        most=rehearsals.most_a_day,
    )


@routes.get(TRY + "/{id}")
async def rehearsal(request: web.Request) -> web.Response:
    """How it gets on, and what came of it."""
    session, rehearsals = await _asker(request)
    found = await rehearsals.find(request.match_info["id"], session.team, session.actor().user)
    if found is None:
        raise rehearsal_lines.gone()
    names = {each.id: rehearsal_lines.called(each) for each in found.result.members} if found.result else {}
    response = await render(request, "rehearsal.html", kept=found, names=names, key=new_key())
    if found.state in (State.WAITING, State.RUNNING):
        response.headers["Refresh"] = str(LOOK_AGAIN_S)
    return response


async def _asker(request: web.Request) -> tuple[Session, Rehearsals]:
    session = require_session(request)
    await require_may_ask(request, session)
    return session, require_offered(site_of(request).rehearsals)
