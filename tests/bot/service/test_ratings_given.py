"""Ratings as people give, change and withdraw them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.commands import CloseRating
from bot.domain.deliberation import Phase
from bot.domain.ratings import Scale
from bot.service.ports.live import Rated
from bot.wording import texts

SECOND = timedelta(seconds=1)


async def test_a_rating_is_kept_and_open_pages_are_told(room):
    deliberation = await room.voting()
    async with room.ports.live.subscribe(deliberation.id) as events:
        reply = await room.say(room.rating(deliberation, 6))
        assert await anext(events) == Rated(count=1)
    assert (reply.ok, reply.text) == (True, texts.RATING_KEPT)
    assert await room.ratings(deliberation) == {"ann": 6}


async def test_a_rating_delivered_twice_counts_once(room):
    deliberation = await room.voting()
    command = room.rating(deliberation, 6)
    assert [(await room.say(command)).text for _ in range(2)] == [texts.RATING_KEPT] * 2
    assert await room.ratings(deliberation) == {"ann": 6}


async def test_the_last_rating_stands_in_whatever_order_they_come(room):
    deliberation = await room.voting()
    older = room.rating(deliberation, 2)
    room.clock.advance(SECOND)
    for command in (older, room.rating(deliberation, 7), older):
        assert (await room.say(command)).ok
    assert await room.ratings(deliberation) == {"ann": 7}


async def test_a_withdrawn_rating_is_gone_and_stays_gone(room):
    deliberation = await room.voting()
    given = room.rating(deliberation, 2)
    await room.say(given)
    room.clock.advance(SECOND)
    withdrawn = room.unrating(deliberation)
    assert [(await room.say(withdrawn)).text for _ in range(2)] == [texts.RATING_WITHDRAWN] * 2
    await room.say(given)
    assert await room.ratings(deliberation) == {}


async def test_a_rating_from_the_future_can_still_be_changed(room):
    deliberation = await room.voting()
    await room.say(room.rating(deliberation, 2, at=room.clock.now() + timedelta(days=1)))
    room.clock.advance(SECOND)
    await room.say(room.rating(deliberation, 5))
    assert await room.ratings(deliberation) == {"ann": 5}


async def test_one_may_rate_without_having_given_an_opinion(room):
    deliberation = await room.voting()
    assert (await room.say(room.rating(deliberation, 4, "eve"))).ok


@pytest.mark.parametrize(
    ("scale", "value", "ok"),
    [
        (Scale.SEVEN, 1, True),
        (Scale.SEVEN, 7, True),
        (Scale.SEVEN, 0, False),
        (Scale.SEVEN, 8, False),
        (Scale.THREE, 4, True),
        (Scale.THREE, 6, True),
        (Scale.THREE, 7, False),
        (Scale.THREE, 1, False),
    ],
)
async def test_a_rating_must_be_on_the_questions_scale(room, scale, value, ok):
    deliberation = await room.voting(scale=scale)
    reply = await room.say(room.rating(deliberation, value))
    assert reply.ok is ok
    assert await room.ratings(deliberation) == ({"ann": value} if ok else {})


async def test_there_is_nothing_to_rate_before_the_statement(room):
    deliberation = await room.drafting()
    for command in (room.rating(deliberation, 6), room.unrating(deliberation)):
        reply = await room.say(command)
        assert (reply.ok, reply.text) == (False, "There is no statement to rate yet.")


async def test_ratings_after_the_vote_are_refused(room):
    deliberation = await room.voting()
    await room.say(room.rating(deliberation, 6))
    await room.say(CloseRating(room.person("fay"), deliberation.id))
    room.clock.advance(SECOND)
    for command in (
        room.rating(deliberation, 1),
        room.unrating(deliberation),
        room.rating(deliberation, 1, "bob"),
    ):
        reply = await room.say(command)
        assert (reply.ok, reply.text) == (False, "The vote on this question is closed.")
    assert await room.ratings(deliberation) == {"ann": 6}


async def test_an_excluded_role_does_not_rate(room):
    deliberation = await room.voting()
    terms = deliberation.terms.model_copy(update={"excluded_roles": frozenset({"guest"})})
    await room.ports.deliberations.save(deliberation.model_copy(update={"terms": terms}))
    reply = await room.say(room.rating(deliberation, 6, roles=frozenset({"guest"})))
    assert (reply.ok, "role" in reply.text) == (False, True)


async def test_each_round_has_its_own_ratings(room):
    deliberation = await room.voting()
    await room.say(room.rating(deliberation, 6))
    kept = room.ports.deliberations
    again = await kept.save((await room.saved(deliberation)).critiqued())
    again = await kept.save((await kept.save(again.chosen("Let us share."))).published(room.clock.now()))
    assert await room.ratings(again) == {}
    room.clock.advance(SECOND)
    await room.say(room.rating(again, 3))
    assert await room.ratings(again) == {"ann": 3}
    assert await room.ratings(deliberation) == {"ann": 6}
    assert again.phase is Phase.RATING


async def test_a_copy_of_a_rating_that_comes_after_the_vote_does_not_look_refused(room):
    deliberation = await room.voting()
    given = room.rating(deliberation, 6)
    await room.say(given)
    await room.say(CloseRating(room.person("fay"), deliberation.id))

    assert (await room.say(given)).text == texts.RATING_KEPT_AND_CLOSED
    assert not (await room.say(room.rating(deliberation, 5))).ok
    assert await room.ratings(deliberation) == {"ann": 6}


async def test_a_rating_of_an_older_statement_does_not_count(room):
    deliberation = await room.voting()
    kept = room.ports.deliberations
    again = await kept.save((await room.saved(deliberation)).critiqued())
    again = await kept.save((await kept.save(again.chosen("Let us share."))).published(room.clock.now()))
    for round_, ok in ((1, False), (2, True)):
        command = replace(room.rating(again, 6), round=round_)
        assert (await room.say(command)).ok is ok
    assert not (await room.say(replace(room.unrating(again), round=1))).ok
    assert await room.ratings(again) == {"ann": 6}
