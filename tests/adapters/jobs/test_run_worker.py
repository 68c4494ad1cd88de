"""What `run_worker` promises, on a real server; the kill tests with real processes are in tests/e2e."""

import asyncio
import os
import signal
from datetime import UTC, datetime

import pytest
import streaq
from redis.asyncio import Redis

from adapters.jobs.streams import open_client
from adapters.jobs.worker import run_worker
from bot.domain.deliberation import Deliberation, Step
from bot.domain.errors import StoreError
from tests.bell import PATIENCE_S

pytestmark = [
    pytest.mark.redis,
    # A connection that cannot be made leaves its buffers to the garbage collector (coredis 6.9).
    pytest.mark.filterwarnings("ignore:Unclosed <Memory:ResourceWarning"),
]


def due(deliberation_id):
    """A question that is to be announced."""
    asked = datetime(2026, 11, 23, 11, tzinfo=UTC)
    return Deliberation(
        id=deliberation_id,
        team="T1",
        platform="web",
        channel="C1",
        facilitator="fay",
        question="?",
        created_at=asked,
    )


async def test_what_is_due_is_swept_up_without_anybody_asking(theatre, working, until):
    theatre.waiting = [due("d1"), due("d2")]
    async with working():
        await until(lambda: {"d1", "d2"} <= set(theatre.ended))


async def test_each_running_worker_gives_signs_of_life(theatre, working, until):
    async with working(), working():
        await until(lambda: len(theatre.beats) == 2)


async def test_a_worker_that_is_told_to_stop_says_goodbye(theatre, working, until):
    async with working(), working() as second:
        await until(lambda: len(theatre.beats) == 2)
        second.cancel()
        await until(lambda: len(theatre.beats) == 1)
    assert not theatre.beats


async def test_a_store_that_fails_for_a_while_does_not_stop_the_sweep(theatre, working, until):
    theatre.failing_sweeps = 2
    theatre.waiting = [due("d1")]
    async with working():
        await until(lambda: theatre.ended)
    assert theatre.sweeps > 2


async def test_a_lost_job_is_asked_for_again(server, queue, theatre, working, until):
    await queue.enqueue(Step.ANNOUNCE, "d1")
    async with Redis.from_url(server.url) as redis:
        await redis.delete("streaq:{accord}:task:data:announce:d1")
    theatre.waiting = [due("d1")]

    async with working():
        await until(lambda: theatre.ended)


async def test_steps_run_beside_each_other_up_to_the_concurrency(queue, theatre, working, until):
    names = [f"slow{number}" for number in range(5)]
    for name in names:
        await queue.enqueue(Step.MEDIATE, name)
    async with working(concurrency=3):
        await until(lambda: len(theatre.began) == 3)
        await queue.enqueue(Step.CLOSE, "quick")
        assert len(theatre.began) == 3

        theatre.open(*names)
        await until(lambda: "quick" in theatre.ended and len(theatre.ended) == 6)


async def test_a_step_that_killed_many_workers_is_still_taken(server, queue, theatre, working, until):
    await queue.enqueue(Step.MEDIATE, "d1")
    async with Redis.from_url(server.url) as redis:
        await redis.set("streaq:{accord}:task:retry:mediate:d1", 50)

    async with working():
        await until(lambda: theatre.ended)


async def test_a_step_that_this_version_does_not_know_is_dropped(server, queue, theatre, working, until):
    async with open_client(server.url) as client:
        await client.enqueue_unsafe("dance", "d1")
        await client.enqueue_unsafe("dance", "d2")
    await queue.enqueue(Step.CLOSE, "d3")

    async with working(concurrency=1):
        await until(lambda: theatre.ended)
        assert theatre.began == ["d3"]
    async with Redis.from_url(server.url) as redis:
        assert await redis.xlen("streaq:{accord}:queues:normal") == 0


async def test_finished_jobs_leave_nothing_behind(server, queue, theatre, working, until):
    async with working():
        await queue.enqueue(Step.CLOSE, "finished")
        await until(lambda: theatre.ended)
        await queue.enqueue(Step.CLOSE, "last")
        await until(lambda: "last" in theatre.ended)
        async with Redis.from_url(server.url, decode_responses=True) as redis:
            assert [key for key in await redis.keys("*") if "finished" in key] == []


async def test_a_worker_outlives_a_crash_of_the_server(server, queue, theatre, working, until):
    async with working():
        await queue.enqueue(Step.CLOSE, "before")
        await until(lambda: theatre.ended)
        server.crash()
        await asyncio.sleep(0.3)
        server.start()

        await queue.enqueue(Step.CLOSE, "after")
        await until(lambda: "after" in theatre.ended)


