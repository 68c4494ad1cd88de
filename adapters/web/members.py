"""Pages for members: their questions, one question in all its phases, and how this works.

Reads:  the store, for whoever was invited.
Gives:  pages, and acts for `bot.chat.taking_part`: opinions, ratings, reasons given, changed, withdrawn.
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
    key_of,
    questions_of,
    render,
    session_of,
    site_of,
    visible,
)
from adapters.web.sessions import Session
from adapters.web.views import question_view
from bot.chat.finding_results import past_words
from bot.chat.taking_part import Act
from bot.domain.actors import Actor
from bot.domain.clean_text import clean
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import GivenElsewhereError, NameInUseError, PermissionDeniedError
from bot.domain.likeness import Signing
from bot.domain.ratings import step_of
from bot.domain.rounds import round_named
from bot.service import queries
from bot.service.reply import Reply
from bot.wording import answers, jury_lines, page_lines, texts

routes = web.RouteTableDef()


@routes.get("/")
async def home(request: web.Request) -> web.Response:
    """The questions that this browser was invited to; for a stranger, what this is."""
    session = session_of(request)
    questions = await questions_of(request, session) if session else []
    words = past_words(request.query.get("past", ""))
    if words:
        questions = [d for d in questions if queries.is_past(d, words)]
    told = answers.nothing_past(words)
    return await render(request, "home.html", session=session, questions=questions, words=words, told=told)


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
    errors: Mapping[str, str] | None = None,
    typed: str | None = None,
    typed_name: str | None = None,
    typed_learn: bool = False,
    typed_baseline: int | None = None,
    typed_about: Mapping[int, str] | None = None,
    typed_reason: str | None = None,
    picked: Mapping[str, int] | None = None,
    **extra: Any,
) -> web.Response:
    site = site_of(request)
    opened = await site.access.invitations.open_link(deliberation.id)
    view = await question_view(deliberation, session, site.config, site.ports)
    return await render(
        request,
        "question.html",
        session=session,
        status=status,
        view=view,
        d=deliberation,
        draft_of=sessions.draft_name(session, deliberation.id, site.config),
        anyone=opened is not None and opened.admits,
        errors=errors or {},
        typed=typed,
        typed_name=typed_name,
        typed_learn=typed_learn,
        typed_baseline=typed_baseline,
        typed_about=typed_about,
        typed_reason=typed_reason,
        picked=picked or {},
        **extra,
    )


def _round(form: Mapping[str, str]) -> int:
    """Whose statement the form was under."""
    return round_named(form.get("round", ""))


def _picked(form: Mapping[str, str], deliberation: Deliberation) -> dict[str, int]:
    """What was chosen on scales, by their names, to be shown again: under no other statement than it was."""
    if _round(form) != deliberation.round:
        return {}
    return {name: step for name, text in form.items() if (step := step_of(text)) is not None}


def act_of(
    request: web.Request, session: Session, deliberation: Deliberation, *, name: str = "", key: str = ""
) -> Act:
    """What somebody does now; `key`: of the form that they sent, the same for every copy of it."""
    member, site = session.member(deliberation.id, name), site_of(request)

    async def known(_: Deliberation) -> Actor:
        return member

    giver = session.giver(deliberation, site.config)
    return Act(member.team, member.user, deliberation.id, known, site.now, key, giver=giver)


def require_given_here(reply: Reply, session: Session, deliberation: Deliberation) -> None:
    """Raises PermissionDeniedError where another browser gave something by this personal link."""
    if reply.said == GivenElsewhereError().said:
        raise PermissionDeniedError(page_lines.given_elsewhere(session.place_in(deliberation.id).name))


@routes.post("/d/{id}/opinion")
async def give_opinion(request: web.Request) -> web.Response:
    """Give an opinion, or a new text for it."""
    session, deliberation = await visible(request)
    site = site_of(request)
    form = await form_of(request)
    text, name = form.get("opinion", ""), _name(form, session, deliberation)
    learn, chosen, about = "learn" in form, form.get("baseline", ""), jury_lines.answers(form)
    kept: dict[str, Any] = {
        "typed": text,
        "typed_name": name,
        "typed_learn": learn,
        "typed_baseline": step_of(chosen),
        "typed_about": about,
    }
    if refused := await _name_refused(name, session, deliberation, site):
        errors = {"name": refused}
        return await _question_page(request, session, deliberation, status=422, errors=errors, **kept)
    # Where the box is not shown, nothing is said.
    consent = learn if deliberation.terms.keep_feedback else None
    act, signing = act_of(request, session, deliberation, name=name), _signing(session, deliberation)
    reply = await site.taking_part.give_opinion(
        act,
        text,
        baseline=chosen,
        consent=consent,
        signing=signing,
        edition=form.get("edition", ""),
        about=about,
    )
    require_given_here(reply, session, deliberation)
    if not reply.ok:
        return await _refused(request, reply, "opinion", **kept)
    response = go(request, f"/d/{deliberation.id}", reply.text)
    if name not in ("", session.name, session.place_in(deliberation.id).name):
        sessions.remember(response, session.called(name), site.config, site.now)
    return response


async def _refused(request: web.Request, reply: Reply, field: str, **kept: Any) -> web.Response:
    """The question as it is now, with what was typed; field: where, if not in the name."""
    session, now_there = await visible(request)
    is_of_name = reply.said == NameInUseError(page_lines.NAME_IN_USE).said
    errors = {"name" if is_of_name else field: reply.text}
    return await _question_page(request, session, now_there, status=422, errors=errors, **kept)


async def _name_refused(name: str, session: Session, deliberation: Deliberation, site: Site) -> str:
    """Why this name cannot be used; empty where it can.

    Whether somebody else has answered under it is looked at in the step that keeps the opinion.
    """
    if deliberation.terms.anonymous or session.place_in(deliberation.id).name:
        return ""
    if not name:
        return texts.NAME_NEEDED
    # Who answered before somebody else was given or took this name goes on under it.
    said = await queries.own_answer(session.member(deliberation.id).user, deliberation, site.ports)
    if said.opinion is not None and said.opinion.signed == name:
        return ""
    return page_lines.NAME_TAKEN if await access.is_reserved(name, deliberation.id, site.access) else ""


def _signing(session: Session, deliberation: Deliberation) -> Signing:
    """How this browser's person came by their name in this question."""
    if deliberation.terms.anonymous:
        return Signing.AS_KNOWN
    return Signing.BY_LINK if session.place_in(deliberation.id).name else Signing.TYPED


