"""Keeps the bundled server running for as long as this process uses it.

Reads:  whether the server has died, every second.
Gives:  its URL; a server that was killed, or gave up because the disk is full, is started again with growing
        pauses, with a line in the log and a count in the metrics.
Every user of a server watches it; the locks of `adapters.redis.embedded` let one of them start it. Nothing
that was acknowledged is lost, for it was on the disk before.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from adapters.redis.embedded import EmbeddedServer
from bot.domain.errors import StoreError
from bot.ops import metrics

log = logging.getLogger(__name__)

LOOKS_EVERY_S = 1.0
LONGEST_PAUSE_S = 30.0
# One that lived so long after it was started again has got over whatever it was.
STEADY_AFTER_S = 60.0


@asynccontextmanager
async def supervised(server: EmbeddedServer) -> AsyncIterator[str]:
    """The server's URL, while the context lasts. Cancelled while it starts, it leaves no server behind.

    Raises StoreError when it does not start the first time.
    """
    try:
        url = await asyncio.to_thread(server.start)
        watching = asyncio.create_task(_watch(server))
        try:
            yield url
        finally:
            watching.cancel()
            await asyncio.wait([watching])
    finally:
        # A thread may still be starting it: it is told, and `stop` waits for it.
        server.give_up()
        await asyncio.to_thread(server.stop)


async def _watch(server: EmbeddedServer) -> None:
    pause, tried_at = LOOKS_EVERY_S, -STEADY_AFTER_S
    while True:
        await asyncio.sleep(pause)
        now = asyncio.get_running_loop().time()
        if await _tried_again(server):
            pause, tried_at = min(2 * pause, LONGEST_PAUSE_S), now
        elif now - tried_at >= STEADY_AFTER_S:
            pause = LOOKS_EVERY_S


async def _tried_again(server: EmbeddedServer) -> bool:
    """Whether the server was dead and this process tried to start it."""
    try:
        if not await asyncio.to_thread(server.revive):
            return False
    except (StoreError, OSError) as exc:
        said = exc if isinstance(exc, StoreError) else f"{type(exc).__name__}."
        log.error("the embedded server died and did not come back; trying again. %s", said)
        metrics.EMBEDDED_RESTARTS.labels("failed").inc()
        return True
    log.warning("the embedded server died; it was started again, with everything it had acknowledged")
    metrics.EMBEDDED_RESTARTS.labels("done").inc()
    return True
