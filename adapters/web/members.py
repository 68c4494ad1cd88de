"""Pages for members: their questions, one question in all its phases, and how this works.

Reads:  the store, for whoever was invited.
Gives:  pages, and commands: an opinion or a rating given, changed, withdrawn.
A text that was refused is shown again: nobody loses what they wrote.
"""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from adapters.web import access, sessions
from adapters.web.links import shown_name
from adapters.web.page_context import (
    Site,
    form_of,
    go,
    questions_of,
    render,
    run,
    session_of,
    site_of,
    visible,
)
from adapters.web.sessions import Session
from adapters.web.views import question_view
from bot.domain.commands import CastRating, EndStudyVote, GiveOpinion, WithdrawOpinion, WithdrawRating
from bot.domain.deliberation import Deliberation, Phase, clean
from bot.domain.likeness import look_alike
from bot.domain.ratings import step_of
from bot.service import queries
from bot.service.reply import Reply
from bot.wording import page_lines, texts

routes = web.RouteTableDef()


@routes.get("/")
async def home(request: web.Request) -> web.Response:
    """The questions that this browser was invited to; for a stranger, what this is."""
    session = session_of(request)
    questions = await questions_of(request, session) if session else []
    return await render(request, "home.html", session=session, questions=questions)


@routes.get("/how")
async def how(request: web.Request) -> web.Response:
    """How this works, for anyone."""
    site = site_of(request)
    return await render(request, "how.html", how=await queries.how_it_works(site.config.team, site.ports))


@routes.get("/d/{id}")
async def question(request: web.Request) -> web.Response:
    """One question as it stands."""
    session, deliberation = await visible(request)
    return await _question_page(request, session, deliberation)


async def _question_page(
    request: web.Request,
    session: Session,
    deliberation: Deliberation,
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    typed: str | None = None,
    typed_name: str | None = None,
    typed_learn: bool = False,
    typed_baseline: int | None = None,
    picked: Mapping[str, int] | None = None,
    **extra: Any,
) -> web.Response:
    site = site_of(request)
    opened = await site.access.invitations.open_link(deliberation.id)
    view = await question_view(deliberation, session, site.ports)
    return await render(
        request,
        "question.html",
        session=session,
        status=status,
        view=view,
        d=deliberation,
        anyone=opened is not None and opened.admits,
        errors=errors or {},
        typed=typed,
        typed_name=typed_name,
        typed_learn=typed_learn,
        typed_baseline=typed_baseline,
        picked=picked or {},
        **extra,
    )


def _picked(form: Mapping[str, str]) -> dict[str, int]:
    """What was chosen on scales, by their names, to be shown again."""
    return {name: step for name, text in form.items() if (step := step_of(text)) is not None}


@routes.post("/d/{id}/opinion")
async def give_opinion(request: web.Request) -> web.Response:
    """Give an opinion, or a new text for it."""
    session, deliberation = await visible(request)
    site = site_of(request)
    form = await form_of(request)
    text, name = form.get("opinion", ""), _name(form, session, deliberation)
    learn, baseline = "learn" in form, step_of(form.get("baseline", ""))
    kept: dict[str, Any] = {
        "typed": text,
        "typed_name": name,
        "typed_learn": learn,
        "typed_baseline": baseline,
    }
    if refused := await _name_refused(name, session, deliberation, site):
        errors = {"name": refused}
        return await _question_page(request, session, deliberation, status=422, errors=errors, **kept)
    member = session.member(deliberation.id, name)
    # Where the box is not shown, nothing is said.
    consent = learn if deliberation.terms.keep_feedback else None
    command = GiveOpinion(member, deliberation.id, text, site.now, consent, baseline)
    reply = await run(request, command)
    if not reply.ok:
        return await _refused(request, reply, **kept)
    response = go(request, f"/d/{deliberation.id}", reply.text)
    known = session.gave(deliberation.id, {"opinion": clean(text), "baseline": baseline})
    if name not in ("", session.name, session.place_in(deliberation.id).name):
        known = known.called(name)
    if known != session:
        sessions.remember(response, known, site.config, site.now)
    return response


async def _refused(request: web.Request, reply: Reply, **kept: Any) -> web.Response:
    """The question as it is now, with what was typed."""
    session, now_there = await visible(request)
    errors = {"opinion": reply.text}
    return await _question_page(request, session, now_there, status=422, errors=errors, **kept)


