"""How long a refused request waits before it comes back; nothing here waits in truth."""

import asyncio

from engine.drafting.remote import Failure, Patience, Pool, Trouble

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


async def test_the_server_s_own_word_for_how_long_counts_unless_it_is_longer_than_the_longest_wait():
    assert await waits_of(5.0, 3_600.0) == [[5.0, 8.0]]
