"""Pages for those who run questions: the list, asking, steering one, links to it, the team's settings.

Reads:  forms; the store, for the team's admins and for a question's own facilitator.
Gives:  commands. What was typed into a form that cannot be used is shown again, each error at its field.
Asking is for whoever the team's settings let ask; the list and the settings are for admins.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from adapters.web import forms, sessions
from adapters.web.links import invite_link, personal_link, shown_name
from adapters.web.sessions import Session
from adapters.web.site import (
    form_of,
    go,
    new_key,
    render,
    require_admin,
    require_session,
    run,
    site_of,
    steered,
)
from bot.choices import LANGUAGES
from bot.domain.actors import require_asker
from bot.domain.commands import (
    Cancel,
    ChangeTeam,
    CloseOpinions,
    CloseRating,
    Command,
    Extend,
    PostQuestion,
    RetryMediation,
)
from bot.domain.deliberation import Deliberation, Opinion, Phase
from bot.domain.team import Team
from bot.errors import QuestionError
from bot.queries import rater_count

routes = web.RouteTableDef()

PAGE = 20
NAMES_AT_ONCE = 500
KEY_LIMIT = 64


@routes.get("/admin")
async def everything(request: web.Request) -> web.Response:
    """The team's questions, newest first, a page at a time."""
    session = require_admin(request)
    number = request.query.get("page", "1")
    page = int(number) if number.isascii() and number.isdigit() and 0 < len(number) < 6 else 1
    store = site_of(request).ports.store
    # One more than fits tells whether there is a next page.
    found = await store.of_team(session.team, limit=PAGE + 1, offset=(max(page, 1) - 1) * PAGE)
    counts = {d.id: await store.opinion_count(d.id) for d in found[:PAGE]}
    return render(
        request,
        "admin.html",
        questions=found[:PAGE],
        counts=counts,
        page=max(page, 1),
        more=len(found) > PAGE,
    )


# -- asking --------------------------------------------------------------------------------------


@routes.get("/ask")
async def ask(request: web.Request) -> web.Response:
    """A form with what is usual in this team."""
    _, team = await _asker(request)
    start = forms.question_start(team, site_of(request).now)
    return _ask_page(request, team, {**start, "key": new_key()}, {})


@routes.post("/ask")
async def post_question(request: web.Request) -> web.Response:
    """Post or schedule a question; sent twice, it is one question."""
    session, team = await _asker(request)
    typed = await form_of(request)
    asked, errors = forms.question_form(typed, team, site_of(request).now)
    if asked is None:
        return _ask_page(request, team, typed, errors, status=422)
    reply = await run(request, _post(asked, typed, session, site_of(request).config.channel))
    if not reply.ok or reply.deliberation is None:
        return _ask_page(request, team, typed, {"question": reply.text}, status=422)
    response = go(request, f"/d/{reply.deliberation.id}/manage", reply.text)
    sessions.remember(
        response, session.invited(reply.deliberation.id), site_of(request).config, site_of(request).now
    )
    return response


def _post(asked: forms.AskedQuestion, typed: dict[str, str], session: Session, channel: str) -> PostQuestion:
    key = typed.get("key", "")[:KEY_LIMIT] or new_key()
    return PostQuestion(
        actor=session.actor(),
        platform="web",
        channel=channel,
        question=asked.question,
        context=asked.context,
        # Whatever key somebody sends, it can only repeat their own question.
        idempotency_key=f"web:{session.user}:{key}",
        terms=asked.terms,
        opens_at=asked.opens_at,
        closes_at=asked.closes_at,
    )


async def _asker(request: web.Request) -> tuple[Session, Team]:
    session = require_session(request)
    team = await site_of(request).ports.store.team(session.team)
    require_asker(session.actor(), team)
    return session, team


def _ask_page(
    request: web.Request, team: Team, typed: dict[str, str], errors: dict[str, str], status: int = 200
) -> web.Response:
    return render(
        request,
        "ask.html",
        status=status,
        typed=typed,
        errors=errors,
        welfare=forms.WELFARE,
        periods=forms.rating_periods(team.defaults),
    )


# -- steering ------------------------------------------------------------------------------------


@routes.get("/d/{id}/manage")
async def manage(request: web.Request) -> web.Response:
    """One question, for those who run it."""
    session, deliberation = await steered(request)
    return await _manage_page(request, session, deliberation)


