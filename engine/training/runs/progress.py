"""How far a run has come and how long it will still take, in the log now and then.

Reads:  the steps that are done, and a clock.
Gives:  lines such as "step 120 of 800: loss 0.412, 1.9 s a step, about 21 min left", and "text 3 of 80: 4.1 s
        each, about 5 min left" of what has no loss.
"""

import logging
import time
from collections.abc import Callable

EVERY_S = 30.0

logger = logging.getLogger(__name__)


class Progress:
    """Tells at most every `EVERY_S` seconds; time spent on judging and saving counts in."""

    def __init__(self, done: int, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._first, self._total = done, total
        self._clock = clock
        self._begun = self._told = clock()

    def step(self, done: int, loss: float) -> None:
        """One more step is done, `done` in all."""
        now = self._clock()
        if now - self._told < EVERY_S:
            return
        self._told = now
        pace = (now - self._begun) / (done - self._first)
        left = duration(pace * (self._total - done))
        logger.info("step %d of %d: loss %.3f, %.2f s a step, about %s left",
                    done, self._total, loss, pace, left)  # fmt: skip


class Countdown:
    """Tells after the first of them, so that it is soon known how long all take; then as `Progress` does."""

    def __init__(self, what: str, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._what, self._total = what, total
        self._clock = clock
        self._done = 0
        self._begun = self._told = clock()

    def one_more(self) -> None:
        """Another one is done."""
        self._done += 1
        now = self._clock()
        if self._done > 1 and now - self._told < EVERY_S:
            return
        self._told = now
        pace = (now - self._begun) / self._done
        left = duration(pace * (self._total - self._done))
        logger.info(
            "%s %d of %d: %.1f s each, about %s left", self._what, self._done, self._total, pace, left
        )


def duration(seconds: float) -> str:
    """Seconds as people say them: "40 s", "21 min", "3 h 05 min"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
