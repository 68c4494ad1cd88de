"""How well a statement is worded: kept once, with the agreement it goes with, while the vote is open."""

from bot.wording import texts
from tests.promises.places import ChatPlace, Place


async def voting(place: Place) -> None:
    """A question that asks for it, and its statement is out."""
    await place.ask(ask_quality=True)
    await place.answered("Yes.", "No.")


async def test_it_is_kept_once_however_often_it_comes_and_the_last_choice_counts(place: Place) -> None:
    await voting(place)
    await place.rate(1, 6)
    place.everything_twice()
    assert await place.press_quality(1, 3)
    await place.until_qualities(3)
    await place.press_quality(1, 5)
    await place.until_qualities(5)
    assert await place.ratings() == [6]
    await place.rate(1, 2)
    assert await place.qualities() == [5]


async def test_a_late_copy_of_it_brings_nothing_back(chat: ChatPlace) -> None:
    await voting(chat)
    await chat.rate(1, 6)
    await chat.press_quality(1, 3)
    late = chat.sent
    await chat.press_quality(1, 5)
    await chat.again(late)
    assert await chat.qualities() == [5]
    await (await chat.withdraw_rating(1)).yes()
    assert await chat.qualities() == []
    await chat.again(late)
    assert (await chat.ratings(), await chat.qualities()) == ([], [])


async def test_once_the_vote_is_over_it_cannot_be_changed(place: Place) -> None:
    await voting(place)
    await place.rate(1, 6)
    await place.press_quality(1, 3)
    chosen = await place.quality_form(1, 5)
    await place.rated(4)
    assert "The vote on this question is closed." in place.plain(await chosen.yes())
    assert await place.qualities() == [3]


async def test_whoever_has_not_said_how_far_they_agree_is_asked_that_first(place: Place) -> None:
    await voting(place)
    told = place.plain(await place.press_quality(2, 3))
    assert texts.QUALITY_NEEDS_RATING in told or texts.RATING_NEEDED in told
    assert (await place.ratings(), await place.qualities()) == ([], [])
