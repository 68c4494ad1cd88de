"""Discord in other languages: everything that can be translated is, within Discord's limits."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
from discord import ui

from adapters.discord.views import (
    asking,
    cards,
    library,
    modals,
    outcome,
    points,
    reasons,
    rewording,
    settings,
    text,
    translations,
)
from adapters.discord.views.drawn import Menu, Press
from bot.domain.decision import Decision
from bot.domain.deliberation import Deliberation, MessageRef, Phase
from bot.domain.model_notice import ModelNotice
from bot.domain.ratings import AGREEMENT_LEVELS, THREE_LEVELS, tally
from bot.domain.team import Defaults, Team
from bot.domain.terms import Terms
from bot.wording import buttons, library_lines
from bot.wording.cards import ReminderNote, ResultCard
from bot.wording.confirmations import (
    CANCEL,
    CLOSE_VOTE,
    END_RESULT_LINK,
    REMOVE,
    REPLACE,
    REVISING_VOTE,
    WITHDRAW_RATING,
    WITHDRAW_REASON,
)
from bot.wording.fields import PARTS
from bot.wording.language import ENGLISH, LANGUAGES, _, reading
from tests import points_samples
from tests.adapters.discord.test_discord_lists import asked
from tests.discord_house import DiscordHouse, make_house

ROOM = Path(translations.__file__).parent.parent
NAME = 32
TRANSLATED = [each for each in LANGUAGES if each != ENGLISH]
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
NAMED = ASKED.model_copy(update={"terms": ASKED.terms.model_copy(update={"anonymous": False})})
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
THEIRS = {ASKED.question, "> Let us ask for the impossible.", "Theirs"}
WINDOWS: dict[str, Callable[[], list[ui.Modal]]] = {
    "ask_window": lambda: [
        asking.ask_window("1", Team(id="1", defaults=usual), {}, zone="America/Argentina/ComodRivadavia")
        for usual in (TEAM.defaults, Defaults(), Defaults(closes_after=timedelta(days=1)), WITHOUT_END)
    ],
    "opinion_window": lambda: [
        modals.opinion_window("d1"),
        *(modals.opinion_window("d1", ASKED, "Mine", notice=notice) for notice in NOTICES),
    ],
    "reason_window": lambda: [
        reasons.reason_window("d1"),
        *(reasons.reason_window("d1", each, "Mine", notice=NOTICES[2]) for each in (ASKED, NAMED)),
    ],
    "settings_window": lambda: [
        settings.settings_window(part, team) for part in settings.PARTS for team in (TEAM, Team(id="1"))
    ],
    "outcome_window": lambda: [
        outcome.outcome_window(each, {})
        for each in (ASKED, ASKED.model_copy(update={"decision": Decision(recorded_at=ASKED.created_at)}))
    ],
    "change_window": lambda: [rewording.change_window(ASKED, {})],
    "vote_window": lambda: [points.vote_window(points_samples.form("5", ASKED, points.AT_ONCE))],
    "add_window": lambda: [points.add_window(ASKED)],
    "template_window": lambda: [library.template_window("1")],
}
MENUS: dict[str, Callable[[], Menu | None]] = {
    "_quality": lambda: cards._quality(ASKED),
    "_preference": lambda: cards._preference(ASKED.model_copy(update={"round": 2})),
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
                assert not [said for said in told.values() if was_cut(said, text.HINT)], told
    assert not house.discord.problems


def test_names_of_commands_keep_discords_limits() -> None:
    for english, others in translations.NAMES.items():
        for told in others:
            assert 1 <= len(told) <= NAME, (english, told)
            if english.islower():
                assert re.fullmatch(r"[-_\w]{1,32}", told), told
                assert told == told.lower()


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_button_is_translated_and_has_room(language: str) -> None:
    source = "\n".join(path.read_text() for path in ROOM.rglob("*.py"))
    labels = [getattr(buttons, name) for name in sorted(set(re.findall(r"\bbuttons\.([A-Z_]+)", source)))]
    labels += [each.yes for each in (CANCEL, CLOSE_VOTE, WITHDRAW_RATING, WITHDRAW_REASON, END_RESULT_LINK)]
    labels += [REVISING_VOTE.yes]
    labels += [REMOVE, REPLACE, *PARTS.values()]
    labels += [level.label for level in (*AGREEMENT_LEVELS, *THREE_LEVELS)]
    assert len(labels) > 40
    for english in map(str, labels):
        with reading(language):
            told = Press(_(english)).made(0).label or ""
        require_translated(english, told, text.BUTTON)


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


def was_cut(told: str, room: int) -> bool:
    """Whether we left off its end for want of room; what has dots of its own is short."""
    return told.endswith(text.ELLIPSIS) and len(told) > room * 2 // 3


def require_translated(english: str, told: str, room: int) -> None:
    """It is in this language, and all of it is there."""
    if not words_of(english) or english in THEIRS:
        assert told == english
        return
    assert told != english or words_of(told) in SAME, told
    assert 1 <= len(told) <= room, told
    assert not was_cut(told, room), told


def test_every_window_and_menu_is_known_here() -> None:
    assert made("ui.Modal") - {"window"} == set(WINDOWS)
    assert made("Menu | None") | made("Menu") == set(MENUS)


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("name", WINDOWS)
def test_every_window_is_translated_whole_and_within_its_room(name: str, language: str) -> None:
    english = [shown(window) for window in WINDOWS[name]()]
    with reading(language):
        translated = [shown(window) for window in WINDOWS[name]()]
    for before, after in zip(english, translated, strict=True):
        for (ours, room), (told, _room) in zip(before, after, strict=True):
            require_translated(ours, told, room)


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("name", MENUS)
def test_every_menu_is_translated_but_for_what_members_wrote(name: str, language: str) -> None:
    english = shown_in_menu(MENUS[name]())
    with reading(language):
        translated = shown_in_menu(MENUS[name]())
    for ours, told in zip(english, translated, strict=True):
        require_translated(ours, told, text.OPTION)


def shown_in_menu(menu: Menu | None) -> list[str]:
    """What stands in it before and when it is open."""
    assert menu is not None
    made = menu.made(0)
    return [made.placeholder or "", *(option.label for option in made.options)]


def test_a_window_of_a_language_without_words_stays_english() -> None:
    for make in WINDOWS.values():
        with reading(str(discord.Locale.polish)):
            polish = make()
        for before, after in zip(make(), polish, strict=True):
            assert list(shown(after)) == list(shown(before))


@pytest.mark.parametrize("question", ["Background", "Agree", "How many days", "12 Agree, do you?"])
def test_what_members_wrote_stays_though_it_reads_like_our_words(question: str) -> None:
    with reading("de"):
        window = modals.opinion_window("d1", ASKED.model_copy(update={"question": question}))
        menu = library._taking_out("templates", [(question, "line", "key")])
    assert question in [told for told, _room in shown(window)]
    assert question in shown_in_menu(menu)


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
    assert "Qué piensas y por qué." in answering.modal.shown
    assert "¿Té o café?" in answering.modal.shown
    assert not house.discord.problems


async def test_a_german_uses_german_commands_and_sees_german_buttons(house: DiscordHouse) -> None:
    ann = house.discord.member("ann", locale="de")
    async with house.gateway():
        shown = await asked(ann, "accord einstellungen")
        assert "Nicht mehr erinnern" in shown.shown
        assert not (await ann.press(shown, "Nicht mehr erinnern")).failed
        await house.discord.until(lambda: "Wieder erinnern" in shown.shown, what="the other button")


async def test_every_message_has_buttons_in_the_language_of_whoever_it_is_for() -> None:
    async with make_house() as house:
        house.room.guild.locale = "fr"  # type: ignore[union-attr]
        ann, ben = house.discord.member("ann"), house.discord.member("ben", locale="de")
        platform = house.parts.platform
        async with house.gateway():
            d = await house.ask(ann)
            opened = await ben.press(house.card, f"accord:share:{d.id}")
        assert opened.modal is not None
        assert d.message is not None
        vote = d.model_copy(update={"phase": Phase.RATING})
        # Nobody reads where workers call these, which is to say: English.
        await platform.direct_message(d.team, str(ben.id), ReminderNote(d))
        await platform.tell_result(d.message, ResultCard(vote, "Tea.", tally(())), key="result")
        await platform.tell_statement(d.channel, vote, key="notice")
        card, result, notice = house.room.shown
        before = notice.shown
        await platform.tell_over(MessageRef(channel=d.channel, message=str(notice.id)), vote)

    assert "Donner mon avis" in card.shown
    assert "Share your opinion" not in card.shown
    assert "Voir le résultat" in result.shown
    assert "Lire et noter" in before
    assert "Voir la question" in notice.shown
    assert "Meinung abgeben" in ben.dms[-1].shown
    assert "Zur Frage" in ben.dms[-1].shown
    assert not house.discord.problems


@pytest.mark.parametrize("language", TRANSLATED)
def test_an_option_is_named_as_members_find_it(language: str) -> None:
    named = translations.NAMES["template"][translations.LANGUAGES.index(language)]
    with reading(language):
        assert named in library_lines.how_templates("/accord")
