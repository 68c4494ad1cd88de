"""Second rounds, where Slack differs: which message asks what one prefers, copies, outsiders, long texts."""

from adapters.slack.views import names
from adapters.slack.views.blocks import ELLIPSIS
from adapters.slack.views.cards import changes
from bot.chat.steering import REVISE
from bot.domain.actors import NOT_IN_CHANNEL
from bot.domain.commands import Revise
from bot.domain.ratings import RatingBy
from bot.domain.rounds import Preference
from tests.promises.on_slack import SlackPlace
from tests.slack_house import SlackHouse


async def test_a_late_choice_brings_nothing_back_and_nobody_outside_or_on_an_old_card_chooses(
    house: SlackHouse,
) -> None:
    async with house.gateway():
        place = SlackPlace(house, 3)
        await place.ask(most_rounds=3)
        await place.answered("Yes.", "No.")
        # The button is there before anybody has said why: else it would tell that the first has.
        assert f"{names.DO}:{REVISE}" in str(await managing(place))
        await say_why(place, 2)
        assert "A revision needs reasons from at least 3 members." in await place._told(0, "/accord revise")
        await say_why(place)
        await (await place.revise()).yes()
        await place.work()

        await place.prefer(1, Preference.REVISED)
        late = place.sent
        await place.prefer(1, Preference.NEITHER)
        await place.again(late)
        assert await place.preferences() == [Preference.NEITHER]

        place.people.append(house.slack.user("stranger"))
        assert str(NOT_IN_CHANNEL) in await place.prefer(3, Preference.FIRST)
        old = await place.preference_form(2, Preference.FIRST)
        place.people.pop()
        await say_why(place)
        await place.run(lambda actor, id_: Revise(actor, id_, round=2))
        assert "There is a newer statement on this question." in await old.yes()
        assert await place.preferences() == []
    assert not house.slack.problems


async def say_why(place: SlackPlace, people: int = 3) -> None:
    for person in range(people):
        await place.give_reason(person, "It forgets the shops.")


async def managing(place: SlackPlace) -> object:
    """The blocks of the window in which the question is run."""
    await place._told(0, "/accord list")
    window = await place._managing()
    await place.people[0].close()
    return window.blocks


async def test_where_reactions_are_ratings_their_message_asks_which_is_preferred(house: SlackHouse) -> None:
    async with house.gateway():
        place = SlackPlace(house, 3)
        await place.ask(rating_by=RatingBy.REACTIONS, anonymous=False)
        await place.answered("Yes.", "No.")
        first = (await place.load()).ballot
        ballots = [each for each in place.room.shown if first and each.ts == first.message]
        assert f"{names.DO}:{REVISE}" not in str(await managing(place))
        assert "Nobody has said yet" in await place._told(0, "/accord revise")
        await place.before_reason(1, ballots[0])
        await place.send_reason(1, "It forgets the shops.")
        assert f"{names.DO}:{REVISE}" in str(await managing(place))
        await place.run(lambda actor, id_: Revise(actor, id_, round=1))
        await place.prefer(2, Preference.REVISED)
        assert await place.preferences() == [Preference.REVISED]
        second = (await place.load()).ballot
        asks = [each.ts for each in place.room.shown if names.COMPARE in str(each.blocks)]
        assert second is not None
        assert asks == [second.message]


def test_long_changes_are_cut_between_marks_that_are_closed() -> None:
    told = changes("We ban bags\nand straws now.", "We ban bags & cups now.")
    assert told == "We ban bags ~and straws~ *&amp; cups* now."
    told = changes("old " * 900, "new " * 900, room=400)
    assert len(told) < 450
    assert (told.count("~"), told.count("*")) == (2, 0)
    assert told.endswith(ELLIPSIS)
