"""Why members rate as they do, where Slack differs: which messages ask, copies, a slow store, outsiders."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.slack.views import names
from bot.chat import tasks
from bot.domain.actors import NOT_IN_CHANNEL
from bot.domain.commands import CloseRating
from bot.domain.errors import StoreError
from bot.domain.ratings import RatingBy
from bot.wording import texts
from tests import slack_house
from tests.promises.on_slack import SlackPlace
from tests.slack_server import Message


@pytest.fixture
async def place() -> AsyncIterator[SlackPlace]:
    """A question whose statement three people rate."""
    async with slack_house.make_house() as house, house.gateway():
        found = SlackPlace(house, 4)
        await found.ask()
        await found.answered("Yes.", "No.", "Perhaps.")
        yield found
        assert not house.slack.problems


async def test_whoever_has_rated_is_asked_why_in_the_answer_and_not_once_the_vote_is_over(
    place: SlackPlace,
) -> None:
    ann = place.people[1]
    await place.rate(1, 6)
    answer = ann.ephemerals[-1]
    assert texts.RATING_KEPT in answer.shown
    await place.before_reason(1, answer)
    assert texts.REASON_KEPT in await place.send_reason(1, "Too dear.")
    assert await place.reasons() == ["Too dear."]
    await place.press_rating(1, 5)
    rating = place.sent
    await place.run(CloseRating)
    await place.again(rating)
    assert names.SAY_WHY not in str(ann.ephemerals[-1].blocks)
    # The button of the earlier answer is still there: it shows what was said, and takes no more.
    await ann.click(answer, names.SAY_WHY)
    closed = (await ann.sees_modal(names.NOTICE_VIEW)).shown
    assert "Too dear." in closed
    assert "The vote" in closed


async def test_where_reactions_are_ratings_their_message_asks_why() -> None:
    async with slack_house.make_house() as house, house.gateway():
        place = SlackPlace(house, 4)
        await place.ask(rating_by=RatingBy.REACTIONS, anonymous=False)
        await place.answered("Yes.", "No.", "Perhaps.")
        ballot = await message_to_rate(place)
        await place.before_reason(3, ballot)
        await place.send_reason(3, "Too slow.")
        assert "Too slow." in await place.manages()
        assert await place.ratings() == []
        await place.run(CloseRating)
        assert names.SAY_WHY not in str((await message_to_rate(place)).blocks)
        assert not house.slack.problems


async def message_to_rate(place: SlackPlace) -> Message:
    ballot = (await place.load()).ballot
    assert ballot is not None
    found = place.room.message(ballot.message)
    assert found is not None
    return found


async def test_a_copy_of_a_withdrawal_gives_the_text_back_again(place: SlackPlace) -> None:
    ann = place.people[1]
    await place.give_reason(1, "Too dear.")
    await place.before_reason(1)
    assert ann.view is not None
    place.everything_twice()
    await ann.click(ann.view, names.WITHDRAW_REASON)
    await place.house.settled()
    assert ann.view is not None
    assert texts.REASON_WITHDRAWN in ann.view.shown
    assert "Too dear." in ann.view.shown


async def test_a_reason_about_an_earlier_statement_is_refused(place: SlackPlace) -> None:
    await place.before_reason(1)
    await place.ports.deliberations.save((await place.load()).model_copy(update={"round": 2}))
    told = await place.send_reason(1, "Too dear.")
    assert "There is a newer statement" in told
    assert "Too dear." in told
    assert await place.reasons() == []


@pytest.mark.parametrize("works", [True, False])
async def test_a_slow_store_is_told_in_the_window_and_no_reason_is_lost(
    place: SlackPlace, works: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, contributions = asyncio.Event(), place.house.contributions
    put = contributions.put_reason

    async def slowly(*given, **how):
        await gate.wait()
        if not works:
            raise StoreError("The state store does not answer.")
        return await put(*given, **how)

    monkeypatch.setattr(contributions, "put_reason", slowly)
    monkeypatch.setattr(tasks.in_time, "__defaults__", (0.05,))
    await place.before_reason(1)
    ann = place.people[1]
    sent = await ann.submit(values={"reason": "Too dear."})
    assert sent.acked
    assert ann.view is not None
    assert texts.STILL_SAVING_REASON in ann.view.shown
    gate.set()
    told = texts.REASON_KEPT if works else texts.STORE_UNREACHABLE
    await place.house.slack.until(lambda: ann.view and told in ann.view.shown, what=told)
    assert works or "Too dear." in ann.view.shown
    assert await place.reasons() == (["Too dear."] if works else [])


async def test_who_sees_the_channel_from_outside_is_told_to_join_before_writing(place: SlackPlace) -> None:
    outsider = place.house.slack.user("outsider")
    await outsider.click(slack_house.card(place.room), names.SAY_WHY)
    shown = (await outsider.sees_modal(names.NOTICE_VIEW)).shown
    assert NOT_IN_CHANNEL in shown
