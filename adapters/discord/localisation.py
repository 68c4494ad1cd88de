"""Commands and buttons in the language of whoever reads them.

Reads:  `views.words`; the locale that Discord sends with an interaction, or a server's own.
Gives:  the SDK's `Translator` for names and descriptions of commands, and messages whose buttons are
        translated. Texts of messages are English: the statement is written in the language of the opinions.
"""

from dataclasses import replace

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Place

from adapters.discord.views import words
from adapters.discord.views.drawn import Drawn

TABLES = {
    Place.command_name: words.NAMES,
    Place.group_name: words.NAMES,
    Place.parameter_name: words.NAMES,
    Place.command_description: words.DESCRIPTIONS,
    Place.group_description: words.DESCRIPTIONS,
    Place.parameter_description: words.DESCRIPTIONS,
    Place.choice_name: words.CHOICES,
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


def found(table: dict[str, tuple[str, str, str]], text: str, locale: discord.Locale) -> str | None:
    """A text in a language; regions of a language share it."""
    language = str(locale).partition("-")[0]
    if language not in words.LANGUAGES or text not in table:
        return None
    return table[text][words.LANGUAGES.index(language)]


def in_language(drawn: Drawn, locale: discord.Locale) -> Drawn:
    """The same message with its buttons in this language."""
    buttons = tuple(replace(each, label=_label(each.label, locale)) for each in drawn.buttons)
    return replace(drawn, buttons=buttons)


def _label(label: str, locale: discord.Locale) -> str:
    """An emoji may stand before the words."""
    whole = found(words.BUTTONS, label, locale)
    sign, _, rest = label.partition(" ")
    told = found(words.BUTTONS, rest, locale)
    return whole or (f"{sign} {told}" if told and not sign.isascii() else label)
