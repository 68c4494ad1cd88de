"""Some hundred people in one question: what a page reads of them stays small, and their numbers are right."""

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
from tests.benchmarks.crowd import house_over
from tests.web_house import House

MANY = 300


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
