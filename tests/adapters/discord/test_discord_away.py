"""What happens while the app is away, and is made good afterwards: deleted messages, votes, ends of votes."""

import pytest

from bot.domain.deliberation import Deliberation, Phase
from engine.errors import GenerationError
from tests.adapters.discord.test_discord_lists import answer, rated
from tests.discord_house import DiscordHouse
from tests.discord_server import Member

WAYS = {
    "buttons": {},
    "reactions": {"identity": "named", "rated_by": "reactions"},
    "poll": {"identity": "named", "rated_by": "poll"},
}


async def rate(house: DiscordHouse, d: Deliberation, member: Member) -> None:
    """With 6, on the newest message that takes it."""
    newest = house.own[-1]
    if newest.poll is not None:
        await member.vote(newest, 6)
    elif d.ballot is not None:
        await member.react(newest, d.terms.levels[5].emoji)
    else:
        await answer(member, await member.press(newest, f"accord:rate:{d.id}:6"))


async def test_a_card_deleted_while_nobody_listens_is_posted_anew_and_works(house: DiscordHouse) -> None:
    ann, ben = house.people(2)
    async with house.gateway():
        d = await house.ask(ann)
    house.discord.delete_message(house.card)
    async with house.gateway():
        await house.discord.until(lambda: house.own, what="the card again")
        await house.opine(ben, house.card, "Ban them.")

    assert [o.text for o in await house.contributions.opinions(d.id)] == ["Ban them."]
    assert len(house.own) == 1


@pytest.mark.parametrize("way", WAYS)
async def test_what_is_rated_and_was_deleted_while_nobody_listens_is_put_up_anew(
    house: DiscordHouse, way: str
) -> None:
    people = house.people(2)
    async with house.gateway():
        id_ = await rated(house, people, **WAYS[way])
    d = await house.deliberations.load(id_)
    before = house.ballot(d) if d.ballot else house.card
    house.discord.delete_message(before)
    there = house.own[-1:]

    def stands() -> bool:
        last = house.own[-1:]
        complete = [m for m in last if way == "buttons" or m.poll or len(m.reactions) == 7]
        return bool(complete) and last != there

    async with house.gateway():
        await house.discord.until(stands, what="what was deleted")
        await rate(house, d, people[1])
        assert await house.until_rated(d, 1) == [6]


async def test_a_position_poll_deleted_while_nobody_listens_is_asked_in_the_window(
    house: DiscordHouse,
) -> None:
    ann, ben = house.people(2)
    async with house.gateway():
        await house.ask(ann, position="Plastics should go.", **WAYS["poll"])
    house.discord.delete_message(next(m for m in house.own if m.poll))
    async with house.gateway() as gateway:
        await house.ready(gateway)
        opened = await ben.press(house.card, "Share your opinion")

    assert opened.modal is not None
    assert "Plastics should go." in opened.modal.shown


async def test_a_channel_whose_messages_cannot_be_read_hides_no_deleted_card(house: DiscordHouse) -> None:
    (ann,) = house.people(1)
    other = house.discord.channel("other")
    async with house.gateway():
        await house.ask(ann)
        asked = await ann.command("accord ask", other, question="And here?")
        await house.discord.until(lambda: asked.message, what="an answer")
        await house.work()
    house.discord.delete_message(other.shown[0])
    house.discord.delete_message(house.card)
    house.discord.deny(house.room, "view_channel")
    async with house.gateway():
        await house.discord.until(lambda: other.shown, what="the card again")

    assert "And here?" in other.shown[0].shown


async def test_nothing_that_is_still_there_is_posted_again(house: DiscordHouse) -> None:
    people = house.people(2)
    async with house.gateway():
        await rated(house, people, **WAYS["poll"])
    before = [m.id for m in house.own]
    async with house.gateway() as gateway:
        await house.ready(gateway)

    assert [m.id for m in house.own] == before


async def test_phases_without_a_message_that_people_need_are_left_alone(house: DiscordHouse) -> None:
    people = house.people(2)
    async with house.gateway():
        id_ = await rated(house, people)
        await house.close_all_the_same(people[0])
        await house.until_phase(await house.deliberations.load(id_), Phase.SETTLED)
        await house.work()
    for message in list(house.own):
        house.discord.delete_message(message)
    async with house.gateway() as gateway:
        await house.ready(gateway)

    assert house.own == []