def _name(form: dict[str, str], session: Session, deliberation: Deliberation) -> str:
    """No name where none is asked for; a personal link's own where there is one."""
    if deliberation.terms.anonymous:
        return ""
    return session.place_in(deliberation.id).name or shown_name(form.get("name", ""))


@routes.post("/d/{id}/opinion/withdraw")
async def withdraw_opinion(request: web.Request) -> web.Response:
    """Take one's opinion back."""
    session, deliberation = await visible(request)
    act = act_of(request, session, deliberation, key=key_of(await form_of(request)))
    reply = await site_of(request).taking_part.withdraw_opinion(act)
    require_given_here(reply, session, deliberation)
    if reply.given_back and reply.deliberation is not None:
        return await _given_back(request, session, reply.deliberation, reply)
    return go(request, f"/d/{deliberation.id}", reply.text, ok=reply.ok)


async def _given_back(
    request: web.Request, session: Session, deliberation: Deliberation, reply: Reply
) -> web.Response:
    """The question, with the text that was taken back where it can be copied or sent again."""
    there = f" {texts.IN_THE_BOX}" if deliberation.phase is Phase.OPINIONS else ""
    told = (True, f"{reply.text}{there}")
    return await _question_page(
        request,
        session,
        deliberation,
        typed=reply.given_back,
        typed_baseline=reply.given_back_step,
        flash=told,
    )


