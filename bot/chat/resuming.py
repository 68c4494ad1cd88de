"""A platform that comes back: whatever waited for it goes on at once.

Reads:  a team's questions on that platform, once the app can act there again.
Gives:  next steps that wait no longer, and the ends that nobody saw, to be shown by a worker. Votes and
        deleted messages are found again by other means (`bot.service.reconciling`, the adapter).
"""

import logging

from bot.domain.deliberation import Deliberation
from bot.domain.errors import BotError
from bot.service.ports import Ports
from bot.service.transitions import save

log = logging.getLogger(__name__)

UNSEEN = "end not shown"
"""The marker of a question whose end could not be shown for so long that it was left at that."""


async def take_up_again(team: str, platform: str, ports: Ports) -> None:
    """Every question of a team there. Raises StoreError; one that somebody else moves on hides no other."""
    async for deliberation in ports.deliberations.each_of_team(team):
        if deliberation.platform != platform:
            continue
        try:
            await _take_up(deliberation, ports)
        except BotError:
            log.warning("a question is not taken up at once; it goes on in its time", exc_info=True)


async def _take_up(deliberation: Deliberation, ports: Ports) -> None:
    if deliberation.recorded and await ports.deliberations.is_marked(deliberation.id, UNSEEN):
        await save(deliberation.unseen(), ports, was=deliberation)
    elif deliberation.is_held_up:
        await save(deliberation.taken_up_again(ports.clock.now()), ports, was=deliberation)
