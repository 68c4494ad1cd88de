"""How many texts a server is asked for at once: laws that hold whatever comes back."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from engine.drafting.load_balancing.slots import FIRST, Line, Slots

NEWS = st.lists(st.sampled_from(["token", "well", "piece", "refused", "queue", "told", "less"]), max_size=200)


def hear(slots, news, now):
    """Some news at a time."""
    match news:
        case "token":
            slots.wrote(slots.limit, int(now * 7), now)
        case "well":
            slots.ended_well(now)
        case "piece":
            slots.ended_well(now, in_one_piece=5.0)
        case "refused":
            slots.refused(now, now)
        case "queue":
            slots.seen_queueing(1, 9.0, 0.1, now)
        case "told":
            slots.told(3)
        case "less":
            slots.at_most(7)


@given(news=NEWS, most=st.integers(1, 40), first=st.integers(1, 8))
def test_whatever_comes_back_there_is_a_slot_and_no_more_than_allowed(news, most, first):
    slots = Slots(most, first)
    for now, one in enumerate(news, 1):
        hear(slots, one, float(now))
        assert 1 <= slots.limit <= slots.most <= most


@given(most=st.integers(1, 64), tries=st.integers(1, 100))
def test_no_more_slots_are_taken_than_there_are(most, tries):
    slots = Slots(most, FIRST)
    assert sum(slots.take() for _ in range(tries)) == min(tries, slots.limit)


def writes(slots, speed_at, seconds=60.0):
    """A server that always has as many texts to write as it may, at so many tokens a second in all."""
    now, tokens = 1.0, 0
    while now < seconds:
        now += 1 / speed_at(slots.limit)
        tokens += 1
        slots.wrote(slots.limit, tokens, now)


def test_a_server_that_writes_twice_as_much_in_twice_the_slots_is_given_all():
    slots = Slots(32, FIRST)
    writes(slots, lambda at_once: 10 * at_once)
    assert slots.limit == 32


def test_a_server_that_writes_no_more_in_more_slots_keeps_the_first_few():
    slots = Slots(32, FIRST)
    writes(slots, lambda at_once: 10)
    assert slots.limit == FIRST


def test_a_server_is_given_as_many_as_make_it_faster():
    slots = Slots(32, FIRST)
    writes(slots, lambda at_once: 10 * min(at_once, 8))
    assert slots.limit == 8


def test_refusals_of_requests_that_were_under_way_together_halve_once():
    slots = Slots(16)
    for _ in range(10):
        slots.refused(sent_at=1.0, now=2.0)
    assert slots.limit == 8
    slots.refused(sent_at=3.0, now=4.0)
    assert slots.limit == 4


def test_after_refusals_texts_that_end_well_bring_the_slots_back_at_first_quickly():
    slots = Slots(16)
    for at in range(1, 5):
        slots.refused(float(at), float(at))
    assert slots.limit == 1
    for at in range(7):
        slots.ended_well(10.0 + at)
    assert slots.limit == 8  # half of where it was
    slots.ended_well(20.0)
    assert slots.limit == 8
    for at in range(15):
        slots.ended_well(30.0 + at)
    assert slots.limit == 9


def test_what_a_server_says_of_its_slots_counts_at_once():
    slots = Slots(16, FIRST)
    slots.told(12)
    assert slots.limit == 12
    slots.told(100)
    assert slots.limit == 16  # never more than is allowed


async def test_who_waits_for_a_slot_gets_one_in_turn_and_one_who_leaves_holds_up_nobody():
    slots, line, got = Slots(1), Line(), []

    async def one(name):
        await line.until(lambda: slots.take() or None)
        got.append(name)

    assert slots.take()
    waiting = [asyncio.create_task(one(name)) for name in range(4)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    for _ in range(3):
        slots.give_back()
        line.call()
        for _ in range(5):
            await asyncio.sleep(0)
    await asyncio.gather(*waiting, return_exceptions=True)
    assert got == [1, 2, 3]
