"""For machines: is the process alive, does the store take writes, are platforms heard, what is counted; and
the static files.

Reads:  `ports.upkeep.try_write`, the metrics of this process.
Gives:  short plain answers, also when the store hangs: whoever asks has a time limit of their own, and a late
answer tells them nothing. Who may see what is counted: `adapters.web.measuring`.
"""

import asyncio

from aiohttp import web

from adapters.web.measuring import measured
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
    return measured(request, site_of(request).config.metrics_token)


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