async def test_a_crash_of_the_server_neither_breaks_off_nor_doubles_a_running_step(
    server, queue, theatre, working, until
):
    async with working(takeover_s=0.5):
        await queue.enqueue(Step.MEDIATE, "slow")
        await until(lambda: theatre.began)
        server.crash()
        server.start()
        await queue.enqueue(Step.CLOSE, "quick")
        await until(lambda: "quick" in theatre.ended)  # while the long step still runs
        await asyncio.sleep(1.5)  # long enough for its job to be taken over, by this same worker

        theatre.open("slow")
        await until(lambda: "slow" in theatre.ended)
    assert theatre.began.count("slow") == 1


async def test_a_worker_starts_before_its_server(server, theatre, working, until):
    theatre.waiting = [due("d1")]
    server.crash()
    async with working():
        await asyncio.sleep(0.3)
        server.start()
        await until(lambda: theatre.ended)


async def test_a_cancelled_worker_working_its_jobs_back_at_once(queue, theatre, working, until):
    async with working(takeover_s=300) as first:
        await queue.enqueue(Step.MEDIATE, "slow")
        await until(lambda: theatre.began)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first

    async with working(takeover_s=300):
        await until(lambda: theatre.began == ["slow", "slow"])


async def test_a_worker_beside_a_web_server_leaves_the_signals_alone(queue, theatre, working, until):
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    async with working():
        await queue.enqueue(Step.CLOSE, "d1")
        await until(lambda: theatre.ended)
        assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
async def test_after_a_signal_running_steps_are_finished_and_no_new_one_is_taken(
    queue, theatre, working, number, until
):
    async with working(handle_signals=True, grace_s=PATIENCE_S, concurrency=4) as worker:
        await queue.enqueue(Step.MEDIATE, "slow")
        await until(lambda: theatre.began)
        os.kill(os.getpid(), number)
        await asyncio.sleep(0.2)
        await queue.enqueue(Step.CLOSE, "new")
        theatre.open("slow")
        await worker

    assert theatre.ended == ["slow"]


async def test_whoever_is_told_that_it_is_ready_may_stop_it_at_once(working):
    async with working(handle_signals=True, on_ready=lambda: os.kill(os.getpid(), signal.SIGTERM)) as worker:
        async with asyncio.timeout(PATIENCE_S):
            await worker


async def test_a_step_that_outlasts_the_grace_is_handed_back(queue, theatre, working, until):
    async with working(handle_signals=True, grace_s=0.1, takeover_s=300) as worker:
        await queue.enqueue(Step.MEDIATE, "slow")
        await until(lambda: theatre.began)
        os.kill(os.getpid(), signal.SIGTERM)
        await worker
    assert theatre.ended == []

    async with working(takeover_s=300):
        await until(lambda: theatre.began == ["slow", "slow"])


async def test_a_second_signal_ends_the_grace(queue, theatre, working, until):
    async with working(handle_signals=True, grace_s=300) as worker:
        await queue.enqueue(Step.MEDIATE, "slow")
        await until(lambda: theatre.began)
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(0.2)
        assert not worker.done()
        os.kill(os.getpid(), signal.SIGINT)
        async with asyncio.timeout(PATIENCE_S):
            await worker


async def test_a_url_that_cannot_be_used_is_said_at_once():
    with pytest.raises(StoreError, match="REDIS_URL cannot be used"):
        await run_worker(None, "http://nowhere")


@pytest.mark.parametrize("wrong", [{"takeover_s": 0}, {"concurrency": 0}], ids=str)
async def test_a_worker_that_could_do_nothing_is_the_caller_s_mistake(wrong):
    with pytest.raises(ValueError, match="a worker needs"):
        await run_worker(None, "redis://localhost", **wrong)


def test_streaq_still_calls_the_method_that_keeps_it_off_the_signals():
    """`run_worker` overrides it; were it renamed, streaq would take the signals again."""
    assert callable(streaq.Worker.signal_handler)


async def test_a_lost_cancellation_does_not_keep_a_worker_from_ending(queue, theatre, working, until):
    """As `asyncio.wait_for`, in the store's client, loses one on Python 3.11."""
    theatre.loses_cancellations = 1
    async with working() as worker:
        await queue.enqueue(Step.MEDIATE, "slow")
        await until(lambda: theatre.began)
        worker.cancel()
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.wait([worker])
    assert theatre.loses_cancellations == 0
