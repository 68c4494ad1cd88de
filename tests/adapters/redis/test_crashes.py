"""A process that dies between two commands, and commands whose answers are lost on the way."""

import asyncio
from contextlib import suppress

import pytest
from redis.exceptions import ConnectionError as Unreachable

from adapters.redis.connection import connect
from adapters.redis.embedded import EmbeddedServer
from adapters.redis.keys import DELETED, ERASED
from bot.domain.errors import StoreError, VersionConflictError
from tests.state import on_server

pytestmark = pytest.mark.redis


class Crash:
    """Makes a client fail from its nth next command on, as a process that dies does."""

    def __init__(self, client):
        self.client = client
        self.original = client.execute_command

    def after(self, commands):
        left = commands

        async def dying(*args, **kwargs):
            nonlocal left
            if left == 0:
                raise Unreachable("gone")
            left -= 1
            return await self.original(*args, **kwargs)

        self.client.execute_command = dying

    def skip(self, commands):
        """Go on as a process does that was interrupted after so many commands."""
        left = commands

        async def going_on(*args, **kwargs):
            nonlocal left
            if left == 0:
                return await self.original(*args, **kwargs)
            left -= 1
            return None

        self.client.execute_command = going_on

    def over(self):
        self.client.execute_command = self.original


@pytest.fixture
async def dying(redis_url, client):
    """A store in another process, and what makes it die."""
    client = await connect(redis_url)
    crash = Crash(client)
    state = on_server(client)
    yield state, crash
    crash.over()
    await client.aclose()


async def due_ids(state, now):
    return [deliberation.id for deliberation in await state.deliberations.due(now)]


@pytest.fixture
async def known_scripts(state, question, minutes):
    """The server knows every script, so that each costs one command."""
    warm_up = await state.deliberations.add(question("warm-up", closes_at=None))
    await state.deliberations.save(warm_up)
    await state.deliberations.mark("warm-up", "m")
    await state.deliberations.delete("warm-up")


@pytest.mark.usefixtures("known_scripts")
@pytest.mark.parametrize("commands", [0, 1, 2, 3])
async def test_a_question_that_was_kept_is_due_wherever_adding_it_died(
    state, dying, question, minutes, commands
):
    other, crash = dying
    crash.after(commands)
    with suppress(StoreError):
        await other.deliberations.add(question())
    kept = [d.id for d in await state.deliberations.of_team("t1")]
    assert kept == (["d1"] if commands == 3 else [])
    assert await due_ids(state, minutes(10)) == kept
    # The command is delivered again, and finds or finishes what was begun.
    await state.deliberations.add(question())
    assert await due_ids(state, minutes(12)) == ["d1"]
    assert [d.id for d in await state.deliberations.of_team("t1")] == ["d1"]


@pytest.mark.usefixtures("known_scripts")
@pytest.mark.parametrize("commands", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("deadline", [5, 20], ids=["earlier", "later"])
async def test_no_due_step_is_lost_wherever_a_save_died(state, dying, question, minutes, commands, deadline):
    before = await state.deliberations.add(question(closes_at=10))
    other, crash = dying
    crash.after(commands)
    with suppress(StoreError):
        await other.deliberations.save(before.extended(minutes(deadline), minutes(1)).refreshed())
    kept = await state.deliberations.load("d1")
    assert kept.closes_at == minutes(deadline if commands >= 3 else 10)
    for now in range(0, 25):
        expected = ["d1"] if kept.closes_at <= minutes(now) else []
        assert await due_ids(state, minutes(now)) == expected, now


@pytest.mark.usefixtures("known_scripts")
async def test_a_save_that_died_before_it_was_kept_does_not_block_the_next(state, dying, question, minutes):
    before = await state.deliberations.add(question(closes_at=10))
    other, crash = dying
    crash.after(1)
    with pytest.raises(StoreError):
        await other.deliberations.save(before.extended(minutes(5), minutes(1)).refreshed())
    assert await due_ids(state, minutes(6)) == []
    await state.deliberations.save(before.extended(minutes(30), minutes(1)).refreshed())
    assert await due_ids(state, minutes(20)) == []
    assert await due_ids(state, minutes(30)) == ["d1"]


@pytest.mark.usefixtures("known_scripts")
@pytest.mark.parametrize("commands", [1, 2, 3, 4])
async def test_a_deletion_that_died_is_due_again_or_complete(
    state, dying, client, question, minutes, commands
):
    await state.deliberations.add(question(closes_at=10))
    other, crash = dying
    crash.after(commands)
    with pytest.raises(StoreError):
        await other.deliberations.delete("d1")
    for deliberation in await state.deliberations.due(minutes(10)):
        await state.deliberations.delete(deliberation.id)
    # What is left of the index is looked at once more, a minute later.
    assert await due_ids(state, minutes(10)) == []
    assert await due_ids(state, minutes(12)) == []
    # That it is gone, and a count, for the files to be rewritten.
    assert sorted(await client.keys("*")) == [DELETED, ERASED]


@pytest.mark.usefixtures("known_scripts")
async def test_a_sweep_amid_adding_costs_a_minute_and_no_step(state, dying, question, minutes):
    """Between the index and the document, a sweep sees an entry without a deliberation."""
    other, crash = dying
    crash.after(2)
    with pytest.raises(StoreError):
        await other.deliberations.add(question(closes_at=10))
    assert await due_ids(state, minutes(10)) == []
    crash.over()
    crash.skip(2)
    await other.deliberations.add(question(closes_at=10))
    for _ in range(2):
        assert await due_ids(state, minutes(11)) == ["d1"]


async def test_the_index_holds_one_entry_for_each_question(state, client, question, minutes):
    """Without this a question that was saved a hundred times would be loaded a hundred times."""
    for id_ in ("d1", "d2"):
        deliberation = await state.deliberations.add(question(id_, closes_at=10))
        for later in range(5):
            deliberation = await state.deliberations.save(
                deliberation.extended(minutes(20 + later), minutes(1)).refreshed()
            )
    assert await client.zcard("accord:due") == 2


async def test_a_save_sent_again_after_its_answer_was_lost_is_not_refused(state, client, question, minutes):
    before = await state.deliberations.add(question())
    original = client.execute_command

    async def twice(*args, **kwargs):
        await original(*args, **kwargs)
        return await original(*args, **kwargs)

    client.execute_command = twice
    saved = await state.deliberations.save(before.closed(minutes(1)))
    assert await state.deliberations.mark("d1", "reminded") is True
    client.execute_command = original
    assert await state.deliberations.load("d1") == saved
    with pytest.raises(VersionConflictError):
        await state.deliberations.save(before.closed(minutes(2)))


async def test_a_server_that_went_away_and_came_back_is_found_again(tmp_path, question, opinion):
    server = EmbeddedServer(tmp_path)
    client = await connect(await asyncio.to_thread(server.start))
    state = on_server(client)
    await state.deliberations.add(question())
    await asyncio.to_thread(server.stop)
    await asyncio.to_thread(server.start)
    assert (await state.contributions.put_opinion("d1", opinion())).total == 1
    await client.aclose()
    await asyncio.to_thread(server.stop)
