"""Waiting for something to change, without sleeping.

Gives:  a bell that a loopback server rings at every change, and `until`, by which tests wait.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
LOOK_AGAIN_S = 0.05
PATIENCE_S = 60.0
"""How long a test waits for what will come: long, since it may share its cores with much else."""
PROCESS_S = 300.0
"""For a process that loads torch: on a busy machine that alone takes a minute."""


class Bell:
    """Rung at every change, so that tests wait for what they need instead of sleeping."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def ring(self) -> None:
        """Wake everybody who waits."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, found: Callable[[], T], *, what: str = "", timeout_s: float = PATIENCE_S) -> T:
        """Wait until `found()` is truthy and give it; AssertionError with `what` after `timeout_s`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not (value := found()):
                    await self._rung()
                return value
        raise AssertionError(f"waited {timeout_s} s in vain for {what or 'the expected change'}")

    async def _rung(self) -> None:
        """Until the bell rings, or for a moment: what a test waits for may change outside this server."""
        # Not `wait_for`: on Python 3.11 it loses the end of all patience that comes just as the bell rings.
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_AGAIN_S):
                await self._changed.wait()
