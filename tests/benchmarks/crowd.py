"""Ten thousand people in one question: the whole way, and what a page costs beside one of ten people.

    python -m tests.benchmarks.crowd [--sizes 10 200 2000 10000] [--clients 1000] [--made-up] [--out FILE]

Each size is played in a process of its own: so many opinions through `dispatch` into an embedded server,
closed, mediated with written drafts and the lexical reward model, published, so many ratings, views of the
question's page over HTTP while it is rated, settled, exported as JSON and CSV.

Gives:  Markdown tables on stdout, and in `--out`.
        Seconds are of processor time of that process, page views with their reader's part, which is the same
        for every size; the memory is the most that the process ever held.
        Opinions and ratings are sent 64 at once, in turns with as many bare HSETs of the same client: the
        ratio says what the application costs on top of the store, whatever machine this runs on.
        Live: so many open pages, held by another process; how long until all have a new count, and the
        processor time of the web channel for one count alone and for a hundred ratings that come at once.
Exits 1 where something is missing at the end, or a page of the largest size costs more than `MOST` times that
of the smallest.
"""

import argparse
import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from adapters.memory import (
    ManualClock,
    MemoryApiTokens,
    MemoryFeedbackLog,
    MemoryJobQueue,
    MemoryLibrary,
    MemoryNotes,
)
from adapters.redis.connection import Client, connect
from adapters.redis.embedded import EmbeddedServer
from adapters.redis.invitations import RedisInvitations
from adapters.redis.live import RedisLiveFeed
from adapters.redis.sessions import RedisSessions
from adapters.redis.state import redis_state
from adapters.web.app import create_app
from adapters.web.config import WebConfig
from adapters.web.platform import WebPlatform
from bot.domain.actors import Actor, Pseudonyms
from bot.domain.commands import CastRating, CloseOpinions, CloseRating, Command, GiveOpinion
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.model_notice import ModelNotice
from bot.service.dispatch import dispatch
from bot.service.exports import WRITERS
from bot.service.ports import Ports
from bot.service.ports.web_access import WebAccess
from bot.service.queries import export_pieces
from bot.worker.steps import Worker, run_step, sweep
from engine.mediator import Mediator
from engine.reward.lexical.model import LexicalRewardModel
from tests.benchmarks.opinions import seconds
from tests.scripted_drafter import ScriptedGenerator
from tests.web_house import FakeMediator, House, HouseServer

SIZES = (10, 200, 2_000, 10_000)
AT_ONCE, SLICES, VIEWS, BURST = 64, 4, 60, 100
MOST = 1.5
TOLD_WITHIN_S = 60.0
SIDES = ("Shops should take bottles back", "A tax would do more", "People need other ways to carry things")
STATEMENTS = [
    f"We agree to phase plastics out within {years} years, and that {side[0].lower()}{side[1:]} meanwhile."
    for years in (2, 3, 5, 8)
    for side in (*SIDES, "nobody pays more for it")
]


def opinion(number: int) -> str:
    """One of three sides, in words that no two share."""
    return f"{SIDES[number % 3]}, for reason {number} of mine. " + "It is what I see where I live. " * 4


# -- one size ------------------------------------------------------------------------------------


async def played(people: int, clients: int) -> dict[str, Any]:
    """What one size costs."""
    with tempfile.TemporaryDirectory() as folder, EmbeddedServer(Path(folder)) as server:
        client = await connect(server.url)
        house = await house_over(client)
        try:
            return await _way(people, clients, house, client)
        finally:
            await house.close()
            await client.aclose()


async def house_over(client: Client) -> House:
    """A running web channel over this server."""
    config = WebConfig(
        secret="a secret for the benchmark only",
        base_url="http://127.0.0.1",
        requests_per_minute=1_000_000,
        streams=5_000,
        streams_per_client=5_000,
    )
    clock = ManualClock(datetime(2026, 12, 1, 12, tzinfo=UTC))
    live, jobs, notes = RedisLiveFeed(client), MemoryJobQueue(), MemoryNotes(clock)
    ports = Ports(
        **redis_state(client),
        feedback=MemoryFeedbackLog(),
        library=MemoryLibrary(),
        jobs=jobs,
        clock=clock,
        live=live,
        pseudonyms=Pseudonyms("a secret for the benchmark"),
        platforms={"web": WebPlatform()},
    )
    await ports.upkeep.keep_model_notice(ModelNotice())
    access = WebAccess(RedisSessions(client, "web"), RedisInvitations(client), MemoryApiTokens())
    server = HouseServer(create_app(ports, config, access, notes))
    await server.start_server()
    return House(config, ports, clock, jobs, live, access, notes, FakeMediator(), server)  # type: ignore[arg-type]


