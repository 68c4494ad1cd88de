"""What stands in front of every page: limits, proof that a form is ours, headers, and error pages.

Reads:  requests, before and after their handler.
Gives:  refusals as pages with one clear sentence, never a traceback; security headers on everything.
Order, outermost first: traces, languages, failures, limits, visitors, forms.
Nothing here logs an address, a query, a name or a token.
"""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import urlsplit

from aiohttp import web

from adapters.web import languages as reader
from adapters.web import sessions
from adapters.web.limits import came_by_a_stranger, client_of
from adapters.web.links import LinkError
from adapters.web.page_context import SITE, drawn, form_of, recognise, session_of, site_of
from adapters.web.sessions import Session
from bot.domain.errors import DomainError, PermissionDeniedError, StoreError, UnknownDeliberationError
from bot.ops import metrics
from bot.ops.traces import span as traced_span
from bot.wording import page_lines, texts
from bot.wording.language import explained, reading

log = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

FORM = "application/x-www-form-urlencoded"
# The fields into which people write at length.
WRITTEN = ("opinion", "reason", "question", "context")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# Probes and files that are the same for everyone cost next to nothing.
UNLIMITED = ("/static/", "/healthz", "/readyz", "/metrics")

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# Referrer-Policy: with "no-referrer" browsers would send "Origin: null" with our own forms.
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex, nofollow",
}
HSTS = "max-age=31536000; includeSubDomains"


class Refusal(Exception):
    """A request that is turned away with a sentence."""

    def __init__(self, status: int, title: str, text: str, *, retry_after_s: int = 0) -> None:
        super().__init__(title)
        self.status, self.title, self.text, self.retry_after_s = status, title, text, retry_after_s


ONE_ADDRESS = (
    "all requests have come from one address for some minutes, so everybody shares its limits; if the web "
    "channel is behind proxies, set ACCORD_TRUSTED_PROXIES to their addresses"
)
FORM_TOO_OLD = Refusal(
    403,
    *page_lines.FORM_TOO_OLD,
)


@web.middleware
async def traces(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A span for each request but probes and streams, named by its route: paths hold ids and signed links."""
    route = request.match_info.route.resource
    path = route.canonical if route is not None else ""
    if path.startswith(UNLIMITED) or path.endswith("/events"):
        return await handler(request)
    question = request.match_info.get("id", "")
    with traced_span(f"{request.method} {path}".strip(), question, http_route=path) as span:
        response = await handler(request)
        if span is not None:
            span.set_attribute("http.response.status_code", response.status)
        return response


@web.middleware
async def languages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let everything within be read in one language."""
    if chosen := reader.chosen(request):
        return reader.remembering(request, chosen, site_of(request).config)
    with reading(reader.language_of(request)):
        return await handler(request)


@web.middleware
async def failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever goes wrong into a page with a sentence."""
    try:
        return await handler(request)
    except (asyncio.CancelledError, ConnectionResetError):
        raise
    except web.HTTPException as exc:
        if exc.status < 400:
            raise
        title, text = page_lines.REQUESTS.get(exc.status, page_lines.REQUESTS[400])
        return _page(request, exc.status, title, text)
    except Exception as exc:
        return _explained(request, exc, await _written(request))


async def _written(request: web.Request) -> str:
    """What somebody wrote into a form that is turned away; nothing of what another site would show here."""
    if request.method in SAFE_METHODS or request.content_type != FORM or not _same_origin(request):
        return ""
    try:
        form = await form_of(request)
    except (ValueError, LookupError, web.HTTPException):
        return ""
    return "\n\n".join(text for name in WRITTEN if (text := form.get(name, "").strip()))


def _explained(request: web.Request, exc: Exception, kept: str) -> web.Response:
    page = partial(_page, request, kept=kept)
    match exc:
        case Refusal():
            response = page(exc.status, exc.title, exc.text)
            if exc.retry_after_s:
                response.headers["Retry-After"] = str(exc.retry_after_s)
            return response
        case LinkError():
            return _link_page(request, exc)
        case UnknownDeliberationError():
            return page(404, page_lines.NOT_HERE, explained(exc))
        case PermissionDeniedError():
            return page(403, page_lines.NOT_FOR_YOU, explained(exc))
        case DomainError():
            return page(409, page_lines.CANNOT_BE_DONE, explained(exc))
        case StoreError():
            log.error("the store does not answer", extra={"outage": exc.outage})
            return page(503, page_lines.BACK_SOON, texts.STORE_UNREACHABLE)
        case _:
            log.exception("a page failed")
            return page(500, page_lines.WENT_WRONG, texts.UNEXPECTED)


def _link_page(request: web.Request, exc: LinkError) -> web.Response:
    if exc.expired:
        return _page(request, 410, *page_lines.LINK_EXPIRED)
    return _page(request, 404, *page_lines.LINK_BROKEN)


def _page(request: web.Request, status: int, title: str, text: str, kept: str = "") -> web.Response:
    """An error page; `kept` is what somebody wrote, so that they do not lose it."""
    return drawn(request, "error.html", status=status, title=title, text=text, kept=kept)


@web.middleware
async def limits(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let nobody ask too often: one person, strangers at one address, or all who are at one address.

    That a cookie is ours is enough to count by it, so that a flood costs no look into the store.
    """
    if not request.path.startswith(UNLIMITED):
        site = site_of(request)
        client, cookie = client_of(request, site.config), sessions.read(request, site.config, site.now)
        _require_patience("address", site.clients.wait_s(client))
        asking = client if cookie is None else cookie.id
        _require_patience("requests", site.asking.wait_s(asking))
    return await handler(request)


@web.middleware
async def visitors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who is asking, and let nobody change something too often."""
    if not request.path.startswith(UNLIMITED):
        session = await recognise(request)
        _look_at_addresses(request, session)
        if session is not None and request.method not in SAFE_METHODS:
            _require_patience("writes", site_of(request).people.wait_s(session.user))
    return await handler(request)


def _look_at_addresses(request: web.Request, session: Session | None) -> None:
    site = site_of(request)
    forwarded = came_by_a_stranger(request, site.config)
    person = session.user if session is not None else ""
    if site.one_address.saw(client_of(request, site.config), person, forwarded=forwarded):
        log.warning(ONE_ADDRESS)


def _require_patience(limit: str, wait_s: float) -> None:
    if wait_s:
        metrics.REFUSED.labels(limit).inc()
        raise Refusal(429, *page_lines.TOO_MANY_REQUESTS, retry_after_s=math.ceil(wait_s))


@web.middleware
async def forms(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Changes come only from forms on our own pages, sent by whoever the page was made for."""
    if request.method in SAFE_METHODS:
        return await handler(request)
    if not _same_origin(request):
        raise FORM_TOO_OLD
    if request.content_type != FORM:
        raise web.HTTPUnsupportedMediaType
    site = site_of(request)
    session = session_of(request)
    try:
        token = (await form_of(request)).get("csrf", "")
    except (UnicodeError, LookupError):
        raise web.HTTPBadRequest from None
    if session is None or not sessions.is_csrf_token(token, session, site.config):
        raise FORM_TOO_OLD
    return await handler(request)


def _same_origin(request: web.Request) -> bool:
    """By what the browser says about where the form was; old browsers say nothing, then the token decides."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    # A site may be reached under another name than base_url's (localhost, a private address).
    return origin.lower() == site_of(request).config.origin or urlsplit(origin).netloc == request.host


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Security headers on everything; nothing but files is kept by browsers or proxies."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if request.app[SITE].config.secure:
        response.headers["Strict-Transport-Security"] = HSTS
