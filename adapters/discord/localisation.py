"""What one person or one server reads of commands, buttons, menus and windows, in their language.

Reads:  `views.translations` and `views.window_translations`; the locale that Discord sends with an
        interaction, or a server's own.
Gives:  the SDK's `Translator` for names and descriptions of commands; messages whose buttons and menus are
        translated; translated windows. Sentences and cards are English: the statement is written in the
        language of the opinions. What members wrote is in no table, and stays as it is.
"""

import re
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import discord
from discord import app_commands, ui
from discord.app_commands import TranslationContextLocation as Place

from adapters.discord.views import text, translations, window_translations
from adapters.discord.views.drawn import Drawn, Menu
from bot.wording.language import in_catalogue

TABLES = {
    Place.command_name: translations.NAMES,
    Place.group_name: translations.NAMES,
    Place.parameter_name: translations.NAMES,
    Place.command_description: translations.DESCRIPTIONS,
    Place.group_description: translations.DESCRIPTIONS,
    Place.parameter_description: translations.DESCRIPTIONS,
    Place.choice_name: translations.CHOICES,
}


class Words(app_commands.Translator):
    """For the command tree. What is not known stays English."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """In this language; None where there is no translation."""
        return found(TABLES.get(context.location, {}), string.message, locale)


def found(table: Mapping[str, tuple[str, str, str]], text: str, locale: discord.Locale | str) -> str | None:
    """A text in a language, by the table or else the catalogue; regions of a language share it."""
    language = str(locale).partition("-")[0]
    if language not in translations.LANGUAGES:
        return None
    if text in table:
        return table[text][translations.LANGUAGES.index(language)]
    # Names of commands are words that mean something else elsewhere.
    return None if table is translations.NAMES else in_catalogue(language, text)


# -- messages ------------------------------------------------------------------------------------


def in_language(drawn: Drawn, locale: discord.Locale | str) -> Drawn:
    """The same message with its buttons and its menu in this language."""
    buttons = tuple(replace(each, label=told_in(each.label, locale)) for each in drawn.buttons)
    return replace(drawn, buttons=buttons, menu=_menu(drawn.menu, locale) if drawn.menu else None)


def _menu(menu: Menu, locale: discord.Locale | str) -> Menu:
    offered = menu.offered
    if not menu.theirs:
        offered = {value: told_in(told, locale) for value, told in offered.items()}
    return replace(menu, placeholder=told_in(menu.placeholder, locale), offered=offered)


# -- windows -------------------------------------------------------------------------------------


def window_in_language(window: ui.Modal, locale: discord.Locale | str) -> ui.Modal:
    """The same window, with everything that we wrote in it in this language."""
    window.title = text.cut(told_in(window.title, locale), text.WINDOW_TITLE)
    for each in window.children:
        if isinstance(each, ui.TextDisplay):
            # Members' own words stand on lines of their own, as a quotation.
            lines = each.content.split("\n")
            told = [line if line.startswith(">") else told_in(line, locale) for line in lines]
            each.content = "\n".join(told)
        elif isinstance(each, ui.Label):
            each.text = text.cut(told_in(each.text, locale), text.LABEL)
            each.description = _short(each.description, locale)
            _translate(each.component, locale)
    return window


def _translate(field: Any, locale: discord.Locale | str) -> None:
    """What stands in an input before anything is typed or chosen."""
    field.placeholder = _short(field.placeholder, locale)
    for option in getattr(field, "options", ()):
        option.label = text.cut(told_in(option.label, locale), text.OPTION)
        option.description = _short(option.description, locale)


def _short(told: str | None, locale: discord.Locale | str) -> str | None:
    """Hints, placeholders and options have the same room."""
    return text.cut(told_in(told, locale), text.HINT) if told else told


# -- texts ---------------------------------------------------------------------------------------

SHOWN: ChainMap[str, tuple[str, str, str]] = ChainMap(
    window_translations.WINDOWS, window_translations.TIMES, translations.CHOICES, translations.BUTTONS
)
# What the parts of a text that differ from time to time look like. As narrow as it can be: members' own
# words are shown in the same places, and must not pass for a text of ours.
PARTS = {
    "number": r"[\d.,]+",
    "time": r"(?:one|[\d.,]+) (?:minute|hour|day)s?",
    "zone": r"[\w/+-]+",
    "model": r".+",
}


def told_in(told: str, locale: discord.Locale | str) -> str:
    """One of our texts in this language; whatever is not one of ours stays."""
    whole = found(SHOWN, told, locale)
    if whole is not None:
        return whole
    # A sign may stand before the words: an emoji, or a step's number.
    sign, _, rest = told.partition(" ")
    after = None if sign.isalpha() else found(SHOWN, rest, locale)
    return f"{sign} {after}" if after else _filled(told, locale)


def _filled(told: str, locale: discord.Locale | str) -> str:
    for ours, pattern in _patterns().items():
        parts = pattern.fullmatch(told)
        template = found(SHOWN, ours, locale)
        if parts and template:
            return template.format(
                **{name: told_in(part, locale) for name, part in parts.groupdict().items()}
            )
    return told


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    """Our texts with such parts, each with how it looks when it is shown."""
    return {ours: _pattern(ours) for ours in SHOWN if "{" in ours}


def _pattern(ours: str) -> re.Pattern[str]:
    looks = re.escape(ours)
    for name, part in PARTS.items():
        looks = looks.replace(rf"\{{{name}\}}", f"(?P<{name}>{part})")
    return re.compile(looks)
