"""Whether a gateway still hears its platform: said in the log, counted, and told to whoever probes.

Reads:  what the platform's SDK knows of its connection, every few seconds.
Gives:  gauges, a line a minute while the connection is lost, and `holds` for a probe.
A connection that is lost for seconds is nothing to speak of: platforms cut every one now and then.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.ops import metrics

log = logging.getLogger(__name__)

LOOKED_EVERY_S = 5.0
SAID_EVERY_S = 60.0
LOST = "%s has not been heard for %d s: what members do there waits, or is found again once it is back"


class Connection:
    """One gateway's to one platform."""

    def __init__(self, platform: str, holds: Callable[[], Awaitable[bool]]) -> None:
        self.platform = platform
        self._ask = holds
        self._answers = True
        self._held: bool | None = None

    async def holds(self) -> bool:
        """Whether it is heard now; what cannot be told counts as lost."""
        try:
            holds = await self._ask()
        except Exception:
            if self._answers:
                log.warning("whether %s is heard cannot be told", self.platform, exc_info=True)
            self._answers = False
            return False
        self._answers = True
        return holds

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Looked at for as long as the block runs; afterwards it counts as lost."""
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait({watching})
            self._note(False)

    def _note(self, holds: bool) -> None:
        metrics.CONNECTED.labels(self.platform).set(holds)
        if holds is not self._held:
            metrics.CONNECTED_SINCE.labels(self.platform).set_to_current_time()
        self._held = holds

    async def _watch(self) -> None:
        lost_at: float | None = None
        said_at: float | None = None
        while True:
            now, holds = time.monotonic(), await self.holds()
            self._note(holds)
            if holds:
                if said_at is not None and lost_at is not None:
                    log.info("%s is heard again, after %d s", self.platform, now - lost_at)
                lost_at = said_at = None
            else:
                lost_at = now if lost_at is None else lost_at
                if now - (said_at or lost_at) >= SAID_EVERY_S:
                    log.warning(LOST, self.platform, now - lost_at)
                    said_at = now
            await asyncio.sleep(LOOKED_EVERY_S)
