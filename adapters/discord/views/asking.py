"""The window in which a question is asked.

Reads:  a server's settings, and what was typed or chosen before.
Gives:  a window. It has room for five inputs: whatever else was chosen by the command waits for it.
"""

from collections.abc import Mapping

from discord import ui

from adapters.discord.views import names, text
from adapters.discord.views.drawn import WARNING, Drawn, Press, embed
from adapters.discord.views.fields import drawn
from adapters.discord.views.listing import as_file
from adapters.discord.views.modals import window
from adapters.discord.views.names import custom_id
from bot.domain.team import Team
from bot.wording import buttons, card_lines, fields
from bot.wording.fields import Form
from bot.wording.forms import deadline_hint

ASKED_IN_WINDOW = ("question", "context", "deadline", "identity", "rating_by")
WRITTEN = ("question", "context", "deadline")


def ask_window(key: str, team: Team, typed: Mapping[str, str], *, zone: str = "UTC") -> ui.Modal:
    """`typed` stands in it; `key` finds what else was chosen."""
    hints = {"deadline": deadline_hint(team.defaults, zone)}
    inputs = [
        drawn(fields.field(Form.ASK, name), team, begins=typed.get(name) or None, hint=hints.get(name))
        for name in ASKED_IN_WINDOW
    ]
    return window(buttons.FIND_COMMON_GROUND, custom_id(names.ASK, key), *inputs)


def not_posted(because: str, typed: Mapping[str, str], *presses: Press) -> Drawn:
    """Why a question was not posted, with what its writer typed: in a file where it is too long to show."""
    wrote = "\n\n".join(typed[name] for name in WRITTEN if typed.get(name))
    whole = text.fits(wrote, text.DESCRIPTION)
    return Drawn(
        content=text.escape(because, text.CONTENT),
        embeds=(embed(card_lines.WHAT_YOU_WROTE, text.escape(wrote), colour=WARNING),) if wrote else (),
        buttons=presses,
        files=() if whole else (as_file("what-you-wrote.txt", wrote),),
    )
