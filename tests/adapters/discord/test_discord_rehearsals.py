"""Trying a question out on Discord, from the command to the private message."""

from adapters.memory import MemoryNotes
from bot.bootstrap.simulated_members import estimate
from bot.chat.rehearsals import Rehearsals
from tests.adapters.discord.test_discord_questions import forget
from tests.discord_house import DiscordHouse
from tests.rehearsal_player import CLEARER, QUESTION, played


async def test_simulated_members_answer_in_a_private_message_and_nothing_is_asked(
    house: DiscordHouse,
) -> None:
    rehearsals = house.rehearsals = Rehearsals(MemoryNotes(), 1, estimate)
    ann = house.discord.member("ann")
    async with house.gateway():
        offered = await ann.command("accord try", question=QUESTION, about="A bakery.")
        await house.discord.until(lambda: offered.message, what="an answer")
        assert "requests to the language model" in offered.message.shown
        await ann.press(offered.message, "Start")
        await ann.press(offered.message, "Start")  # twice is once
        await house.settled()
        assert await played(rehearsals, house.ports) == 1
        told = await ann.is_told(CLEARER[:30])
        team = str(ann.guild.id)
        (kept,) = await rehearsals.of_day(team, house.ports.clock.now())
        assert await rehearsals.find(kept, team, str(ann.id))
        await forget(ann)
        await house.settled()
        assert await rehearsals.find(kept, team, str(ann.id)) is None
        again = await ann.command("accord try", question=QUESTION)
        await house.discord.until(lambda: again.message, what="an answer")
        refused = await ann.press(again.message, "Start")
        await house.discord.until(lambda: refused.message, what="an answer")

    assert all(part.startswith("SIMULATED · ") for part in told.content.split("\n\n"))
    assert "Try again tomorrow" in refused.message.shown
    assert not await house.deliberations.of_team(str(ann.guild.id))


async def test_where_there_is_nothing_to_try_it_out_with_that_is_said(house: DiscordHouse) -> None:
    ann = house.discord.member("ann")
    async with house.gateway():
        told = await ann.command("accord try", question=QUESTION)
        await house.discord.until(lambda: told.message, what="an answer")

    assert "can't be tried out here" in told.message.shown
