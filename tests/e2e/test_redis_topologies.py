"""A whole deliberation on a cluster of three, and behind Sentinels whose primary is killed in between."""

import asyncio
import gc
import subprocess
from contextlib import asynccontextmanager, contextmanager
from functools import partial

import pytest
from aiohttp.test_utils import unused_port
from redis import Redis
from redis.exceptions import RedisError

from adapters.jobs.worker import run_worker
from adapters.memory import MemoryPlatform
from adapters.redis.connection import connect
from adapters.redis.embedded import EmbeddedServer, bundled_program
from adapters.redis.schema import bring_up_to_date
from bot.bootstrap.state import ports_over
from bot.domain import commands
from bot.domain.actors import Actor
from bot.domain.deliberation import Phase
from bot.domain.errors import StoreError
from bot.domain.team import Team
from bot.domain.terms import Terms
from bot.service.dispatch import dispatch
from bot.worker.steps import Worker
from engine.mediator import Mediator
from engine.reward.lexical.model import LexicalRewardModel
from tests.bell import LOOK_AGAIN_S
from tests.scripted_drafter import ScriptedGenerator

pytestmark = [
    pytest.mark.redis,
    pytest.mark.long,
    # Connections that break off with their server are left to the garbage collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SECRET = "the secret key of this place"
FAY = Actor("T1", "fay")
PEOPLE = [Actor("T1", name) for name in ("ann", "bob", "cem")]
STATEMENTS = ["Reuse comes first.", "Recycling comes first."]
PATIENCE_S = 120.0
SLOTS = 16_384
# A server waits for further replicas before it copies itself; here there are none.
AT_ONCE = ("--repl-diskless-sync-delay", "0")


@pytest.fixture
def serve(tmp_path):
    """Starts servers on loopback ports of their own; gives port and process."""
    running = []

    def start(*options, config=None):
        port = unused_port()
        folder = tmp_path / str(port)
        folder.mkdir()
        words = [str(bundled_program())]
        if config is not None:
            (folder / "server.conf").write_text(config)
            words.append(str(folder / "server.conf"))
        words += ["--port", str(port), "--dir", str(folder), "--save", "", *options]
        running.append(subprocess.Popen(words, stdout=subprocess.DEVNULL))
        return port, running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()
    # What clients of killed servers leave unclosed is found here, under this module's filter.
    gc.collect()


async def until(look, *, tried=(AssertionError, RedisError, StoreError)):
    """What `look` gives once it is true; what may go wrong until then is tried again."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                if found := await look():
                    return found
            except tried:
                pass
            await asyncio.sleep(LOOK_AGAIN_S)


@contextmanager
def asking(port):
    with Redis(port=port, decode_responses=True) as client:
        yield client


async def told(port, *words):
    """The answer of the server at a port."""
    with asking(port) as client:
        return client.execute_command(*words)


@asynccontextmanager
async def place(url):
    """A gateway's ports, and a worker next to it."""
    client = await connect(url)
    await bring_up_to_date(client)
    await client.aclose()
    async with ports_over(url, [SECRET], {"web": MemoryPlatform()}) as ports:
        mediator = Mediator(ScriptedGenerator(STATEMENTS), LexicalRewardModel())
        working = asyncio.create_task(
            run_worker(Worker(ports, mediator), url, sweep_every_s=0.2, takeover_s=2)
        )
        try:
            yield ports
        finally:
            working.cancel()
            await asyncio.wait([working])


async def say(ports, command):
    """As somebody at a page does: sent again while the store is away."""

    async def once():
        reply = await dispatch(command, ports)
        assert reply.ok, reply.text
        return reply

    return (await until(once)).deliberation


async def answered(ports, key="key"):
    await ports.teams.save_team(Team(id="T1", keep_feedback=True))
    asked = await say(
        ports, commands.PostQuestion(FAY, "web", "C1", "Ban plastics?", key, terms=Terms(candidates=2))
    )
    for actor in PEOPLE:
        text = f"{actor.user} would rather reuse than recycle."
        await say(ports, commands.GiveOpinion(actor, asked.id, text, ports.clock.now(), True))
    return asked


async def in_phase(ports, asked, phase):
    async def look():
        return (await ports.deliberations.load(asked.id)).phase is phase

    await until(look)


async def to_its_end(ports, asked):
    """From the close to the feedback: nothing was lost, nothing is there twice."""
    await say(ports, commands.CloseOpinions(FAY, asked.id))
    await in_phase(ports, asked, Phase.RATING)
    for actor in PEOPLE:
        await say(ports, commands.CastRating(actor, asked.id, 6, ports.clock.now()))
    await say(ports, commands.CloseRating(FAY, asked.id))
    await in_phase(ports, asked, Phase.SETTLED)
    assert (await ports.deliberations.load(asked.id)).statement in STATEMENTS
    assert await ports.contributions.opinion_count(asked.id) == len(PEOPLE)
    assert await ports.contributions.rating_count(asked.id, 1) == len(PEOPLE)

    async def learnt():
        return len([each async for each in ports.feedback.read("T1")]) == len(PEOPLE)

    await until(learnt)


async def a_cluster(serve):
    """Three primaries; gives the address of one."""
    buses = [unused_port() for _ in range(3)]
    ports = [serve("--cluster-enabled", "yes", "--cluster-port", str(bus), *AT_ONCE)[0] for bus in buses]
    for place, (port, bus) in enumerate(zip(ports, buses, strict=True)):
        first, last = (SLOTS * each // 3 for each in (place, place + 1))
        await until(partial(told, port, "PING"))
        await told(port, "CLUSTER", "ADDSLOTSRANGE", first, last - 1)
        await told(ports[0], "CLUSTER", "MEET", "127.0.0.1", port, bus)

    async def whole():
        about = [str(await told(port, "CLUSTER", "INFO")) for port in ports]
        return all("cluster_state:ok" in each and "cluster_known_nodes:3" in each for each in about)

    await until(whole)
    return f"redis+cluster://127.0.0.1:{ports[0]}"


async def test_a_whole_deliberation_on_a_cluster_and_its_backup(serve, accord_process, tmp_path):
    url = await a_cluster(serve)
    async with place(url) as ports:
        asked = await answered(ports)
        await to_its_end(ports, asked)
        await say(ports, commands.ForgetMe(PEOPLE[0], ports.clock.now()))
        left = await ports.contributions.opinions(asked.id)
        assert len(left) == len(PEOPLE) - 1
    env = {"REDIS_URL": url, "ACCORD_SECRET_KEY": SECRET, "ACCORD_BACKUP_PASSPHRASE": "correct horse battery"}
    # Out of the cluster, over it again, and into a place that is none.
    for words in (["backup", "b"], ["restore", "b", "--replace"], ["backup", "c"]):
        done = await asyncio.to_thread(accord_process, *words, env=env)
        assert done.returncode == 0, done.stderr
    done = await asyncio.to_thread(accord_process, "restore", "c", env=env | {"REDIS_URL": ""})
    assert done.returncode == 0, done.stderr
    with EmbeddedServer(tmp_path / "data") as server:
        async with ports_over(server.url, [SECRET], {}) as ports:
            assert await ports.contributions.opinions(asked.id) == left
            assert (await ports.deliberations.load(asked.id)).phase is Phase.SETTLED


async def behind_sentinels(serve):
    """A primary, its replica and a Sentinel; gives the address, and the two with their processes."""
    primary = serve(*AT_ONCE)
    replica = serve("--replicaof", "127.0.0.1", str(primary[0]))
    watching = (
        f"sentinel monitor main 127.0.0.1 {primary[0]} 1\n"
        "sentinel down-after-milliseconds main 1000\n"
        "sentinel failover-timeout main 5000\n"
    )
    sentinel, _ = serve("--sentinel", config=watching)

    async def ready():
        with asking(replica[0]) as second, asking(sentinel) as third:
            linked = second.info("replication")["master_link_status"] == "up"
            return linked and third.sentinel_slaves("main")

    await until(ready)
    return f"redis+sentinel://127.0.0.1:{sentinel}/main", primary, replica


async def test_behind_sentinels_a_deliberation_outlives_its_primary(serve):
    url, primary, replica = await behind_sentinels(serve)
    async with place(url) as ports:
        asked = await answered(ports)
        with asking(primary[0]) as first:
            # Replication is asynchronous: what no replica has yet goes with the primary.
            assert first.wait(1, 10_000) == 1
        primary[1].kill()
        primary[1].wait()

        async def taken_over():
            with asking(replica[0]) as second:
                return second.info("replication")["role"] == "master"

        await until(taken_over)
        await to_its_end(ports, asked)
