"""Slots: how many texts a server writes at once for us.

Reads:  what the server says of itself, and what comes back: tokens, texts, refusals.
Gives:  a limit that grows and shrinks, and slots under it.
Pure: the time comes in as an argument, in the event loop's seconds.

It begins with a few. As long as twice as many bring clearly more tokens a second altogether, the limit is
doubled; where they do not, it goes back (hill climbing, as a slot more than the machine keeps up with only
makes every text slower). A refusal halves it, once for all requests that were under way together; texts that
end well raise it again, quickly up to half of where it was and then one at a time, now and then (TCP's slow
start and congestion avoidance, RFC 5681). A server that keeps a queue of its own shows its slots: it writes
fewer texts at once than it was sent.
"""

import asyncio
import math
from collections import deque
from collections.abc import Callable
from typing import TypeVar

from engine.drafting.load_balancing.turns import Prompt

FIRST = 4
"""Texts that a server is asked for at first: enough to see whether more at once make it faster."""
_TOKENS_EACH = 6
"""Tokens of each text, after which the speed at a limit is known."""
_GAIN = 0.25
"""Twice the slots must bring so much more speed."""
_SLOWED = 0.6
"""A reply in one piece that came at less than so much of the best speed is no reason for more at once."""
_QUEUED_S = 0.2
"""A wait for the first token that is shorter is no sign of a queue."""

T = TypeVar("T")


class Slots:
    """The slots of one server."""

    def __init__(self, most: int, first: int | None = None) -> None:
        """`first`: the limit to begin with; `most`, which is never exceeded, when left out."""
        self.most = max(1, most)
        self.limit = max(1, min(first or self.most, self.most))
        self.used = 0
        self._ceiling = self.most
        self._settled = self.limit == self.most
        self._probing = False
        self._lower: tuple[int, float] | None = None
        self._window: tuple[float, int] | None = None
        self._speed = 0.0
        self._best_alone = 0.0
        self._changed_at = -math.inf
        self._half = 0
        self._well = 0

    def take(self) -> bool:
        """Take a slot; False where none is free."""
        if self.used >= self.limit:
            return False
        self.used += 1
        return True

    def give_back(self) -> None:
        """A slot is free again."""
        self.used -= 1

    def at_most(self, slots: int) -> None:
        """The server takes no more than so many requests; that it keeps up with them is not said."""
        self.most = max(1, min(slots, self._ceiling))
        self.limit = min(self.limit, self.most)

    def told(self, slots: int) -> None:
        """The server says how many texts it writes at once."""
        self.at_most(slots)
        self.limit, self._settled = self.most, True

    def wrote(self, being_written: int, tokens: int, now: float) -> None:
        """Another token has come: `tokens` so far from this server, with so many texts being written."""
        if being_written != self.limit:
            self._window = None
        elif self._window is None:
            self._window = now, tokens
        elif tokens - self._window[1] >= _TOKENS_EACH * self.limit:
            began_at, before = self._window
            self._window = None
            self._speed = (tokens - before) / max(now - began_at, 1e-3)
            if not self._settled:
                self._compare(now)

    def _compare(self, now: float) -> None:
        """Go on growing if this limit is faster than the one before, and back to that otherwise."""
        if self._lower is not None:
            limit, speed = self._lower
            if self._speed < speed * (1 + _GAIN * (self.limit / limit - 1)):
                self._speed = speed
                self._settle(limit, now)
                return
        if self._probing or self.limit == self.most:
            self._settled, self._probing = True, False
            return
        self._lower = self.limit, self._speed
        self._set(2 * self.limit, now)

    def ended_well(self, now: float, *, in_one_piece: float | None = None) -> None:
        """A text is there. in_one_piece: its tokens a second, where it told no speed on its way."""
        self._well += 1
        slowed = in_one_piece is not None and in_one_piece < _SLOWED * self._best_alone
        self._best_alone = max(self._best_alone, in_one_piece or 0.0)
        if self.limit < self._half or (in_one_piece is not None and not self._settled and not slowed):
            self._set(self.limit + 1, now)
        elif self._settled and self.limit < self.most and self._well >= 2 * self.limit:
            self._probe(now)

    def _probe(self, now: float) -> None:
        """See whether the server keeps up with one more by now."""
        if self._speed:
            self._lower = self.limit, self._speed
            self._settled, self._probing = False, True
        self._set(self.limit + 1, now)

    def refused(self, sent_at: float, now: float) -> None:
        """The server takes no more at once. Refusals of requests that were sent together count as one."""
        if sent_at < self._changed_at:
            return
        halved = max(1, self.limit // 2)
        if self._well or not self._half:
            self._half = halved
        self._settle(halved, now)

    def seen_queueing(self, being_written: int, waited_s: float, usual_s: float, now: float) -> None:
        """A text ended while another had waited for its first token: so many were being written at once.

        usual_s: the shortest wait for a first token at this server.
        """
        if being_written < self.limit and waited_s > max(_QUEUED_S, 3 * usual_s):
            self._settle(max(1, being_written), now)

    def _settle(self, limit: int, now: float) -> None:
        self._settled, self._probing = True, False
        self._set(limit, now)

    def _set(self, limit: int, now: float) -> None:
        self.limit = max(1, min(limit, self.most))
        self._changed_at, self._well, self._window = now, 0, None


class Line:
    """Those who wait for a slot, first come, first served; where a prompt was read, it goes on first."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Prompt, asyncio.Future[None]]] = deque()

    async def until(self, find: Callable[[], T | None], prompt: Prompt = None) -> T:
        """What `find` gives, as soon as it gives something; it is tried whenever a slot may be free."""
        while (found := find()) is None:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append((prompt, turn))
            await turn
        return found

    def call(self, read: Prompt = None) -> None:
        """A slot may be free, which has read that prompt."""
        waiting, self._waiting = self._waiting, deque()
        for _, turn in sorted(waiting, key=lambda one: read is None or one[0] != read):
            if not turn.done():
                turn.set_result(None)
