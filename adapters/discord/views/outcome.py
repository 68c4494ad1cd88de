"""The window in which it is recorded what was decided.

Reads:  a settled question, and what was typed before.
Gives:  a window with room for five inputs: a member is named with the command, or as a mention.
"""

import re
from collections.abc import Mapping

from discord import ui

from adapters.discord.views import names
from adapters.discord.views.drawn import PRIMARY, Drawn, Press, said
from adapters.discord.views.fields import drawn
from adapters.discord.views.modals import window
from adapters.discord.views.names import custom_id
from bot.domain.deliberation import Deliberation
from bot.wording import buttons
from bot.wording.fields import Kind
from bot.wording.forms import outcome_fields, outcome_start

MENTION = re.compile(r"<@!?(\d{1,20})>")


def outcome_window(d: Deliberation, typed: Mapping[str, str]) -> ui.Modal:
    """What is kept stands in it, and over that what was `typed` or chosen."""
    begun = {**outcome_start(d), **typed}
    if member := begun.get("member"):
        begun["who"] = f"<@{member}>"
    inputs = [
        drawn(each, begins=begun.get(each.name, ""))
        for each in outcome_fields(d)
        if each.kind is not Kind.PERSON
    ]
    return window(buttons.OUTCOME, custom_id(names.OUTCOME, d.id), *inputs)


def with_member(typed: Mapping[str, str]) -> dict[str, str]:
    """What was typed, where a mention in place of a name is that member."""
    found = MENTION.fullmatch(typed.get("who", "").strip())
    return {**typed, "who": "", "member": found[1]} if found else {**typed, "member": ""}


def refused_outcome(id_: str, because: str) -> Drawn:
    """Why nothing was kept, and a way back to what was typed."""
    return said(because, Press(buttons.FIX_IT, names.OUTCOME, id_, names.AGAIN, style=PRIMARY))