@routes.post("/d/{id}/rating")
async def rate(request: web.Request) -> web.Response:
    """Rate the statement."""
    session, deliberation = await visible(request)
    form = await form_of(request)
    if step_of(form.get("rating", "")) is None:
        errors = {"rating": texts.RATING_NEEDED}
        return await _question_page(
            request,
            session,
            deliberation,
            status=422,
            errors=errors,
            picked=_picked(form, deliberation),
            **_reasoned(form),
        )
    quality = form.get("quality", "") if deliberation.terms.ask_quality else ""
    act = act_of(request, session, deliberation)
    reply, _ = await site_of(request).taking_part.rate(
        act, form["rating"], quality=quality, round_=_round(form)
    )
    require_given_here(reply, session, deliberation)
    if await _holds_unsaved_reason(form, session, deliberation, site_of(request)):
        return await _with_unsaved(
            request, session, deliberation.id, reply, page_lines.REASON_UNSAVED, **_reasoned(form)
        )
    return go(request, f"/d/{deliberation.id}", reply.text, ok=reply.ok)


async def _holds_unsaved_reason(
    form: Mapping[str, str], session: Session, deliberation: Deliberation, site: Site
) -> bool:
    """Whether a rating came with a text that is not kept: it is in the same form, and not to be lost."""
    typed = clean(form.get("reason", ""))
    own = await queries.own_reason(session.member(deliberation.id).user, deliberation, site.ports)
    return bool(typed) and typed != (own.text if own else "")


def _reasoned(form: Mapping[str, str]) -> dict[str, Any]:
    """What was typed for a reason, to be shown again."""
    return {
        "typed_reason": form.get("reason"),
        "typed_name": form.get("name"),
        "typed_learn": "learn" in form,
    }


async def _with_unsaved(
    request: web.Request, session: Session, deliberation_id: str, reply: Reply, unsaved: str, **kept: Any
) -> web.Response:
    """The question as it is now, with what came in the same form and was not saved with it."""
    now_there = await site_of(request).ports.deliberations.load(deliberation_id)
    told = (reply.ok, f"{reply.text} {unsaved}")
    return await _question_page(request, session, now_there, flash=told, **kept)


@routes.post("/d/{id}/reason")
async def give_reason(request: web.Request) -> web.Response:
    """Say why one rates the statement so, or put a new text in its place."""
    session, deliberation = await visible(request)
    site, form = site_of(request), await form_of(request)
    text, kept = form.get("reason", ""), {**_reasoned(form), "picked": _picked(form, deliberation)}
    name, signing = await _reason_name(form, session, deliberation, site)
    if refused := await _name_refused(name, session, deliberation, site):
        errors = {"name": refused}
        return await _question_page(request, session, deliberation, status=422, errors=errors, **kept)
    # Where the box is not shown, nothing is said.
    consent = "learn" in form if deliberation.terms.keep_feedback else None
    act = act_of(request, session, deliberation, name=name)
    reply = await site.taking_part.give_reason(
        act, text, consent=consent, round_=_round(form), signing=signing
    )
    require_given_here(reply, session, deliberation)
    if not reply.ok:
        return await _refused(request, reply, "reason", **kept)
    known = session.called(name) if signing is Signing.TYPED else session
    response = go(request, f"/d/{deliberation.id}", reply.text)
    if await _holds_unsaved_rating(form, session, deliberation, site):
        response = await _with_unsaved(
            request,
            known,
            deliberation.id,
            reply,
            page_lines.RATING_UNSAVED,
            picked=_picked(form, deliberation),
        )
    if known != session:
        sessions.remember(response, known, site.config, site.now)
    return response


async def _holds_unsaved_rating(
    form: Mapping[str, str], session: Session, deliberation: Deliberation, site: Site
) -> bool:
    """The same of steps that came with a reason."""
    participant = site.ports.pseudonyms.of(deliberation, session.member(deliberation.id).user)
    kept = await site.ports.contributions.rating(deliberation.id, deliberation.round, participant)
    picked = _picked(form, deliberation)
    given = (None, None) if kept is None else (kept.value, kept.quality)
    pairs = zip(("rating", "quality"), given, strict=True)
    return any(picked.get(scale) not in (None, step) for scale, step in pairs)


