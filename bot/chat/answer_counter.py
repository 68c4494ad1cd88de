"""How many have answered, and how many have rated, on the question's card, without flooding the channel.

Reads:  hints that an opinion or a rating came in or was withdrawn.
Gives:  at most one update of a card in a few seconds, by whichever gateway was first to hear of a change.
"""

import asyncio
import logging
from uuid import uuid4

from bot.chat.notes import DAY_S, Notes
from bot.chat.tasks import Tasks
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.errors import BotError, RateLimitedError
from bot.domain.ratings import Turnout
from bot.service.current_card import current_card, standing
from bot.service.ports import Ports
from bot.service.ports.platform import ChatPlatform
from bot.service.turnout import turnout
from bot.wording.cards import Card, QuestionCard, StatementCard

log = logging.getLogger(__name__)

EVERY_S = 3.0
TRIES = 3
COUNTED = (Phase.OPINIONS, Phase.RATING)
NOTHING_YET = "0"


class Counter:
    """One for a process."""

    def __init__(self, platform: ChatPlatform, notes: Notes, ports: Ports, tasks: Tasks) -> None:
        self._platform = platform
        self._notes = notes
        self._ports = ports
        self._tasks = tasks
        self._waiting: set[str] = set()

    def changed(self, deliberation_id: str) -> None:
        """There is another count to show, soon."""
        if deliberation_id not in self._waiting:
            self._waiting.add(deliberation_id)
            self._tasks.start(self._show(deliberation_id))

    async def catch_up(self, team: str, platform: str) -> None:
        """Show what was counted while a gateway died before it could. Raises StoreError."""
        async for d in self._ports.deliberations.each_of_team(team):
            if d.platform != platform or not _is_counted(d):
                continue
            if await self._count(d) != NOTHING_YET and not await self._is_shown(d.id):
                self.changed(d.id)

    async def _show(self, deliberation_id: str) -> None:
        try:
            # Whoever has the turn shows the count at its end, with everything that came in meanwhile. Who has
            # not, looks afterwards whether that was done: the one whose turn it was may have died.
            while not await self._had_turn(deliberation_id):
                if await self._is_shown(deliberation_id):
                    return
        except BotError:
            log.warning("a count could not be shown", exc_info=True)
        finally:
            self._waiting.discard(deliberation_id)

    async def _had_turn(self, deliberation_id: str) -> bool:
        mine = uuid4().hex
        turn = await self._notes.first(f"counting {deliberation_id}", mine, for_s=EVERY_S)
        await asyncio.sleep(EVERY_S)
        self._waiting.discard(deliberation_id)
        if turn != mine:
            return False
        for _ in range(TRIES):
            try:
                await self._update(deliberation_id)
                break
            except RateLimitedError as exc:
                await asyncio.sleep(exc.retry_after_s)
        return True

    async def _is_shown(self, deliberation_id: str) -> bool:
        d = await self._ports.deliberations.load(deliberation_id)
        if not _is_counted(d):
            return True  # what comes next shows it
        return await self._notes.get(f"counted {deliberation_id}") == await self._count(d)

    async def _count(self, d: Deliberation) -> str:
        """What is to be shown of this phase, as a note."""
        if d.phase is Phase.OPINIONS:
            return _note(d, await self._ports.contributions.opinion_count(d.id))
        return _note(d, await turnout(d, self._ports))

    async def _update(self, deliberation_id: str) -> None:
        d = await self._ports.deliberations.load(deliberation_id)
        if not _is_counted(d):
            return
        card = await current_card(d, self._ports)
        if card is None or d.message is None:
            return
        await self._platform.update(d.message, card)
        await self._notes.put(f"counted {d.id}", _note(d, _count_on(card)), for_s=DAY_S)
        await self._follow(d)

    async def _follow(self, shown: Deliberation) -> None:
        """Show what comes after `shown` where somebody went on meanwhile, until nobody does."""
        while standing(now := await self._ports.deliberations.load(shown.id)) != standing(shown):
            card = await current_card(now, self._ports)
            if card is None or now.message is None:
                return
            await self._platform.update(now.message, card)
            shown = now


def _count_on(card: Card) -> int | Turnout | None:
    if isinstance(card, QuestionCard):
        return card.answered
    return card.turnout if isinstance(card, StatementCard) else None


def _note(d: Deliberation, count: int | Turnout | None) -> str:
    """A count as it is noted, to tell whether it was shown already."""
    if isinstance(count, Turnout):
        return f"{d.round}: {count.rated} + {count.others}" if count.raters else NOTHING_YET
    return str(count or NOTHING_YET)


def _is_counted(d: Deliberation) -> bool:
    return d.phase in COUNTED and d.message is not None
