"""State of an older version is changed once, by one process; state of a newer one is left alone."""

import asyncio
import tarfile
from pathlib import Path

import pytest

from adapters.memory import MemoryPlatform
from adapters.redis import keys, schema
from adapters.redis.connection import connect
from adapters.redis.embedded import EmbeddedServer
from adapters.redis.schema import bring_up_to_date, check, known
from bot.bootstrap.settings import StateSettings
from bot.bootstrap.state import ports_over, state_url
from bot.domain import commands
from bot.domain.actors import Actor
from bot.domain.deliberation import Phase
from bot.domain.errors import StoreError
from bot.service.dispatch import dispatch
from engine.types import Candidate

pytestmark = pytest.mark.redis

SAMPLE = Path(__file__).parent / "state_0_1_0" / "valkey.tar.gz"
SECRET = "the-secret-key-of-a-place-that-began-with-0.1.0"
SETTLED, RATING, OPEN = "gmeaeerxijzmdggr", "vuiwwfd4s7yeolnx", "2eqd35oq42r5xuzb"
ANN, FAY = Actor("web", "ann", "Ann"), Actor("web", "fay", "Fay", admin=True)


@pytest.fixture
def folder(tmp_path):
    """A data folder as version 0.1.0 left it."""
    (tmp_path / "valkey").mkdir(mode=0o700)
    with tarfile.open(SAMPLE) as archive:
        archive.extractall(tmp_path / "valkey", filter="data")
    return tmp_path


async def say(ports, command):
    reply = await dispatch(command, ports)
    assert reply.ok, reply.text
    return reply


async def test_a_data_folder_of_0_1_0_is_taken_over_with_all_that_is_in_it(folder):
    async with (
        state_url(StateSettings(redis_url=None, data_dir=folder), to_serve=True) as url,
        ports_over(url, [SECRET], {"web": MemoryPlatform()}) as ports,
    ):
        settled, rating, asked = [await ports.deliberations.load(id_) for id_ in (SETTLED, RATING, OPEN)]
        assert [each.phase for each in (settled, rating, asked)] == [
            Phase.SETTLED,
            Phase.RATING,
            Phase.OPINIONS,
        ]
        assert settled.terms.retention_days == 3_650
        for id_ in (SETTLED, RATING, OPEN):
            assert await ports.contributions.opinion_count(id_) == 3
        for id_ in (SETTLED, RATING):
            ratings = await ports.contributions.ratings(id_, 1)
            assert sorted(each.value for each in ratings) == [4, 6, 7]
            mediation = await ports.mediations.mediation(id_, 1)
            assert mediation.statement
            assert isinstance(mediation.candidates[0], Candidate)
        assert len([each async for each in ports.feedback.read("web")]) == 3
        assert [each.name for each in await ports.library.templates("web")] == ["weekly"]
        client = await connect(url)
        assert await client.hget(keys.SCHEMA, "version") == str(known())
        assert not await client.keys("accord:*:team:learning")
        await client.aclose()
        # And it goes on: somebody who answered then is the same person now, and can be forgotten.
        now = ports.clock.now()
        await say(ports, commands.GiveOpinion(ANN, OPEN, "Rather not, after all.", now, True))
        assert await ports.contributions.opinion_count(OPEN) == 3
        await say(ports, commands.CastRating(ANN, RATING, 2, now))
        assert len(await ports.contributions.ratings(RATING, 1)) == 3
        await say(ports, commands.ForgetMe(ANN, ports.clock.now()))
        for id_ in (SETTLED, RATING, OPEN):
            assert await ports.contributions.opinion_count(id_) == 2
        assert len([each async for each in ports.feedback.read("web")]) == 2
        assert (await say(ports, commands.CloseOpinions(FAY, OPEN))).deliberation.phase is Phase.MEDIATING


async def test_an_older_program_leaves_newer_state_alone_and_says_so(tmp_path):
    with EmbeddedServer(tmp_path) as server:
        client = await connect(server.url)
        await client.hset(keys.SCHEMA, "version", str(known() + 1))
        for to_serve in (True, False):
            with pytest.raises(StoreError, match="written by a newer version of Accord"):
                async with state_url(StateSettings(redis_url=None, data_dir=tmp_path), to_serve=to_serve):
                    pytest.fail("it started")
        assert await client.keys("accord:*") == [keys.SCHEMA]
        await client.aclose()


async def test_of_many_that_start_at_once_one_changes_the_state_and_the_others_wait(
    client, redis_url, monkeypatch
):
    monkeypatch.setattr(schema, "LOOK_EVERY_S", 0.01)
    at_work, done = [], []

    def step(number):
        async def migrate(_):
            at_work.append(number)
            assert at_work == [number], "two at once"
            await asyncio.sleep(0)  # let the others have a look
            done.append(number)
            at_work.clear()

        return migrate

    steps = {number: step(number) for number in (1, 2, 3)}
    clients = [await connect(redis_url) for _ in range(5)]
    await asyncio.gather(*(bring_up_to_date(each, steps) for each in clients))
    assert done == [1, 2, 3]
    assert await check(client, steps) == 3
    for each in clients:
        await each.aclose()


async def test_a_change_that_was_broken_off_is_made_again_by_the_next(client):
    tries = []

    async def fails_once(_):
        tries.append("tried")
        if len(tries) == 1:
            raise StoreError("the store went away")

    with pytest.raises(StoreError, match="went away"):
        await bring_up_to_date(client, {1: fails_once})
    assert await check(client, {1: fails_once}) == 0
    await bring_up_to_date(client, {1: fails_once})
    assert (await check(client, {1: fails_once}), len(tries)) == (1, 2)


async def test_one_that_was_stopped_at_it_takes_nothing_back_of_what_the_next_one_did(client):
    done = []

    async def is_overtaken(_):
        done.append(1)
        await client.hset(keys.SCHEMA, mapping={"version": "2", "changing": "the next one", "till": "1"})

    async def second(_):
        done.append(2)

    await bring_up_to_date(client, {1: is_overtaken, 2: second})
    assert (done, await client.hget(keys.SCHEMA, "version")) == ([1], "2")


async def test_one_that_was_killed_at_it_is_not_waited_for_for_ever(client, monkeypatch):
    monkeypatch.setattr(schema, "LOOK_EVERY_S", 0.01)
    # As one leaves it whose time is over.
    await client.hset(keys.SCHEMA, mapping={"changing": "somebody", "till": "1"})
    await bring_up_to_date(client)
    assert await check(client) == known()
    assert await client.hkeys(keys.SCHEMA) == ["version"]
