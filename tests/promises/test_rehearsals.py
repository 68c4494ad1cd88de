"""Nothing simulated reaches anything real, and each page of it says that it is simulated.

Tried out on the web: the real pages, the worker's own step, and a language model on loopback.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from adapters.web.config import WebConfig
from bot.chat.rehearsals import KEPT_S, MOST_TRIES, State, Wish
from bot.service.ports.feedback import Wanted
from bot.worker.rehearsing import play_waiting
from bot.worker.steps import Worker
from tests.rehearsal_player import CLEARER, QUESTION, ROLES, played, playing
from tests.web_house import REHEARSALS_A_DAY, House, Person, make_house

TRY = "/ask/try"


@pytest_asyncio.fixture
async def house() -> AsyncIterator[House]:
    house = await make_house(WebConfig(secret="a secret for tests only", base_url="http://127.0.0.1"))
    yield house
    await house.close()


@pytest_asyncio.fixture
async def admin(house: House) -> Person:
    return await house.admin()


async def play(house: House, writer: Any = playing) -> int:
    """What a worker does with those that wait."""
    return await played(house.rehearsals, house.ports, writer)


async def begin(person: Person, question: str = QUESTION) -> str:
    """From the form of a question to the page of its rehearsal."""
    await person.open("/ask")
    assert f'formaction="{TRY}"' in person.page
    await person.send(TRY, {"question": question})
    return await person.send(TRY, {"key": person.hidden("key"), "question": question, "start": "1"})


def marked(page: str) -> bool:
    """In the title, in the heading and as a watermark."""
    title, heading = page.split("<title>")[1].split("</title>")[0], page.split("<h1>")[1].split("</h1>")[0]
    return "SIMULATED" in title and "SIMULATED" in heading and 'data-mark="SIMULATED"' in page


async def test_a_question_is_tried_out_and_nothing_of_it_becomes_real(house: House, admin: Person) -> None:
    await admin.open("/ask")
    await admin.send(TRY, {"question": QUESTION})
    assert "requests to the language model" in admin.page  # before it begins
    assert marked(admin.page)
    waiting = await begin(admin)
    assert marked(waiting)
    assert admin.headers["Refresh"]

    assert await play(house) == 1
    page = await admin.open(admin.path)

    assert marked(page)
    assert "Refresh" not in admin.headers
    assert page.count("<h2>") == page.count('<h2><span class="mark">SIMULATED</span>')
    for words in (CLEARER, ROLES[0][0], "different ways", "no vote", "all of this was made up"):
        assert words in page
    assert [record async for record in house.ports.feedback.export(Wanted())] == []
    assert not house.jobs.waiting
    assert QUESTION not in await admin.open("/admin")
    assert QUESTION not in await admin.open("/")
    assert QUESTION not in await admin.open("/me")


async def test_nobody_else_sees_it_and_it_is_gone_after_a_day(house: House, admin: Person) -> None:
    await begin(admin)
    path, other = admin.path, await house.admin()
    await play(house)

    assert CLEARER not in await other.open(path)
    assert CLEARER not in await house.somebody().open(path)
    house.clock.advance(timedelta(seconds=KEPT_S))
    assert "no longer there" in await (await house.admin()).open(path)
    assert "no longer there" in await admin.open(path) or admin.status == 403


async def test_a_team_has_so_many_a_day_and_the_same_form_counts_once(house: House, admin: Person) -> None:
    await begin(admin)
    wish = {"key": "one form", "question": QUESTION, "start": "1"}
    await admin.open("/ask")
    first = (await admin.send(TRY, wish), admin.path)[1]
    await admin.open("/ask")
    assert (await admin.send(TRY, wish), admin.path)[1] == first

    refused = await begin(await house.admin())

    assert f"({REHEARSALS_A_DAY})" in refused
    house.clock.advance(timedelta(days=1))
    assert "Waiting for a worker" in await begin(await house.admin())


async def test_what_a_killed_worker_began_is_taken_up_by_another(house: House) -> None:
    wish = Wish("web", "ann", QUESTION, "", "form")
    kept = await house.rehearsals.ask(wish, house.clock.now())
    assert await house.rehearsals.next() == kept  # and then it is killed
    assert await play(house) == 0
    house.clock.advance(timedelta(minutes=2))

    assert await play(house) == 1
    found = await house.rehearsals.find(kept.id, "web", "ann")
    assert found is not None
    assert found.result is not None
    assert await play(house) == 0


async def test_what_stops_every_worker_is_given_up_for_each_try_costs(house: House) -> None:
    kept = await house.rehearsals.ask(Wish("web", "ann", QUESTION, "", "form"), house.clock.now())
    asked: list[Any] = []
    for _ in range(MOST_TRIES):
        claimed = await house.rehearsals.next()
        assert claimed is not None
        running = claimed.model_copy(update={"state": State.RUNNING, "tries": claimed.tries + 1})
        await house.rehearsals.get_on(running)  # and then it is killed
        house.clock.advance(timedelta(minutes=2))

    assert await play(house, asked.append) == 1
    found = await house.rehearsals.find(kept.id, "web", "ann")
    assert found is not None
    assert found.state is State.FAILED
    assert not asked


async def test_a_form_that_was_killed_halfway_is_begun_by_its_copy_and_is_nobody_elses(house: House) -> None:
    wish = Wish("web", "ann", QUESTION, "", "form")
    kept = await house.rehearsals.ask(wish, house.clock.now())
    await house.rehearsals.notes.remove_from("waiting", kept.id)  # the gateway had not come so far

    other = await house.rehearsals.ask(replace(wish, user="ben"), house.clock.now())
    assert await house.rehearsals.ask(wish, house.clock.now()) == kept

    assert other.id != kept.id
    assert await house.rehearsals.find(kept.id, "web", "ann") == kept
    assert await play(house) + await play(house) == 2


async def test_whoever_is_forgotten_takes_what_they_tried_out_with_them(house: House, admin: Person) -> None:
    await begin(admin)
    path = admin.path
    playing_now = await house.rehearsals.next()
    assert playing_now is not None
    other = await house.rehearsals.ask(Wish("web", "ann", QUESTION, "", "form"), house.clock.now())

    await admin.open("/me")
    await admin.send("/me/forget", {"sure": "yes"})

    assert "no longer there" in await admin.open(path)
    assert not await house.rehearsals.keep(playing_now)  # by the worker that plays it
    assert "no longer there" in await admin.open(path)
    assert await house.rehearsals.find(other.id, "web", "ann") == other


@pytest.mark.parametrize("has_model", [True, False])
async def test_what_goes_wrong_is_told_in_a_sentence(house: House, admin: Person, has_model: bool) -> None:
    await begin(admin)
    if has_model:
        await play(house, lambda asked: " Sure!")
    else:
        await play_waiting(Worker(house.ports, house.mediator, rehearsals=house.rehearsals))
    page = await admin.open(admin.path)

    assert marked(page)
    assert ("cannot invent members" if has_model else "needs a language model") in page


async def test_without_a_place_for_it_nothing_is_offered(house: House, admin: Person) -> None:
    object.__setattr__(house.rehearsals, "most_a_day", 0)

    assert TRY not in await admin.open("/ask")
