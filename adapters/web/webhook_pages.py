"""The team's webhooks, for its admins: adding, removing, and what could not be delivered.

Reads:  forms; the store.
Gives:  commands. A new webhook's secret is shown on the page that answers its form, and nowhere else.
"""

from aiohttp import web

from adapters.web.page_context import form_of, go, key_of, new_key, render, require_admin, run, site_of
from adapters.web.sessions import Session
from bot.domain.commands import AddWebhook, RemoveWebhook, ReplayDeliveries, SwitchOnWebhook
from bot.domain.events import EventKind
from bot.service.webhook_handlers import webhooks_of
from bot.wording import texts

routes = web.RouteTableDef()

WEBHOOKS = "/admin/webhooks"
SHOWN = 50


@routes.get(WEBHOOKS)
async def webhooks(request: web.Request) -> web.Response:
    """The webhooks, a form to add one, and what could not be delivered."""
    everything = {kind.value: "yes" for kind in EventKind}
    return await _page(request, require_admin(request), typed={**everything, "key": new_key()})


@routes.post(WEBHOOKS)
async def add(request: web.Request) -> web.Response:
    """Add one; sent twice, it is one webhook with one secret."""
    session, typed = require_admin(request), await form_of(request)
    site = site_of(request)
    kinds = frozenset(kind for kind in EventKind if kind.value in typed)
    key = key_of(typed) or new_key()
    command = AddWebhook(
        session.actor(), typed.get("url", ""), kinds, key, private=site.config.private_webhooks
    )
    reply = await run(request, command)
    if not reply.ok:
        return await _page(request, session, 422, typed=typed, errors={"url": reply.text})
    everything = {kind.value: "yes" for kind in EventKind}
    return await _page(request, session, typed={**everything, "key": new_key()}, secret=reply.secret)


@routes.post(WEBHOOKS + "/remove")
async def remove(request: web.Request) -> web.Response:
    """Remove one, once that was confirmed."""
    session, typed = require_admin(request), await form_of(request)
    if "sure" not in typed:
        return go(request, WEBHOOKS, texts.TICK_FIRST, ok=False)
    reply = await run(request, RemoveWebhook(session.actor(), typed.get("seen", "")))
    return go(request, WEBHOOKS, reply.text, ok=reply.ok)


@routes.post(WEBHOOKS + "/on")
async def switch_on(request: web.Request) -> web.Response:
    """Send again to one that answered it was gone."""
    session, typed = require_admin(request), await form_of(request)
    reply = await run(request, SwitchOnWebhook(session.actor(), typed.get("id", "")))
    return go(request, WEBHOOKS, reply.text, ok=reply.ok)


@routes.post(WEBHOOKS + "/replay")
async def replay(request: web.Request) -> web.Response:
    """Send one dead letter again, or all of them."""
    session, typed = require_admin(request), await form_of(request)
    chosen = frozenset({typed["id"]}) if "id" in typed else None
    reply = await run(request, ReplayDeliveries(session.actor(), chosen))
    return go(request, WEBHOOKS, reply.text, ok=reply.ok)


async def _page(
    request: web.Request,
    session: Session,
    status: int = 200,
    *,
    typed: dict[str, str],
    errors: dict[str, str] | None = None,
    secret: str = "",
) -> web.Response:
    kept = await webhooks_of(session.actor(), site_of(request).ports)
    return await render(
        request,
        "webhooks.html",
        session=session,
        status=status,
        kept=kept,
        dead=kept.dead[:SHOWN],
        typed=typed,
        errors=errors or {},
        secret=secret,
    )
