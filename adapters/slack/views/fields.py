"""Fields of forms, as Slack's inputs: each kind of field has one way of being drawn.

Reads:  `bot.wording.fields`, and what stands in a field at first.
Gives:  input blocks, whose names are the fields'.
"""

from collections.abc import Collection, Mapping
from typing import Any

from adapters.slack.views.blocks import Block, choice, field, option, text_input, ticks
from bot.domain.team import Team
from bot.wording import buttons, settings_lines
from bot.wording.choices import beginning
from bot.wording.fields import Field, Form, Kind, shown_on

# Slack refuses a window whose picker begins with more.
PICKED = 100
CHANNELS_HERE = {"include": ["public", "private"], "exclude_bot_users": True}
YES = "yes"
BARE: Mapping[Kind, Block] = {
    Kind.MOMENT: {"type": "datetimepicker"},
    Kind.TIME_OF_DAY: {"type": "timepicker"},
    Kind.CHANNEL: {
        "type": "conversations_select",
        "default_to_current_conversation": True,
        "filter": CHANNELS_HERE,
    },
}


def drawn(each: Field, team: Team | None = None, *, begins: str | None = None, **given: Any) -> Block:
    """A field's input, with what is usual in the team or `begins` in it.

    given: `hint` in place of the field's own; `focus`, `offered` and `kind` as their elements take them.
    """
    hint = given.pop("hint", each.hint)
    if each.kind in (Kind.PEOPLE, Kind.CHANNELS):
        assert team is not None
        chosen = each.present(team)
        return _input(each, _several(each.kind, chosen), f"{hint} {_and_more(chosen)}".strip())
    text = begins if begins is not None else each.begins(team or Team(id=""))
    return _input(each, _element(each, text, team or Team(id=""), **given), hint)


def _input(each: Field, element: Block, hint: str) -> Block:
    optional = each.optional or each.kind in (Kind.PEOPLE, Kind.CHANNELS, Kind.YES_NO)
    return field(each.label, each.name, element, hint=hint, optional=optional)


def _element(
    each: Field,
    text: str,
    team: Team,
    *,
    focus: bool = False,
    offered: Mapping[str, str] | None = None,
    kind: str = "static_select",
) -> Block:
    if each.kind is Kind.PERSON:
        return {"type": "users_select", **({"initial_user": text} if text else {})}
    if each.kind in BARE:
        return dict(BARE[each.kind])
    if each.kind is Kind.YES_NO:
        return ticks([option(buttons.YES, YES)], [YES] if text == str(True) else [])
    if each.kind is not Kind.CHOICE:
        most = each.limit or len(str(each.highest))
        lines = each.kind is Kind.LINES
        return text_input(text, lines=lines, most=most, placeholder=each.placeholder, focus=focus)
    if offered is not None:
        return choice([option(words, value) for value, words in offered.items()], text or None)
    # Radio buttons have room for a second line, menus have not enough.
    told = [
        option(words, value, more if kind == "radio_buttons" else "")
        for value, (words, more) in each.offers(team).items()
    ]
    return choice(told, text or None, kind=kind)


def radio(each: Field, team: Team) -> str:
    """How a choice is drawn where there is room: as buttons if its words have a second line."""
    longer = each.kind is Kind.CHOICE and any(more for _, more in each.offers(team).values())
    return "radio_buttons" if longer else "static_select"


def switches(team: Team) -> Block:
    """All of the settings' yes and no in one input."""
    each = shown_on(Form.SETTINGS, Kind.YES_NO)
    on = [one.name for one in each if one.present(team)]
    return ticks([option(one.label, one.name) for one in each], on)


def _several(kind: Kind, chosen: Collection[str]) -> Block:
    begun = beginning(chosen, PICKED)
    if kind is Kind.PEOPLE:
        return {"type": "multi_users_select", **({"initial_users": begun} if begun else {})}
    element: Block = {"type": "multi_conversations_select", "filter": CHANNELS_HERE}
    return {**element, "initial_conversations": begun} if begun else element


def _and_more(chosen: Collection[str]) -> str:
    more = len(chosen) - PICKED
    return settings_lines.more_chosen(more, "Slack", PICKED) if more > 0 else ""
