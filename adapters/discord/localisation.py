"""What Discord shows of commands in every language at once: their names, descriptions and choices.

Reads:  `views.translations` for names; the catalogues for everything else.
Gives:  the SDK's `Translator` for the command tree. Everything else is made in its reader's language
        (`routes`, `people`, `outbound`).
"""

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Place

from adapters.discord.views import text
from adapters.discord.views.translations import LANGUAGES, NAMES
from bot.wording.language import in_catalogue

# Names are words that mean something else elsewhere, and so have translations of their own.
NAMED = {Place.command_name, Place.group_name, Place.parameter_name}


class Words(app_commands.Translator):
    """For the command tree. What is not known stays English."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,
    ) -> str | None:
        """In this language, whose regions share it; None where there is no translation."""
        language = str(locale).partition("-")[0]
        if context.location in NAMED:
            return _name_in(language, string.message)
        told = in_catalogue(language, string.message)
        # Descriptions and choices have the same room.
        return told and text.cut(told, text.OPTION)


def _name_in(language: str, name: str) -> str | None:
    """What a command or an option is called in this language."""
    if language not in LANGUAGES or name not in NAMES:
        return None
    return NAMES[name][LANGUAGES.index(language)]
