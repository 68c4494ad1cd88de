"""How many opinions a second the handlers accept into the embedded server.

Run it with `python -m tests.benchmarks.opinions`. It sends GiveOpinion commands of distinct members through
`dispatch`, so many at once, and, in turns with them, as many bare HSETs of the same size through the same
client: the ratio says what the application costs on top of the store, whatever machine this runs on.
Exits 1 when an opinion is missing afterwards.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from adapters.clock import SystemClock
from adapters.memory import MemoryFeedbackLog, MemoryJobQueue, MemoryLibrary, MemoryPlatform
from adapters.redis.connection import Client, connect
from adapters.redis.embedded import EmbeddedServer
from adapters.redis.live import RedisLiveFeed
from adapters.redis.state import redis_state
from bot.domain.actors import Actor, Pseudonyms
from bot.domain.commands import GiveOpinion, PostQuestion
from bot.service.dispatch import dispatch
from bot.service.ports import Ports

TEXT = "Bottles could carry a deposit, and shops should take them back. " * 4
ROUNDS = 4


async def seconds(work: Callable[[int], Awaitable[None]], numbers: range, at_once: int) -> float:
    """How long it takes to do the work for every number, so many of them at once."""
    todo = iter(numbers)

    async def take_turns() -> None:
        for number in todo:
            await work(number)

    begun = time.perf_counter()
    await asyncio.gather(*(take_turns() for _ in range(at_once)))
    return time.perf_counter() - begun


async def compare(client: Client, opinions: int, at_once: int) -> tuple[float, float, int]:
    """Seconds for the opinions, seconds for the bare writes, and how many opinions there are."""
    ports = Ports(
        **redis_state(client),
        feedback=MemoryFeedbackLog(),
        library=MemoryLibrary(),
        jobs=MemoryJobQueue(),
        clock=SystemClock(),
        live=RedisLiveFeed(client),
        pseudonyms=Pseudonyms("a secret for the benchmark"),
        platforms={"web": MemoryPlatform()},
    )
    question = PostQuestion(
        Actor("t1", "fay"), "web", "c1", "Should we ban single-use plastics?", "benchmark"
    )
    deliberation = (await dispatch(question, ports)).deliberation
    assert deliberation is not None

    async def give(number: int) -> None:
        actor = Actor("t1", f"member-{number}")
        reply = await dispatch(GiveOpinion(actor, deliberation.id, TEXT, datetime.now(UTC)), ports)
        assert reply.ok, reply.text

    async def bare(number: int) -> None:
        await client.hset("benchmark:bare", f"{number:032}", TEXT)

    given = written = 0.0
    size = opinions // ROUNDS
    for first in range(0, opinions, size):
        numbers = range(first, min(first + size, opinions))
        given += await seconds(give, numbers, at_once)
        written += await seconds(bare, numbers, at_once)
    return given, written, await ports.contributions.opinion_count(deliberation.id)


async def main(opinions: int, at_once: int) -> int:
    """Run and print; the exit code."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedServer(Path(folder)) as server:
        client = await connect(server.url)
        try:
            given, written, kept = await compare(client, opinions, at_once)
        finally:
            await client.aclose()
    print(f"opinions through dispatch  {opinions / given:10,.0f} a second")
    print(f"bare HSETs                 {opinions / written:10,.0f} a second")
    print(f"an opinion costs           {given / written:10.1f} bare HSETs")
    print(f"kept                       {kept:10,} of {opinions:,}, {at_once} at once")
    return 0 if kept == opinions else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--opinions", type=int, default=20_000)
    parser.add_argument("--at-once", type=int, default=64)
    options = parser.parse_args()
    sys.exit(asyncio.run(main(options.opinions, options.at_once)))
