"""A server's settings: what they are now, the windows that change them, one's own reminders and learning.

Reads:  a `Team`, the log of its changes, what permissions are missing where.
Gives:  messages, and windows whose inputs carry the names that `bot.wording.forms` reads. A window has room
        for five inputs, so there are five of them; what one does not show stays as it is when it is saved.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from discord import ui

from adapters.discord.config import prevented
from adapters.discord.views import names, text
from adapters.discord.views.drawn import COLOUR, DANGER, PRIMARY, WARNING, Drawn, Press, embed
from adapters.discord.views.fields import drawn, offered
from adapters.discord.views.modals import choice, window
from adapters.discord.views.names import custom_id
from adapters.discord.views.text import channel, escape, person, role, when
from bot.chat.settings import Own
from bot.domain.team import SettingsChange, Team, WhoMayAsk
from bot.wording import buttons, settings_lines, texts, troubles
from bot.wording.choices import lasts
from bot.wording.confirmations import Confirmation, stopping_learning
from bot.wording.fields import PARTS, SWITCHES, Field, Form, Kind, Part, labelled, shown_on
from bot.wording.permissions import ON_DISCORD
from bot.wording.settings_changes import changed
from engine.types import WelfareName

LISTED = 10
CHANGES_SHOWN = 5
CHANNELS_TOLD = 5
# Five of them fit into a field of an embed.
CHANGE = 195
MENTIONS = {Kind.PEOPLE: person, Kind.ROLES: role, Kind.CHANNELS: channel}
# Discord has no guests.
NOT_HERE = frozenset({"exclude_guests"})


# -- what there is now ---------------------------------------------------------------------------


def own_message(own: Own, told: str = "") -> Drawn:
    """One's own part."""
    shown = embed(settings_lines.OWN_TITLE_IN_SERVER, _own_words(own))
    return Drawn(content=escape(told, text.CONTENT), embeds=(shown,), buttons=_own_buttons(own))


def _own_words(own: Own) -> str:
    reminders = settings_lines.REMINDED if own.reminders else settings_lines.NOT_REMINDED
    return f"{reminders}\n{texts.OWN_LEARNING_NOTE}"


def _own_buttons(own: Own) -> tuple[Press, ...]:
    reminders = (buttons.STOP_REMINDING, "off") if own.reminders else (buttons.REMIND_AGAIN, "on")
    return (
        Press(reminders[0], names.OWN, "reminders", reminders[1]),
        Press(buttons.STOP_LEARNING, names.OWN, "learning", "off"),
    )


def asks_to_stop_learning() -> Drawn:
    """What is asked before what was kept to learn from is erased."""
    asks = stopping_learning()
    sure = Press(asks.yes, names.OWN, "learning", names.SURE, style=DANGER)
    leave = Press(buttons.KEEP_AS_IT_IS, names.SHORTEN)
    return Drawn(content=f"{asks.asks} {asks.follows}", buttons=(sure, leave))


def settings_message(
    team: Team,
    own: Own,
    changes: Sequence[SettingsChange],
    missing: Mapping[str, Sequence[str]],
    told: str = "",
) -> Drawn:
    """The server's settings, for its admins.

    missing: for each channel the permissions that these settings need and the app has not there.
    """
    problems = _problems(missing)
    shown = embed(
        settings_lines.TEAM_TITLE,
        problems,
        fields=[
            *((title, _part_words(part, team)) for part, title in PARTS.items()),
            (settings_lines.LAST_CHANGES, "\n".join(_change(each) for each in changes[:CHANGES_SHOWN])),
            (settings_lines.YOU_YOURSELF, _own_words(own)),
        ],
        colour=WARNING if problems else COLOUR,
    )
    parts = tuple(Press(title, names.SETTINGS, str(part), style=PRIMARY) for part, title in PARTS.items())
    return Drawn(
        content=escape(told, text.CONTENT),
        embeds=(shown,),
        buttons=(
            *parts,
            Press(buttons.LIBRARY, names.LIBRARY, "templates"),
            *_own_buttons(own),
        ),
    )


def _problems(missing: Mapping[str, Sequence[str]]) -> str:
    """Each missing permission, what it prevents, and in which channels."""
    lines = []
    for name in ON_DISCORD:
        places = [channel(id_) for id_, lacked in missing.items() if name in lacked]
        if places:
            lines.append(f"⚠️ {prevented([name])}: {_several(places, most=CHANNELS_TOLD)}")
    return (
        "\n".join([f"**{settings_lines.MISSING_PERMISSIONS}**", *lines, str(troubles.GIVE_PERMISSIONS)])
        if lines
        else ""
    )


