"""Taking part: whatever comes twice, late or while the database is away, nothing is lost or counted twice."""

import html
from unittest import mock

import pytest

from bot.chat.answer_counter import Counter
from bot.domain.commands import CloseOpinions
from bot.domain.deliberation import OPINION_LIMIT, Phase
from bot.wording import texts
from bot.wording.confirmations import WITHDRAW_OPINION, WITHDRAW_OPINION_AND_STEP, WITHDRAW_RATING
from tests.promises.places import ChatPlace, Place

MARKS = "*_`~ ``` <& "
LONG = (MARKS * OPINION_LIMIT)[: OPINION_LIMIT - 8] + "the end."


async def test_a_whole_deliberation_in_which_everything_comes_twice_is_one(place: Place) -> None:
    place.everything_twice()
    await place.ask()
    for person in range(5):
        await place.opine(person, f"Opinion {person}")
    assert await place.opinions() == [f"Opinion {person}" for person in range(5)]
    await place.close()
    await place.work()
    assert "Draft 1" in await place.sees(1)
    for person in range(5):
        await place.rate(person, person + 1)
    await place.close()
    await place.work()
    assert (await place.load()).phase is Phase.SETTLED
    assert await place.ratings() == [1, 2, 3, 4, 5]
    assert "3.0 of 7" in await place.sees(1)
    assert len(set(place.posted())) == len(place.posted())


async def test_an_opinion_is_given_changed_and_withdrawn_after_a_question(place: Place) -> None:
    await place.ask()
    assert texts.OPINION_KEPT in await place.opine(1, "First <!channel> thought & more.")
    assert "First <!channel> thought & more." in html.unescape(await place.begin(1))
    await place.send(1, "Second thought.")
    assert await place.opinions() == ["Second thought."]
    asked = await place.withdraw_opinion(1)
    assert WITHDRAW_OPINION.follows in place.plain(asked.shown)
    assert await place.opinions() == ["Second thought."]
    assert texts.OPINION_WITHDRAWN in await asked.yes()
    assert await place.opinions() == []


async def test_whoever_withdraws_an_opinion_gets_its_whole_text_back(place: Place) -> None:
    await place.ask()
    await place.opine(1, LONG)
    told = place.plain(await (await place.withdraw_opinion(1)).yes())
    assert texts.OPINION_WITHDRAWN in told
    assert place.plain("".join(LONG.split())) in "".join(told.split())
    assert await place.opinions() == []


async def test_a_second_copy_of_a_withdrawal_does_not_take_the_text_away(chat: ChatPlace) -> None:
    await chat.ask()
    await chat.opine(1, "Ban them & soon.")
    chat.everything_twice()
    told = await (await chat.withdraw_opinion(1)).yes()
    assert texts.OPINION_WITHDRAWN in told
    assert "Ban them & soon." in html.unescape(told)


async def test_a_rating_is_given_changed_and_withdrawn_after_a_question(place: Place) -> None:
    await place.ask()
    await place.answered("Yes.", "No.")
    assert texts.RATING_KEPT in await place.rate(1, 6)
    await place.rate(1, 2)
    asked = await place.withdraw_rating(1)
    assert WITHDRAW_RATING.follows in place.plain(asked.shown)
    assert await place.ratings() == [2]
    assert texts.RATING_WITHDRAWN in await asked.yes()
    assert await place.ratings() == []


async def test_a_late_copy_brings_nothing_back(chat: ChatPlace) -> None:
    await chat.ask()
    await chat.opine(1, "First thought.")
    late = chat.sent
    await chat.opine(1, "Second thought.")
    await chat.again(late)
    assert await chat.opinions() == ["Second thought."]
    await (await chat.withdraw_opinion(1)).yes()
    await chat.again(late)
    assert await chat.opinions() == []


