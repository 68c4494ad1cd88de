"""Tokens for other software, for admins: made, listed, renewed and revoked.

Gives:  a page. A secret stands on the page that answers the form which made it, and on no other: sent again,
the form makes no second token, and its secret is not told again. What one of the software's people gave can
be deleted here, too: nobody else can once the token is gone.
"""

from typing import Any

from aiohttp import web

from adapters.web.page_context import form_of, go, key_of, render, require_admin, site_of
from adapters.web.sessions import Session
from bot.chat.copies import Copies
from bot.domain.api_scopes import LONGEST_DAYS, USUAL_DAYS, Scope
from bot.domain.api_tokens import NAME_LIMIT
from bot.domain.errors import DomainError
from bot.service import api_tokens
from bot.wording import api_lines, texts
from bot.wording.language import explained

routes = web.RouteTableDef()

HERE = "/admin/software"
# What most software needs; nothing that is done with an admin's rights is ticked beforehand.
USUAL = frozenset({Scope.READ, Scope.TAKE_PART, Scope.RESULTS})


@routes.get(HERE)
async def software(request: web.Request) -> web.Response:
    """The tokens that there are, and the form for another."""
    return await _page(request, require_admin(request))


@routes.post(HERE)
async def make(request: web.Request) -> web.Response:
    """Make a token, and show its secret."""
    session, typed = require_admin(request), await form_of(request)
    site = site_of(request)
    scopes = frozenset(each for each in Scope if each in typed)
    wish = api_tokens.Wish("web", site.config.channel, typed.get("name", ""), scopes, _days(typed))
    if not await _is_first(request, typed):
        return go(request, HERE, api_lines.MADE_ALREADY, ok=False)
    try:
        token, secret = await api_tokens.make(session.actor(), wish, site.access.tokens, site.now)
    except DomainError as exc:
        await _forget_first(request, typed)
        return await _page(request, session, 422, typed=typed, error=explained(exc), scopes=scopes)
    return await _page(request, session, made=token, secret=secret)


@routes.post(HERE + "/{step:renew|revoke}")
async def change(request: web.Request) -> web.Response:
    """Give a token another secret, or let nobody in by it any more."""
    session, typed = require_admin(request), await form_of(request)
    if "sure" not in typed:
        return go(request, HERE, texts.TICK_FIRST, ok=False)
    site, id_ = site_of(request), typed.get("seen", "")
    tokens = site.access.tokens
    if request.match_info["step"] == "revoke":
        await api_tokens.revoke(session.actor(), id_, tokens)
        return go(request, HERE, api_lines.REVOKED)
    token, secret = await api_tokens.renew(session.actor(), id_, tokens, site.now)
    return await _page(request, session, made=token, secret=secret)


@routes.post(HERE + "/forget")
async def forget(request: web.Request) -> web.Response:
    """Delete what one of the people of some software gave, also where its token is gone."""
    session, typed = require_admin(request), await form_of(request)
    if "sure" not in typed:
        return await _page(request, session, 422, forgetting=typed, forget_error=str(texts.TICK_FIRST))
    site, said = site_of(request), (typed.get("token", ""), typed.get("participant", ""))
    try:
        reply = await api_tokens.forget(session.actor(), *said, site.ports, site.now)
    except DomainError as exc:
        return await _page(request, session, 422, forgetting=typed, forget_error=explained(exc))
    return go(request, HERE, reply.text, ok=reply.ok)


def _days(typed: dict[str, str]) -> int | None:
    """In how many days it expires; nothing typed: never. What is no number is none that can be chosen."""
    text = typed.get("days", "").strip()
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(LONGEST_DAYS)) else 0


async def _is_first(request: web.Request, typed: dict[str, str]) -> bool:
    return await _copies(request).is_first(f"token {key_of(typed)}")


async def _forget_first(request: web.Request, typed: dict[str, str]) -> None:
    await _copies(request).forget(f"token {key_of(typed)}")


def _copies(request: web.Request) -> Copies:
    site = site_of(request)
    return Copies(site.notes, site.ports.clock)


async def _page(
    request: web.Request,
    session: Session,
    status: int = 200,
    *,
    scopes: frozenset[Scope] = USUAL,
    **extra: Any,
) -> web.Response:
    begun: dict[str, Any] = {"typed": {"days": str(USUAL_DAYS)}, "error": "", "made": None, "secret": ""}
    begun |= {"forgetting": {}, "forget_error": ""}
    return await render(
        request,
        "software.html",
        session=session,
        status=status,
        tokens=await api_tokens.listed(session.actor(), site_of(request).access.tokens, site_of(request).now),
        scopes=[(each, told, each in scopes) for each, told in api_lines.SCOPE_WORDS.items()],
        revoking=api_lines.REVOKING,
        renewing=api_lines.RENEWING,
        name_limit=NAME_LIMIT,
        longest=LONGEST_DAYS,
        **begun | extra,
    )
