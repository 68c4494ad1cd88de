"""Moving a deadline: once however often it is said, by those who may, and never from an old form."""

from datetime import timedelta
from functools import partial

import pytest

from bot.domain.commands import CloseOpinions, CloseRating, Extend
from bot.domain.deliberation import DEADLINE_CHANGED, Deliberation
from bot.wording import texts
from tests.promises.on_slack import SlackPlace
from tests.promises.on_web import WebPlace
from tests.promises.places import ChatPlace, Place

FORBIDDEN = "Only the person who asked this question or a team admin can do that."


async def answered(place: Place) -> Deliberation:
    """The statement is out; person 0, who may have a form open, has done nothing for it."""
    await place.opine(1, "Yes.")
    await place.opine(2, "No.")
    await place.run(CloseOpinions)
    return await place.load()


async def test_a_deadline_is_moved_once_however_often_that_comes(place: Place) -> None:
    await place.ask()
    before = await place.load()
    assert texts.EXTENDED in place.plain(await place.extend(5))
    moved = await place.load()
    assert moved.closes_at != before.closes_at
    await place.again(place.sent)
    assert (await place.load()).closes_at == moved.closes_at
    voting = await answered(place)
    assert texts.EXTENDED in place.plain(await place.extend(5))
    moved = await place.load()
    assert moved.closes_at == voting.closes_at
    assert moved.rating_closes_at != voting.rating_closes_at
    await place.again(place.sent)
    assert (await place.load()).rating_closes_at == moved.rating_closes_at


async def test_a_moved_deadline_is_shown_on_the_card_and_said(chat: ChatPlace) -> None:
    await chat.ask()
    told = await chat.extend(5)
    await chat.work()
    until = (await chat.load()).closes_at
    assert until is not None
    assert f"open until {chat.on_the_clock(until)}" in told
    assert f"Closes {chat.on_the_clock(until)}" in chat.posted()[0]


async def test_a_late_copy_moves_back_no_deadline(place: Place) -> None:
    await place.ask()
    await place.extend(5)
    late = place.sent
    await place.extend(9)
    newest = await place.load()
    await place.again(late)
    assert (await place.load()).closes_at == newest.closes_at
    voting = await answered(place)
    await place.again(late)
    assert (await place.load()).rating_closes_at == voting.rating_closes_at


async def test_once_it_is_over_no_deadline_is_moved(place: Place) -> None:
    await place.ask()
    await answered(place)
    await place.run(CloseRating)
    over = await place.load()
    told = place.plain(await place.extend(5))
    assert "no question of that kind" in told or "its deadline can't be moved" in told
    assert await place.load() == over


async def test_only_those_who_run_a_question_move_its_deadline(place: Place) -> None:
    await place.ask()
    before = await place.load()
    assert FORBIDDEN in place.plain(await place.extend(5, person=1))
    assert await place.load() == before
    voting = await answered(place)
    assert FORBIDDEN in place.plain(await place.extend(5, person=1))
    assert await place.load() == voting


# -- a form that was opened before something changed ---------------------------------------------


@pytest.fixture(params=["slack", "web"])
def form(request: pytest.FixtureRequest) -> SlackPlace | WebPlace:
    """Where a deadline is moved in a form: Discord has a command alone."""
    found: SlackPlace | WebPlace = request.getfixturevalue(f"on_{request.param}")
    return found


async def test_a_form_from_before_the_vote_does_not_move_its_end(form: SlackPlace | WebPlace) -> None:
    await form.ask()
    opened = await form.extend_form(5)
    voting = await answered(form)
    assert DEADLINE_CHANGED in form.plain(await opened.yes())
    assert await form.load() == voting
    assert texts.EXTENDED in form.plain(await (await form.extend_form(5)).yes())
    assert (await form.load()).rating_closes_at != voting.rating_closes_at


async def test_an_old_form_does_not_undo_what_somebody_has_moved_since(form: SlackPlace | WebPlace) -> None:
    await form.ask()
    opened = await form.extend_form(5)
    later = form.ports.clock.now() + timedelta(hours=9)
    await form.run(partial(Extend, closes_at=later))
    moved = await form.load()
    assert DEADLINE_CHANGED in form.plain(await opened.yes())
    assert await form.load() == moved


async def test_a_list_from_before_the_vote_does_not_move_its_end(on_slack: SlackPlace) -> None:
    await on_slack.ask()
    first = on_slack.id
    await on_slack.ask()
    on_slack.id = first
    listed = await on_slack.extend_one_of_several(5)
    voting = await answered(on_slack)
    assert DEADLINE_CHANGED in on_slack.plain(await listed.yes())
    assert await on_slack.load() == voting
    assert texts.EXTENDED in on_slack.plain(await (await on_slack.extend_one_of_several(5)).yes())
