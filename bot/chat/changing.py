"""Changing a team's settings and library, or one's own: each act once.

Reads:  the name of an act, the same for every copy of it; the command.
Gives:  what came of it. A late copy brings back nothing that was removed since, and removes nothing that was
        made anew. What would be lost is asked about first; the reply then `asks`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from uuid import uuid4

from pydantic import ValidationError

from bot.chat.copies import Copies
from bot.chat.notes import HOUR_S, Notes
from bot.chat.settings import change
from bot.domain.actors import Actor
from bot.domain.commands import AddSchedule, ChangeTeam, Command, SaveTemplate, StopLearning
from bot.domain.library import Template
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.reply import Reply
from bot.wording import texts
from bot.wording.forms import planned
from engine.types import Frozen


async def once(name: str, command: Command, ports: Ports, notes: Notes) -> Reply:
    """Do it, unless a copy of the same act did: then its answer again. Raises BotError."""

    async def act() -> Reply:
        if isinstance(command, ChangeTeam):
            return await change(command, ports)
        if isinstance(command, SaveTemplate):
            return await _save(command, ports, notes)
        return await dispatch(command, ports)

    return await Copies(notes, ports.clock).once(name, act)


class _Replacing(Frozen):
    """What waits for an answer: a template, and the one that was asked about."""

    new: Template
    before: Template


async def _save(command: SaveTemplate, ports: Ports, notes: Notes) -> Reply:
    # Looked at first: whatever is saved in between is asked about again.
    there = {kept.name: kept for kept in await ports.library.templates(command.actor.team)}
    reply = await dispatch(command, ports)
    if reply.asks is None:
        return reply
    template = command.template.checked()
    before = there.get(template.name, template)
    # Too long for a button: what is to be kept waits here for its answer.
    about = uuid4().hex
    waits = _Replacing(new=template, before=before)
    await notes.put(f"replaces {about}", waits.model_dump_json(), for_s=HOUR_S)
    return replace(reply, text="", about=about)


def adding(
    typed: Mapping[str, str], offered: Sequence[str], zone: str, place: tuple[str, str], key: str
) -> tuple[Callable[[Actor], AddSchedule] | None, dict[str, str]]:
    """The schedule that a form asks for, by whoever sends it; or a sentence for each input.

    offered: the templates' names in their order. place: platform and channel. All copies of a form have one
    `key`.
    """
    plan, errors = planned(typed, offered, zone)
    if plan is None:
        return None, errors
    platform, channel = place

    def command(actor: Actor) -> AddSchedule:
        return AddSchedule(
            actor,
            platform=platform,
            channel=channel,
            idempotency_key=key,
            template=plan.template,
            once=plan.once,
            weekly=plan.weekly,
            closes_after=plan.closes_after,
        )

    return command, {}


async def stop_learning(name: str, actor: Actor, about: str, ports: Ports, notes: Notes) -> Reply:
    """Learn no more from this person, after that was asked about. Raises BotError."""
    return await once(name, StopLearning(actor), ports, notes)


async def replace_template(name: str, actor: Actor, about: str, ports: Ports, notes: Notes) -> Reply:
    """Put a template in the place of the one that was asked about; another there is asked about anew.

    Raises BotError.
    """
    kept = await notes.get(f"replaces {about}")
    if kept is None:
        return Reply(texts.CHOICE_GONE, ok=False)
    try:
        waits = _Replacing.model_validate_json(kept)
    except ValidationError:
        # As versions before this one kept it, without what was asked about.
        return Reply(texts.CHOICE_GONE, ok=False)
    return await once(name, SaveTemplate(actor, waits.new, instead_of=waits.before), ports, notes)
