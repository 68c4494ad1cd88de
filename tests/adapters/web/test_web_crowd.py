"""Some hundred people in one question: what a page reads of them stays small, and their numbers are right."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.redis.connection import connect
from bot.domain.actors import Actor
from bot.domain.commands import CastRating, CloseRating, ForgetMe, GiveOpinion, WithdrawRating
from bot.domain.deliberation import Phase
from bot.domain.ratings import counts_of
from bot.service.dispatch import dispatch
from bot.service.queries import export
from tests.adapters.web.test_web_points import shown
from tests.benchmarks.crowd import house_over
from tests.web_house import House, Person

MANY = 300
HALL = 500
CAMPS = {
    "keep": (
        "The old market hall should stay open for the farmers who sell there.",
        "Parking in front of the market hall must stay free on Saturdays.",
        "A new roof costs less than a new building, so repair the roof first.",
    ),
    "build": (
        "A library with rooms for study would serve more people than the hall.",
        "The hall stands empty five days a week and wastes the best place in town.",
        "Cars have no place there, so plant trees where the parking lot is now.",
    ),
}
BOTH = "Whatever is done must be open to everybody who lives in the district."


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    """A running web channel over a real server."""
    client = await connect(redis_url)
    house = await house_over(client)
    yield house
    await house.close()
    await client.aclose()


@pytest.mark.redis
async def test_a_page_of_hundreds_reads_no_list_of_them_and_tells_the_right_numbers(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = await house.ask(quorum=MANY)

    async def act(command: object) -> None:
        house.clock.advance(timedelta(seconds=1))
        assert (await dispatch(command, house.ports)).ok  # type: ignore[arg-type]

    for number in range(MANY):
        actor = Actor("web", f"m{number}")
        await act(GiveOpinion(actor, asked.id, f"Opinion {number}.", house.clock.now()))
    await house.work()
    for number in range(MANY):
        actor = Actor("web", f"m{number}")
        await act(CastRating(actor, asked.id, 1 + number % 7, house.clock.now(), round=1))
    await act(CastRating(Actor("web", "m1"), asked.id, 7, house.clock.now(), round=1))
    await act(WithdrawRating(Actor("web", "m2"), asked.id, house.clock.now(), round=1))
    await act(ForgetMe(Actor("web", "m3"), house.clock.now()))
    watcher = await house.visitor(asked)

    def unread(*_: object) -> None:
        raise AssertionError("a page reads no list of what everybody gave, nor of what was predicted of them")

    with monkeypatch.context() as patched:
        for name in ("ratings", "opinions", "raters", "answerers"):
            patched.setattr(type(house.contributions), name, unread)
        patched.setattr(type(house.mediations), "mediation", unread)
        page = await watcher.open(f"/d/{asked.id}")
    left = MANY - 2  # one withdrew, and one was forgotten
    assert f"{left} of {MANY - 1}" in page
    tally = await house.contributions.rating_tally(asked.id, 1)
    given = await house.contributions.ratings(asked.id, 1)
    assert tally.counts == counts_of(rating.value for rating in given)
    assert (tally.total, tally.answered) == (left, left)

    await act(CloseRating(Actor("web", "asker"), asked.id, round=1))
    await house.work()
    ended = await house.deliberations.load(asked.id)
    assert ended.phase is Phase.SETTLED
    assert ended.outcome is not None
    assert (ended.outcome.counts, ended.outcome.total) == (tally.counts, left)
    assert '"held_back"' in await export(Actor("web", "asker"), asked.id, house.ports)


@pytest.mark.long
@pytest.mark.redis
async def test_five_hundred_people_vote_on_points_and_on_a_statement_all_by_web_pages(house: House) -> None:
    chance = random.Random(7)
    asked = await house.ask(points=True, quorum=HALL + 1)
    people = []
    for _ in range(HALL):
        house.clock.advance(timedelta(seconds=3))  # so that no network brings too many at once
        person, camp = await house.visitor(asked), chance.choice([*CAMPS])
        people.append((person, camp))
        said = f"{chance.choice(CAMPS[camp])} {BOTH}"
        await person.send(f"/d/{asked.id}/opinion", {"opinion": said})
    assert await house.contributions.opinion_count(asked.id) == HALL
    await house.work()
    for person, camp in people:
        house.clock.advance(timedelta(seconds=1))
        await _votes(person, asked.id, camp)
    await house.work()
    page = await people[0][0].open(f"/d/{asked.id}/points")
    assert BOTH in page

    admin = await house.admin()
    await admin.open(f"/d/{asked.id}/manage")
    await admin.send(f"/d/{asked.id}/manage/close")
    await house.work()
    voted = await house.ports.points.map(asked.id)
    assert voted is not None
    assert sorted(group.size for group in voted.groups) == sorted(
        [sum(camp == each for _, camp in people) for each in CAMPS]
    )
    texts = {point.id: point.text for point in await house.ports.points.all(asked.id)}
    assert [texts[id_] for id_ in voted.consensus] == [BOTH]
    assert {texts[id_] for id_ in voted.divides} == {*CAMPS["keep"], *CAMPS["build"]}

    for person, camp in people:
        await person.open(f"/d/{asked.id}")
        await person.send(f"/d/{asked.id}/rating", {"rating": "6" if camp == "keep" else "2"})
    await admin.open(f"/d/{asked.id}/manage")
    await admin.send(f"/d/{asked.id}/manage/close-rating", {"seen": "1"})
    await house.work()
    ended = await house.deliberations.load(asked.id)
    assert ended.phase is Phase.SETTLED
    agreed = sum(camp == "keep" for _, camp in people)
    result = await people[0][0].open(f"/d/{asked.id}")
    assert f"{agreed} of {HALL}" in result
    assert BOTH in result


async def _votes(person: Person, asked: str, camp: str) -> None:
    """Agree with one's own camp and what both want, disagree with the rest: one point after the other."""
    path = f"/d/{asked}/points"
    await person.open(path)
    while text := shown(person.page):
        side = "agree" if text == BOTH or text in CAMPS[camp] else "disagree"
        await person.send(f"{path}/vote", {"point": person.hidden("point"), "side": side})
