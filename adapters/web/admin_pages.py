"""Pages for those who run questions: the list, asking, steering one, links to it, the team's settings.

Reads:  forms; the store, for the team's admins and for a question's own facilitator.
Gives:  commands. What was typed into a form that cannot be used is shown again, each error at its field.
Asking is for whoever the team's settings let ask, if a link lets them in somewhere now; the list and the
settings are for admins. The links to a question are made and ended in `link_pages`.
"""

from contextlib import suppress
from typing import Any

from aiohttp import web

from adapters.web import forms, sessions
from adapters.web.links import new_link_id
from adapters.web.manage_page import manage_page, outcome_fields
from adapters.web.page_context import (
    form_of,
    go,
    key_of,
    new_key,
    render,
    require_admin,
    require_may_ask,
    require_session,
    run,
    site_of,
    steered,
    steered_by,
)
from adapters.web.sessions import Session
from bot.chat import asking, recording_outcome
from bot.chat.copies import Copies
from bot.chat.finding_results import past_words
from bot.chat.rehearsals import are_offered
from bot.chat.settings import change
from bot.chat.steering import REOPEN, REVISE, asks_before_closing, instead_of, move_shown, pressed
from bot.domain.commands import ChangeTeam
from bot.domain.deliberation import Deliberation
from bot.domain.errors import DomainError, QuestionError
from bot.domain.team import Team
from bot.service import queries
from bot.service.ports import Ports
from bot.service.reply import Reply
from bot.wording import answers, texts
from bot.wording.confirmations import Confirmation
from bot.wording.fields import Form, Part
from bot.wording.language import N_, explained

routes = web.RouteTableDef()

PAGE = 20
TIMES = {"closes_at": N_("Deadline"), "opens_at": N_("Opens")}
# Who may come in. It is what the form begins with: whoever has just asked has nobody in yet, the link goes
# nowhere but where they send it, and with it nobody can open anybody else's answer, as with personal links.
ANYONE = "anyone"


@routes.get("/admin")
async def everything(request: web.Request) -> web.Response:
    """The team's questions, newest first, a page at a time."""
    session = require_admin(request)
    words = past_words(request.query.get("past", ""))
    if words:
        return await _past(request, session, words)
    number = request.query.get("page", "1")
    page = int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 6 else 1
    ports = site_of(request).ports
    # One more than fits tells whether there is a next page.
    found = await ports.deliberations.of_team(session.team, limit=PAGE + 1, offset=(max(page, 1) - 1) * PAGE)
    counts = {d.id: await ports.contributions.opinion_count(d.id) for d in found[:PAGE]}
    return await render(
        request,
        "admin.html",
        questions=found[:PAGE],
        counts=counts,
        page=max(page, 1),
        more=len(found) > PAGE,
        words="",
        told="",
        webhook_off=await _some_webhook_is_off(session, ports),
    )


async def _past(request: web.Request, session: Session, words: str) -> web.Response:
    """Questions that are over and have these words."""
    ports = site_of(request).ports
    past = await queries.past(session.actor(), ports, platform="web", words=words, most=PAGE)
    counts = {d.id: await ports.contributions.opinion_count(d.id) for d in past.found}
    told = str(answers.MORE_PAST) if past.more else "" if past.found else answers.nothing_past(words)
    return await render(
        request,
        "admin.html",
        questions=past.found,
        counts=counts,
        page=1,
        more=False,
        words=words,
        told=told,
        webhook_off=False,
    )


async def _some_webhook_is_off(session: Session, ports: Ports) -> bool:
    """An admin is told where they come by: a webhook that answered that it is gone hears nothing more."""
    return any(each.off_since for each in await ports.webhooks.webhooks(session.team))


# -- asking --------------------------------------------------------------------------------------


@routes.get("/ask")
async def ask(request: web.Request) -> web.Response:
    """A form with what is usual in this team, or what a question or a template has, to be asked again."""
    session, usual = await _asker(request)
    begun = await _begun(request, session, usual)
    start = forms.question_start(begun.team, site_of(request).now)
    return await _ask_page(
        request, begun.team, {**start, **begun.typed, "key": new_key(), "entry": ANYONE}, {}
    )


async def _begun(request: web.Request, session: Session, usual: Team) -> asking.Start:
    """What the address says that the form starts from. Raises DomainError where it is not theirs, or gone."""
    if like := request.query.get("like"):
        return asking.start_like(await steered_by(request, session, like), usual)
    if name := request.query.get("template"):
        return await asking.start(usual.id, name, site_of(request).ports)
    if id_ := request.query.get("bank"):
        return await asking.start_from_bank(session.actor(), id_, site_of(request).ports)
    return asking.Start(usual, {})


@routes.post("/ask")
async def post_question(request: web.Request) -> web.Response:
    """Post or schedule a question; sent twice, it is one question."""
    session, team = await _asker(request)
    with suppress(DomainError):
        # What it started from may be gone by now, and what was typed is not lost for that.
        team = (await _begun(request, session, team)).team
    typed = await form_of(request)
    asked, errors = await forms.question_form(typed, team, site_of(request).ports)
    if asked is None:
        return await _ask_page(request, team, typed, errors, status=422)
    site = site_of(request)
    place = asking.Place("web", site.config.channel)
    key = key_of(typed) or new_key()
    reply = await asking.post(session.actor(), place, asked, key, site.ports)
    if not reply.ok or reply.deliberation is None:
        return await _ask_page(request, team, typed, {"question": reply.text}, status=422)
    link = new_link_id() if typed.get("entry") == ANYONE else None
    await site.access.invitations.put_open_link(reply.deliberation.id, link, unless_decided=True)
    response = go(request, f"/d/{reply.deliberation.id}/manage", reply.text)
    sessions.remember(response, session.as_itself(reply.deliberation.id), site.config, site.now)
    return response


