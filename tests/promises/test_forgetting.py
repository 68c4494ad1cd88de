"""Forget me: it asks once, says what goes and what stays, and reaches whatever quotes or counts somebody."""

import html

import pytest

from adapters.discord.views import listing as discord_listing
from adapters.slack.views import listing as slack_listing
from bot.domain.commands import CloseRating
from bot.service.queries import OwnOpinion
from bot.wording import texts
from engine.digest import REMOVED
from tests.promises.drafting import Quoting
from tests.promises.places import ChatPlace, Place

SAID = (
    "Paper bags tear in the rain, so I keep mine of cloth at hand.",
    "My shop sells four hundred plastic bags a week and lives on it.",
    "Let every store take a deposit for each bag.",
)


async def everything(place: Place) -> str:
    """All that anybody is shown of a question, and all that is kept of it."""
    shown = [await place.sees(0), await place.manages(), (await place.export()).text, await place.kept()]
    return place.plain("\n".join(shown))


async def test_it_asks_first_says_what_goes_and_stays_and_then_erases(place: Place) -> None:
    await place.ask()
    await place.opine(1, SAID[1])
    await place.opine(2, SAID[2])
    asked = await place.forget_me(1)
    for words in (texts.FORGET_GOES, texts.FORGET_STAYS, texts.FORGET_FINAL):
        assert words in place.plain(asked.shown)
    assert len(await place.opinions()) == 2
    assert "verything you submitted" in place.plain(await asked.yes())
    await place.work()
    assert await place.opinions() == [SAID[2]]
    assert SAID[1] not in await everything(place)


async def test_ones_words_are_taken_out_of_the_statement_that_quotes_them_wherever_it_is(
    place: Place,
) -> None:
    place.drafts_with(Quoting())
    await place.ask()
    await place.answered(*SAID)
    before = await everything(place)
    assert all(text in before for text in SAID)
    await place.forget(1)
    during = await everything(place)
    assert (SAID[0] in during, SAID[1] in during, SAID[2] in during) == (True, False, True)
    assert REMOVED in place.plain(await place.sees(0))
    for person in (0, 2):
        await place.rate(person, 6)
    await place.run(CloseRating)
    assert SAID[1] not in await everything(place)
    await place.forget(2)
    after = await everything(place)
    assert (SAID[0] in after, SAID[1] in after, SAID[2] in after) == (True, False, False)


async def test_what_goes_is_shown_before_it_goes_so_that_it_can_be_copied(place: Place) -> None:
    await place.ask()
    await place.opine(1, "Paper <!channel> & *cloth*.")
    await place.opine(2, SAID[2])
    asked = await place.forget_me(1)
    assert "Paper <!channel> & *cloth*." in html.unescape(asked.shown)
    assert SAID[2] not in asked.shown
    await asked.yes()
    assert await place.opinions() == [SAID[2]]


def test_where_there_is_no_room_for_all_of_them_it_says_how_many_more_there_are() -> None:
    own = [OwnOpinion(f"Question {number}", "word " * 500) for number in range(30)]
    # Slack takes five messages in answer to one command; only the last has the button.
    slack = [str(each) for each in slack_listing.forget_messages(own)]
    assert len(slack) == 5
    shown = [sum(f"Question {number}*" in each for number in range(30)) for each in slack]
    assert min(shown) > 0
    assert [texts.FORGET_BUTTON in each for each in slack] == [False] * 4 + [True]
    assert texts.more_opinions(30 - sum(shown)) in slack[-1]
    whole = [str(each) for each in slack_listing.forget_messages(own[:9])]
    assert sum(f"Question {number}*" in "".join(whole) for number in range(30)) == 9
    assert "no room" not in "".join(whole)
    own = own[:9]
    (file,) = (drawn := discord_listing.forget_message(own, room=6_000)).files
    assert file.fp.read().decode().count("Question") == 2
    assert texts.more_opinions(7) in drawn.content
    assert "no room" not in discord_listing.forget_message(own, room=1_000_000).content


# -- messages that quote -------------------------------------------------------------------------


def posted(chat: ChatPlace) -> str:
    """Everything in the channel."""
    return chat.plain("\n".join(chat.posted()))


@pytest.mark.parametrize("killed", ["before it tried", "after the platform failed"])
@pytest.mark.parametrize("over", [False, True], ids=["during the vote", "after it"])
async def test_a_platform_that_is_down_while_somebody_is_forgotten_quotes_them_no_longer_than_that(
    chat: ChatPlace, killed: str, over: bool
) -> None:
    chat.drafts_with(Quoting())
    await chat.ask()
    await chat.answered(*SAID)
    if over:
        await chat.rated(6, 6)
    with chat.messages_stay_as_they_are():
        await (await chat.forget_me(1)).yes()
        if killed == "after the platform failed":
            await chat.work()
        await chat.jobs_are_lost()
    assert SAID[1] in posted(chat)
    await chat.pause_is_over()
    assert SAID[1] not in posted(chat)
    assert SAID[2] in posted(chat)
    assert (await chat.load()).refresh_from is None


async def test_a_message_that_was_deleted_is_not_posted_anew_once_the_question_is_over(
    chat: ChatPlace,
) -> None:
    chat.drafts_with(Quoting())
    await chat.ask()
    await chat.answered(*SAID)
    await chat.rated(6, 6)
    await chat.delete_card()
    left = chat.posted()
    await chat.forget(1)
    assert chat.posted() == left
    assert (await chat.load()).refresh_from is None
