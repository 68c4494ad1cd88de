"""Showing a question's messages again, after somebody's part in it was erased or its deadline was moved.

Reads:  the deliberation as it is saved, and what is left of opinions, drafts and ratings.
Gives:  the cards that belong on its message and its ballots now. They may be shown any number of times. A
        platform that fails at one of them shows the others, and is asked again for all of them later.
"""

import logging

from bot.domain.deliberation import Deliberation, MessageRef
from bot.domain.errors import PlatformError
from bot.service.current_card import current_ballots, current_card
from bot.service.ports import Ports
from bot.service.transitions import save
from bot.wording.cards import Card

log = logging.getLogger(__name__)


async def refresh(deliberation: Deliberation, ports: Ports) -> None:
    """Show what is true now.

    Raises PlatformError where something could not be shown, and VersionConflictError when the question moved
    on meanwhile: what was shown may be older than what is there by now.
    """
    shown: list[tuple[MessageRef, Card]] = [*await current_ballots(deliberation, ports)]
    card = await current_card(deliberation, ports)
    if card is not None and deliberation.message is not None:
        shown.insert(0, (deliberation.message, card))
    failures: list[PlatformError] = []
    for message, each in shown:
        try:
            await ports.platforms[deliberation.platform].update(message, each)
        except PlatformError as exc:
            log.warning("a card could not be shown again", exc_info=True)
            failures.append(exc)
    if failures:
        raise failures[0]
    await save(deliberation.refreshed(), ports, was=deliberation)
