"""Discord in other languages: everything that can be translated is, within Discord's limits."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import discord
import pytest

from adapters.discord.localisation import in_language
from adapters.discord.views import words
from adapters.discord.views.drawn import Drawn, Press
from bot.domain.ratings import AGREEMENT_LEVELS, THREE_LEVELS
from tests.adapters.discord.test_discord_lists import asked
from tests.discord_house import DiscordHouse, make_house

VIEWS = Path(words.__file__).parent.parent
LIMITS = {"NAMES": 32, "DESCRIPTIONS": 100, "CHOICES": 100, "BUTTONS": 80}


def parts(command: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A command, its options, their choices, and so on."""
    yield command
    for inner in [*(command.get("options") or []), *(command.get("choices") or [])]:
        yield from parts(inner)


async def test_every_name_and_description_of_a_command_is_translated(house: DiscordHouse) -> None:
    async with house.gateway():
        commands = house.discord.state.commands[None]
    for each in [part for command in commands for part in parts(command)]:
        for what in ("name", "description"):
            if each.get(what):
                told = each.get(f"{what}_localizations") or {}
                missing = [name for name in ("de", "fr", "es-ES", "es-419") if not told.get(name)]
                assert not missing, (each[what], missing)
    assert not house.discord.problems


@pytest.mark.parametrize("table", LIMITS)
def test_translations_keep_discords_limits(table: str) -> None:
    for english, others in getattr(words, table).items():
        for told in others:
            assert 1 <= len(told) <= LIMITS[table], (english, told)
            if table == "NAMES" and english.islower():
                assert re.fullmatch(r"[-_\w]{1,32}", told), told
                assert told == told.lower()


def test_every_button_is_translated() -> None:
    source = "\n".join(path.read_text() for path in VIEWS.rglob("*.py") if path.name != "words.py")
    labels = set(re.findall(r'Press\(\s*"([^"]+)"', source))
    levels = {level.label for level in (*AGREEMENT_LEVELS, *THREE_LEVELS)}
    assert len(labels) > 10
    assert sorted((labels | levels) - set(words.BUTTONS)) == []


def test_an_emoji_before_the_words_stays_and_a_members_words_are_left_alone() -> None:
    drawn = Drawn(buttons=(Press("😊 Agree"), Press("I Agree"), Press("Something of theirs")))
    told = in_language(drawn, discord.Locale.german)
    assert [button.label for button in told.buttons] == ["😊 Stimme zu", "I Agree", "Something of theirs"]


async def test_a_german_uses_german_commands_and_sees_german_buttons(house: DiscordHouse) -> None:
    ann = house.discord.member("ann", locale="de")
    async with house.gateway():
        shown = await asked(ann, "accord einstellungen")
        assert "Nicht mehr erinnern" in shown.shown
        assert not (await ann.press(shown, "Nicht mehr erinnern")).failed
        await house.discord.until(lambda: "Wieder erinnern" in shown.shown, what="the other button")


async def test_cards_have_buttons_in_their_servers_language() -> None:
    async with make_house() as house:
        house.room.guild.locale = "fr"  # type: ignore[union-attr]
        ann = house.people(1)[0]
        async with house.gateway():
            await house.ask(ann)
    assert "Donner mon avis" in house.card.shown
    assert "Share your opinion" not in house.card.shown
