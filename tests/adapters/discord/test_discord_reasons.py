"""Why members rate as they do, on Discord: where it is asked, and windows and buttons that are old."""

import pytest

from adapters.discord.views import listing, names
from bot.domain.deliberation import Deliberation, Phase
from bot.service.queries import OwnOpinion
from bot.wording import buttons, texts
from bot.wording.confirmations import WITHDRAW_REASON
from tests.adapters.discord.test_discord_lists import rated
from tests.discord_house import DiscordHouse
from tests.discord_server import Interaction, Member, Message


async def answer(house: DiscordHouse, done: Interaction) -> Message:
    """What only the one who acted sees."""
    await house.discord.until(lambda: done.message and done.message.shown, what="an answer")
    assert done.message is not None
    return done.message


async def reason_of(house: DiscordHouse, member: Member) -> None:
    """Somebody says why they rate the statement so."""
    rated_on = next(each for each in reversed(house.own) if names.SAY_WHY in str(each.components))
    window = (await member.press(rated_on, buttons.SAY_WHY)).modal
    await answer(house, await member.submit(window, {"reason": "It forgets the shops."}))


async def second_round(house: DiscordHouse, d: Deliberation, member: Member) -> Deliberation:
    """Somebody says why, and so the statement is revised: the question, once that is voted on."""
    await reason_of(house, member)
    await house.deliberations.save((await house.load(d)).critiqued())
    d = await house.until_phase(d, Phase.RATING)
    assert d.round == 2
    return d


async def reasons(house: DiscordHouse, id_: str, round_: int = 1) -> list[str]:
    return sorted(each.text for each in await house.ports.contributions.reasons(id_, round_))


async def test_who_has_rated_in_private_is_asked_why_and_can_change_and_withdraw_it(
    house: DiscordHouse,
) -> None:
    ann, ben = house.people(2)
    async with house.gateway():
        id_ = await rated(house, [ann, ben])
        told = await answer(house, await ann.press(house.card, f"accord:rate:{id_}:6"))
        await ann.press(told, buttons.SAY_WHY)
        kept = await answer(house, await ann.submit(values={"reason": "Too dear."}))
        assert texts.REASON_KEPT in kept.shown
        opened = await ann.press(kept, buttons.CHANGE_IT)
        assert opened.modal is not None
        assert "Too dear." in str(opened.modal.given)
        asked = await answer(house, await ann.press(kept, buttons.WITHDRAW_IT))
        assert await reasons(house, id_) == ["Too dear."]
        gone = await answer(house, await ann.press(asked, WITHDRAW_REASON.yes))
        assert "Too dear." in gone.shown
        twice = await answer(house, await ann.press(kept, buttons.WITHDRAW_IT))
        assert texts.NO_REASON in (await answer(house, await ann.press(twice, WITHDRAW_REASON.yes))).shown

    assert await reasons(house, id_) == []
    assert [each.value for each in await house.ports.contributions.ratings(id_, 1)] == [6]
    assert not house.discord.problems


@pytest.mark.parametrize("rated_by", ["reactions", "poll"])
async def test_next_to_a_public_vote_the_buttons_stand_under_the_statement_while_it_is_open(
    house: DiscordHouse, rated_by: str
) -> None:
    people = house.people(2)
    async with house.gateway():
        d = await house.deliberations.load(await rated(house, people, identity="named", rated_by=rated_by))
        (asking,) = [message for message in house.own if names.SAY_WHY in str(message.components)]
        assert d.statement
        assert d.statement in asking.shown
        await people[1].press(asking, buttons.SAY_WHY)
        await answer(house, await people[1].submit(values={"reason": "Too dear."}))
        assert await reasons(house, d.id) == ["Too dear."]
        await house.close_all_the_same(people[0])
        await house.until_phase(d, Phase.SETTLED)
        await house.work()

    assert asking.components == []
    assert not house.discord.problems


async def test_windows_and_buttons_of_an_earlier_statement_touch_no_later_ones_reason(
    house: DiscordHouse,
) -> None:
    ann, ben = house.people(2)
    async with house.gateway():
        d = await house.deliberations.load(
            await rated(house, [ann, ben], identity="named", rated_by="buttons")
        )
        card = house.card
        await ben.press(card, buttons.SAY_WHY)
        sure = await answer(house, await ann.press(card, WITHDRAW_REASON.yes))
        d = await second_round(house, d, ann)
        late = await answer(house, await ben.submit(values={"reason": "Of the first."}))
        assert "There is a newer statement" in late.shown
        assert "Of the first." in late.shown
        # A window of an older version that says nothing of a round: it can only be sure of the first.
        unsaid = await ann.forge_submit(house.room, f"accord:{names.REASON}:{d.id}", {"reason": "Mine."})
        assert "There is a newer statement" in (await answer(house, unsaid)).shown
        given = await ann.forge_submit(house.room, f"accord:{names.REASON}:{d.id}:2", {"reason": "Mine."})
        assert texts.REASON_KEPT in (await answer(house, given)).shown
        refused = await answer(house, await ann.press(sure, WITHDRAW_REASON.yes))
        assert "There is a newer statement" in refused.shown

    assert [await reasons(house, d.id, round_) for round_ in (1, 2)] == [["It forgets the shops."], ["Mine."]]


def test_in_what_somebody_wrote_a_reason_is_told_from_an_opinion() -> None:
    own = [OwnOpinion("First?", "Ban it."), OwnOpinion("Second?", "Too dear.", is_reason=True)]
    (file,) = listing.forget_message(own, room=1_000).files
    opinion, reason, _ = file.fp.read().decode().split("----")
    assert buttons.YOUR_REASON in reason
    assert buttons.YOUR_REASON not in opinion
