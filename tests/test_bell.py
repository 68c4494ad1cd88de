"""The bell by which tests wait: what never comes fails a test, and never holds it up."""

import asyncio

import pytest

from tests.bell import Bell


async def test_patience_ends_though_the_bell_rings_all_the_time() -> None:
    bell, loop = Bell(), asyncio.get_running_loop()
    for apart in range(
        1, 6
    ):  # turns of the loop, so that the end of the patience meets every state of the wait
        given_up = asyncio.Event()

        def ring(turn: int, apart: int = apart, given_up: asyncio.Event = given_up) -> None:
            if turn % apart == 0:
                bell.ring()
            # A cancellation that is lost is lost for good; then the turns end, and the test with them.
            if turn < 200_000 and not given_up.is_set():
                loop.call_soon(ring, turn + 1)

        ring(0)
        for _ in range(10):
            with pytest.raises(AssertionError, match=r"waited 0\.005 s in vain for a wonder"):
                async with asyncio.timeout(10):
                    await bell.until(lambda: False, what="a wonder", timeout_s=0.005)
        given_up.set()
