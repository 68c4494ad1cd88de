"""Pages for members: their questions, one question in all its phases, and how this works.

Reads:  the store, for whoever was invited.
Gives:  pages, and commands: an opinion or a rating given, changed, withdrawn.
A text that was refused is shown again: nobody loses what they wrote.
"""

import asyncio
from typing import Any

from aiohttp import web

from adapters.web import sessions
from adapters.web.links import shown_name
from adapters.web.sessions import Session
from adapters.web.site import form_of, go, render, require_session, run, session_of, site_of, visible
from adapters.web.views import question_view
from bot import queries, texts
from bot.domain.commands import CastRating, GiveOpinion, RateBaseline, WithdrawOpinion, WithdrawRating
from bot.domain.deliberation import Deliberation
from bot.errors import UnknownDeliberationError
from bot.reply import Reply

routes = web.RouteTableDef()


@routes.get("/")
async def home(request: web.Request) -> web.Response:
    """The questions that this browser was invited to; for a stranger, what this is."""
    session = session_of(request)
    questions = await _questions_of(session, request) if session else []
    return render(request, "home.html", session=session, questions=questions)


async def _questions_of(session: Session, request: web.Request) -> list[Deliberation]:
    ids = [place.deliberation for place in reversed(session.places)]
    found = await asyncio.gather(*(_known(session, id_, request) for id_ in ids))
    return [deliberation for deliberation in found if deliberation]


async def _known(session: Session, deliberation_id: str, request: web.Request) -> Deliberation | None:
    """None for one that was purged meanwhile."""
    try:
        deliberation = await site_of(request).ports.store.load(deliberation_id)
        session.require_view(deliberation)
    except UnknownDeliberationError:
        return None
    return deliberation


@routes.get("/how")
async def how(request: web.Request) -> web.Response:
    """How this works, for anyone."""
    return render(request, "how.html")


@routes.get("/d/{id}")
async def question(request: web.Request) -> web.Response:
    """One question as it stands."""
    session = require_session(request)
    return await _question_page(request, session, await visible(request, session))


async def _question_page(
    request: web.Request,
    session: Session,
    deliberation: Deliberation,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    typed: str | None = None,
    typed_name: str | None = None,
    typed_learn: bool = True,
    typed_baseline: int | None = None,
) -> web.Response:
    view = await question_view(deliberation, session, site_of(request).ports)
    return render(
        request,
        "question.html",
        session=session,
        status=status,
        view=view,
        d=deliberation,
        errors=errors or {},
        typed=typed,
        typed_name=typed_name,
        typed_learn=typed_learn,
        typed_baseline=typed_baseline,
    )


@routes.post("/d/{id}/opinion")
async def give_opinion(request: web.Request) -> web.Response:
    """Give an opinion, or a new text for it."""
    session = require_session(request)
    site = site_of(request)
    deliberation = await visible(request, session)
    form = await form_of(request)
    text, name = form.get("opinion", ""), _name(form, session, deliberation)
    learn, baseline = "learn" in form, _step(form.get("baseline", ""))
    kept: dict[str, Any] = {
        "typed": text,
        "typed_name": name,
        "typed_learn": learn,
        "typed_baseline": baseline,
    }
    if not deliberation.terms.anonymous and not name:
        errors = {"name": "This question is answered by name. Write yours."}
        return await _question_page(request, session, deliberation, status=422, errors=errors, **kept)
    member = session.member(deliberation.id, name)
    if deliberation.terms.position_statement and baseline is not None:
        reply = await run(request, RateBaseline(member, deliberation.id, baseline, at=site.now))
        if not reply.ok:
            return await _refused(request, session, reply, **kept)
    # Where the box is not shown, nothing is said.
    consent = learn if deliberation.terms.keep_feedback else None
    command = GiveOpinion(member, deliberation.id, text=text, at=site.now, consent=consent)
    reply = await run(request, command)
    if not reply.ok:
        return await _refused(request, session, reply, **kept)
    response = go(request, f"/d/{deliberation.id}", reply.text)
    if name not in ("", session.name, session.place_in(deliberation.id).name):
        sessions.remember(response, session.called(name), site.config, site.now)
    return response


async def _refused(request: web.Request, session: Session, reply: Reply, **kept: Any) -> web.Response:
    """The question as it is now, with what was typed."""
    now_there = await visible(request, session)
    errors = {"opinion": reply.text}
    return await _question_page(request, session, now_there, status=422, errors=errors, **kept)


def _step(chosen: str) -> int | None:
    """A step of a scale; None where none was chosen."""
    return int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 3 else None


def _name(form: dict[str, str], session: Session, deliberation: Deliberation) -> str:
    """No name where none is asked for; a personal link's own where there is one."""
    if deliberation.terms.anonymous:
        return ""
    return session.place_in(deliberation.id).name or shown_name(form.get("name", ""))


@routes.post("/d/{id}/opinion/withdraw")
async def withdraw_opinion(request: web.Request) -> web.Response:
    """Take one's opinion back."""
    session = require_session(request)
    deliberation = await visible(request, session)
    member = session.member(deliberation.id)
    reply = await run(request, WithdrawOpinion(member, deliberation.id, at=site_of(request).now))
    return go(request, f"/d/{deliberation.id}", reply.text, ok=reply.ok)


@routes.post("/d/{id}/rating")
async def rate(request: web.Request) -> web.Response:
    """Rate the statement."""
    session = require_session(request)
    deliberation = await visible(request, session)
    form = await form_of(request)
    value = _step(form.get("rating", ""))
    if value is None:
        errors = {"rating": "Choose how far you agree first."}
        return await _question_page(request, session, deliberation, status=422, errors=errors)
    member = session.member(deliberation.id)
    quality = _step(form.get("quality", "")) if deliberation.terms.ask_quality else None
    command = CastRating(member, deliberation.id, value=value, at=site_of(request).now, quality=quality)
    reply = await run(request, command)
    return go(request, f"/d/{deliberation.id}", reply.text, ok=reply.ok)


@routes.post("/d/{id}/ratings")
async def rate_statements(request: web.Request) -> web.Response:
    """Rate a study's statements, as many of them as have been thought about so far."""
    session = require_session(request)
    site = site_of(request)
    deliberation = await visible(request, session)
    form = await form_of(request)
    member = session.member(deliberation.id)
    statements = await queries.to_rate(member, deliberation.id, site.ports)
    chosen = [(each, _step(form.get(f"agreement-{each.statement_id}", ""))) for each in statements]
    if not any(value for _, value in chosen):
        errors = {"statements": "Choose how far you agree with a statement first."}
        return await _question_page(request, session, deliberation, status=422, errors=errors)
    for each, value in chosen:
        if value is None:
            continue
        quality = _step(form.get(f"quality-{each.statement_id}", ""))
        command = CastRating(
            member,
            deliberation.id,
            value=value,
            at=site.now,
            quality=quality,
            statement_id=each.statement_id,
        )
        reply = await run(request, command)
        if not reply.ok:
            return go(request, f"/d/{deliberation.id}", reply.text, ok=False)
    view = await question_view(deliberation, session, site.ports)
    return go(request, f"/d/{deliberation.id}", texts.statements_rated(view.fully_rated, len(view.to_rate)))


@routes.post("/d/{id}/rating/withdraw")
async def withdraw_rating(request: web.Request) -> web.Response:
    """Take one's rating back."""
    session = require_session(request)
    deliberation = await visible(request, session)
    member = session.member(deliberation.id)
    reply = await run(request, WithdrawRating(member, deliberation.id, at=site_of(request).now))
    return go(request, f"/d/{deliberation.id}", reply.text, ok=reply.ok)
