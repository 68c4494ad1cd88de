"""Whatever a platform sends may come twice, late, out of order and at any gateway.

Reads:  notes of one platform, which all gateways share.
Gives:  when the first copy came, what was answered to it, and which of several acts is the newest.
Every method raises `StoreError` when the store does not answer: then nothing has been decided.
"""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import uuid4

from bot.chat.notes import HOUR_S, Notes
from bot.service.ports.clock import Clock
from bot.service.reply import Reply
from bot.wording.confirmations import Confirmation
from bot.wording.language import told


class Copies:
    """One for a platform's gateway."""

    def __init__(self, notes: Notes, clock: Clock) -> None:
        self._notes = notes
        self._clock = clock

    async def came_at(self, what: str) -> datetime:
        """When something came, by the clock of the first gateway that saw it."""
        now = self._clock.now().isoformat()
        return datetime.fromisoformat(await self._notes.first(f"came {what}", now, for_s=HOUR_S))

    async def is_first(self, what: str, *, for_s: float = HOUR_S) -> bool:
        """Whether no copy of it came before."""
        mine = uuid4().hex
        return await self._notes.first(what, mine, for_s=for_s) == mine

    async def seen_first(self, what: str, seen: str) -> str:
        """What its first copy saw, before it changed that; `seen` is what this one sees."""
        return await self._notes.first(f"saw {what}", seen, for_s=HOUR_S)

    async def forget(self, what: str) -> None:
        """What was the first came to nothing: the next copy is the first again."""
        await self._notes.remove(what)

    async def once(self, what: str, act: Callable[[], Awaitable[Reply]]) -> Reply:
        """Act, unless a copy of it did: then its answer again. What was refused is tried again.

        What was asked about first is asked again in the same words: the answer may have come meanwhile.

        For acts that would not be the same the second time: closing what is open, a deadline in words.
        """
        did = await self._notes.get(f"did {what}")
        if did is not None:
            return Reply(did)
        asked = await self._notes.get(f"asked {what}")
        if asked is not None:
            text, about, *words = json.loads(asked)
            return Reply(text, ok=False, asks=Confirmation(*words), about=about)
        reply = await act()
        if reply.ok:
            await self._notes.put(f"did {what}", str(reply.text), for_s=HOUR_S)
        if reply.asks is not None:
            words = [reply.text, reply.about, reply.asks.asks, reply.asks.follows, reply.asks.yes]
            await self._notes.put(f"asked {what}", json.dumps(told(words)), for_s=HOUR_S)
        return reply

    async def is_newest(self, what: str, at: datetime) -> bool:
        """Whether nothing later of this kind is known; it is known from now on."""
        newest = await self._notes.get(what)
        if newest is not None and datetime.fromisoformat(newest) > at:
            return False
        await self._notes.put(what, at.isoformat(), for_s=HOUR_S)
        return True
