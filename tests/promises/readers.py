"""People of a place who read another language, and find its buttons all the same."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import pytest

from bot.wording.language import PSEUDO, Phrase, _, reading
from tests.discord_server import CannotDoError, Member
from tests.promises.on_discord import DiscordPlace
from tests.promises.on_slack import SlackPlace
from tests.promises.on_web import WebPlace
from tests.promises.places import Place
from tests.web_house import Person


async def all_read(
    language: str, place: Place, monkeypatch: pytest.MonkeyPatch, *, channel: str = ""
) -> None:
    """Everybody in this place, whoever joins it, and the channel, where that has no other language."""
    await place.team_has(language=channel or language)
    if isinstance(place, WebPlace):
        for browser in (place.asker, *place.people):
            asks_for(language, browser)
        come = place.house.somebody
        monkeypatch.setattr(place.house, "somebody", lambda: asks_for(language, come()))
        return
    assert isinstance(place, SlackPlace | DiscordPlace)
    for member in place.people:
        member.person.locale = language
    if isinstance(place, SlackPlace):
        monkeypatch.setattr(place.house.slack, "user", partial(place.house.slack.user, locale=language))
        return
    place.house.discord.owner().person.locale = language
    if language == PSEUDO:
        # Of people Discord's SDK keeps no language that it does not know.
        place.people[0].guild.locale = language
    presses_by_words_in((language, channel or language), monkeypatch)


def asks_for(language: str, person: Person) -> Person:
    """Their browser does, wherever they go."""
    person.client.session.headers["Accept-Language"] = language
    return person


def presses_by_words_in(languages: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Members find a button of Discord's, and a window, though it is not called in English."""
    find, sees_modal = Member._component, Member.sees_modal

    def found(self: Member, message: Any, wanted: str) -> dict[str, Any]:
        with suppress(CannotDoError):
            return find(self, message, wanted)
        for each in languages:
            with suppress(CannotDoError), reading(each):
                return find(self, message, str(wanted) if isinstance(wanted, Phrase) else _(wanted))
        raise CannotDoError(wanted)

    monkeypatch.setattr(Member, "_component", found)
    # There is one at most before a member.
    monkeypatch.setattr(Member, "sees_modal", lambda self, title="": sees_modal(self))
