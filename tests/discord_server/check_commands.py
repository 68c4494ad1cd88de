"""What Discord accepts as application commands.

Reads:  command definitions as they came.
Raises: ApiError 50035 with the tree of errors.
Source: docs.discord.com/developers/interactions/application-commands.
"""

import unicodedata
from typing import Any

from tests.discord_server import limits_of_discord as most
from tests.discord_server.errors import Mistakes, Path
from tests.discord_server.state import Json

CHAT, USER, MESSAGE = 1, 2, 3
SUBCOMMAND, GROUP = 1, 2
STRING, INTEGER, NUMBER, ATTACHMENT = 3, 4, 10, 11
LOCALES = frozenset(
    [
        *(
            "id",
            "da",
            "de",
            "en-GB",
            "en-US",
            "es-ES",
            "es-419",
            "fr",
            "hr",
            "it",
            "lt",
            "hu",
            "nl",
            "no",
            "pl",
        ),
        *("pt-BR", "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja"),
        *("zh-TW", "ko"),
    ]
)


def check_commands(commands: list[Json]) -> None:
    """Refuse a whole set of commands if one of them, or their number, is wrong."""
    wrong = Mistakes()
    seen = set()
    for number, command in enumerate(commands):
        key = (command.get("type", CHAT), command.get("name"))
        if key in seen:
            code = "APPLICATION_COMMANDS_DUPLICATE_NAME"
            wrong.add((number, "name"), code, "Option names must be unique")
        seen.add(key)
        _check_command(wrong, command, (number,))
    for kind, limit in (
        (CHAT, most.COMMANDS),
        (USER, most.CONTEXT_COMMANDS),
        (MESSAGE, most.CONTEXT_COMMANDS),
    ):
        if sum(c.get("type", CHAT) == kind for c in commands) > limit:
            message = f"Maximum number of application commands reached ({limit})."
            wrong.add((), "APPLICATION_COMMANDS_MAX", message)
    wrong.check()


def check_command(command: Json) -> None:
    """Refuse one command if it is wrong."""
    wrong = Mistakes()
    _check_command(wrong, command, ())
    wrong.check()


def _check_command(wrong: Mistakes, command: Json, at: Path) -> None:
    kind = command.get("type", CHAT)
    wrong.choice((*at, "type"), kind, {CHAT, USER, MESSAGE})
    if kind != CHAT:
        wrong.text((*at, "name"), command.get("name"), most.COMMAND_NAME, least=1, required=True)
        _check_localized(wrong, command, "name", most.COMMAND_NAME, at)
        if command.get("description"):
            code = "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_CANNOT_BE_SET"
            wrong.add((*at, "description"), code, "Context menu commands cannot have description")
        return
    _check_named(wrong, command, at)
    _check_options(wrong, command.get("options") or [], (*at, "options"))
    if _size(command) > most.COMMAND_TOTAL:
        code = "APPLICATION_COMMAND_TOO_LARGE"
        wrong.add(at, code, f"Command exceeds maximum size ({most.COMMAND_TOTAL})")


def _check_named(wrong: Mistakes, each: Json, at: Path) -> None:
    """Name and description of a command or an option, in every language."""
    wrong.text((*at, "name"), each.get("name"), most.COMMAND_NAME, least=1, required=True)
    _check_spelling(wrong, each.get("name"), (*at, "name"))
    description = each.get("description")
    wrong.text((*at, "description"), description, most.COMMAND_DESCRIPTION, least=1, required=True)
    for locale, name in _check_localized(wrong, each, "name", most.COMMAND_NAME, at).items():
        _check_spelling(wrong, name, (*at, "name_localizations", locale))
    _check_localized(wrong, each, "description", most.COMMAND_DESCRIPTION, at)


def _check_spelling(wrong: Mistakes, name: Any, at: Path) -> None:
    """Letters, numbers, hyphens, underscores, apostrophes; lower case where there is one."""
    if not isinstance(name, str) or not name:
        return
    if name != name.lower() or not all(_may_be_in_a_name(character) for character in name):
        message = "Command name is invalid"
        wrong.add(at, "APPLICATION_COMMAND_INVALID_NAME", message)


def _may_be_in_a_name(character: str) -> bool:
    return character in "-_'" or unicodedata.category(character)[0] in "LMN"


def _check_localized(wrong: Mistakes, each: Json, key: str, limit: int, at: Path) -> dict[str, str]:
    """Translations of a name or a description; gives them."""
    found: dict[str, str] = each.get(f"{key}_localizations") or {}
    for locale, text in found.items():
        place = (*at, f"{key}_localizations", locale)
        if locale not in LOCALES:
            wrong.choice(place, locale, LOCALES)
        wrong.text(place, text, limit, least=1, required=True)
    return found


def _check_options(wrong: Mistakes, options: list[Json], at: Path, depth: int = 0) -> None:
    seen: set[Any] = set()
    optional = False
    for number, option in enumerate(wrong.count(at, options, 0, most.COMMAND_OPTIONS)):
        place = (*at, number)
        _check_named(wrong, option, place)
        wrong.choice((*place, "type"), option.get("type"), range(1, 12))
        if option.get("name") in seen:
            code = "APPLICATION_COMMAND_OPTIONS_NAME_INVALID"
            wrong.add((*place, "name"), code, "Option names must be unique")
        seen.add(option.get("name"))
        if option.get("required") and optional:
            code = "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
            wrong.add(place, code, "Required options must be placed before non-required options")
        optional |= not option.get("required")
        _check_option(wrong, option, place, depth)
    kinds = {option.get("type") in (SUBCOMMAND, GROUP) for option in options}
    if kinds == {True, False}:
        code = "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"
        wrong.add(
            at, code, "Sub-command and sub-command group option types are mutually exclusive to other types"
        )


def _check_option(wrong: Mistakes, option: Json, at: Path, depth: int) -> None:
    kind = option.get("type")
    if kind in (SUBCOMMAND, GROUP):
        if depth > 1 or (kind == GROUP and depth):
            wrong.add((*at, "type"), "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", "Nested too deeply")
        _check_options(wrong, option.get("options") or [], (*at, "options"), depth + 1)
        return
    choices = wrong.count((*at, "choices"), option.get("choices") or [], 0, most.CHOICES)
    for number, choice in enumerate(choices):
        check_choice(wrong, choice, (*at, "choices", number), kind)
    if choices and option.get("autocomplete"):
        code = "APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES"
        wrong.add((*at, "autocomplete"), code, "Cannot be true if choices are present")
    wrong.number((*at, "min_length"), option.get("min_length"), 0, most.STRING_OPTION)
    wrong.number((*at, "max_length"), option.get("max_length"), 1, most.STRING_OPTION)


def check_choice(wrong: Mistakes, choice: Json, at: Path, kind: Any = STRING) -> None:
    """A choice of an option or of an autocompletion."""
    wrong.text((*at, "name"), choice.get("name"), most.CHOICE, least=1, required=True)
    _check_localized(wrong, choice, "name", most.CHOICE, at)
    if kind == STRING:
        wrong.text((*at, "value"), choice.get("value"), most.CHOICE, required=True)


def _size(command: Json) -> int:
    """Characters of names, descriptions and values; of translations the longest counts."""
    total = sum(_longest(command, key) for key in ("name", "description"))
    total += sum(_size(option) for option in command.get("options") or [])
    for choice in command.get("choices") or []:
        total += _longest(choice, "name") + len(str(choice.get("value", "")))
    return total


def _longest(each: Json, key: str) -> int:
    texts = [each.get(key) or "", *(each.get(f"{key}_localizations") or {}).values()]
    return max(len(text) for text in texts)
