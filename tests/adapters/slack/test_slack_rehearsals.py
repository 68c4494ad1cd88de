"""Trying a question out in Slack, from the window in which it is asked to the private message."""

import pytest

from adapters.memory import MemoryNotes
from bot.bootstrap.simulated_members import estimate
from bot.chat.rehearsals import Rehearsals
from tests.rehearsal_player import CLEARER, QUESTION, played
from tests.slack_house import SlackHouse


@pytest.fixture
def rehearsals(house: SlackHouse) -> Rehearsals:
    house.rehearsals = Rehearsals(MemoryNotes(), 1, estimate)
    return house.rehearsals


async def test_simulated_members_answer_in_a_private_message_and_nothing_is_asked(
    house: SlackHouse, rehearsals: Rehearsals
) -> None:
    ann, ben = house.slack.user("ann"), house.slack.user("ben")
    room = house.slack.channel("general", ann, ben)
    async with house.gateway():
        await ann.command(f"/accord ask {QUESTION}", room)
        asking = await ann.sees_modal("ask")
        await ann.click(asking, "try_out")
        window = await ann.sees_modal("try_out")
        assert "SIMULATED" in str(window.given["title"])
        assert "requests to the language model" in str(window.given)
        await ann.submit(window, {"about": "A bakery."})
        await house.settled()
        assert "private message" in str(ann.view and ann.view.given)
        assert await played(rehearsals, house.ports) == 1
        told = await ann.is_told(CLEARER[:30])
        (kept,) = await rehearsals.of_day(ann.team.id, house.ports.clock.now())
        assert await rehearsals.find(kept, ann.team.id, ann.id)
        await ann.command("/accord forget-me", room)
        await ann.click(await ann.is_told("You can't undo this"), "forget_me")
        await house.settled()
        assert await rehearsals.find(kept, ann.team.id, ann.id) is None

    paragraphs = told.text.split("\n\n")
    assert all(each.startswith("SIMULATED · ") for each in paragraphs)
    assert QUESTION in paragraphs[0]
    assert len(told.text) < 2_000  # Discord takes no more
    assert not room.shown
    assert not ben.dms
    assert not await house.deliberations.of_team(ann.team.id)


async def test_once_too_often_is_told_in_the_window(house: SlackHouse, rehearsals: Rehearsals) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        for _ in range(2):
            await ann.command(f"/accord ask {QUESTION}", room)
            await ann.click(await ann.sees_modal("ask"), "try_out")
            delivery = await ann.submit(await ann.sees_modal("try_out"))
            if not delivery.errors:
                while ann.views:
                    await ann.close()

    assert "Try again tomorrow" in str(delivery.errors)


async def test_a_window_from_before_it_was_switched_off_starts_nothing(
    house: SlackHouse, rehearsals: Rehearsals
) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        await ann.command(f"/accord ask {QUESTION}", room)
        await ann.click(await ann.sees_modal("ask"), "try_out")
        object.__setattr__(rehearsals, "most_a_day", 0)
        delivery = await ann.submit(await ann.sees_modal("try_out"))

    assert "can't be tried out here" in str(delivery.errors)
    assert await rehearsals.next() is None


async def test_without_a_question_there_is_nothing_to_try_out(
    house: SlackHouse, rehearsals: Rehearsals
) -> None:
    ann = house.slack.user("ann")
    room = house.slack.channel("general", ann)
    async with house.gateway():
        await ann.command("/accord ask", room)
        await ann.click(await ann.sees_modal("ask"), "try_out")
        notice = await ann.sees_modal("notice")

    assert "The question is empty" in str(notice.given)
