"""Handlers of what belongs to a team: its settings, reminders, templates, question bank and schedules.

As in `bot.handlers`: load, change, save; each is safe to run twice. Everything but one's own reminders is for
the team's admins.
"""

from bot import texts
from bot.domain import commands
from bot.domain.actors import require_admin
from bot.domain.library import SCHEDULES_LIMIT, TEMPLATES_LIMIT, Schedule, read_bank
from bot.domain.team import settings_change
from bot.errors import LibraryError, TeamError
from bot.names import named
from bot.ports import Ports
from bot.reply import Reply
from bot.saving import save


async def change_team(command: commands.ChangeTeam, ports: Ports) -> Reply:
    """Change a team's settings, for the questions that are there too, and write down who did.

    Refused when somebody saved others since these were read; a second copy of a change finds it made.
    """
    require_admin(command.actor, command.team.id)
    before = await ports.store.team(command.team.id)
    change = settings_change(before, command.team, command.actor.user, ports.clock.now())
    if change is not None:
        if command.team.version != before.version:
            raise TeamError(texts.TEAM_CHANGED_MEANWHILE)
        await ports.store.save_team(command.team, change)
    async for deliberation in ports.store.each_of_team(command.team.id):
        changed = deliberation.model_copy(update={"terms": deliberation.terms.under(command.team)})
        if changed != deliberation:
            await save(changed, ports, was=deliberation)
    return Reply(texts.TEAM_CHANGED)


async def set_reminders(command: commands.SetReminders, ports: Ports) -> Reply:
    """Note whether this person wants to be reminded; kept without saying who they are."""
    member = ports.pseudonyms.of_member(command.actor.team, command.actor.user)
    at = min(command.at, ports.clock.now())
    await ports.store.set_reminders(command.actor.team, member, command.on, at)
    return Reply(texts.REMINDERS_ON if command.on else texts.REMINDERS_OFF)


async def save_template(command: commands.SaveTemplate, ports: Ports) -> Reply:
    """Keep a template."""
    team = command.actor.team
    require_admin(command.actor, team)
    template = command.template.checked()
    there = [kept.name for kept in await ports.library.templates(team)]
    if template.name not in there and len(there) >= TEMPLATES_LIMIT:
        raise LibraryError(f"There are {TEMPLATES_LIMIT} templates already. Remove one first.")
    await ports.library.put_template(team, template)
    return Reply(texts.TEMPLATE_KEPT)


async def remove_template(command: commands.RemoveTemplate, ports: Ports) -> Reply:
    """Drop a template; schedules that post it say that it is gone."""
    require_admin(command.actor, command.actor.team)
    await ports.library.remove_template(command.actor.team, command.name)
    return Reply(texts.TEMPLATE_REMOVED)


async def import_questions(command: commands.ImportQuestions, ports: Ports) -> Reply:
    """Add a file's questions to the bank."""
    team = command.actor.team
    require_admin(command.actor, team)
    new = read_bank(command.text, await ports.library.bank(team), ports.clock.now())
    await ports.library.add_to_bank(team, new)
    return Reply(texts.imported(len(new)))


async def remove_question(command: commands.RemoveQuestion, ports: Ports) -> Reply:
    """Take a question out of the bank."""
    require_admin(command.actor, command.actor.team)
    await ports.library.remove_from_bank(command.actor.team, command.question_id)
    return Reply(texts.QUESTION_REMOVED)


async def add_schedule(command: commands.AddSchedule, ports: Ports) -> Reply:
    """Begin a schedule; a copy of the command finds it there."""
    team = command.actor.team
    require_admin(command.actor, team)
    id_ = named(team, command.idempotency_key)
    there = await ports.library.schedules(team)
    if id_ not in {schedule.id for schedule in there}:
        if len(there) >= SCHEDULES_LIMIT:
            raise LibraryError(f"There are {SCHEDULES_LIMIT} schedules already. Remove one first.")
        await ports.library.save_schedule(_new_schedule(id_, command).begun(ports.clock.now()))
    return Reply(texts.SCHEDULED_POSTS)


def _new_schedule(id_: str, command: commands.AddSchedule) -> Schedule:
    if (command.once is None) == (command.weekly is None):
        raise LibraryError("Choose either one time or a weekday and a time of day.")
    return Schedule(
        id=id_,
        team=command.actor.team,
        platform=command.platform,
        channel=command.channel,
        by=command.actor.user,
        template=command.template,
        once=command.once,
        weekly=command.weekly,
        closes_after=command.closes_after,
    )


async def remove_schedule(command: commands.RemoveSchedule, ports: Ports) -> Reply:
    """Post nothing more by this schedule."""
    require_admin(command.actor, command.actor.team)
    await ports.library.remove_schedule(command.actor.team, command.schedule_id)
    return Reply(texts.SCHEDULE_REMOVED)
