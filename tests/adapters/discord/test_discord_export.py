"""Exports in Discord: for whoever runs a question, as files that nobody else sees."""

import json

import pytest

from adapters.discord.exporting import TOO_LARGE, Exporting
from adapters.discord.people import Who
from tests.adapters.discord.test_discord_lists import asked
from tests.discord_house import DiscordHouse


async def test_whoever_asked_gets_their_questions_data_and_nobody_else_does(any_house: DiscordHouse) -> None:
    house = any_house
    ann, bob = house.people(2)
    async with house.gateway():
        d = await house.ask(ann, identity="named")
        await house.opine(bob, house.card, "Bob's opinion, @everyone")
        got = await asked(ann, "accord export")
        refused = await asked(bob, "accord export", question=d.id)
        offered = await bob.autocomplete("accord export", "question", "")

    data, table = got.attachments
    opinions = json.loads(data.text)["opinions"]
    assert [each["text"] for each in opinions] == ["Bob's opinion, @everyone"]
    assert str(bob.id) not in data.text + table.text
    assert table.filename == f"accord-{d.id}.csv"
    assert "Only the person who asked" in refused.shown
    assert not refused.attachments
    assert offered == []
    assert len(house.own) == 1


async def test_of_several_questions_the_chosen_one_is_exported(house: DiscordHouse) -> None:
    ann = house.people(1)[0]
    async with house.gateway():
        first = await house.ask(ann, "First?")
        await house.ask(ann, "Second?")
        unclear = await asked(ann, "accord export")
        choices = await ann.autocomplete("accord export", "question", "fir")
        got = await asked(ann, "accord export", question=choices[0]["value"])

    assert "Say which one" in unclear.shown
    assert json.loads(got.attachments[0].text)["deliberation"]["id"] == first.id


async def test_another_servers_question_does_not_exist(house: DiscordHouse) -> None:
    ann = house.people(1)[0]
    stranger = house.discord.owner(house.discord.guild("Elsewhere"))
    async with house.gateway():
        d = await house.ask(ann)
        refused = await asked(stranger, "accord export", question=d.id)

    assert not refused.attachments
    assert d.question not in refused.shown


@pytest.mark.parametrize(("room", "named"), [(1_100, ".zip"), (100, "")], ids=["packed", "too large"])
async def test_what_is_too_large_is_packed_or_said(house: DiscordHouse, room: int, named: str) -> None:
    ann, bob = house.people(2)
    person = Who(str(ann.guild.id), str(ann.id), channel=str(house.room.id))
    async with house.gateway() as gateway:
        d = await house.ask(ann, identity="named")
        await house.opine(bob, house.card, "All of us say the same. " * 80)
        drawn = await Exporting(gateway.desk).export(person, d, room)

    assert [file.filename for file in drawn.files] == ([f"accord-{d.id}{named}"] if named else [])
    assert named or TOO_LARGE.split(".")[0] in drawn.content
