"""Work that serves all who ask at once, whoever of them goes away meanwhile."""

import asyncio

import pytest

from bot.service.ports.waves import Waves


async def test_whoever_relies_on_work_that_waits_gets_it_though_its_asker_is_cancelled():
    waves, gate, done = Waves(), asyncio.Event(), []

    async def work():
        await gate.wait()
        done.append(1)

    first = asyncio.create_task(waves.join("counts", work))
    await asyncio.sleep(0)
    asking = asyncio.create_task(waves.join("counts", work))
    await asyncio.sleep(0)
    await waves.join("counts", work)  # served by the one that waits
    asking.cancel()
    gate.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await first
    await waves.join("counts", work)
    assert len(done) == 3