async def _way(people: int, clients: int, house: House, client: Client) -> dict[str, Any]:
    ports, cpu, began = house.ports, {}, time.process_time()

    def spent() -> float:
        nonlocal began
        began, before = time.process_time(), began
        return began - before

    asked = await house.ask()
    watcher = await house.visitor(asked)
    spent()
    opinions = await _beside_bare(people, client, ports, lambda n: GiveOpinion(
        Actor("web", f"m{n}"), asked.id, opinion(n), house.clock.now()))  # fmt: skip
    cpu["opinions"] = spent()
    await _done(CloseOpinions(Actor("web", "asker"), asked.id), ports)
    await _work(house)
    cpu["mediation"] = spent()
    house.clock.advance(timedelta(minutes=1))
    ratings = await _beside_bare(people, client, ports, lambda n: CastRating(
        Actor("web", f"m{n}"), asked.id, 1 + n % 7, house.clock.now(), round=1))  # fmt: skip
    cpu["ratings"] = spent()
    rated = f"/d/{asked.id}"
    await watcher.open(rated)
    await watcher.send(f"{rated}/rating", {"rating": "6"})
    await watcher.open(rated)  # templates are compiled by now
    spent()
    for _ in range(VIEWS):
        await watcher.open(rated)
    page = spent() / VIEWS
    assert f"{people:,}" in watcher.page, "the page tells of everybody"
    live = await _live(clients, asked, watcher.cookies, house) if clients else {}
    spent()
    await _done(CloseRating(Actor("web", "asker"), asked.id, round=1), ports)
    await _work(house)
    cpu["settling"] = spent()
    exported = await _exported(asked, ports)
    cpu["exports"] = spent()
    ended = await ports.deliberations.load(asked.id)
    assert ended.phase is Phase.SETTLED
    assert ended.outcome is not None
    extra = (BURST + 1) if clients else 0
    assert ended.outcome.total == people + 1 + extra, ended.outcome
    await watcher.open(rated)
    spent()
    for _ in range(VIEWS):
        await watcher.open(rated)
    kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "people": people, "cpu": cpu, "page_ms": page * 1_000, "result_ms": spent() / VIEWS * 1_000,
        "opinions": opinions, "ratings": ratings, "exported": exported, "mb": kb / 1024, "live": live,
    }  # fmt: skip


