"""What is new on a platform since the last look, as HTML."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from playwright.async_api import ViewportSize

from tests.discord_server.state import Modal
from tests.e2e.browser import PHONE
from tests.pictures import discord, slack
from tests.promises.on_discord import DiscordPlace
from tests.promises.on_slack import SlackPlace
from tests.promises.on_web import WebPlace

SHEET = (Path(__file__).parent / "sheet.html").read_text(encoding="utf-8")
CALLBACK = "POST /interactions/{interaction}/{token}/callback"
A_WINDOW = 9
WIDE = ViewportSize(width=680, height=300)


class Camera(ABC):
    """Sees everything once: a message again only when it has changed."""

    look = ""
    """A class of the sheet."""
    widths: Sequence[ViewportSize] = (WIDE,)
    """Of what it is looked at with."""
    address = "http://127.0.0.1/"
    """Where pages are looked at, and what they name is found."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def pages(self) -> list[str]:
        """What has come or changed since the last time, as whole pages."""
        new = self.new()
        return [SHEET.replace("<body>", f'<body class="{self.look}">{"".join(new)}')] if new else []

    def new(self) -> list[str]:
        """What has come or changed since the last time."""
        drawn = [(json.dumps(given, sort_keys=True, default=str), text) for given, text in self.shown()]
        fresh = dict(each for each in drawn if each[0] not in self._seen)
        self._seen |= fresh.keys()
        return list(fresh.values())

    @abstractmethod
    def shown(self) -> Iterator[tuple[Any, str]]:
        """Everything on show, as it was given and as it is drawn."""


class SlackCamera(Camera):
    """A workspace. Windows are noted whenever something changes, as members close them."""

    def __init__(self, place: SlackPlace) -> None:
        super().__init__()
        self._slack = place.house.slack
        self._team = place.people[0].team
        self._windows: list[tuple[Any, str]] = []
        ring = self._slack.state.ring

        def noted() -> None:
            self._windows += [(view.given, slack.window(view)) for view in self._team.views()]
            ring()

        self._slack.state.ring = noted  # type: ignore[method-assign]

    def shown(self) -> Iterator[tuple[Any, str]]:
        windows, self._windows = self._windows, []
        yield from windows
        files = {upload.id: upload.content for upload in self._slack.uploads.values()}
        rooms = [channel.shown for channel in self._team.channels.values()]
        for message in [each for some in (*rooms, *self._team.ephemerals.values()) for each in some]:
            yield (message.ts, message.blocks, message.text, message.reactions), slack.message(message, files)


class DiscordCamera(Camera):
    """A server."""

    look = "dark"

    def __init__(self, place: DiscordPlace) -> None:
        super().__init__()
        self._discord = place.house.discord

    def shown(self) -> Iterator[tuple[Any, str]]:
        for number, call in enumerate(self._discord.calls(CALLBACK)):
            if call.body.get("type") == A_WINDOW:
                given = call.body["data"]
                yield (number, given), discord.window(Modal(given, interaction=None))  # type: ignore[arg-type]
        for message in self._discord.state.messages():
            if message.author.is_bot and not message.deleted:
                files = [file.data for file in message.attachments]
                parts = message.content, message.embeds, message.components, message.reactions, files
                yield (message.id, parts), discord.message(message)


class WebCamera(Camera):
    """The pages that are open in the browsers of everybody."""

    widths = (WIDE, PHONE)

    def __init__(self, place: WebPlace) -> None:
        super().__init__()
        self._place = place
        self.address = str(place.house.server.make_url("/"))

    def pages(self) -> list[str]:
        """Each is a page of its own."""
        return self.new()

    def shown(self) -> Iterator[tuple[Any, str]]:
        for person in self._place.house.people:
            if person.page:
                yield person.page, person.page
