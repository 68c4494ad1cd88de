"""Discord in other languages: everything that can be translated is, within Discord's limits."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import ui

from adapters.discord.localisation import in_language, told_in, window_in_language
from adapters.discord.views import (
    asking,
    cards,
    library,
    modals,
    settings,
    text,
    translations,
    window_translations,
)
from adapters.discord.views.drawn import Drawn, Menu, Press
from bot.domain.deliberation import Deliberation, Phase
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import AGREEMENT_LEVELS, THREE_LEVELS
from bot.domain.team import Defaults, Team
from bot.domain.terms import Terms
from bot.wording import buttons
from bot.wording.confirmations import (
    CANCEL,
    CLOSE_VOTE,
    END_RESULT_LINK,
    REMOVE,
    REPLACE,
    WITHDRAW_RATING,
)
from bot.wording.language import LANGUAGES
from tests.adapters.discord.test_discord_lists import asked
from tests.discord_house import DiscordHouse, make_house

ROOM = Path(translations.__file__).parent.parent
LIMITS = {"NAMES": 32, "DESCRIPTIONS": 100, "CHOICES": 100, "BUTTONS": 80}
LOCALES = {
    "de": discord.Locale.german,
    "fr": discord.Locale.french,
    "es-ES": discord.Locale.spain_spanish,
    "es-419": discord.Locale.latin_american_spanish,
}
TEAM = Team(
    id="1",
    # More than a picker shows, and periods that are none of the usual ones.
    may_ask_users=frozenset(map(str, range(1_500))),
    defaults=Defaults(closes_after=timedelta(hours=5), rating_period=timedelta(minutes=90)),
)
ASKED = Deliberation(
    id="d1",
    team="1",
    platform="discord",
    channel="1",
    facilitator="1",
    question="May we ask for the impossible?",
    created_at=datetime(2026, 5, 1, tzinfo=UTC),
    phase=Phase.OPINIONS,
    terms=Terms(position_statement="Let us ask for the impossible.", keep_feedback=True, ask_quality=True),
)
NOTICES = (
    ModelNotice(),
    ModelNotice(judge="judge-1 on judge.example.org"),
    ModelNotice(drafter="llama_3.1 on ai.example.org", judge="on judge.example.org", last_resort=True),
)
# Words that a language shares with English.
# Also what languages call themselves.
SAME = {"Neutral", "Name", "Question", "Terrible", "Excellent", "No", *LANGUAGES.values()}
WITHOUT_END = Defaults(closes_after=None)
# What members wrote or chose, and names: shown as they are in every language.
THEIRS = {ASKED.question, "> Let us ask for the impossible."}
WINDOWS: dict[str, Callable[[], list[ui.Modal]]] = {
    "ask_window": lambda: [
        asking.ask_window("1", Team(id="1", defaults=usual), {}, zone="America/Argentina/ComodRivadavia")
        for usual in (TEAM.defaults, Defaults(), Defaults(closes_after=timedelta(days=1)), WITHOUT_END)
    ],
    "opinion_window": lambda: [
        modals.opinion_window("d1"),
        *(modals.opinion_window("d1", ASKED, "Mine", notice=notice) for notice in NOTICES),
    ],
    "settings_window": lambda: [
        settings.settings_window(part, team) for part in settings.PARTS for team in (TEAM, Team(id="1"))
    ],
    "template_window": lambda: [library.template_window("1")],
}
MENUS: dict[str, Callable[[], Menu | None]] = {
    "_quality": lambda: cards._quality(ASKED),
    "_taking_out": lambda: library._taking_out("templates", [("Theirs", "line", "key")]),
}


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
    for english, others in getattr(translations, table).items():
        for told in others:
            assert 1 <= len(told) <= LIMITS[table], (english, told)
            if table == "NAMES" and english.islower():
                assert re.fullmatch(r"[-_\w]{1,32}", told), told
                assert told == told.lower()


def test_every_button_is_translated() -> None:
    source = "\n".join(path.read_text() for path in ROOM.rglob("*.py"))
    labels = {getattr(buttons, name) for name in re.findall(r"\bbuttons\.([A-Z_]+)", source)}
    labels -= set(window_translations.WINDOWS)
    labels |= {CANCEL.yes, CLOSE_VOTE.yes, WITHDRAW_RATING.yes, REMOVE, REPLACE}
    labels |= {END_RESULT_LINK.yes, buttons.NEW_RESULT_LINK}
    levels = {level.label for level in (*AGREEMENT_LEVELS, *THREE_LEVELS)}
    assert len(labels) > 10
    assert sorted((labels | levels) - set(translations.BUTTONS)) == []


def test_an_emoji_before_the_words_stays_and_a_members_words_are_left_alone() -> None:
    drawn = Drawn(buttons=(Press("😊 Agree"), Press("I Agree"), Press("Something of theirs")))
    told = in_language(drawn, discord.Locale.german)
    assert [button.label for button in told.buttons] == ["😊 Stimme zu", "I Agree", "Something of theirs"]


def made(kind: str) -> set[str]:
    """Our functions that make something of this kind."""
    source = "\n".join(path.read_text() for path in (ROOM / "views").glob("*.py"))
    return set(re.findall(rf"^def (\w+)\([^)]*\) -> {re.escape(kind)}:", source, re.MULTILINE))


def shown(window: ui.Modal) -> Iterator[tuple[str, int]]:
    """Every text in a window that is ours, with how long it may be."""
    yield window.title, text.WINDOW_TITLE
    for each in window.children:
        if isinstance(each, ui.TextDisplay):
            yield from ((line, text.CONTENT) for line in each.content.split("\n"))
        elif isinstance(each, ui.Label):
            inside: Any = each.component
            yield each.text, text.LABEL
            yield each.description or "", text.HINT
            yield inside.placeholder or "", text.PLACEHOLDER
            for option in getattr(inside, "options", ()):
                yield option.label, text.OPTION
                yield option.description or "", text.OPTION


def words_of(told: str) -> str:
    """What differs between languages: without signs, numbers and names."""
    return re.sub(r"[\W\d_]+", " ", told).strip()


def require_translated(ours: Iterable[tuple[str, int]], locale: discord.Locale) -> None:
    """Each is in our tables for this language, and has room there."""
    for told, room in ours:
        if not words_of(told) or told in THEIRS:
            continue
        translated = told_in(told, locale)
        assert translated != told or words_of(told) in SAME, (str(locale), told)
        assert 1 <= len(translated) <= room, (str(locale), translated)


def test_every_window_and_menu_is_known_here() -> None:
    assert made("ui.Modal") - {"window"} == set(WINDOWS)
    assert made("Menu | None") | made("Menu") == set(MENUS)


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("name", WINDOWS)
def test_every_window_is_translated_whole_and_within_its_room(name: str, language: str) -> None:
    for window in WINDOWS[name]():
        require_translated(list(shown(window)), LOCALES[language])
        turned = window_in_language(window, LOCALES[language])
        assert [each for each, room in shown(turned) if len(each) > room or each.endswith("…")] == []


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("name", MENUS)
def test_every_menu_is_translated_but_for_what_members_wrote(name: str, language: str) -> None:
    menu = MENUS[name]()
    assert menu is not None
    ours = [] if menu.theirs else [(told, text.OPTION) for told in menu.offered.values()]
    require_translated([(menu.placeholder, text.PLACEHOLDER), *ours], LOCALES[language])
    turned = in_language(Drawn(menu=menu), LOCALES[language]).menu
    assert turned is not None
    assert turned.placeholder != menu.placeholder
    assert (turned.offered == menu.offered) is menu.theirs


def test_a_window_of_a_language_without_words_stays_english() -> None:
    for make in WINDOWS.values():
        for before, after in zip(make(), make(), strict=True):
            assert list(shown(window_in_language(after, discord.Locale.polish))) == list(shown(before))


@pytest.mark.parametrize(
    "question",
    ["Should we keep the budget, as it is now", "How many days", "Agree or not", "12 Agree, do you?"],
)
def test_a_question_that_reads_like_our_words_stays_as_it_was_asked(question: str) -> None:
    window = modals.opinion_window("d1", ASKED.model_copy(update={"question": question}))
    assert question in str(window_in_language(window, discord.Locale.german).to_dict())


async def test_a_spaniard_gets_windows_and_menus_in_spanish(house: DiscordHouse) -> None:
    ann = house.discord.member("ann", locale="es-ES")
    async with house.gateway():
        asking = await ann.command("accord preguntar")
        assert asking.modal is not None
        assert "Las opiniones son" in asking.modal.shown
        assert "Nadie ve quién escribió qué" in asking.modal.shown
        assert not (await ann.submit(asking.modal, {"question": "¿Té o café?"})).failed
        await house.work()
        answering = await ann.press(house.card, "Share your opinion")

    assert answering.modal is not None
    assert "Lo que piensas, y por qué." in answering.modal.shown
    assert "¿Té o café?" in answering.modal.shown
    assert not house.discord.problems


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