async def _manage_page(
    request: web.Request, session: Session, deliberation: Deliberation, status: int = 200, **extra: Any
) -> web.Response:
    site = site_of(request)
    store = site.ports.store
    shared: dict[str, Any] = {
        "d": deliberation,
        "answered": await store.opinion_count(deliberation.id),
        "rated": await rater_count(deliberation, site.ports),
        "invite": invite_link(site.config, deliberation.id, now=site.now),
        "link_days": site.config.link_days,
        "named_opinions": await _named_opinions(deliberation, request),
        "mediation": await store.mediation(deliberation.id, deliberation.round),
        "people": [],
        "names": "",
        "error": "",
    }
    return render(request, "manage.html", session=session, status=status, **shared | extra)


async def _named_opinions(deliberation: Deliberation, request: web.Request) -> list[Opinion]:
    """In named mode, who wrote what; members were told so before they wrote."""
    if deliberation.terms.anonymous:
        return []
    return list(await site_of(request).ports.store.opinions(deliberation.id))


@routes.post("/d/{id}/manage/links")
async def make_links(request: web.Request) -> web.Response:
    """A personal link for each name, for this question only; shown once, kept nowhere."""
    session, deliberation = await steered(request)
    site = site_of(request)
    typed = (await form_of(request)).get("names", "")
    # The same name twice is the same person: one link.
    names = {name.casefold(): name for line in typed.splitlines() if (name := shown_name(line))}
    if not names or len(names) > NAMES_AT_ONCE:
        error = f"Write 1 to {NAMES_AT_ONCE} names, one on each line."
        return await _manage_page(request, session, deliberation, 422, error=error, names=typed)
    anonymous = deliberation.terms.anonymous
    people = [
        (name, personal_link(site.config, deliberation.id, name, anonymous=anonymous, now=site.now))
        for name in names.values()
    ]
    return await _manage_page(request, session, deliberation, people=people, names=typed)


Steer = Callable[[web.Request, Session, Deliberation], Awaitable[Command]]


async def _close(request: web.Request, session: Session, deliberation: Deliberation) -> Command:
    return CloseOpinions(session.actor(), deliberation.id)


async def _retry(request: web.Request, session: Session, deliberation: Deliberation) -> Command:
    return RetryMediation(session.actor(), deliberation.id)


async def _close_rating(request: web.Request, session: Session, deliberation: Deliberation) -> Command:
    return CloseRating(session.actor(), deliberation.id)


async def _cancel(request: web.Request, session: Session, deliberation: Deliberation) -> Command:
    if "sure" not in await request.post():
        raise QuestionError("Tick the box first: cancelling cannot be undone.")
    return Cancel(session.actor(), deliberation.id)


async def _extend(request: web.Request, session: Session, deliberation: Deliberation) -> Command:
    return Extend(session.actor(), deliberation.id, closes_at=forms.deadline_form(await form_of(request)))


STEERING: dict[str, Steer] = {
    "close": _close,
    "retry": _retry,
    "close-rating": _close_rating,
    "cancel": _cancel,
    "extend": _extend,
}


@routes.post("/d/{id}/manage/{step:close|retry|close-rating|cancel|extend}")
async def steer(request: web.Request) -> web.Response:
    """One of the buttons on the manage page."""
    session, deliberation = await steered(request)
    to = f"/d/{deliberation.id}/manage"
    try:
        command = await STEERING[request.match_info["step"]](request, session, deliberation)
    except QuestionError as exc:
        return go(request, to, str(exc), ok=False)
    reply = await run(request, command)
    ended = reply.deliberation is not None and reply.deliberation.phase is Phase.CANCELLED
    return go(request, to, reply.text, ok=reply.ok and (not ended or isinstance(command, Cancel)))


# -- the team ------------------------------------------------------------------------------------


@routes.get("/admin/settings")
async def settings(request: web.Request) -> web.Response:
    """The team's settings."""
    session = require_admin(request)
    team = await site_of(request).ports.store.team(session.team)
    return _settings_page(request, team, forms.team_start(team), {})


@routes.post("/admin/settings")
async def change_settings(request: web.Request) -> web.Response:
    """Put new settings in place."""
    session = require_admin(request)
    typed = await form_of(request)
    present = await site_of(request).ports.store.team(session.team)
    team, errors = forms.team_form(typed, present)
    if team is None:
        return _settings_page(request, present, typed, errors, status=422)
    reply = await run(request, ChangeTeam(session.actor(), team))
    return go(request, "/admin/settings", reply.text, ok=reply.ok)


def _settings_page(
    request: web.Request, team: Team, typed: dict[str, str], errors: dict[str, str], status: int = 200
) -> web.Response:
    return render(
        request,
        "settings.html",
        status=status,
        typed=typed,
        errors=errors,
        welfare=forms.WELFARE,
        periods=forms.rating_periods(team.defaults),
        languages=LANGUAGES,
    )
