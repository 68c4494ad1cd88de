"""For machines: is the process alive, does the store take writes, are platforms heard, what is counted; and
the static files.

Reads:  `ports.upkeep.try_write`, the metrics of this process.
Gives:  short plain answers, also when the store hangs: whoever asks has a time limit of their own, and a late
answer tells them nothing. /metrics is for this machine only, unless a token is configured: then for whoever
sends it. A request that came through a proxy is not from this machine, whatever address it seems to have.
"""

import asyncio
import hmac

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from adapters.web.limits import ip_of
from adapters.web.page_context import STATIC, site_of
from bot.domain.errors import StoreError

routes = web.RouteTableDef()

FOREVER = "public, max-age=31536000, immutable"
STORE_ANSWERS_WITHIN_S = 2.0
TOO_SLOW = f"The state store did not answer within {STORE_ANSWERS_WITHIN_S:.0f} seconds.\n"


@routes.get("/healthz")
async def alive(request: web.Request) -> web.Response:
    """The process answers."""
    return web.Response(text="ok\n")


@routes.get("/readyz")
async def ready(request: web.Request) -> web.Response:
    """The store takes writes too, and answers soon."""
    try:
        await asyncio.wait_for(site_of(request).ports.upkeep.try_write(), STORE_ANSWERS_WITHIN_S)
    except StoreError as exc:
        return web.Response(status=503, text=f"{exc}\n")
    except TimeoutError:
        return web.Response(status=503, text=TOO_SLOW)
    return web.Response(text="ready\n")


@routes.get("/readyz/platforms")
async def heard(request: web.Request) -> web.Response:
    """Chat platforms are heard too. Apart from `/readyz`, for pages go on when one is away."""
    lost = [each.platform for each in site_of(request).connections if not await each.holds()]
    if lost:
        return web.Response(status=503, text=f"no connection to {', '.join(lost)}\n")
    return web.Response(text="ready\n")


@routes.get("/metrics")
async def metrics(request: web.Request) -> web.Response:
    """What Prometheus collects."""
    if not _may_measure(request):
        return web.Response(
            status=403, text="metrics are for this machine, or for anyone who has the token\n"
        )
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _may_measure(request: web.Request) -> bool:
    token = site_of(request).config.metrics_token
    if token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return not forwarded and _is_loopback(request.remote)


def _is_loopback(address: str | None) -> bool:
    ip = ip_of(address or "")
    return ip is not None and ip.is_loopback


@routes.get("/static/{version}/{name}")
async def static(request: web.Request) -> web.Response:
    """A file of ours; its address holds its hash, so it never changes."""
    name = request.match_info["name"]
    if name not in STATIC:
        raise web.HTTPNotFound
    return web.Response(
        body=site_of(request).static[name],
        content_type=STATIC[name],
        charset="utf-8",
        headers={"Cache-Control": FOREVER},
    )
