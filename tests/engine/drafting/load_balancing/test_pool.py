"""How long a refused request waits before it comes back; nothing here waits in truth."""

import asyncio

import pytest

from engine.drafting.http.troubles import Failure, Trouble
from engine.drafting.load_balancing import pool as pool_module
from engine.drafting.load_balancing.pace import Patience
from engine.drafting.load_balancing.pool import Pool, Round

PATIENCE = Patience(first_wait_s=1.0, longest_wait_s=8.0)


async def waits_of(*refusals, requests=1):
    """What each of some requests waits that are refused so often before they are answered."""
    waited = {}

    async def one(number):
        left = list(refusals)
        waited[number] = []

        async def request(server):
            if left:
                raise Failure(Trouble.OVERLOADED, 429, left.pop(0))

        async def sleep(seconds):
            waited[number].append(seconds)

        pool = Pool(["http://one"], PATIENCE, slots=1, setting="TGI_URL", sleep=sleep)
        await pool.ask(request, pool.deadline())

    await asyncio.gather(*map(one, range(requests)))
    return list(waited.values())


async def test_requests_that_were_refused_together_do_not_come_back_together():
    waits = [wait for (wait,) in await waits_of(None, requests=16)]

    assert len(set(waits)) == 16
    assert all(0.5 <= wait <= 1.0 for wait in waits)


async def test_each_wait_is_twice_as_long_up_to_the_longest():
    ((*waits,),) = await waits_of(*[None] * 6)

    assert all(most / 2 <= wait <= most for wait, most in zip(waits, (1, 2, 4, 8, 8, 8), strict=True))


@pytest.mark.parametrize(("round_s", "written"), [(610, 5), (630, 6), (119, 1), (10_000, 16)])
async def test_no_text_is_begun_that_could_not_end_before_the_round_does(monkeypatch, round_s, written):
    """Each takes a hundred seconds, of a clock that only those texts move; a fifth more is allowed for."""
    ended, clock = [], [0.0]
    monkeypatch.setattr(pool_module, "_now", lambda: clock[0])
    pool = Pool(["http://one"], PATIENCE, slots=1, setting="TGI_URL")
    told = []
    round_ = Round(asyncio.get_running_loop().time() + round_s, told.append)
    clock[0] = asyncio.get_running_loop().time()

    async def request(server, came):
        for _ in range(100):
            clock[0] += 1
            came(1)
        ended.append(clock[0])

    done = await asyncio.gather(*(pool.write(request, round_) for _ in range(16)), return_exceptions=True)

    assert len(ended) == written
    assert [failure.trouble for failure in done if failure] == [Trouble.LATE] * (16 - written)
    assert told[-1].late == 16 - written


async def test_the_server_s_own_word_for_how_long_counts_unless_it_is_longer_than_the_longest_wait():
    assert await waits_of(5.0, 3_600.0) == [[5.0, 8.0]]
