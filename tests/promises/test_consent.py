"""Learning is a member's own choice: never ticked beforehand, and it never reaches back."""

from bot.wording import texts
from bot.wording.confirmations import stopping_learning
from tests.promises.places import ChatPlace, Place


async def test_the_box_is_never_ticked_beforehand_and_silence_is_no(place: Place) -> None:
    await place.team_has(keep_feedback=True)
    await place.ask()
    assert texts.LEARNING_NOTE in place.plain(await place.begin(0))
    assert [await place.ticked(person) for person in range(3)] == [False] * 3
    for person, said in enumerate((None, True, False)):
        await place.opine(person, f"Opinion {person}", learn=said)
    assert await place.consents() == {"Opinion 0": False, "Opinion 1": True, "Opinion 2": False}
    # What somebody said is what they find.
    assert [await place.ticked(person) for person in range(3)] == [False, True, False]


async def test_where_the_team_does_not_ask_there_is_no_box(place: Place) -> None:
    await place.ask()
    assert texts.LEARNING_NOTE not in place.plain(await place.begin(1))
    assert await place.ticked(1) is None


async def test_a_yes_never_reaches_back_to_what_was_given_before_it_was_asked_for(place: Place) -> None:
    await place.ask()
    await place.opine(1, "Before.")
    await place.team_has(keep_feedback=True)
    assert await place.ticked(1) is False
    assert await place.consents() == {"Before.": False}
    await place.opine(1, "After.", learn=True)
    assert await place.consents() == {"After.": True}


async def test_a_yes_ends_with_its_opinion_and_ticks_no_box_after_it(place: Place) -> None:
    await place.team_has(keep_feedback=True)
    await place.ask()
    await place.opine(1, "Mine.", learn=True)
    await (await place.withdraw_opinion(1)).yes()
    assert await place.ticked(1) is False
    await place.opine(1, "Mine again.")
    assert await place.consents() == {"Mine again.": False}


async def test_stopping_to_learn_asks_first(place: Place) -> None:
    await place.team_has(keep_feedback=True)
    await place.ask()
    await place.opine(1, "Mine.", learn=True)
    asked = await place.stop_learning(1)
    assert stopping_learning().follows in place.plain(asked.shown)
    # What it takes out is theirs alone, and that can be told by comparing.
    assert texts.STOP_LEARNING_COPIES in stopping_learning().follows
    assert await place.consents() == {"Mine.": True}
    assert texts.LEARNING_OFF in place.plain(await asked.yes())
    assert await place.consents() == {"Mine.": False}


async def test_a_late_copy_of_stop_learning_takes_back_no_yes_that_was_said_since(chat: ChatPlace) -> None:
    await chat.team_has(keep_feedback=True)
    await chat.ask()
    await (await chat.stop_learning(1)).yes()
    stopped = chat.sent
    await chat.opine(1, "Mine.", learn=True)
    await chat.again(stopped)
    assert await chat.consents() == {"Mine.": True}
