"""What people can do, by name: commands, buttons, menus, windows.

Reads:  the parts of the app, each of which says what it answers (`Part`).
Gives:  `/accord` with its commands, and for each press or submitted window the function that answers it.
A press is answered by its name alone (`views.names`): by any process, after a restart, on any old message.
"""

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, Self

import discord
from discord import app_commands, ui

from adapters.discord.interaction import Interaction, say
from adapters.discord.localisation import Words
from adapters.discord.views import modals, names
from adapters.discord.views.drawn import ours, said
from adapters.discord.views.names import Name
from bot.wording import answers, commands, texts
from bot.wording.language import read_from_here_on, reading

log = logging.getLogger(__name__)

Clicked = Callable[[Interaction, Name], Awaitable[None]]
Submitted = Callable[[Interaction, Name, dict[str, str]], Awaitable[None]]


class Part(Protocol):
    """A part of the app: it puts into `routes` what it answers."""

    def contribute(self, routes: "Routes") -> None:
        """Called once, before anything is answered."""
        ...


class Routes:
    """One for a process.

    accord: the slash command; a part adds its own with `@routes.accord.command(name=…, description=…)`.
    menus: entries of a message's or person's menu.
    clicks: buttons and select menus, by `Name.what`; what was chosen is in `chosen(interaction)`.
    windows: submitted modals, by `Name.what`.
    translator: what gives names and descriptions in other languages; None for none.
    """

    def __init__(self) -> None:
        self.accord = app_commands.Group(name="accord", description=commands.ACCORD, guild_only=True)
        self.menus: list[app_commands.ContextMenu] = []
        self.clicks: dict[str, Clicked] = {}
        self.windows: dict[str, Submitted] = {}
        self.translator: app_commands.Translator | None = Words()

    async def click(self, interaction: Interaction, name: Name) -> None:
        """A button was pressed, or something chosen."""
        handler = self.clicks.get(name.what)
        with reading(str(interaction.locale)):
            if handler is None:
                await say(interaction, ours(answers.OLD_BUTTON))
                return
            await self._safely(interaction, handler(interaction, name))

    async def window(self, interaction: Interaction) -> None:
        """A window was submitted; one that is not ours is left alone."""
        data: Any = interaction.data or {}
        name = names.read(str(data.get("custom_id") or ""))
        handler = None if name is None else self.windows.get(name.what)
        if name is not None and handler is not None:
            with reading(str(interaction.locale)):
                await self._safely(interaction, handler(interaction, name, modals.typed(data)))

    async def _safely(self, interaction: Interaction, work: Awaitable[None]) -> None:
        """One failure of ours ends nothing else, and the person hears of it."""
        try:
            await work
        except Exception:
            log.exception("an interaction failed")
            await say(interaction, said(texts.UNEXPECTED))

    def tree(self, client: discord.Client) -> app_commands.CommandTree[Any]:
        """The commands for one client; the same ones serve every client that follows."""
        tree = _Tree(client, fallback_to_global=False)
        tree.add_command(self.accord)
        for menu in self.menus:
            tree.add_command(menu)
        return tree


def chosen(interaction: Interaction) -> list[str]:
    """What was chosen in a select menu, as its values."""
    data: Any = interaction.data or {}
    return [str(value) for value in data.get("values") or ()]


class _Tree(app_commands.CommandTree[Any]):
    """The SDK's, in the language of the person who acts; it answers what goes wrong with a sentence."""

    async def interaction_check(self, interaction: Interaction, /) -> bool:
        """Asked before each command, and before an option is completed."""
        # The command follows in this task, with no block that could be put around it.
        read_from_here_on(str(interaction.locale))
        return True

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        if isinstance(error, app_commands.CommandNotFound | app_commands.CommandSignatureMismatch):
            sentence = answers.OLD_COMMAND
        elif isinstance(error, app_commands.TransformerError):
            sentence = answers.WRONG_OPTION
        else:
            log.error("a command failed", exc_info=error.__cause__ or error)
            sentence = texts.UNEXPECTED
        await say(interaction, said(sentence))


class Pressed(ui.DynamicItem[ui.Item[Any]], template=re.compile(names.PATTERN.pattern)):
    """Any button or menu of ours, on a message of any age."""

    def __init__(self, item: ui.Item[Any], name: Name) -> None:
        super().__init__(item)
        self.name = name

    @classmethod
    async def from_custom_id(
        cls, interaction: Interaction, item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        """From the name that it carries."""
        return cls(item, Name(*(match[part] or "" for part in ("what", "id", "choice"))))

    async def callback(self, interaction: Interaction) -> None:
        """Answered by whichever part knows the name."""
        client: Any = interaction.client
        await client.routes.click(interaction, self.name)
