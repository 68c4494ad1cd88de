"""What Prometheus collects of this process, for a gateway's pages and for a worker, which has no others.

Reads:  the metrics of this process.
Gives:  /metrics, for this machine only, unless a token is configured: then for whoever sends it. A request
that came through a proxy is not from this machine, whatever address it seems to have. A worker's port also
answers /healthz, to anyone: it tells a supervisor that the process is alive, and nothing else.
"""

import hmac

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from adapters.web.proxies import ip_of
from adapters.web.serving import PatientRunner

ASKED_WITHIN_S = 20.0
# Each proxy writes some of these.
SENT_ON = ("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP")


def measured(request: web.Request, token: str) -> web.Response:
    """What was counted, or a refusal."""
    if not _may_measure(request, token):
        return web.Response(
            status=403, text="metrics are for this machine, or for anyone who has the token\n"
        )
    return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})


async def serve_metrics(host: str, port: int, token: str) -> web.AppRunner:
    """Listen for Prometheus and for health checks; `await runner.cleanup()` stops. Raises OSError."""

    async def answer(request: web.Request) -> web.Response:
        return measured(request, token)

    async def alive(request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    app = web.Application()
    app.router.add_get("/metrics", answer)
    app.router.add_get("/healthz", alive)
    runner = PatientRunner(app, ASKED_WITHIN_S)
    await runner.setup()
    await web.TCPSite(runner, host, port).start()
    return runner


def _may_measure(request: web.Request, token: str) -> bool:
    if token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    return not any(name in request.headers for name in SENT_ON) and _is_loopback(request.remote)


def _is_loopback(address: str | None) -> bool:
    ip = ip_of(address or "")
    return ip is not None and ip.is_loopback
