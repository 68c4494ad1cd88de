"""Silence: telling whoever asked that nothing comes from the language model, and at the end that none came.

Reads:  `Progress` from the engine: tokens and drafts are signs of life.
Gives:  one note to the facilitator for each round, after `TELL_AFTER_S` without a sign or when drafting has
        failed for now; a model that is slow but writes is no reason for one. Another when it was given up.
"""

import asyncio
import logging
from collections.abc import Callable

from bot.domain.deliberation import Deliberation
from bot.domain.errors import BotError, PlatformError, UnreachableError
from bot.service.ports import Ports
from bot.wording.cards import FailedNote, WaitingNote
from engine.types import Progress, Stage, Written

log = logging.getLogger(__name__)

TELL_AFTER_S = 100.0
"""Leaves time to send it: whoever asked hears within two minutes."""
TELLING_TRIES = 20
"""With growing pauses about an hour."""


async def tell_asker(deliberation: Deliberation, ports: Ports, trouble: str | None = None) -> None:
    """Write to the facilitator, once for each round; one who cannot be written to sees it in the channel."""
    try:
        if await ports.deliberations.mark(deliberation.id, marker(deliberation)):
            note = WaitingNote(deliberation, trouble)
            platform = ports.platforms[deliberation.platform]
            await platform.direct_message(deliberation.team, deliberation.facilitator, note)
    except BotError:
        log.warning("whoever asked could not be told that there is no draft yet", exc_info=True)


async def tell_of_failure(deliberation: Deliberation, ports: Ports) -> None:
    """Write to the facilitator why no statement came and what they can do, once for each failure.

    Marked before it is sent, so never twice; a try after one that failed is another. Raises `PlatformError`
    while that is worth another try: for one who takes no messages it stands where they run the question.
    """
    mark = f"told of the failure of {deliberation.untold_since}: {deliberation.setbacks}"
    if not await ports.deliberations.mark(deliberation.id, mark):
        return
    try:
        platform = ports.platforms[deliberation.platform]
        await platform.direct_message(deliberation.team, deliberation.facilitator, FailedNote(deliberation))
    except UnreachableError:
        log.info("whoever asked takes no messages")
    except PlatformError:
        if deliberation.setbacks < TELLING_TRIES:
            raise
        log.warning("whoever asked could not be told that drafting failed", exc_info=True)


def marker(deliberation: Deliberation) -> str:
    """Says in the store that the facilitator was told in this round, since opinions closed."""
    return f"told of no draft: {deliberation.round} {deliberation.closes_at}"


class Silence:
    """Hears the progress of one mediation, and notices when there is none while drafts are awaited."""

    def __init__(self, deliberation: Deliberation, ports: Ports) -> None:
        self._deliberation, self._ports = deliberation, ports
        self._sign: tuple[Stage, int, int] = Stage.DRAFT, 0, 0
        self._trouble: str | None = None
        self._heard_at = 0.0
        self._over = False
        self.is_long = False

    def heard(self, progress: Progress) -> None:
        """Take note; returns at once."""
        if progress.stage not in (Stage.GROUPS, Stage.DRAFT):
            return
        written = progress.written or Written()
        self._trouble = written.trouble
        sign = progress.done, written.tokens
        if any(sign) and (progress.stage, *sign) != self._sign:
            self._sign, self._heard_at, self.is_long = (progress.stage, *sign), _now(), False
        # The drafts for smaller groups, where there are any, are followed by the others.
        self._over = progress.stage is Stage.DRAFT and progress.done == progress.total

    async def watch(self, when_long: Callable[[], None]) -> None:
        """Wait for the first long silence, tell whoever asked, and call `when_long`."""
        self._heard_at = _now()
        while True:
            left_s = self._heard_at + TELL_AFTER_S - _now()
            if left_s <= 0:
                break
            await asyncio.sleep(left_s)
        if self._over:
            return
        self.is_long = True
        when_long()
        await tell_asker(self._deliberation, self._ports, self._trouble)


def _now() -> float:
    return asyncio.get_running_loop().time()
