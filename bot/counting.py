"""How many have answered, on the question's card, without flooding the channel.

Reads:  hints that an opinion came in or was withdrawn.
Gives:  at most one update of a card in a few seconds, by whichever gateway was first to hear of a change.
"""

import asyncio
import logging
from uuid import uuid4

from bot.cards import Card, ProgressCard, QuestionCard, statement_card
from bot.domain.deliberation import Deliberation, Phase
from bot.errors import BotError, RateLimitedError
from bot.notes import DAY_S, Notes
from bot.ports import ChatPlatform, Ports
from bot.tasks import Tasks

log = logging.getLogger(__name__)

EVERY_S = 3.0
TRIES = 3


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
        async for d in self._ports.store.each_of_team(team):
            if d.platform != platform or d.phase is not Phase.OPINIONS or d.message is None:
                continue
            if await self._ports.store.opinion_count(d.id) and not await self._is_shown(d.id):
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
        count = await self._ports.store.opinion_count(deliberation_id)
        return await self._notes.get(f"counted {deliberation_id}") == str(count)

    async def _update(self, deliberation_id: str) -> None:
        d = await self._ports.store.load(deliberation_id)
        if d.phase is not Phase.OPINIONS or d.message is None:
            return
        count = await self._ports.store.opinion_count(d.id)
        await self._platform.update(d.message, QuestionCard(d, count))
        await self._notes.put(f"counted {d.id}", str(count), for_s=DAY_S)
        after = await self._ports.store.load(deliberation_id)
        card = await self._overtaken(after)
        if card is not None and after.message is not None:
            # A worker went on while our update was on its way, and ours may have come last.
            await self._platform.update(after.message, card)

    async def _overtaken(self, d: Deliberation) -> Card | None:
        if d.phase is Phase.MEDIATING and d.failure is None:
            return ProgressCard(d, done=0, total=d.terms.candidates)
        mediation = await self._ports.store.mediation(d.id, d.round) if d.phase is Phase.RATING else None
        return None if mediation is None else statement_card(d, mediation)
