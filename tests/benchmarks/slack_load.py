"""How fast Slack is answered while a crowd shares its opinions at once.

Run:    python -m tests.benchmarks.slack_load [--members 200] [--within 5] [--mode socket|http] [--redis]
Gives:  how many opinions were kept and how many payloads acknowledged, and how long that took in seconds:
        median, 95th and 99th percentile, longest. The loopback Slack, the members and the gateway share one
        process, so the times hold everything that all three do.
"""

import argparse
import asyncio
import logging
import statistics
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from adapters.redis.connection import connect
from adapters.redis.embedded import EmbeddedServer
from adapters.redis.notes import RedisNotes
from adapters.redis.state import redis_state
from tests.slack_crowd import Crowd, crowd_answers
from tests.slack_house import SlackHouse, make_house


@asynccontextmanager
async def furnished(redis: bool) -> AsyncIterator[SlackHouse]:
    """A house over memory, or with its state on a real server that waits for the disk as in production."""
    async with make_house() as house:
        if not redis:
            yield house
            return
        with tempfile.TemporaryDirectory(prefix="accord-") as folder, EmbeddedServer(Path(folder)) as server:
            client = await connect(server.url)
            house.notes = RedisNotes(client, "slack")  # type: ignore[assignment]
            house.ports = replace(house.ports, **redis_state(client))
            yield house
            await client.aclose()


async def measure(members: int, within_s: float, mode: str, redis: bool) -> tuple[Crowd, int]:
    """A crowd, and how many of its opinions were kept. Every payload is delivered twice."""
    async with furnished(redis) as house:
        house.slack.redelivery.every = True
        house.slack.redelivery.interactions_too = True
        async with house.gateway(mode):
            crowd = await crowd_answers(house, members, within_s)
            return crowd, len(await house.contributions.opinions(crowd.deliberation_id))


def report(crowd: Crowd, kept: int) -> list[str]:
    """Lines to print."""
    times = sorted(delivery.latency_s for delivery in crowd.deliveries)
    acked = sum(delivery.acked for delivery in crowd.deliveries)
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return [
        f"opinions kept: {kept}; payloads acknowledged within 3 s: {acked} of {len(times)}",
        f"all sent and answered in {crowd.took_s:.2f} s",
        f"acknowledged after: median {cuts[49]:.3f}, p95 {cuts[94]:.3f}, p99 {cuts[98]:.3f}, "
        f"longest {times[-1]:.3f} s",
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--within", type=float, default=5.0)
    parser.add_argument("--mode", choices=["socket", "http"], default="socket")
    parser.add_argument("--redis", action="store_true")
    asked = parser.parse_args()
    logging.disable(logging.ERROR)
    crowd, kept = asyncio.run(measure(asked.members, asked.within, asked.mode, asked.redis))
    print("\n".join(report(crowd, kept)))


if __name__ == "__main__":
    main()