@pytest.mark.parametrize("listening", [True, False], ids=["seen", "found later"])
async def test_try_again_is_there_again_though_somebody_deleted_it(
    house: DiscordHouse, listening: bool
) -> None:
    people = house.people(2)
    house.mediator.failure = GenerationError("The generator answered nothing of use.")
    async with house.gateway():
        d = await house.ask(people[0], quorum=2)
        for member in people:
            await house.opine(member, house.card, "Mine")
        await house.work()
        failed = house.card
        if listening:
            house.discord.delete_message(failed)
            await house.discord.until(lambda: house.own, what="the card again")
    if not listening:
        house.discord.delete_message(failed)
    house.mediator.failure = None
    async with house.gateway():
        await house.discord.until(lambda: house.own, what="the card again")
        await answer(people[0], await people[0].press(house.card, "Try again"))
        await house.until_phase(d, Phase.RATING)

    assert house.card is not failed


# -- an app that was removed and is added again --------------------------------------------------


async def end_vote(house: DiscordHouse, d: Deliberation) -> None:
    """As if its time were over."""
    now = house.ports.clock.now()
    d = await house.load(d)
    await house.deliberations.save(d.model_copy(update={"rating_closes_at": now}))
    await house.work()


@pytest.mark.parametrize("way", ["reactions", "poll"])
async def test_votes_given_while_the_app_was_removed_count_once_it_is_added_again(
    house: DiscordHouse, way: str
) -> None:
    people = house.people(3)
    async with house.gateway():
        d = await house.deliberations.load(await rated(house, people, **WAYS[way]))
        await rate(house, d, people[0])
        assert await house.until_rated(d, 1) == [6]
        house.discord.remove_bot(house.discord.first_guild)
        await rate(house, d, people[1])
        await rate(house, d, people[2])
        house.discord.add_bot(house.discord.first_guild)
        assert await house.until_rated(d, 3) == [6, 6, 6]


@pytest.mark.parametrize("way", ["reactions", "poll"])
async def test_a_vote_that_ends_while_the_app_was_removed_is_settled_when_it_is_added_again(
    house: DiscordHouse, way: str
) -> None:
    people = house.people(3)
    async with house.gateway():
        d = await house.deliberations.load(await rated(house, people, **WAYS[way]))
        house.discord.remove_bot(house.discord.first_guild)
        for member in people:
            await rate(house, d, member)
        await end_vote(house, d)
        assert (await house.load(d)).phase is Phase.RATING
        house.discord.add_bot(house.discord.first_guild)
        await house.until_phase(d, Phase.SETTLED)
        await house.work()

    assert "3 ratings" in house.card.shown
    assert len([m for m in house.own if m.reference and "The vote is closed" in m.shown]) == 1


async def test_an_end_that_nobody_saw_is_shown_when_the_app_is_added_again(house: DiscordHouse) -> None:
    people = house.people(2)
    async with house.gateway():
        d = await house.deliberations.load(await rated(house, people, **WAYS["reactions"]))
        await rate(house, d, people[0])
        assert await house.until_rated(d, 1) == [6]
        house.discord.remove_bot(house.discord.first_guild)
        await end_vote(house, d)
        # So often that nobody tries any longer.
        while not (d := await house.load(d)).recorded:
            await house.deliberations.save(d.model_copy(update={"wait_until": None}))
            await house.work()
        assert "The vote is closed" not in house.card.shown
        house.discord.add_bot(house.discord.first_guild)
        await house.discord.until(lambda: house.jobs.waiting, what="its end again")
        await house.work()

    assert "1 rating:" in house.card.shown
    assert len([m for m in house.own if m.reference and "The vote is closed" in m.shown]) == 1
    assert (await house.load(d)).recorded


async def test_a_session_that_begins_while_the_gateway_stops_begins_no_work(house: DiscordHouse) -> None:
    (ann,) = house.people(1)
    async with house.gateway() as gateway:
        await house.ask(ann)
    house.discord.delete_message(house.card)
    await house.ready(gateway)
    await gateway.joined(str(ann.guild.id))

    assert house.own == []


async def test_a_server_that_adds_the_app_for_the_first_time_is_no_trouble(house: DiscordHouse) -> None:
    async with house.gateway():
        house.discord.guild("Newcomers")
        newcomer = house.discord.member("nia", list(house.discord.state.guilds.values())[-1])
        asked = await newcomer.command("accord ask", question="Hello?")
        await house.discord.until(lambda: asked.message, what="an answer")

    assert not house.discord.problems
