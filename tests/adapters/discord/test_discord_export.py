"""Exports in Discord: for whoever runs a question, as files that nobody else sees."""

import json

import pytest

from adapters.discord.exporting import Exporting
from adapters.discord.people import Who
from bot.wording.answers import EXPORT_TOO_LARGE
from tests.adapters.discord.test_discord_lists import asked
from tests.discord_house import DiscordHouse


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
    assert got.attachments[1].filename == f"accord-{first.id}.csv"
    assert not [m for m in house.own if m.attachments]


async def test_another_servers_question_does_not_exist(house: DiscordHouse) -> None:
    ann = house.people(1)[0]
    stranger = house.discord.owner(house.discord.guild("Elsewhere"))
    async with house.gateway():
        d = await house.ask(ann)
        refused = await asked(stranger, "accord export", question=d.id)

    assert not refused.attachments
    assert d.question not in refused.shown


@pytest.mark.parametrize(("room", "named"), [(1_400, ".zip"), (100, "")], ids=["packed", "too large"])
async def test_what_is_too_large_is_packed_or_said(house: DiscordHouse, room: int, named: str) -> None:
    ann, bob = house.people(2)
    person = Who(str(ann.guild.id), str(ann.id), channel=str(house.room.id))
    async with house.gateway() as gateway:
        d = await house.ask(ann, identity="named")
        await house.opine(bob, house.card, "All of us say the same. " * 80)
        drawn = await Exporting(gateway.shared).export(person, d, room)

    assert [file.filename for file in drawn.files] == ([f"accord-{d.id}{named}"] if named else [])
    assert named or EXPORT_TOO_LARGE.split(".")[0] in drawn.content