async def _beside_bare(
    people: int, client: Client, ports: Ports, command: Callable[[int], Command]
) -> tuple[float, float]:
    """So many commands, and bare HSETs, a second."""

    async def given(number: int) -> None:
        await _done(command(number), ports)

    async def bare(number: int) -> None:
        await client.hset("benchmark:bare", f"{number:032}", opinion(number))

    took = written = 0.0
    size = max(people // SLICES, 1)
    for first in range(0, people, size):
        numbers = range(first, min(first + size, people))
        took += await seconds(given, numbers, AT_ONCE)
        written += await seconds(bare, numbers, AT_ONCE)
    await client.unlink("benchmark:bare")
    return people / took, people / written


async def _done(command: Command, ports: Ports) -> None:
    reply = await dispatch(command, ports)
    assert reply.ok, reply.text


async def _work(house: House) -> None:
    scored = Mediator(ScriptedGenerator(STATEMENTS), LexicalRewardModel())
    mediator = house.mediator if options.made_up else scored
    await sweep(house.ports)
    while house.jobs.waiting:
        step, deliberation_id = await house.jobs.take()
        await run_step(step, deliberation_id, Worker(house.ports, mediator, pause_s=0))


async def _exported(asked: Deliberation, ports: Ports) -> int:
    """Bytes of both files."""
    size = 0
    for write in WRITERS.values():
        async for piece in await export_pieces(Actor("web", "asker"), asked.id, ports, write=write):
            size += len(piece)
    return size


# -- live ----------------------------------------------------------------------------------------


async def _live(clients: int, asked: Deliberation, cookies: dict[str, str], house: House) -> dict[str, float]:
    """Seconds until every open page had a new count, and processor seconds of this process for it."""
    held = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks.crowd", "--watch", str(clients), str(house.server.port),
        asked.id, json.dumps(cookies), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert held.stdin
    assert held.stdout
    assert (await held.stdout.readline()).strip() == b"open"
    count = await house.contributions.rating_count(asked.id, 1)
    told: dict[str, float] = {}
    for name, many in (("one", 1), ("burst", BURST)):
        await asyncio.sleep(1)
        wanted = count + many
        held.stdin.write(f"{wanted}\n".encode())
        await held.stdin.drain()
        began, cpu = time.monotonic(), time.process_time()
        await asyncio.gather(
            *(
                _done(
                    CastRating(Actor("web", f"{name}{n}"), asked.id, 5, house.clock.now(), round=1),
                    house.ports,
                )
                for n in range(many)
            )
        )
        told[f"{name}_s"] = float(await asyncio.wait_for(held.stdout.readline(), TOLD_WITHIN_S)) - began
        told[f"{name}_cpu"] = time.process_time() - cpu
        count = wanted
    held.stdin.close()
    await held.wait()
    return told


async def watch(clients: int, port: int, deliberation_id: str, cookies: dict[str, str]) -> None:
    """Hold so many streams open; say when they are, and when each has had the count that is asked for."""
    cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
    asked = f"GET /d/{deliberation_id}/events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n"
    readers = []
    for _ in range(clients):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(asked.encode())
        await reader.readuntil(b"event: rated")
        readers.append((reader, writer))
    print("open", flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        wanted = f'"count": {line.strip()}}}'.encode()
        await asyncio.gather(*(reader.readuntil(wanted) for reader, _ in readers))
        print(time.monotonic(), flush=True)


# -- what is told --------------------------------------------------------------------------------


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _told(found: Sequence[dict[str, Any]]) -> str:
    stages = list(found[0]["cpu"])
    way = _table(
        ["people", *(f"{stage}, CPU s" for stage in stages), "most memory, MB", "files, kB",
         "page while rated, CPU ms",
         "of the result, CPU ms"],
        [
            [f"{each['people']:,}", *(f"{each['cpu'][stage]:.2f}" for stage in stages), f"{each['mb']:.0f}",
             f"{each['exported'] / 1024:,.0f}", f"{each['page_ms']:.1f}", f"{each['result_ms']:.1f}"]
            for each in found
        ],
    )  # fmt: skip
    writes = _table(
        ["people", "opinions a second", "bare HSETs", "ratio", "ratings a second", "bare HSETs", "ratio"],
        [
            [f"{each['people']:,}"]
            + [
                told
                for given, bare in (each["opinions"], each["ratings"])
                for told in (f"{given:,.0f}", f"{bare:,.0f}", f"**{given / bare:.2f}**")
            ]
            for each in found
            if each["people"] >= 1_000
        ],
    )
    few, many = found[0], found[-1]
    pages = (
        f"Page views a second at {many['people']:,} against at {few['people']:,}: "
        f"**{few['page_ms'] / many['page_ms']:.2f}** while rated, "
        f"**{few['result_ms'] / many['result_ms']:.2f}** of the result."
    )
    live = many["live"]
    watched = (
        f"Live, in the largest: one rating was on every page after {live['one_s']:.2f} s "
        f"({live['one_cpu']:.2f} s of processor time), {BURST} at once after {live['burst_s']:.2f} s "
        f"({live['burst_cpu']:.2f} s)."
        if live
        else ""
    )
    load = f"{os.cpu_count()} CPU cores, load {os.getloadavg()[0]:.1f}."
    return "\n\n".join(filter(None, [load, way, pages, writes, watched]))


async def main(sizes: Sequence[int], clients: int) -> list[dict[str, Any]]:
    """Play every size."""
    found = []
    for people in sizes:
        watched = clients if people == max(sizes) else 0
        played_one = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.benchmarks.crowd", "--one", str(people), str(watched),
            *(["--made-up"] if options.made_up else []), stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        told, _ = await played_one.communicate()
        if played_one.returncode:
            sys.exit(1)
        found.append(json.loads(told))
        print(f"{people:,} played", file=sys.stderr)
    return found


def _report(found: Sequence[dict[str, Any]], out: Path | None) -> int:
    """Print; the exit code."""
    report = _told(found)
    print(report)
    if out:
        out.write_text(f"{report}\n", encoding="utf-8")
    pages = "page_ms", "result_ms"
    return int(any(found[-1][page] > MOST * found[0][page] for page in pages))


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--clients", type=int, default=1_000)
    parser.add_argument("--made-up", action="store_true", help="rewards are made up, which takes no time")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--one", type=int, nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--watch", nargs=4, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    options = _parsed()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 20_000), hard))
    if options.watch:
        many, port, which, jar = options.watch
        asyncio.run(watch(int(many), int(port), which, json.loads(jar)))
    elif options.one:
        print(json.dumps(asyncio.run(played(*options.one))))
    else:
        sys.exit(_report(asyncio.run(main(options.sizes, options.clients)), options.out))
