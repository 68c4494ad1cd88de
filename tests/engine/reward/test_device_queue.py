"""The slot: one piece at a time, whoever gives up waiting."""

import asyncio
import gc
import threading

import pytest

from engine.errors import ScoringError
from engine.reward.device_queue import Slot


class Piece:
    """Work that takes until it is told to end, with or without an error."""

    def __init__(self, error=None):
        self.begun, self.go_on, self.error = threading.Event(), threading.Event(), error

    def __call__(self):
        self.begun.set()
        assert self.go_on.wait(20)
        if self.error:
            raise self.error


async def turns(count=20):
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_call_that_is_cancelled_twice_keeps_the_device_until_its_thread_has_ended():
    slot, piece, order = Slot("cpu"), Piece(), []
    first = asyncio.create_task(slot.do(piece))
    await asyncio.to_thread(piece.begun.wait, 20)
    next_one = asyncio.create_task(slot.do(lambda: order.append("next")))

    for _ in range(2):
        first.cancel()
        await turns()
    with pytest.raises(asyncio.CancelledError):
        await first
    await turns()
    assert order == []

    piece.go_on.set()
    await asyncio.wait_for(next_one, 20)
    assert order == ["next"]


async def test_an_error_after_everybody_left_troubles_nobody():
    slot, piece, complaints = Slot("cpu"), Piece(ValueError("too late")), []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context))
    call = asyncio.create_task(slot.do(piece))
    await asyncio.to_thread(piece.begun.wait, 20)

    for _ in range(2):
        call.cancel()
        await turns()
    with pytest.raises(asyncio.CancelledError):
        await call
    piece.go_on.set()
    await asyncio.wait_for(slot.do(lambda: None), 20)
    gc.collect()

    assert complaints == []


async def test_a_call_that_is_cancelled_while_it_waits_takes_no_turn():
    slot, piece, order = Slot("cpu"), Piece(), []
    first = asyncio.create_task(slot.do(piece))
    await asyncio.to_thread(piece.begun.wait, 20)
    waiting = asyncio.create_task(slot.do(lambda: order.append("never")))
    await turns()

    waiting.cancel()
    piece.go_on.set()
    await first
    await asyncio.wait_for(slot.do(lambda: order.append("after")), 20)

    assert order == ["after"]


async def test_a_device_that_fails_is_one_sentence_and_is_free_again():
    slot = Slot("cpu")

    def fails():
        raise RuntimeError("out of memory\nand many lines of it")

    with pytest.raises(ScoringError, match=r"fails on cpu \(RuntimeError\)"):
        await slot.do(fails)

    assert await asyncio.wait_for(slot.do(lambda: 3), 20) == 3


async def test_two_models_on_one_device_take_turns():
    piece, order = Piece(), []
    first = asyncio.create_task(Slot("cpu").do(piece))
    await asyncio.to_thread(piece.begun.wait, 20)
    other_model = asyncio.create_task(Slot("cpu").do(lambda: order.append("other model")))
    await asyncio.wait_for(Slot("meta").do(lambda: order.append("other device")), 20)

    assert order == ["other device"]
    piece.go_on.set()
    await asyncio.wait_for(asyncio.gather(first, other_model), 20)
    assert order == ["other device", "other model"]


async def test_a_device_is_the_same_by_either_name():
    piece, order = Piece(), []
    first = asyncio.create_task(Slot("meta").do(piece))
    await asyncio.to_thread(piece.begun.wait, 20)
    second = asyncio.create_task(Slot("meta:0").do(lambda: order.append("second")))
    await turns()

    assert order == []
    piece.go_on.set()
    await asyncio.wait_for(asyncio.gather(first, second), 20)
    assert order == ["second"]


async def test_every_piece_is_done_in_the_same_thread_so_that_one_thread_keeps_its_memory():
    threads = set()
    # Threads of the loop's own pool are busy, as those of a bot are; a pool would take another one each time.
    for _ in range(3):
        piece = Piece()
        other = asyncio.create_task(asyncio.to_thread(piece))
        threads.update(await Slot("cpu").every(threading.get_ident() for _ in range(3)))
        piece.go_on.set()
        await other

    assert len(threads) == 1
    assert threading.get_ident() not in threads
