"""Whose turn it is at a server: prompts that it has read go on where it read them."""

import asyncio
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.drafting.http.troubles import Failure, Trouble
from engine.drafting.load_balancing.pace import Patience
from engine.drafting.load_balancing.pool import Pool, Round
from engine.drafting.load_balancing.turns import SMALL


class Server:
    """Slots that remember the prompt that they read last, as llama.cpp's do; `read` counts what is read anew.

    Each request takes as many turns of the event loop as it is told.
    """

    def __init__(self, slots):
        self.slots = slots
        self.idle = [None] * slots
        self.read, self.running, self.most = 0, 0, 0

    async def written(self, prompts, steps):
        pool = Pool(["http://loopback"], Patience(), slots=self.slots, setting="X")
        round_ = Round(pool.deadline())
        asked = []
        for place, prompt in enumerate(prompts):

            async def write(server, came, prompt=prompt, place=place):
                await self._write(prompt, steps[place % len(steps)])

            asked.append(pool.write(write, round_, prompt=prompt))
        await asyncio.wait_for(asyncio.gather(*asked), 60)

    async def _write(self, prompt, steps):
        slot = self.idle.pop(self.idle.index(prompt) if prompt in self.idle else 0)
        self.read += slot != prompt or prompt is None
        self.running += 1
        self.most = max(self.most, self.running)
        for _ in range(steps):
            await asyncio.sleep(0)
        self.running -= 1
        self.idle.append(prompt)


FOUR_OF_EACH = [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4
STEPS = st.lists(st.integers(1, 30), min_size=1, max_size=16)


@settings(max_examples=60, deadline=None)
@given(slots=st.integers(1, SMALL), steps=STEPS, mixed=st.booleans())
def test_a_small_server_reads_each_prompt_once_however_long_texts_take(slots, steps, mixed):
    server = Server(slots)
    prompts = sorted(FOUR_OF_EACH, key=lambda p: p * 7 % 5) if mixed else FOUR_OF_EACH

    asyncio.run(server.written(prompts, steps))

    assert server.read == 4
    assert server.most == slots


@settings(max_examples=60, deadline=None)
@given(slots=st.integers(1, 20), steps=STEPS, prompts=st.lists(st.sampled_from([None, 1, 2, 3]), max_size=20))
def test_all_get_a_turn_and_never_more_at_once_than_there_are_slots(slots, steps, prompts):
    server = Server(slots)

    asyncio.run(server.written(prompts, steps))

    assert server.running == 0
    assert server.most <= slots


@pytest.mark.parametrize("slots", [5, 8, 16])
async def test_a_large_server_leaves_no_slot_empty_while_somebody_waits(slots):
    server = Server(slots)

    await server.written(FOUR_OF_EACH, [20])

    assert server.most == slots


async def test_requests_that_are_like_no_other_come_in_their_order():
    pool, came = Pool(["http://loopback"], Patience(), slots=1, setting="X"), []

    async def write(server, _, number):
        came.append(number)
        await asyncio.sleep(0)

    round_ = Round(pool.deadline())
    await asyncio.gather(*(pool.write(partial(write, number=at), round_) for at in range(5)))

    assert came == [0, 1, 2, 3, 4]


async def test_requests_that_fail_leave_the_slot_to_others_however_often_they_come_back():
    """Else those of one prompt would keep it among themselves."""
    pool, tried = (
        Pool(["http://loopback"], Patience(first_wait_s=0.001, longest_wait_s=0.001), slots=1, setting="X"),
        set(),
    )

    async def write(server, _, number):
        tried.add(number)
        if len(tried) < 8:
            raise Failure(Trouble.OVERLOADED, 429)

    round_ = Round(pool.deadline())
    asked = (pool.write(partial(write, number=at), round_, prompt=at // 4) for at in range(8))
    await asyncio.wait_for(asyncio.gather(*asked), 60)

    assert tried == set(range(8))