async def _asker(request: web.Request) -> tuple[Session, Team]:
    session = require_session(request)
    return session, await require_may_ask(request, session)


async def _ask_page(
    request: web.Request, team: Team, typed: dict[str, str], errors: dict[str, str], status: int = 200
) -> web.Response:
    return await render(
        request,
        "ask.html",
        status=status,
        typed=typed,
        errors=errors,
        extra_open=forms.extra_is_used(typed, team),
        can_try=are_offered(site_of(request).rehearsals),
        **fields_of(Form.ASK, team),
    )


def fields_of(form: Form, team: Team) -> dict[str, Any]:
    """What the template of a form draws: its fields by their parts, and what each offers."""
    return {
        "fields": lambda *parts: [
            each for each in forms.shown_fields(form, *parts) if each.name != "jury" or team.juries
        ],
        "offered": lambda each: forms.offered(each, team),
        "labels": {each.name: each.label for each in forms.shown_fields(form)} | TIMES,
        "Part": Part,
    }


# -- steering ------------------------------------------------------------------------------------


@routes.get("/d/{id}/manage")
async def manage(request: web.Request) -> web.Response:
    """One question, for those who run it."""
    session, deliberation = await steered(request)
    return await manage_page(request, session, deliberation)


async def _step_taken(request: web.Request, session: Session, deliberation: Deliberation) -> Reply:
    """What comes of the form. Raises QuestionError."""
    step, typed = request.match_info["step"], await form_of(request)
    actor, ports = session.actor(), site_of(request).ports
    if step in ("extend", "reopen"):
        moving = instead_of(typed.get("instead_of", "")) if step == "extend" else REOPEN
        return await move_shown(actor, deliberation.id, moving, forms.deadline_form(typed), ports)
    if "sure" not in typed and step in ("cancel", REVISE):
        raise QuestionError(texts.TICK_FIRST)
    asks = await asks_before_closing(deliberation, ports) if step == "close-rating" else None
    if "sure" not in typed and asks is not None:
        return Reply(f"{asks.follows} {texts.ALL_THE_SAME}", ok=False)
    return await run(request, pressed(step, actor, deliberation.id, typed.get("seen", "")))


@routes.post("/d/{id}/manage/{step:close|retry|reopen|close-rating|keep-statement|revise|cancel|extend}")
async def steer(request: web.Request) -> web.Response:
    """One of the buttons on the manage page, which says which phase was seen."""
    session, deliberation = await steered(request)
    to = f"/d/{deliberation.id}/manage"
    try:
        reply = await _step_taken(request, session, deliberation)
    except QuestionError as exc:
        reply = Reply(explained(exc), ok=False)
    typed = await form_of(request)
    if "closes_at" in typed and not reply.ok:
        session, now_there = await steered(request)
        told = (False, reply.text)
        return await manage_page(request, session, now_there, 422, typed=typed, flash=told)
    return go(request, to, reply.text, ok=reply.ok)


@routes.post("/d/{id}/manage/outcome")
async def record_outcome(request: web.Request) -> web.Response:
    """Keep what was decided, or show what was typed again."""
    session, deliberation = await steered(request)
    site, typed = site_of(request), await form_of(request)
    # An empty box says that somebody emptied it; one that is not ticked sends nothing.
    given = {each.name: typed.get(each.name, "") for each in outcome_fields(deliberation)}
    key = key_of(typed)
    at = (
        await Copies(site.notes, site.ports.clock).came_at(f"outcome {session.user} {key}")
        if key
        else site.now
    )
    came = await recording_outcome.record(
        session.actor(), deliberation.id, given, site.ports, at=at, zone="UTC"
    )
    if came.errors:
        return await manage_page(
            request, session, deliberation, 422, outcome_typed=given, outcome_errors=came.errors
        )
    return go(request, f"/d/{deliberation.id}/manage", came.reply.text, ok=came.reply.ok)


# -- the team ------------------------------------------------------------------------------------


@routes.get("/admin/settings")
async def settings(request: web.Request) -> web.Response:
    """The team's settings."""
    session = require_admin(request)
    team = await site_of(request).ports.teams.team(session.team)
    return await _settings_page(request, team, forms.team_start(team), {})


@routes.post("/admin/settings")
async def change_settings(request: web.Request) -> web.Response:
    """Put new settings in place."""
    session = require_admin(request)
    typed = await form_of(request)
    present = await site_of(request).ports.teams.team(session.team)
    team, errors = forms.team_form(typed, present)
    if team is None:
        return await _settings_page(request, present, typed, errors, status=422)
    # The box says for how many days: another number than that has not been asked about.
    sure = typed.get("sure") == str(team.retention_days)
    # A second copy finds the change made, or is refused by its version: the form needs no key of its own.
    reply = await change(ChangeTeam(session.actor(), team, sure=sure), site_of(request).ports, whole=True)
    if reply.asks is not None:
        days = team.retention_days
        return await _settings_page(request, present, typed, {}, status=422, asks=reply.asks, days=days)
    return go(request, "/admin/settings", reply.text, ok=reply.ok)


async def _settings_page(
    request: web.Request,
    team: Team,
    typed: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
    asks: Confirmation | None = None,
    days: int = 0,
) -> web.Response:
    """The form; `asks`: what has to be answered first, where questions would be kept for so many `days`."""
    return await render(
        request,
        "settings.html",
        status=status,
        asks=asks,
        days=days,
        typed=typed,
        errors=errors,
        **fields_of(Form.SETTINGS, team),
    )
