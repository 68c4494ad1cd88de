"""What a team keeps for asking again: templates and the question bank, for its admins.

Reads:  forms; what is kept.
Gives:  pages, and commands. What would be lost is asked about first: a form that replaces a template says
which one it showed, and where another is there by then that one is asked about.
Schedules are made in the chats, whose channels they post in.
"""

import csv
import hashlib
import io
import json

from aiohttp import web

from adapters.web.admin_pages import fields_of
from adapters.web.page_context import form_of, go, render, require_admin, run, site_of
from adapters.web.sessions import Session
from bot.chat import removing
from bot.domain.commands import ImportQuestions, SaveTemplate
from bot.domain.deliberation import checked_context, checked_question
from bot.domain.errors import LibraryError
from bot.domain.library import Template
from bot.service import queries
from bot.wording import forms, texts
from bot.wording.confirmations import Confirmation, removing_question, removing_template
from bot.wording.fields import Form, field
from bot.wording.forms import Answers

routes = web.RouteTableDef()

LIBRARY = "/admin/library"
SHOWN = 50
WORDS = 100


@routes.get(LIBRARY)
async def library(request: web.Request) -> web.Response:
    """Templates and the bank, or the bank's questions with some words."""
    return await _page(request, require_admin(request))


async def _page(
    request: web.Request,
    session: Session,
    status: int = 200,
    *,
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> web.Response:
    words = request.query.get("words", "")[:WORDS]
    kept = await queries.library(session.actor(), site_of(request).ports, words)
    return await render(
        request,
        "library.html",
        session=session,
        status=status,
        kept=kept,
        words=words,
        templates=[(each, removing_template(each, kept.schedules)) for each in kept.templates],
        shown=[(each, removing_question(each)) for each in kept.bank[:SHOWN]],
        fields=[field(Form.ASK, "question"), field(Form.ASK, "context")],
        typed=typed or {},
        errors=errors or {},
    )


@routes.post(LIBRARY + "/{shelf:templates|bank}/remove")
async def remove(request: web.Request) -> web.Response:
    """Take something out, once that was confirmed."""
    session, typed = require_admin(request), await form_of(request)
    if "sure" not in typed:
        return go(request, LIBRARY, texts.TICK_FIRST, ok=False)
    take_out = removing.TAKING_OUT[request.match_info["shelf"]]
    # The key goes where it says which phase was seen on other pages.
    reply = await run(request, take_out(session.actor(), typed.get("seen", "")))
    return go(request, LIBRARY, reply.text, ok=reply.ok)


# -- the bank ------------------------------------------------------------------------------------


@routes.post(LIBRARY + "/bank")
async def add(request: web.Request) -> web.Response:
    """Add one question to the bank."""
    session, typed = require_admin(request), await form_of(request)
    answers = Answers(typed)
    question = answers.checked("question", lambda: checked_question(typed.get("question", "")), "")
    background = answers.checked("context", lambda: checked_context(typed.get("context", "")), "")
    if answers.errors:
        return await _page(request, session, 422, typed=typed, errors=answers.errors)
    reply = await run(request, ImportQuestions(session.actor(), _as_file(question, background)))
    if not reply.ok:
        return await _page(request, session, 422, typed=typed, errors={"question": reply.text})
    return go(request, LIBRARY, reply.text)


def _as_file(question: str, background: str) -> str:
    """One question as a file to be imported has it."""
    written = io.StringIO()
    csv.writer(written).writerows([("question", "context"), (question, background)])
    return written.getvalue()


@routes.post(LIBRARY + "/import")
async def import_questions(request: web.Request) -> web.Response:
    """Add the questions of a file, whose text was pasted."""
    session, typed = require_admin(request), await form_of(request)
    reply = await run(request, ImportQuestions(session.actor(), typed.get("csv", "")))
    if not reply.ok:
        return await _page(request, session, 422, typed=typed, errors={"csv": reply.text})
    return go(request, LIBRARY, reply.text)


# -- templates -----------------------------------------------------------------------------------


@routes.get(LIBRARY + "/template")
async def template(request: web.Request) -> web.Response:
    """A template's form: empty, or with the one that the address names."""
    session = require_admin(request)
    name = request.query.get("name")
    if name is None:
        return await _template_page(request, session, {}, {})
    kept = await _named(request, session, name)
    if kept is None:
        raise LibraryError(texts.TEMPLATE_GONE)
    typed = {
        "name": kept.name,
        "question": kept.question,
        "context": kept.context,
        "closes_after": f"{max(1, round(kept.closes_after.total_seconds() / 3_600))}",
        "instead_of": shown_as(kept),
    }
    return await _template_page(request, session, typed, {})


@routes.post(LIBRARY + "/template")
async def save_template(request: web.Request) -> web.Response:
    """Keep a template; what another of its name says is asked about before it is replaced."""
    session, typed = require_admin(request), await form_of(request)
    made, errors = forms.template(typed, await site_of(request).ports.teams.team(session.team))
    if made is None:
        return await _template_page(request, session, typed, errors, status=422)
    there = await _named(request, session, made.name)
    seen = there if there is not None and typed.get("instead_of") == shown_as(there) else None
    if seen is not None:
        # The form has its words; its terms stay.
        made = made.model_copy(update={"terms": seen.terms})
    reply = await run(request, SaveTemplate(session.actor(), made, instead_of=seen))
    if reply.asks is not None and there is not None:
        typed = {**typed, "instead_of": shown_as(there)}
        return await _template_page(request, session, typed, {}, status=422, asks=reply.asks)
    if not reply.ok:
        return await _template_page(request, session, typed, {"name": reply.text}, status=422)
    return go(request, LIBRARY, reply.text)


async def _named(request: web.Request, session: Session, name: str) -> Template | None:
    kept = await site_of(request).ports.library.templates(session.team)
    return next((each for each in kept if each.name == name), None)


def shown_as(kept: Template) -> str:
    """What a form carries to say which template it showed."""
    words = kept.model_dump(mode="json", exclude={"terms": {"excluded_roles"}})
    return hashlib.sha256(json.dumps(words, sort_keys=True).encode()).hexdigest()[:12]


async def _template_page(
    request: web.Request,
    session: Session,
    typed: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
    asks: Confirmation | None = None,
) -> web.Response:
    team = await site_of(request).ports.teams.team(session.team)
    drawn = fields_of(Form.TEMPLATE, team)
    return await render(
        request,
        "template.html",
        session=session,
        status=status,
        typed=typed,
        errors=errors,
        asks=asks,
        **drawn,
    )
