"""The picture of a result in Discord: a file of the card, with alt text, replaced with its numbers."""

from bot.domain.deliberation import Deliberation, Phase
from bot.domain.ratings import Rating, tally
from bot.wording.cards import ResultCard
from engine.types import OpinionGroup
from tests.discord_house import DiscordHouse

CAMPS = tuple(
    OpinionGroup(
        participants=(f"{at}a", f"{at}b", f"{at}c"),
        size=3,
        welfare=welfare,
        agree=0,
        points=((at, 0.0), (at, 0.5), (at, 1.0)),
    )
    for at, welfare in ((1.0, 6.0), (5.0, 2.5))
)


async def rating(house: DiscordHouse) -> Deliberation:
    """A question of three members whose statement is to be rated."""
    people = house.people(3)
    d = await house.ask(people[0], quorum=3)
    for number, member in enumerate(people):
        await house.opine(member, house.card, f"Opinion {number}")
    d = await house.until_phase(d, Phase.RATING)
    await house.settled()  # or the count of answers is shown last
    return d


async def show(house: DiscordHouse, d: Deliberation, *values: int, camps: bool = False) -> None:
    """The result as if these ratings had been given."""
    given = [Rating(participant=f"p{n}", value=v, given_at=d.created_at) for n, v in enumerate(values)]
    counted = tally(given, fewest=3)
    result = ResultCard(d, d.statement or "", counted, groups=CAMPS if camps else ())
    assert d.message is not None
    await house.parts.platform.update(d.message, result)


async def test_the_card_has_one_picture_whatever_is_shown_again(house: DiscordHouse) -> None:
    async with house.gateway():
        d = await rating(house)
        await show(house, d, 6, 6, 1)
        (first,) = house.card.attachments
        await show(house, d, 6, 6, 6, camps=True)
        (second,) = house.card.attachments
        assert first.data != second.data
        assert second.description == (
            "Bar chart of the ratings from 1 to 7: "
            "0 gave 1, 0 gave 2, 0 gave 3, 0 gave 4, 0 gave 5, 3 gave 6, 0 gave 7. "
            "Below it is a map of 2 opinion groups. Each mark is a group, larger with more members. "
            "Groups that would rate the drafts alike are near each other. Group 1: 6.0; Group 2: 2.5."
        )
        await show(house, d, 6, 6)
        assert house.card.attachments == []
    assert not house.discord.problems


async def test_without_the_permission_the_words_stand_alone(house: DiscordHouse) -> None:
    async with house.gateway():
        d = await rating(house)
        house.discord.deny(house.room, "attach_files")
        await show(house, d, 6, 6, 1)
        assert house.card.attachments == []
        assert "6 ████████ 2 Agree" in house.card.shown
