"""Asking once how it went, on the day by which something was to be done.

Reads:  what was decided, and who does it.
Gives:  a message to them, or else to whoever asked the question. It is marked before it is sent, so nobody is
        asked twice; one who cannot be written to finds it where the question is run.
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
    user = await _whom(deliberation, ports)
    decision = deliberation.decision
    # A try after one that failed is another.
    mark = f"asked how it went: {decision and decision.by} {deliberation.setbacks}"
    if not await ports.deliberations.mark(deliberation.id, mark):
        return
    if not await _told(user, deliberation, ports) and user != deliberation.facilitator:
        await _told(deliberation.facilitator, deliberation, ports)


async def _whom(deliberation: Deliberation, ports: Ports) -> str:
    """Whoever does it, if they may know of the question; else whoever asked it."""
    member = deliberation.decision.member if deliberation.decision else ""
    may_be = member and await may_be_told(member, deliberation, ports)
    return member if may_be else deliberation.facilitator


async def _told(user: str, deliberation: Deliberation, ports: Ports) -> bool:
    """False for one who takes no messages."""
    platform = ports.platforms[deliberation.platform]
    try:
        await platform.direct_message(deliberation.team, user, HowItWentNote(deliberation, user))
    except UnreachableError:
        log.info("somebody who was to be asked how it went takes no messages")
        return False
    return True
