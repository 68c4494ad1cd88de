"""The window in which a question's words are changed.

Reads:  the question, and what was typed before.
Gives:  a window that says which edition it showed.
"""

from collections.abc import Mapping

from discord import ui

from adapters.discord.views import names
from adapters.discord.views.fields import drawn
from adapters.discord.views.modals import window
from adapters.discord.views.names import custom_id
from bot.chat import rewording
from bot.domain.deliberation import Deliberation
from bot.wording import buttons


def change_window(d: Deliberation, typed: Mapping[str, str]) -> ui.Modal:
    """The words as they are, and over those what was `typed`."""
    begun = {"question": d.question, "context": d.context, **typed}
    inputs = [drawn(each, begins=begun[each.name]) for each in rewording.fields()]
    return window(buttons.CHANGE_QUESTION, custom_id(names.CHANGE, d.id, str(d.edition)), *inputs)
