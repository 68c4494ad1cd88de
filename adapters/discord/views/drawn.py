"""A message as data, before it is sent: text, embeds, buttons, a poll.

Reads:  what the other views put together.
Gives:  the arguments that discord.py sends a message with. Its own views are made at the last moment and are
        not waited for in memory: a button says what it means by its name, so any process can answer it.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import discord
from discord import ui

from adapters.discord.views import text
from adapters.discord.views.names import custom_id
from bot.pictures.results import Picture

COLOUR = 0x2F7D6B
WARNING = 0xC27C0E
BUTTONS_PER_ROW = 5
# A row that is too wide for a phone breaks into two: pairs of four stand better than two and two and one.
PER_ROW_OF_SCALE = 4
PICTURE = "result.png"
ALT_TEXT = 1_024


@dataclass(frozen=True)
class Press:
    """A button: what it is called, and what its press means (`names`); `url` makes it a link instead.

    emoji: stands before the words; a standard one, or one of the server's own.
    """

    label: str
    what: str = ""
    id: str = ""
    choice: str = ""
    style: discord.ButtonStyle = discord.ButtonStyle.secondary
    url: str = ""
    emoji: str = ""

    def made(self, row: int) -> "ui.Button[Any]":
        """As the SDK wants it."""
        label = text.plain(self.label, text.BUTTON)
        if self.url:
            return ui.Button(label=label, url=self.url, row=row)
        name = custom_id(self.what, self.id, self.choice)
        return ui.Button(label=label, custom_id=name, style=self.style, row=row, emoji=self.emoji or None)


@dataclass(frozen=True)
class Menu:
    """A menu under a message: what to choose from (at most 25), and what choosing means (`names`)."""

    placeholder: str
    what: str
    id: str
    offered: Mapping[str, str]
    choice: str = ""

    def made(self, row: int) -> "ui.Select[Any]":
        """As the SDK wants it."""
        options = [
            discord.SelectOption(label=text.cut(words, text.OPTION), value=value)
            for value, words in list(self.offered.items())[:25]
        ]
        placeholder = text.cut(self.placeholder, text.PLACEHOLDER)
        name = custom_id(self.what, self.id, self.choice)
        return ui.Select(custom_id=name, placeholder=placeholder, options=options, row=row)


PRIMARY = discord.ButtonStyle.primary
DANGER = discord.ButtonStyle.danger


@dataclass(frozen=True)
class Drawn:
    """A message; `per_row` of its buttons stand in a row.

    picture: stands by itself and not in an embed, where Discord shows no words in its place.
    """

    content: str = ""
    embeds: tuple[discord.Embed, ...] = ()
    buttons: tuple[Press, ...] = ()
    poll: discord.Poll | None = None
    files: tuple[discord.File, ...] = field(default=())
    menus: tuple[Menu, ...] = ()
    per_row: int = BUTTONS_PER_ROW
    picture: Picture | None = None

    @property
    def own_emoji(self) -> bool:
        """Whether something in it has an emoji of a server's own, which may have been deleted since."""
        in_poll = self.poll.answers if self.poll else ()
        return any(each.emoji.startswith("<") for each in self.buttons) or any(map(_has_own, in_poll))

    def without_own_emoji(self) -> "Drawn":
        """The same without those; their words stay."""
        buttons = [replace(each, emoji="") if each.emoji.startswith("<") else each for each in self.buttons]
        return replace(self, buttons=tuple(buttons), poll=self.poll and _plain(self.poll))

    def view(self) -> ui.View | None:
        """The buttons, in rows, and below them the menus, each in a row of its own."""
        if not self.buttons and not self.menus:
            return None
        view = ui.View(timeout=None)
        for number, button in enumerate(self.buttons):
            view.add_item(button.made(number // self.per_row))
        for row, menu in enumerate(self.menus, start=-(-len(self.buttons) // self.per_row)):
            view.add_item(menu.made(row))
        # Not kept by the SDK: presses are answered by name.
        view.stop()
        return view

    def new(self) -> dict[str, Any]:
        """Arguments for a new message."""
        given: dict[str, Any] = {"embeds": list(self.embeds)}
        if self.content:
            given["content"] = str(self.content)
        if (view := self.view()) is not None:
            given["view"] = view
        if self.poll is not None:
            given["poll"] = self.poll
        if attached := self._attached():
            given["files"] = attached
        return given

    def instead(self) -> dict[str, Any]:
        """Arguments for a message that is put in another one's place: what is not there goes away."""
        return {
            "content": str(self.content) or None,
            "embeds": list(self.embeds),
            "view": self.view(),
            "attachments": self._attached(),
        }

    def _attached(self) -> list[discord.File]:
        if self.picture is None:
            return list(self.files)
        # A new one each time: the SDK closes what it has sent.
        shown = io.BytesIO(self.picture.content)
        told = text.cut(self.picture.told, ALT_TEXT)
        return [*self.files, discord.File(shown, filename=PICTURE, description=told)]


def _has_own(answer: discord.PollAnswer) -> bool:
    return answer.emoji is not None and answer.emoji.id is not None


def _plain(poll: discord.Poll) -> discord.Poll:
    made = discord.Poll(poll.question, duration=poll.duration)
    for answer in poll.answers:
        made.add_answer(text=answer.text, emoji=None if _has_own(answer) else answer.emoji)
    return made


def ours(sentence: str, *buttons: Press) -> Drawn:
    """A sentence of this adapter's, which is Markdown already and quotes nobody."""
    return Drawn(content=text.cut(sentence, text.CONTENT), buttons=buttons)


def said(sentence: str, *buttons: Press) -> Drawn:
    """Any other sentence, escaped: it may quote a question, or what somebody typed."""
    return Drawn(content=text.escape(sentence, text.CONTENT), buttons=buttons)


def embed(
    title: str, description: str = "", *, fields: Sequence[tuple[str, str]] = (), colour: int = COLOUR
) -> discord.Embed:
    """An embed; title and texts are Markdown already, and are cut where they are too long."""
    made = discord.Embed(
        title=text.cut(title, text.TITLE) or None,
        description=text.cut(description, text.DESCRIPTION) or None,
        colour=colour,
    )
    for name, value in fields:
        if value:
            made.add_field(
                name=text.cut(name, text.FIELD_NAME) or text.NOTHING,
                value=text.cut(value, text.FIELD),
                inline=False,
            )
    return made
