"""What was erased goes from the server's files too: every file below the data directory, byte by byte."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis

from adapters.memory import ManualClock, MemoryJobQueue, MemoryLibrary, MemoryLiveFeed, MemoryPlatform
from adapters.redis import keys
from adapters.redis.connection import connect
from adapters.redis.embedded import EmbeddedServer
from adapters.redis.feedback import RedisFeedbackLog
from adapters.redis.state import redis_state
from bot.domain import commands
from bot.domain.actors import Actor, Pseudonyms
from bot.domain.team import Team
from bot.domain.terms import Terms
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.worker.steps import Worker, rewrite_files, run_step, sweep
from engine.mediator import Mediator
from engine.reward.lexical.model import LexicalRewardModel
from tests.scripted_drafter import ScriptedGenerator
from tests.state import on_server

pytestmark = pytest.mark.redis

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FAY = Actor("T1", "fay")
# Who they are, what they are called, and what they say: in no file once they are forgotten.
ANN = Actor("T1", "UMARKERANN", name="Markus Annmarker")
BOB = Actor("T1", "UMARKERBOB", name="Bobette Bobmarker")
WORDS = {ANN: "Zanzibar should ban annplastics first.", BOB: "Zanzibar should tax bobplastics first."}
STATEMENTS = ["Reuse comes first.", "Recycling comes first.", "Everybody should waste less."]


class Encoder:
    """A reward model that keeps the words themselves, so that they can be found again."""

    async def encode(self, question, opinions):
        return [opinion.encode() for opinion in opinions]


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def server(directory):
    with EmbeddedServer(directory) as server:
        with Redis.from_url(server.url) as admin:
            admin.config_set("rdbcompression", "no")  # else what is there still could not be seen
        yield server


class House:
    """A team on a server of its own, and a worker whose clock is set by hand."""

    def __init__(self, client, directory):
        self.client = client
        self.directory = directory
        self.clock = ManualClock(NOON)
        self.ports = Ports(
            **redis_state(client),
            feedback=RedisFeedbackLog(client),
            library=MemoryLibrary(),
            jobs=MemoryJobQueue(),
            clock=self.clock,
            live=MemoryLiveFeed(),
            pseudonyms=Pseudonyms("a secret"),
            platforms={"web": MemoryPlatform()},
        )
        mediator = Mediator(ScriptedGenerator(STATEMENTS), LexicalRewardModel())
        self.worker = Worker(self.ports, mediator, Encoder(), pause_s=0)

    async def say(self, command):
        reply = await dispatch(command, self.ports)
        assert reply.ok, reply.text
        await self.work()
        return reply.deliberation

    async def work(self):
        await sweep(self.ports)
        while self.ports.jobs.waiting:
            step, id_ = await self.ports.jobs.take()
            await run_step(step, id_, self.worker)

    async def settled(self):
        """A question that was answered by name, rated and learnt from: all of that has been on the disk."""
        await self.ports.teams.save_team(Team(id="T1", keep_feedback=True))
        terms = Terms(anonymous=False, position_statement="Plastics should be banned.")
        asked = await self.say(commands.PostQuestion(FAY, "web", "C1", "Ban plastics?", "key", terms=terms))
        for actor, words in WORDS.items():
            await self.say(commands.RateBaseline(actor, asked.id, 3, NOON))
            await self.say(commands.GiveOpinion(actor, asked.id, words, NOON, consent=True))
        await self.say(commands.CloseOpinions(FAY, asked.id))
        for actor in WORDS:
            await self.say(commands.CastRating(actor, asked.id, 6, NOON))
        return await self.say(commands.CloseRating(FAY, asked.id))

    async def rewritten(self):
        """Ask for rewrites, as a worker does, until the files are clear of all that was erased."""
        for _ in range(1_000):
            await rewrite_files(self.ports)
            self.clock.advance(timedelta(minutes=2))
            about = await self.client.hgetall(keys.ERASED)
            if about.get("done") == about.get("erased", "0") and not await self.running():
                return
            await asyncio.sleep(0.01)
        raise AssertionError("the files were not rewritten")

    async def running(self):
        about = await self.client.info("persistence")
        return about["aof_rewrite_in_progress"] or about["rdb_bgsave_in_progress"]

    def on_disk(self, actor):
        """What of somebody stands in any file of the server's."""
        told = [actor.user, actor.name, WORDS[actor]]
        files = [path for path in self.directory.rglob("*") if path.is_file()]
        contents = b"\n".join(path.read_bytes() for path in files)
        return [text for text in told if text.encode() in contents]

    async def gone(self, actor):
        """Whether nothing is left; the server deletes a replaced file in the background."""
        for _ in range(1_000):
            if not self.on_disk(actor):
                return True
            await asyncio.sleep(0.01)
        return False


