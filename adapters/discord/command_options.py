"""Fields of forms, as options of Discord's commands.

Reads:  `bot.wording.fields`; what somebody gave with a command.
Gives:  callbacks as the SDK wants them, and what was given as the form's inputs.
"""

import inspect
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import app_commands

from adapters.discord.interaction import Interaction
from adapters.discord.views import text
from adapters.discord.views.fields import offered
from bot.domain.team import Team
from bot.wording import commands
from bot.wording.choices import ALPHA_CHOICE, OWN_SCALE
from bot.wording.fields import Field, Form, Kind, shown_on

# Choices that need another input: a command's option for emoji says by itself that they are one's own.
NEEDS_ANOTHER = {OWN_SCALE, *map(str, ALPHA_CHOICE)}
BY_KEYWORD = inspect.Parameter.POSITIONAL_OR_KEYWORD


@dataclass(frozen=True)
class OwnOption:
    """What a command asks for and no form does. kind: as the SDK reads it."""

    name: str
    asks: str
    kind: Any = str | None
    usual: Any = None


ZONE = OwnOption("zone", commands.ZONE)


def taking(
    form: Form,
    callback: Callable[..., Coroutine[Any, Any, None]],
    *own: OwnOption,
    first: Sequence[str] = (),
    required: Sequence[str] = (),
) -> Any:
    """A command's callback that takes the fields of a form that are options, in their order, and its own.

    first: the options that stand before the others; required: those without which the command cannot be sent.
    """
    places = {option: place for place, option in enumerate(first)}
    asked = sorted(options(form), key=lambda each: places.get(each.option, len(places)))
    callback.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter("interaction", BY_KEYWORD, annotation=Interaction),
            *(_parameter(each, required=each.option in required) for each in asked),
            *(inspect.Parameter(o.name, BY_KEYWORD, default=o.usual, annotation=o.kind) for o in own),
        ]
    )
    told = {each.option: each.asks for each in asked} | {each.name: each.asks for each in own}
    choices = {each.option: found for each in asked if (found := _choices(each))}
    return app_commands.choices(**choices)(app_commands.describe(**told)(callback))


def options(form: Form) -> list[Field]:
    """The fields that are options of a command too."""
    return [each for each in shown_on(form) if each.option]


def _parameter(each: Field, *, required: bool) -> inspect.Parameter:
    """An option as the SDK reads it from a function's signature."""
    if each.kind is Kind.YES_NO:
        return inspect.Parameter(each.option, BY_KEYWORD, default=False, annotation=bool)
    kind = _kind(each)
    if required:
        return inspect.Parameter(each.option, BY_KEYWORD, annotation=kind)
    return inspect.Parameter(each.option, BY_KEYWORD, default=None, annotation=kind | None)


def _kind(each: Field) -> Any:
    if each.kind is Kind.NUMBER:
        return app_commands.Range[int, each.lowest, each.highest]
    if each.kind is Kind.PERSON:
        return discord.User
    if each.kind is Kind.CHANNEL:
        return app_commands.AppCommandChannel
    if each.limit and each.name != "deadline":
        return app_commands.Range[str, 1, each.limit]
    return str


def _choices(each: Field) -> list[app_commands.Choice[str]]:
    """The same words as on every other form."""
    if each.kind is not Kind.CHOICE:
        return []
    return [
        app_commands.Choice(name=text.cut(words, text.OPTION), value=value)
        for value, (words, _) in offered(each, Team(id="")).items()
        if value not in NEEDS_ANOTHER
    ]


def as_typed(form: Form, given: Mapping[str, Any]) -> dict[str, str]:
    """Options as the form's inputs; what was left out is not in it."""
    by_option = {each.option: each for each in options(form)}
    typed = {}
    for option, value in given.items():
        if value is None or value is False:
            continue
        name = by_option[option].name if option in by_option else option
        typed[name] = _as_text(value)
    return typed


def _as_text(value: Any) -> str:
    if isinstance(value, app_commands.AppCommandChannel | discord.User | discord.Member):
        return str(value.id)
    return "yes" if value is True else str(value)
