"""A team's settings and one's own, from a window that was submitted and cannot ask more, and from a page.

Reads:  the settings as a window or a page wants them.
Gives:  what came of it. What would delete something earlier is asked first. From a window everything else is
        saved at once; from a page nothing is.
"""

from dataclasses import dataclass, replace

from pydantic import ValidationError

from bot.chat.copies import Copies
from bot.chat.notes import Notes
from bot.domain.actors import Actor
from bot.domain.commands import ChangeTeam
from bot.domain.team import Team, settings_change
from bot.service import queries
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.reply import Reply
from bot.wording import texts


@dataclass(frozen=True)
class Own:
    """What somebody said about themselves: to be reminded."""

    reminders: bool


async def own(actor: Actor, ports: Ports) -> Own:
    """A member's own settings in their team."""
    return Own(reminders=await queries.is_reminded(actor, ports))


async def change(command: ChangeTeam, ports: Ports, *, whole: bool = False) -> Reply:
    """Save them; where the reply `asks`, all others are saved, which its text says. Raises BotError.

    whole: or none is. A form that is shown again with all that was typed is sent again with all of it; a
        window is gone, and with it what was not saved.
    `bot.chat.changing.once` answers a second copy like the first; by itself it would be refused as too old.
    """
    reply = await dispatch(command, ports)
    if reply.asks is None or whole:
        return reply
    told, present = "", await ports.teams.team(command.team.id)
    others = command.team.model_copy(update={"retention_days": present.retention_days})
    if settings_change(present, others, command.actor.user, ports.clock.now()) is not None:
        saved = await dispatch(ChangeTeam(command.actor, others), ports)
        if not saved.ok:
            return saved
        told, present = texts.OTHERS_SAVED, await ports.teams.team(command.team.id)
    return replace(reply, text=told, about=f"{command.team.retention_days}.{present.version}")


async def shorten(name: str, actor: Actor, about: str, ports: Ports, notes: Notes) -> Reply:
    """Keep questions for fewer days, after that was asked about; once (`name`). Raises BotError."""
    days, _, version = about.partition(".")
    chosen = {"retention_days": days, "version": version}

    async def act() -> Reply:
        team = await ports.teams.team(actor.team)
        try:
            # Whoever presses a button of their own making sends what they like.
            wanted = Team.model_validate({**team.model_dump(), **chosen})
        except ValidationError:
            return Reply(texts.CHOICE_GONE, ok=False)
        return await dispatch(ChangeTeam(actor, wanted, sure=True), ports)

    return await Copies(notes, ports.clock).once(name, act)
