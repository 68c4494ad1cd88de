"""Changing a question's words in a chat, before anybody has answered; its terms stay.

Reads:  the question, and what was typed into the window.
Gives:  the question to draw the window of; a reply. What may be changed, `bot.domain.deliberation` says.
"""

from collections.abc import Mapping

from bot.domain.actors import Actor
from bot.domain.commands import ChangeQuestion
from bot.domain.deliberation import ANSWERED_ALREADY, Deliberation
from bot.domain.errors import TransitionError
from bot.service.access import load_steered
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.reply import Reply
from bot.wording import texts
from bot.wording.fields import Field, Form, field

FIELDS = ("question", "context")


def fields() -> list[Field]:
    """The window's inputs."""
    return [field(Form.ASK, name) for name in FIELDS]


async def opened(actor: Actor, id_: str, ports: Ports) -> Deliberation:
    """The question as it is. Raises DomainError for whoever may not change it, or not any more."""
    d = await load_steered(actor, id_, ports)
    if not d.may_be_changed:
        raise TransitionError(texts.why_cancelled(d) or texts.ALREADY_CLOSED)
    if await ports.contributions.opinion_count(d.id):
        raise TransitionError(ANSWERED_ALREADY)
    return d


async def change(actor: Actor, id_: str, edition: str, typed: Mapping[str, str], ports: Ports) -> Reply:
    """Put what was typed in its place. edition: the one that the window showed."""
    seen = int(edition) if edition.isdecimal() else None
    question, context = (typed.get(name, "") for name in FIELDS)
    return await dispatch(ChangeQuestion(actor, id_, question, context, seen=seen), ports)