async def test_a_late_copy_of_a_rating_does_not_count_again(chat: ChatPlace) -> None:
    await chat.ask()
    await chat.answered("Yes.", "No.")
    await chat.rate(1, 2)
    late = chat.sent
    await chat.rate(1, 6)
    await chat.again(late)
    assert await chat.ratings() == [6]
    await (await chat.withdraw_rating(1)).yes()
    await chat.again(late)
    assert await chat.ratings() == []


async def test_an_opinion_that_comes_too_late_is_refused_and_given_back_whole(place: Place) -> None:
    await place.ask()
    await place.opine(2, "In time.")
    await place.opine(3, "In time too.")
    await place.begin(1)
    await place.run(CloseOpinions)
    told = place.plain(await place.send(1, LONG))
    assert place.plain("".join(LONG.split())) in "".join(told.split())
    assert await place.opinions() == ["In time too.", "In time."]


async def test_while_the_database_is_away_that_is_said_and_what_was_written_is_not_lost(place: Place) -> None:
    await place.ask()
    await place.begin(1)
    with place.database_away():
        assert texts.STORE_UNREACHABLE in place.plain(await place.send(1, "Precious."))
        assert texts.STORE_UNREACHABLE in place.plain(await place.sees(1))
    assert await place.opinions() == []
    await place.opine(1, "Precious.")
    assert await place.opinions() == ["Precious."]


async def test_an_opinion_is_kept_with_agreement_to_the_position_or_neither_is(place: Place) -> None:
    await place.ask(position_statement="Plastics should be banned.")
    assert texts.BASELINE_LABEL in place.plain(await place.begin(1))
    assert "empty" in await place.send(1, " \u200b ", baseline=2)
    assert (await place.opinions(), await place.baselines()) == ([], [])
    await place.opine(1, "Mine.", baseline=6)
    assert (await place.opinions(), await place.baselines()) == (["Mine."], [6])


async def test_whoever_withdraws_is_told_first_that_their_step_goes_too_and_then_which_it_was(
    place: Place,
) -> None:
    await place.ask(position_statement="Plastics should be banned.")
    await place.opine(1, "Without a step.")
    asked = place.plain((await place.withdraw_opinion(1)).shown)
    assert WITHDRAW_OPINION.follows in asked
    await place.opine(2, "With a step.", baseline=6)
    asking = await place.withdraw_opinion(2)
    assert WITHDRAW_OPINION_AND_STEP.follows in place.plain(asking.shown)
    assert await place.baselines() == [6]
    assert place.shows_step(await asking.yes(), 6)
    assert (await place.opinions(), await place.baselines()) == (["Without a step."], [])


async def test_a_withdrawn_opinion_takes_along_what_was_chosen_with_it_everywhere(place: Place) -> None:
    await place.ask(position_statement="Plastics should be banned.")
    for person, chosen in enumerate((7, 2, 2, 3)):
        await place.opine(person, f"Opinion {person}", baseline=chosen)
    await (await place.withdraw_opinion(0)).yes()
    assert (len(await place.opinions()), await place.baselines()) == (3, [2, 2, 3])
    # Whoever writes again has not chosen a step again.
    await place.opine(0, "Another opinion.")
    assert (len(await place.opinions()), await place.baselines()) == (4, [2, 2, 3])
    await place.run(CloseOpinions)
    await place.rated(4, 4, 4, 4)
    exported = await place.export()
    assert exported.data["baselines"] == [{"value": 2}, {"value": 2}, {"value": 3}]
    assert [row["baseline"] for row in exported.rows if row["baseline"]] == ["2", "2", "3"]


async def test_a_count_that_died_with_its_gateway_is_shown_by_the_next(
    chat: ChatPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    await chat.ask()
    with monkeypatch.context() as dying:
        dying.setattr(Counter, "_update", mock.AsyncMock())
        for person in range(3):
            await chat.opine(person, f"Opinion {person}")
        await chat.house.settled()
    assert "Nobody has answered yet" in chat.posted()[0]
    await chat.next_gateway("3 members have answered")
    before = chat.changes()
    await chat.next_gateway("3 members have answered")
    assert chat.changes() == before
