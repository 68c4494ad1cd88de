"""Changing a team's settings on a chat platform, where a window that was submitted cannot ask anything more.

Reads:  the settings as a window wants them.
Gives:  what came of it. What would delete something earlier is asked first; everything else is saved at once.
"""

from dataclasses import replace

from bot.chat.copies import Copies
from bot.chat.notes import Notes
from bot.domain.actors import Actor
from bot.domain.commands import ChangeTeam
from bot.domain.team import Team, settings_change
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.reply import Reply
from bot.wording import texts

RETENTION = "retention_days"


async def change(command: ChangeTeam, ports: Ports) -> Reply:
    """Save them; where the reply `asks`, all others are saved, which its text says. Raises BotError.

    A second copy of the window is answered like the first.
    """
    present = await ports.teams.team(command.team.id)
    told = ""
    if await _saved_the_others(command, present, ports):
        told, command = texts.OTHERS_SAVED, replace(command, team=_of_version(command.team, present))
    reply = await dispatch(command, ports)
    if reply.asks is None:
        return reply
    present = await ports.teams.team(command.team.id)
    others = command.team.model_copy(update={"retention_days": present.retention_days})
    if settings_change(present, others, command.actor.user, ports.clock.now()) is not None:
        saved = await dispatch(ChangeTeam(command.actor, others), ports)
        if not saved.ok:
            return saved
        told, present = texts.OTHERS_SAVED, await ports.teams.team(command.team.id)
    return replace(reply, text=told, about=f"{command.team.retention_days}.{present.version}")


async def _saved_the_others(command: ChangeTeam, present: Team, ports: Ports) -> bool:
    """Whether a first copy of this change saved all but the days: the newest change is that, and by them."""
    wanted, user, now = command.team, command.actor.user, ports.clock.now()
    missing = settings_change(present, wanted, user, now)
    if present.version != wanted.version + 1 or missing is None:
        return False
    newest = await ports.teams.settings_changes(wanted.id, limit=1)
    saved = {change.field for each in newest for change in each.changes if each.user == user}
    return bool(saved) and RETENTION not in saved and {each.field for each in missing.changes} == {RETENTION}


def _of_version(team: Team, present: Team) -> Team:
    return team.model_copy(update={"version": present.version})


async def shorten(name: str, actor: Actor, about: str, ports: Ports, notes: Notes) -> Reply:
    """Keep questions for fewer days, after that was asked about; once (`name`). Raises BotError."""
    days, _, version = about.partition(".")
    chosen = {"retention_days": int(days), "version": int(version)}

    async def act() -> Reply:
        team = await ports.teams.team(actor.team)
        return await dispatch(ChangeTeam(actor, team.model_copy(update=chosen), sure=True), ports)

    return await Copies(notes, ports.clock).once(name, act)
