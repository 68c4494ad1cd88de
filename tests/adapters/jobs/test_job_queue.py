"""What `StreaqJobQueue` promises, on a real server."""

import asyncio
import json

import pytest
from redis.asyncio import Redis

from adapters.jobs.queue import StreaqJobQueue
from adapters.jobs.streams import pack
from bot.domain.deliberation import Step
from bot.domain.errors import StoreError
from tests.bell import PATIENCE_S

pytestmark = [
    pytest.mark.redis,
    # A connection that cannot be made leaves its buffers to the garbage collector (coredis 6.9).
    pytest.mark.filterwarnings("ignore:Unclosed <Memory:ResourceWarning"),
]


async def test_asking_twice_while_a_job_waits_takes_the_step_once(queue, theatre, working, until):
    await queue.enqueue(Step.CLOSE, "d1")
    await queue.enqueue(Step.CLOSE, "d1")
    await queue.enqueue(Step.CLOSE, "last")

    async with working(concurrency=1):
        await until(lambda: "last" in theatre.ended)

    assert theatre.began == ["d1", "last"]


async def test_asking_again_while_the_step_runs_changes_nothing(queue, theatre, working, until):
    async with working():
        await queue.enqueue(Step.MEDIATE, "slow")
        await until(lambda: theatre.began)

        await queue.enqueue(Step.MEDIATE, "slow")
        theatre.open("slow")
        await until(lambda: theatre.ended)
        await queue.enqueue(Step.CLOSE, "last")
        await until(lambda: "last" in theatre.ended)

    assert theatre.began == ["slow", "last"]


async def test_asking_again_after_the_step_takes_it_again(queue, theatre, working, until):
    async with working():
        await queue.enqueue(Step.CLOSE, "d1")
        await until(lambda: theatre.ended == ["d1"])

        async with asyncio.timeout(PATIENCE_S):
            while theatre.ended != ["d1", "d1"]:
                await queue.enqueue(Step.CLOSE, "d1")  # refused only until the first one is cleared away
                await asyncio.sleep(0.01)


async def test_two_steps_of_one_deliberation_are_two_jobs(queue, theatre, working, until):
    await queue.enqueue(Step.REMIND, "d1")
    await queue.enqueue(Step.CLOSE, "d1")

    async with working():
        await until(lambda: len(theatre.ended) == 2)


async def test_many_handlers_ask_at_once_over_one_connection(server, queue, theatre, working, until):
    await asyncio.gather(*(queue.enqueue(Step.CLOSE, f"d{number}") for number in range(200)))

    async with working():
        await until(lambda: len(theatre.ended) == 200)


async def test_a_job_holds_a_name_and_an_id_and_nothing_else(server, queue):
    await queue.enqueue(Step.CLOSE, "d1")

    async with Redis.from_url(server.url) as redis:
        jobs = [json.loads(await redis.get(key)) for key in await redis.keys("*:task:data:*")]
    assert [(job["f"], job["a"], job["k"]) for job in jobs] == [("close", ["d1"], {})]


def test_of_an_error_only_the_type_is_written():
    assert json.loads(pack({"r": ValueError("somebody's opinion")})) == {"r": "ValueError"}


def test_what_is_no_json_is_refused_rather_than_pickled():
    with pytest.raises(TypeError, match="a job cannot hold a object"):
        pack({"r": object()})


async def test_without_a_server_asking_is_a_store_error(server):
    server.crash()
    async with StreaqJobQueue(server.url) as queue:
        with pytest.raises(StoreError, match="The job queue does not answer"):
            await queue.enqueue(Step.CLOSE, "d1")

        server.start()
        await queue.enqueue(Step.CLOSE, "d1")


async def test_a_queue_outlives_a_crash_of_the_server(server, queue, theatre, working, until):
    await queue.enqueue(Step.CLOSE, "before")
    server.crash()
    with pytest.raises(StoreError):
        await queue.enqueue(Step.CLOSE, "meanwhile")
    server.start()
    await queue.enqueue(Step.CLOSE, "after")

    async with working(concurrency=1):
        await until(lambda: len(theatre.ended) == 2)
    assert sorted(theatre.ended) == ["after", "before"]


async def test_a_queue_goes_on_with_a_server_that_came_back_empty(server, queue):
    await queue.enqueue(Step.CLOSE, "d1")
    async with Redis.from_url(server.url) as redis:
        await redis.execute_command("FUNCTION FLUSH")
    with pytest.raises(StoreError):
        await queue.enqueue(Step.CLOSE, "d2")

    await queue.enqueue(Step.CLOSE, "d2")


async def test_many_who_ask_in_vain_are_all_told(server):
    server.crash()
    async with StreaqJobQueue(server.url) as queue:
        asked = [queue.enqueue(Step.CLOSE, f"d{number}") for number in range(20)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
    assert {type(answer) for answer in answers} == {StoreError}
