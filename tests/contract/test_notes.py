"""What platform adapters remember: the same over memory and over a real server."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from adapters.memory import MemoryNotes
from adapters.redis.connection import connect
from adapters.redis.notes import RedisNotes
from bot.chat.notes import Notes
from tests.bell import PATIENCE_S

MINUTE_S = 60.0


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
async def notes(request: pytest.FixtureRequest) -> AsyncIterator[Notes]:
    """Empty notes."""
    if request.param == "memory":
        yield MemoryNotes()
        return
    client = await connect(request.getfixturevalue("redis_url"))
    yield RedisNotes(client, uuid4().hex)
    await client.aclose()


async def test_what_is_put_is_there_until_it_is_removed(notes: Notes) -> None:
    assert await notes.get("a") is None
    await notes.put("a", "one", for_s=MINUTE_S)
    await notes.put("a", "two", for_s=MINUTE_S)
    assert await notes.get("a") == "two"
    await notes.remove("a", "never there")
    assert await notes.get("a") is None


async def test_an_empty_text_is_there(notes: Notes) -> None:
    await notes.put("a", "", for_s=MINUTE_S)

    assert await notes.get("a") == ""


async def test_of_many_who_are_first_one_is(notes: Notes) -> None:
    kept = await asyncio.gather(*(notes.first("a", str(n), for_s=MINUTE_S) for n in range(20)))

    assert len(set(kept)) == 1
    assert await notes.get("a") == kept[0]


async def test_of_many_who_take_one_gets_it(notes: Notes) -> None:
    await notes.put("a", "one", for_s=MINUTE_S)

    taken = await asyncio.gather(*(notes.take("a") for _ in range(20)))

    assert sorted(filter(None, taken)) == ["one"]
    assert await notes.get("a") is None


async def test_a_note_ends(notes: Notes) -> None:
    await notes.put("a", "one", for_s=0.001)
    async with asyncio.timeout(PATIENCE_S):
        while await notes.get("a") is not None:  # noqa: ASYNC110 (only time ends it)
            await asyncio.sleep(0.001)

    assert await notes.first("a", "two", for_s=MINUTE_S) == "two"


async def test_a_note_without_an_end_stays_also_in_place_of_one_that_ends(notes: Notes) -> None:
    await notes.put("a", "one", for_s=0.05)
    await notes.put("a", "two", for_s=None)
    await notes.put("b", "ends", for_s=0.05)
    async with asyncio.timeout(PATIENCE_S):
        while await notes.get("b") is not None:  # noqa: ASYNC110 (only time ends it)
            await asyncio.sleep(0.001)

    assert await notes.get("a") == "two"


async def test_a_set_has_each_member_once(notes: Notes) -> None:
    for member in ("b", "a", "b"):
        await notes.add_to("set", member)
    assert list(await notes.members("set")) == ["a", "b"]
    await notes.remove_from("set", "a")
    assert list(await notes.members("set")) == ["b"]
