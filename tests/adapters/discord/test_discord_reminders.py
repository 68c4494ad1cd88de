"""Reminders in Discord: by direct message, else by a note in the channel that mentions nobody."""

from datetime import timedelta

from bot.domain.deliberation import Deliberation, Step
from bot.domain.team import Team
from bot.worker.steps import Worker, run_step
from tests.discord_house import DiscordHouse, make_house
from tests.discord_server import Member


async def remind(house: DiscordHouse, d: Deliberation) -> None:
    """As if it had been asked yesterday, and the deadline were near."""
    d, now = await house.load(d), house.ports.clock.now()
    times = {"created_at": now - timedelta(days=1), "closes_at": now + timedelta(minutes=30)}
    await house.deliberations.save(d.model_copy(update={**times, "reminded": False}))
    await run_step(Step.REMIND, d.id, Worker(house.ports, house.mediator, pause_s=0))


async def known(house: DiscordHouse, people: list[Member]) -> None:
    """All of them have used the app: Discord tells us of nobody else."""
    for member in people:
        await member.press(house.card, "How this works")
        await house.discord.until(lambda m=member: m.ephemerals, what="an answer")


async def test_those_who_have_not_answered_are_reminded_and_can_answer_from_there(
    house: DiscordHouse,
) -> None:
    people = house.people(3)
    async with house.gateway():
        d = await house.ask(people[0])
        await known(house, people)
        await house.opine(people[1], house.card, "I have answered")
        await remind(house, d)
        await house.discord.until(lambda: people[2].dms, what="a reminder")
        note, closes_at = people[2].dms[0], (await house.load(d)).closes_at
        assert closes_at is not None
        assert f"closes <t:{int(closes_at.timestamp())}:f>" in note.shown
        assert not people[1].dms
        await house.opine(people[2], note, "From the note")
        stopped = await people[0].press(people[0].dms[-1], "Stop reminding me")
        await house.discord.until(lambda: stopped.message, what="an answer")
        before = len(people[0].dms)
        await remind(house, d)
        assert len(people[0].dms) == before

    assert sorted(o.text for o in await house.contributions.opinions(d.id)) == [
        "From the note",
        "I have answered",
    ]


async def test_who_takes_no_messages_is_reminded_by_a_note_that_mentions_nobody(house: DiscordHouse) -> None:
    people = house.people(2)
    people[1].close_dms()
    async with house.gateway():
        # In an anonymous one a note would tell that this member has not answered.
        d = await house.ask(people[0], identity="named")
        await known(house, people)
        await remind(house, d)
        nudge = await house.discord.posted(house.room, "couldn't message everyone")
        closes_at = (await house.load(d)).closes_at
        assert closes_at is not None
        assert f"closes <t:{int(closes_at.timestamp())}:f>" in nudge.shown

    assert not nudge.pings
    assert people[0].dms
    assert not people[1].dms


async def test_each_reads_their_own_language_and_everybody_the_servers_setting() -> None:
    async with make_house() as house:
        house.room.guild.locale = "fr"  # type: ignore[union-attr]
        ann, ben = house.discord.member("ann"), house.discord.member("ben", locale="de")
        await house.teams.save_team(Team(id=str(ann.guild.id), language="es"))
        async with house.gateway():
            d = await house.ask(ann)
            opened = await ben.press(house.card, f"accord:share:{d.id}")
            assert opened.modal is not None
            given = await ben.submit(opened.modal, {"opinion": " \n "})
            await house.discord.until(lambda: given.message, what="an answer")
            await remind(house, d)
            await house.discord.until(lambda: ann.dms and ben.dms, what="reminders")
        await house.parts.people.forget(str(ann.guild.id), str(ben.id))
        forgotten = await house.parts.people.reads(str(ann.guild.id), str(ben.id))

    assert "Busquemos un acuerdo" in house.card.shown
    assert given.message is not None
    assert "Deine Meinung ist leer." in given.message.shown
    assert "You have not answered yet" in ann.dms[-1].shown
    assert "Du hast noch nicht geantwortet" in ben.dms[-1].shown
    assert str(forgotten) == "fr"