async def _reason_name(
    form: dict[str, str], session: Session, deliberation: Deliberation, site: Site
) -> tuple[str, Signing]:
    """Under which name somebody says why: as they answered, as their link says, or as they type it now."""
    said = await queries.own_answer(session.member(deliberation.id).user, deliberation, site.ports)
    if not deliberation.terms.anonymous and said.opinion is not None and said.opinion.signed:
        return said.opinion.signed, Signing.AS_KNOWN
    return _name(form, session, deliberation), _signing(session, deliberation)


@routes.post("/d/{id}/reason/withdraw")
async def withdraw_reason(request: web.Request) -> web.Response:
    """Take one's reason back."""
    session, deliberation = await visible(request)
    form = await form_of(request)
    act = act_of(request, session, deliberation, key=key_of(form))
    reply = await site_of(request).taking_part.withdraw_reason(act, round_=_round(form))
    require_given_here(reply, session, deliberation)
    text = reply.given_back
    if text and reply.deliberation is not None:
        there = f" {texts.IN_THE_BOX}" if reply.deliberation.phase is Phase.RATING else ""
        told = (True, f"{reply.text}{there}")
        return await _question_page(request, session, reply.deliberation, typed_reason=text, flash=told)
    return go(request, f"/d/{deliberation.id}", reply.text, ok=reply.ok)


@routes.post("/d/{id}/compare")
async def compare(request: web.Request) -> web.Response:
    """Say which statement one prefers, the revised one or the one before."""
    session, deliberation = await visible(request)
    form = await form_of(request)
    act = act_of(request, session, deliberation)
    reply = await site_of(request).taking_part.compare(act, form.get("choice", ""), round_=_round(form))
    require_given_here(reply, session, deliberation)
    return go(request, f"/d/{deliberation.id}", reply.text, ok=reply.ok)


@routes.post("/d/{id}/ratings")
async def rate_statements(request: web.Request) -> web.Response:
    """Rate a study's statements, as many of them as have been thought about so far, and say what to change.

    What to change comes first: the last one's ratings end the vote.
    """
    session, deliberation = await visible(request)
    site = site_of(request)
    form = await form_of(request)
    reason = await _reason_with_ratings(form, request, session, deliberation)
    if reason is not None and not reason.ok:
        kept = {**_reasoned(form), "picked": _picked(form, deliberation)}
        return await _refused(request, reason, "reason", **kept)
    member = session.member(deliberation.id)
    statements = await queries.to_rate(member, deliberation.id, site.ports)
    chosen = {
        each.statement_id: (
            form.get(f"agreement-{each.statement_id}", ""),
            form.get(f"quality-{each.statement_id}", ""),
        )
        for each in statements
    }
    if not any(step_of(agreement) for agreement, _ in chosen.values()):
        if reason is not None:
            return go(request, f"/d/{deliberation.id}", reason.text)
        errors = {"statements": texts.STATEMENT_RATING_NEEDED}
        return await _question_page(
            request, session, deliberation, status=422, errors=errors, picked=_picked(form, deliberation)
        )
    reply = await site.taking_part.rate_statements(act_of(request, session, deliberation), chosen)
    return go(request, f"/d/{deliberation.id}", reply.text, ok=reply.ok)


async def _reason_with_ratings(
    form: Mapping[str, str], request: web.Request, session: Session, deliberation: Deliberation
) -> Reply | None:
    """What came of the reason in the same form; None where nobody asked for one, or it is empty."""
    if not deliberation.has_second_vote or not clean(form.get("reason", "")):
        return None
    consent = "learn" in form if deliberation.terms.keep_feedback else None
    act = act_of(request, session, deliberation)
    return await site_of(request).taking_part.give_reason(
        act, form["reason"], consent=consent, round_=_round(dict(form))
    )


@routes.post("/d/{id}/rating/withdraw")
async def withdraw_rating(request: web.Request) -> web.Response:
    """Take one's rating back."""
    session, deliberation = await visible(request)
    form = await form_of(request)
    act = act_of(request, session, deliberation, key=key_of(form))
    reply = await site_of(request).taking_part.withdraw_rating(act, round_=_round(form))
    require_given_here(reply, session, deliberation)
    return go(request, f"/d/{deliberation.id}", reply.text, ok=reply.ok)
