"""Taking something out of what a team keeps for asking again: asked first, the same on every platform.

Reads:  which shelf it stands on and its key there (a template's name, else an id); what the team keeps.
Gives:  what is asked, with what follows; the command that takes it out.
"""

from collections.abc import Callable

from bot.chat.old_buttons import OldButtonError
from bot.domain.actors import Actor
from bot.domain.commands import Command, RemoveQuestion, RemoveSchedule, RemoveTemplate
from bot.domain.errors import LibraryError
from bot.service.queries import LibraryView
from bot.wording import texts
from bot.wording.confirmations import (
    Confirmation,
    removing_question,
    removing_schedule,
    removing_template,
)

TEMPLATES, BANK, SCHEDULES = "templates", "bank", "schedules"
TAKING_OUT: dict[str, Callable[[Actor, str], Command]] = {
    TEMPLATES: RemoveTemplate,
    BANK: RemoveQuestion,
    SCHEDULES: RemoveSchedule,
}


def asked_first(shelf: str, key: str, kept: LibraryView) -> Confirmation:
    """What is asked before this is taken out.

    Raises LibraryError where it is gone already, OldButtonError for a shelf that there is not.
    """
    found = {
        TEMPLATES: {each.name: removing_template(each, kept.schedules) for each in kept.templates},
        BANK: {each.id: removing_question(each) for each in kept.bank},
        SCHEDULES: {each.id: removing_schedule(each) for each in kept.schedules},
    }
    if shelf not in found:
        raise OldButtonError
    if key not in found[shelf]:
        raise LibraryError(texts.GONE_ALREADY)
    return found[shelf][key]
