"""How fast Discord is answered while a crowd shares its opinions at once, and how soon a gateway is back.

Run:    python -m tests.benchmarks.discord_load [--members 200] [--within 5] [--redis] [--crashes 5]
Gives:  how many opinions were kept and how many interactions answered within three seconds, and how long
        that took in seconds: median, 95th and 99th percentile, longest; then, for each of several bad events,
        after how many seconds every vote was counted that was cast meanwhile. The loopback Discord, the
        members and the gateway share one process, so the times hold everything that all three do.
"""

import argparse
import asyncio
import logging
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from adapters.discord.app import FIRST_WAIT_S, DiscordGateway
from adapters.redis.connection import connect
from adapters.redis.embedded import EmbeddedServer
from adapters.redis.notes import RedisNotes
from adapters.redis.state import redis_state
from bot.domain.deliberation import Phase
from tests.discord_crowd import Crowd, crowd_answers
from tests.discord_house import DiscordHouse, make_house

IN_TIME_S = 3.0


@asynccontextmanager
async def furnished(redis: bool) -> AsyncIterator[DiscordHouse]:
    """A house over memory, or with its state on a real server that waits for the disk as in production."""
    async with make_house() as house:
        if not redis:
            yield house
            return
        with tempfile.TemporaryDirectory(prefix="accord-") as folder, EmbeddedServer(Path(folder)) as server:
            client = await connect(server.url)
            house.notes = RedisNotes(client, "discord")  # type: ignore[assignment]
            house.ports = replace(house.ports, **redis_state(client))
            yield house
            await client.aclose()


async def measure(members: int, within_s: float, redis: bool) -> tuple[Crowd, int]:
    """A crowd, and how many of its opinions were kept. Every interaction is delivered twice."""
    async with furnished(redis) as house:
        house.discord.gateway.twice = True
        async with house.gateway():
            crowd = await crowd_answers(house, members, within_s)
            return crowd, len(await house.contributions.opinions(crowd.deliberation_id))


async def back_after(redis: bool) -> float:
    """Seconds from a bad event until the gateway, with the waits of production, has counted every vote."""
    async with furnished(redis) as house:
        people = house.people(4)
        gateway = DiscordGateway(house.parts, house.ports, first_wait_s=FIRST_WAIT_S)
        async with gateway.listening():
            await house.discord.connected()
            d = await house.ask(people[0], identity="named", rated_by="reactions", quorum=4)
            for member in people:
                await house.opine(member, house.card, "Something")
            d = await house.until_phase(d, Phase.RATING)
            house.discord.gateway.spoil("MESSAGE_REACTION_ADD", "user_id")
            began = time.perf_counter()
            for member in people:
                await member.react(house.ballot(d), d.terms.scale.levels[5].emoji)
            counted = await house.until_rated(d, len(people))
            took = time.perf_counter() - began
            assert counted == [6] * len(people), counted
            assert gateway.starts == 2, gateway.starts
            return took


def report(crowd: Crowd, kept: int) -> list[str]:
    """Lines to print."""
    answers = [*crowd.opened, *crowd.submitted]
    times = sorted(each.latency_s for each in answers)
    in_time = sum(not each.failed and each.latency_s < IN_TIME_S for each in answers)
    cuts = statistics.quantiles(times, n=100, method="inclusive")
    return [
        f"opinions kept: {kept}; interactions answered within 3 s: {in_time} of {len(times)}",
        f"all sent and answered in {crowd.took_s:.2f} s",
        f"answered after: median {cuts[49]:.3f}, p95 {cuts[94]:.3f}, p99 {cuts[98]:.3f}, "
        f"longest {times[-1]:.3f} s",
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--within", type=float, default=5.0)
    parser.add_argument("--crashes", type=int, default=5)
    parser.add_argument("--redis", action="store_true")
    asked = parser.parse_args()
    logging.disable(logging.ERROR)
    crowd, kept = asyncio.run(measure(asked.members, asked.within, asked.redis))
    print("\n".join(report(crowd, kept)))
    times = [asyncio.run(back_after(asked.redis)) for _ in range(asked.crashes)]
    print("back, with every vote counted, after a bad event:", ", ".join(f"{each:.2f} s" for each in times))


if __name__ == "__main__":
    main()
