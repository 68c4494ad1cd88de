"""Fields of forms, as Discord's inputs; as options of its commands they are in `command_options`.

Reads:  `bot.wording.fields`, and what stands in a field at first.
Gives:  labelled inputs whose names are the fields'.
"""

from collections.abc import Collection, Mapping
from typing import Any

import discord
from discord import ui

from adapters.discord.views.modals import choice, field, labelled
from bot.domain.team import Team
from bot.wording import buttons, settings_lines
from bot.wording.choices import POLL_CHOICE, beginning
from bot.wording.fields import Field, Kind

# Discord refuses a window whose picker begins with more.
PICKED = 25
YES = "yes"
# Channels in which, or in whose threads, a question can stand.
ASKED_IN = [discord.ChannelType.text, discord.ChannelType.news, discord.ChannelType.forum]
PICKERS: Mapping[Kind, Any] = {
    Kind.PEOPLE: ui.UserSelect,
    Kind.ROLES: ui.RoleSelect,
    Kind.CHANNELS: ui.ChannelSelect,
}
BEGUN = {
    Kind.PEOPLE: discord.SelectDefaultValueType.user,
    Kind.ROLES: discord.SelectDefaultValueType.role,
    Kind.CHANNELS: discord.SelectDefaultValueType.channel,
}


def drawn(
    each: Field, team: Team | None = None, *, begins: str | None = None, hint: str | None = None
) -> "ui.Label[Any]":
    """A field's input, with what is usual in the team or `begins` in it."""
    team = team or Team(id="")
    if each.kind in PICKERS:
        return _picker(each, each.present(team))
    initial = each.begins(team) if begins is None else begins
    told = each.hint if hint is None else hint
    if each.kind is Kind.CHOICE:
        return choice(each.label, each.name, offered(each, team), [initial], hint=told)
    if each.kind is Kind.YES_NO:
        return choice(each.label, each.name, {YES: buttons.YES}, [initial], hint=told, required=False)
    return field(
        each.label,
        each.name,
        initial,
        hint=told,
        most=each.limit or len(str(each.highest)),
        lines=each.kind is Kind.LINES,
        required=not each.optional,
        placeholder=each.placeholder,
    )


def offered(each: Field, team: Team) -> dict[str, Any]:
    """What can be chosen; Discord has polls of its own."""
    more = {str(by): told for by, told in POLL_CHOICE.items()} if each.name == "rating_by" else {}
    return {**each.offers(team), **more}


def _picker(each: Field, chosen: Collection[str]) -> "ui.Label[Any]":
    """A menu of the server's people, roles or channels; those that are chosen already stand in it."""
    more = len(chosen) - PICKED
    told = settings_lines.more_chosen(more, "Discord", PICKED) if more > 0 else ""
    begun = [
        discord.SelectDefaultValue(id=int(one), type=BEGUN[each.kind])
        for one in beginning(chosen, PICKED)
        if one.isdigit()
    ]
    given = {"channel_types": ASKED_IN} if each.kind is Kind.CHANNELS else {}
    menu = PICKERS[each.kind](
        custom_id=each.name, min_values=0, max_values=PICKED, required=False, default_values=begun, **given
    )
    return labelled(each.label, menu, told or each.hint)