@pytest.fixture
async def house(server, directory):
    client = await connect(server.url)
    yield House(client, directory)
    await client.aclose()


@pytest.fixture
async def limited(house, server):
    """Makes the store of a user who has all rights but these."""
    clients = []

    async def make(*rights):
        everything = ("on", ">hush", "~*", "&*", "+@all")
        await house.client.execute_command("ACL", "SETUSER", "bot", *everything, *rights)
        clients.append(await connect(server.url.replace("unix://", "unix://bot:hush@")))
        return on_server(clients[-1])

    yield make
    for client in clients:
        await client.aclose()


async def test_whoever_is_forgotten_stands_in_no_file_any_more(house):
    await house.settled()
    assert house.on_disk(ANN) == [ANN.user, ANN.name, WORDS[ANN]]
    house.clock.advance(HOUR)
    await house.say(commands.ForgetMe(ANN, house.clock.now()))
    await house.rewritten()
    assert await house.gone(ANN)
    assert house.on_disk(BOB) == [BOB.user, BOB.name, WORDS[BOB]]


async def test_what_retention_purges_stands_in_no_file_any_more(house):
    asked = await house.settled()
    house.clock.advance(asked.terms.retention_days * DAY)
    await house.work()
    await house.rewritten()
    assert await house.gone(ANN)
    assert await house.gone(BOB)


async def test_a_snapshot_is_taken_again_where_the_server_takes_them(house):
    await house.client.config_set("save", "3600 1")
    await house.settled()
    await house.client.save()
    assert (house.directory / "valkey" / "dump.rdb").exists()
    house.clock.advance(HOUR)
    await house.say(commands.ForgetMe(ANN, house.clock.now()))
    await house.rewritten()
    assert await house.gone(ANN)


async def test_one_rewrite_serves_all_that_was_erased_before_it(house):
    await house.rewritten()
    begun = 0
    for number in range(20):
        await house.ports.contributions.erase_participant("d1", f"p{number}", NOON)
        begun += await rewrite_files(house.ports)
    assert begun <= 1
    await house.rewritten()
    assert await rewrite_files(house.ports) == 0


async def test_once_more_an_hour_later_and_then_no_more(house):
    await house.ports.feedback.erase("T1", "d1")
    await house.rewritten()
    house.clock.advance(2 * HOUR)
    assert await rewrite_files(house.ports) == 1
    for _ in range(3):
        house.clock.advance(DAY)
        assert await rewrite_files(house.ports) == 0


async def test_of_two_workers_one_begins(house):
    await house.rewritten()
    await house.ports.feedback.erase("T1", "d1")
    other = replace(house.ports, **redis_state(house.client))
    assert sorted(await asyncio.gather(rewrite_files(house.ports), rewrite_files(other))) == [0, 1]


async def test_a_server_that_refuses_is_told_about_once(house, limited, caplog):
    refusing = await limited("-bgrewriteaof")
    for _ in range(3):
        await house.ports.feedback.erase("T1", "d1")
        assert await refusing.upkeep.rewrite_files(house.clock.now()) == 0
        house.clock.advance(HOUR)
    told = [record for record in caplog.records if "runbook" in record.getMessage()]
    assert len(told) == 1


async def test_a_server_that_says_nothing_about_itself_is_asked_all_the_same(house, limited):
    silent = await limited("-info", "-config")
    assert await silent.upkeep.rewrite_files(house.clock.now()) == 1
