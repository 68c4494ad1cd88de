"""Asking once how it went, on the day by which something was to be done.

Reads:  what was decided, and who does it.
Gives:  a message to them, or else to whoever asked the question, as far as they see its channel now. It is
        marked before it is sent, so nobody is asked twice; one who cannot be written to finds it where the
        question is run.
"""

import logging

from bot.domain.deliberation import Deliberation
from bot.domain.errors import PlatformError, UnreachableError
from bot.service.access import may_be_told
from bot.service.ports import Ports
from bot.service.transitions import save
from bot.wording.cards import HowItWentNote

log = logging.getLogger(__name__)

ASKING_TRIES = 20
"""With growing pauses about an hour."""


async def ask_how(deliberation: Deliberation, ports: Ports) -> None:
    """Write to one person. Raises PlatformError while that is worth another try."""
    try:
        await _ask_once(deliberation, ports)
    except PlatformError:
        if deliberation.setbacks < ASKING_TRIES:
            raise
        log.warning("nobody could be asked how it went", exc_info=True)
    await save(deliberation.was_asked_how(), ports, was=deliberation)


async def _ask_once(deliberation: Deliberation, ports: Ports) -> None:
    whom = await _whom(deliberation, ports)
    decision = deliberation.decision
    # A try after one that failed is another, and so is the same day where another was set in between.
    recorded_at = decision and decision.recorded_at.isoformat()
    mark = f"asked how it went: {decision and decision.by} {recorded_at} {deliberation.setbacks}"
    if not await ports.deliberations.mark(deliberation.id, mark):
        return
    for user in whom:
        if await _told(user, deliberation, ports):
            return


async def _whom(deliberation: Deliberation, ports: Ports) -> list[str]:
    """Whoever does it, then whoever asked the question: those of them who see its channel now."""
    member = deliberation.decision.member if deliberation.decision else ""
    both = dict.fromkeys(filter(None, (member, deliberation.facilitator)))
    return [user for user in both if await may_be_told(user, deliberation, ports)]


async def _told(user: str, deliberation: Deliberation, ports: Ports) -> bool:
    """False for one who takes no messages."""
    platform = ports.platforms[deliberation.platform]
    try:
        await platform.direct_message(deliberation.team, user, HowItWentNote(deliberation, user))
    except UnreachableError:
        log.info("somebody who was to be asked how it went takes no messages")
        return False
    return True