def _part_words(part: Part, team: Team) -> str:
    """A part of the settings, a line for each; what says nothing here is left out."""
    told = ((each.called, _in_words(each, team)) for each in shown_on(Form.SETTINGS, part=part))
    return "\n".join(f"{label}: {words}" for label, words in told if words)


def _in_words(each: Field, team: Team) -> str:
    if each.name in NOT_HERE or not _counts(each, team):
        return ""
    if each.kind in MENTIONS:
        nobody = settings_lines.EVERYWHERE if each.kind is Kind.CHANNELS else settings_lines.NOBODY
        return _several(map(MENTIONS[each.kind], sorted(each.present(team))), nobody)
    if each.kind is Kind.YES_NO:
        return settings_lines.YES if each.present(team) else settings_lines.NO
    if each.kind is Kind.HOURS:
        period = each.present(team)
        return settings_lines.UNTIL_CLOSED if period is None else lasts(period)
    begun = each.begins(team)
    words = offered(each, team)[begun][0] if each.kind is Kind.CHOICE else begun
    return words or ("" if each.name == "emoji" else settings_lines.NO_VALUE)


def _counts(each: Field, team: Team) -> bool:
    """Whether a field means anything beside the others: “nobody” under “Everyone” would say they may not."""
    if each.name in ("may_ask_users", "may_ask_roles"):
        return team.who_may_ask is WhoMayAsk.LISTED
    return each.name != "alpha" or team.defaults.welfare.name is WelfareName.ISOELASTIC


def _several(shown: Iterable[str], none: str = settings_lines.NOBODY, most: int = LISTED) -> str:
    found = list(shown)
    return settings_lines.several(found[:most], len(found) - most) if found else str(none)


def _change(change: SettingsChange) -> str:
    """As many of the changed fields as there is room for; a mention is never cut."""
    parts = changed(change, MENTIONS, lambda raw: escape(raw, 40))
    told = f"{when(change.at)} {person(change.user)}: {parts[0]}"
    for part in parts[1:]:
        if len(told) + len(part) > CHANGE:
            return f"{told}; …"
        told = f"{told}; {part}"
    return told


def shorter_message(told: str, asks: Confirmation, name: str) -> Drawn:
    """What is asked before questions are kept for less time; `name` goes with the button that does it."""
    words = f"{told} {asks.asks} {asks.follows}".strip()
    sure = Press(asks.yes, names.SHORTEN, name, style=DANGER)
    back = Press(buttons.KEEP_AS_IT_IS, names.SHORTEN)
    return Drawn(content=escape(words, text.CONTENT), buttons=(sure, back))


def refused(errors: Mapping[str, str], part: str) -> Drawn:
    """What cannot be saved, each with its input's name, and the way back."""
    told = "\n".join([str(settings_lines.NOTHING_SAVED), *labelled(Form.SETTINGS, errors)])
    back = Press(buttons.OPEN_IT_AGAIN, names.SETTINGS, part, style=PRIMARY)
    return Drawn(content=escape(told, text.CONTENT), buttons=(back,))


# -- the windows ---------------------------------------------------------------------------------


def settings_window(part: str, team: Team) -> ui.Modal:
    """One of the windows; it says by its name which version of the settings it was drawn from."""
    inputs = [
        drawn(each, team) for each in shown_on(Form.SETTINGS, part=Part(part)) if each.kind is not Kind.YES_NO
    ]
    name = custom_id(names.SETTINGS_WINDOW, part, str(team.version))
    return window(PARTS[Part(part)], name, *inputs, *_switches(Part(part), team))


def switched(part: str, typed: Mapping[str, str], team: Team) -> Mapping[str, str]:
    """What a window's one input of yes and no says, with those of the other windows as they are."""
    if SWITCHES not in typed:
        return typed
    others = [
        each.name
        for each in shown_on(Form.SETTINGS, Kind.YES_NO)
        if (each.part is None or str(each.part) != part) and each.present(team)
    ]
    return {**typed, SWITCHES: ",".join([typed[SWITCHES], *others])}


def _switches(part: Part, team: Team) -> Sequence["ui.Label[Any]"]:
    """All yes and no of a part in one input."""
    boxes = {
        each.name: each
        for each in shown_on(Form.SETTINGS, Kind.YES_NO, part=part)
        if each.name not in NOT_HERE
    }
    if not boxes:
        return ()
    on = [name for name, each in boxes.items() if each.present(team)]
    words = {name: each.label for name, each in boxes.items()}
    return (choice(settings_lines.SWITCHES, SWITCHES, words, on, most=len(words), required=False),)