async def _name_refused(name: str, session: Session, deliberation: Deliberation, site: Site) -> str:
    """Why this name cannot be used; empty where it can."""
    if deliberation.terms.anonymous or session.place_in(deliberation.id).name:
        return ""
    if not name:
        return texts.NAME_NEEDED
    # Who answered before somebody else was given or took this name goes on under it.
    said = await queries.own_answer(session.member(deliberation.id).user, deliberation, site.ports)
    if said.opinion is not None and said.opinion.signed == name:
        return ""
    if await access.is_reserved(name, deliberation.id, site.access):
        return page_lines.NAME_TAKEN
    others = [o for o in await site.ports.contributions.opinions(deliberation.id) if o != said.opinion]
    return page_lines.NAME_IN_USE if any(look_alike(name, each.signed) for each in others) else ""


def _name(form: dict[str, str], session: Session, deliberation: Deliberation) -> str:
    """No name where none is asked for; a personal link's own where there is one."""
    if deliberation.terms.anonymous:
        return ""
    return session.place_in(deliberation.id).name or shown_name(form.get("name", ""))


@routes.post("/d/{id}/opinion/withdraw")
async def withdraw_opinion(request: web.Request) -> web.Response:
    """Take one's opinion back."""
    session, deliberation = await visible(request)
    member, ports = session.member(deliberation.id), site_of(request).ports
    said = await queries.own_answer(member.user, deliberation, ports)
    reply = await run(request, WithdrawOpinion(member, deliberation.id, at=site_of(request).now))
    place = session.place_in(deliberation.id)
    shown = place.may_read("opinion", reply.given_back or "", deliberation)
    if reply.given_back and reply.deliberation is not None and shown:
        return await _given_back(request, session, reply.deliberation, reply)
    # A page that is out of date, or a second copy of this form: nothing was there to withdraw.
    told = texts.NO_OPINION if reply.ok and said.opinion is None else reply.text
    return go(request, f"/d/{deliberation.id}", told, ok=reply.ok)


async def _given_back(
    request: web.Request, session: Session, deliberation: Deliberation, reply: Reply
) -> web.Response:
    """The question, with the text that was taken back where it can be copied or sent again."""
    there = f" {texts.IN_THE_BOX}" if deliberation.phase is Phase.OPINIONS else ""
    told = (True, f"{reply.text}{there}")
    return await _question_page(request, session, deliberation, typed=reply.given_back, flash=told)


@routes.post("/d/{id}/rating")
async def rate(request: web.Request) -> web.Response:
    """Rate the statement."""
    session, deliberation = await visible(request)
    form = await form_of(request)
    value = step_of(form.get("rating", ""))
    if value is None:
        errors = {"rating": texts.RATING_NEEDED}
        return await _question_page(
            request, session, deliberation, status=422, errors=errors, picked=_picked(form)
        )
    member = session.member(deliberation.id)
    quality = step_of(form.get("quality", "")) if deliberation.terms.ask_quality else None
    command = CastRating(member, deliberation.id, value=value, at=site_of(request).now, quality=quality)
    reply = await run(request, command)
    response = go(request, f"/d/{deliberation.id}", reply.text, ok=reply.ok)
    known = session.gave(deliberation.id, {"rating": value, "quality": quality})
    if reply.ok and known != session:
        sessions.remember(response, known, site_of(request).config, site_of(request).now)
    return response


@routes.post("/d/{id}/ratings")
async def rate_statements(request: web.Request) -> web.Response:
    """Rate a study's statements, as many of them as have been thought about so far."""
    session, deliberation = await visible(request)
    site = site_of(request)
    form = await form_of(request)
    member = session.member(deliberation.id)
    statements = await queries.to_rate(member, deliberation.id, site.ports)
    chosen = [(each, step_of(form.get(f"agreement-{each.statement_id}", ""))) for each in statements]
    if not any(value for _, value in chosen):
        errors = {"statements": texts.STATEMENT_RATING_NEEDED}
        return await _question_page(
            request, session, deliberation, status=422, errors=errors, picked=_picked(form)
        )
    for each, value in chosen:
        if value is None:
            continue
        quality = step_of(form.get(f"quality-{each.statement_id}", ""))
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
    told = texts.statements_rated(view.fully_rated, len(view.to_rate))
    ended = await run(request, EndStudyVote(member, deliberation.id))
    if ended.deliberation is not None and ended.deliberation.phase is Phase.SETTLED:
        told = f"{told} {ended.text}"
    return go(request, f"/d/{deliberation.id}", told)


@routes.post("/d/{id}/rating/withdraw")
async def withdraw_rating(request: web.Request) -> web.Response:
    """Take one's rating back."""
    session, deliberation = await visible(request)
    member = session.member(deliberation.id)
    site = site_of(request)
    participant = site.ports.pseudonyms.of(deliberation, member.user)
    kept = await site.ports.contributions.rating(deliberation.id, deliberation.round, participant)
    reply = await run(request, WithdrawRating(member, deliberation.id, at=site.now))
    told = texts.NO_RATING if reply.ok and kept is None else reply.text
    return go(request, f"/d/{deliberation.id}", told, ok=reply.ok)
