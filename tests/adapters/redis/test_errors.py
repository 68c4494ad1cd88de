"""What goes wrong in the server is one sentence, and never quotes what was sent."""

import asyncio
import traceback
from contextlib import suppress

import pytest

from adapters.redis.connection import connect
from adapters.redis.embedded import EmbeddedServer
from adapters.redis.feedback import RedisFeedbackLog
from adapters.redis.live import RedisLiveFeed
from bot.domain.errors import StoreError
from bot.service.ports.live import Answered
from tests.state import on_server

pytestmark = pytest.mark.redis

SECRET = "zanzibar"


@pytest.fixture
async def own_server(tmp_path):
    """A server that a test may spoil, and a client of it."""
    with EmbeddedServer(tmp_path) as server:
        client = await connect(server.url)
        yield server, client
        await client.aclose()


async def test_a_full_store_says_so(own_server, question, opinion):
    _, client = own_server
    state = on_server(client)
    await state.deliberations.add(question())
    await client.config_set("maxmemory", "1")
    with pytest.raises(StoreError, match="full") as caught:
        await state.contributions.put_opinion("d1", opinion(text=SECRET))
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    await client.config_set("maxmemory", "0")
    assert (await state.contributions.put_opinion("d1", opinion())).total == 1


async def test_a_read_only_replica_says_so(own_server, question, opinion):
    _, client = own_server
    state = on_server(client)
    await state.deliberations.add(question())
    await client.replicaof("127.0.0.1", 1)
    with pytest.raises(StoreError, match="read-only replica"):
        await state.contributions.put_opinion("d1", opinion())


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (("CONFIG", "SET", "maxmemory", "1"), "is full"),
        (("REPLICAOF", "127.0.0.1", "1"), "read-only replica"),
        (("CONFIG", "SET", "min-replicas-to-write", "1"), "too few of its replicas"),
    ],
    ids=["full", "replica", "alone"],
)
async def test_a_store_that_answers_and_takes_no_writes_is_found_out_without_writing(own_server, spoil, says):
    _, client = own_server
    state = on_server(client)
    await state.upkeep.try_write()
    assert await client.dbsize() == 0
    await client.execute_command(*spoil)
    with pytest.raises(StoreError, match=says):
        await state.upkeep.try_write()


async def test_a_command_that_is_refused_is_not_quoted(own_server, question, opinion):
    _, client = own_server
    state = on_server(client)
    await state.deliberations.add(question())
    await client.set("accord:{d1}:opinions", "of the wrong kind")
    with pytest.raises(StoreError) as caught:
        await state.contributions.put_opinion("d1", opinion(text=SECRET))
    assert SECRET not in "".join(traceback.format_exception(caught.value))


async def test_what_another_version_wrote_is_not_quoted(own_server, question):
    _, client = own_server
    state = on_server(client)
    await state.deliberations.add(question())
    await client.hset("accord:{d1}:deliberation", "doc", f'{{"question": "{SECRET}"}}')
    with pytest.raises(StoreError, match="same version everywhere") as caught:
        await state.deliberations.load("d1")
    assert SECRET not in "".join(traceback.format_exception(caught.value))


async def test_when_the_server_is_gone_every_room_says_so(tmp_path, question, monkeypatch):
    monkeypatch.setattr("adapters.redis.connection.RETRIES", 0)
    with EmbeddedServer(tmp_path) as server:
        client = await connect(server.url)
    state, feedback = on_server(client), RedisFeedbackLog(client)
    for attempt in (
        state.upkeep.try_write(),
        state.deliberations.load("d1"),
        state.deliberations.add(question()),
        feedback.erase("t1", "d1"),
        RedisLiveFeed(client).publish("d1", Answered(count=1)),
    ):
        with pytest.raises(StoreError, match="does not answer"):
            await attempt
    with pytest.raises(StoreError, match="does not answer"):
        _ = [record async for record in feedback.read("t1")]
    await client.aclose()


async def test_live_events_go_on_after_the_server_was_away(own_server):
    server, client = own_server
    feed = RedisLiveFeed(client)
    async with feed.subscribe("d1") as events:
        await asyncio.to_thread(server.stop)
        await asyncio.to_thread(server.start)
        heard = asyncio.create_task(anext(events))
        # Nobody knows when the listener is back; an event missed meanwhile is no harm.
        while not heard.done():
            with suppress(StoreError):
                await feed.publish("d1", Answered(count=1))
            await asyncio.wait([heard], timeout=0.05)
        assert heard.result() == Answered(count=1)


async def test_an_event_of_a_newer_version_is_passed_over(client):
    feed = RedisLiveFeed(client)
    async with feed.subscribe("d1") as events:
        for strange in ('Waved {"count": 1}', 'Answered {"count": 1, "by": "ann"}', "?"):
            await client.publish("accord:{d1}:live", strange)
        await feed.publish("d1", Answered(count=2))
        assert await anext(events) == Answered(count=2)


async def test_a_page_that_does_not_keep_up_loses_its_oldest_events(client, monkeypatch):
    monkeypatch.setattr("adapters.redis.live.WAITING", 3)
    feed = RedisLiveFeed(client)
    async with feed.subscribe("d1") as slow, feed.subscribe("d1") as quick:
        for count in range(10):
            await feed.publish("d1", Answered(count=count))
            assert await anext(quick) == Answered(count=count)
        assert [(await anext(slow)).count for _ in range(3)] == [7, 8, 9]


async def test_one_connection_listens_however_many_pages_are_open(client):
    feed = RedisLiveFeed(client)
    async with feed.subscribe("d1"), feed.subscribe("d2"), feed.subscribe("d3"):
        assert (await client.info("clients"))["pubsub_clients"] == 1
    for _ in range(3_000):
        if (await client.info("clients"))["pubsub_clients"] == 0:
            break
        await asyncio.sleep(0.01)
    assert (await client.info("clients"))["pubsub_clients"] == 0
