"""Handlers of what belongs to a team: its settings, reminders, templates, question bank and schedules.

As in `bot.service.handlers`: load, change, save; each is safe to run twice. Everything but one's own
reminders is for the team's admins.
"""

from collections.abc import Sequence

from bot.domain import commands
from bot.domain.actors import require_admin
from bot.domain.deliberation import Phase, checked_opening
from bot.domain.errors import LibraryError, TeamError
from bot.domain.library import SCHEDULES_LIMIT, TEMPLATES_LIMIT, BankQuestion, Schedule, Template, read_bank
from bot.domain.team import Team, settings_change
from bot.service.access import require_may_post
from bot.service.ids import named
from bot.service.ports import Ports
from bot.service.reply import Reply
from bot.service.transitions import save
from bot.wording import library_lines, texts
from bot.wording.confirmations import Confirmation, keeping_shorter, replacing_template


async def change_team(command: commands.ChangeTeam, ports: Ports) -> Reply:
    """Change a team's settings, for the questions that are there too, and write down who did.

    Refused when somebody saved others since these were read; a second copy of a change finds it made.
    What members wrote is not deleted earlier than they were told without having asked.
    """
    require_admin(command.actor, command.team.id)
    before = await ports.teams.team(command.team.id)
    change = settings_change(before, command.team, command.actor.user, ports.clock.now())
    if change is not None:
        if command.team.version != before.version:
            raise TeamError(texts.TEAM_CHANGED_MEANWHILE)
        if not command.sure and (asks := await _asks_before(command.team, ports)):
            return Reply(f"{asks.asks} {asks.follows}", ok=False, asks=asks)
        await ports.teams.save_team(command.team, change)
    async for deliberation in ports.deliberations.each_of_team(command.team.id):
        changed = deliberation.under(command.team)
        if changed != deliberation:
            await save(changed, ports, was=deliberation)
    return Reply(texts.TEAM_CHANGED)


async def _asks_before(team: Team, ports: Ports) -> Confirmation | None:
    """What has to be asked: under these settings questions would be kept for less time than was said."""
    days, now, before, at_once = team.retention_days, ports.clock.now(), [], 0
    async for deliberation in ports.deliberations.each_of_team(team.id):
        told = deliberation.terms.retention_days
        # Nobody has written to a question that is not open yet.
        if deliberation.phase is Phase.SCHEDULED or told <= days:
            continue
        before.append(told)
        deleted_at = deliberation.under(team).deleted_at()
        at_once += deleted_at is not None and deleted_at <= now
    return keeping_shorter(days, before, at_once) if before else None


async def set_reminders(command: commands.SetReminders, ports: Ports) -> Reply:
    """Note whether this person wants to be reminded; kept without saying who they are."""
    member = ports.pseudonyms.of_member(command.actor.team, command.actor.user)
    at = min(command.at, ports.clock.now())
    await ports.teams.set_reminders(command.actor.team, member, command.on, at)
    return Reply(texts.REMINDERS_ON if command.on else texts.REMINDERS_OFF)


async def save_template(command: commands.SaveTemplate, ports: Ports) -> Reply:
    """Keep a template; one that it replaces is asked about first, and its words are given back."""
    team = command.actor.team
    require_admin(command.actor, team)
    template = command.template.checked()
    there = {kept.name: kept for kept in await ports.library.templates(team)}
    before = there.get(template.name)
    if before is None and len(there) >= TEMPLATES_LIMIT:
        raise LibraryError(library_lines.TOO_MANY_TEMPLATES, limit=TEMPLATES_LIMIT)
    replaced = before if before != template else None
    if replaced is not None and replaced != command.instead_of:
        asks = replacing_template(replaced, await ports.library.schedules(team))
        return Reply(f"{asks.asks} {asks.follows}", ok=False, asks=asks)
    await ports.library.put_template(team, template)
    if replaced is None:
        return Reply(texts.TEMPLATE_KEPT)
    return Reply(texts.removed(texts.TEMPLATE_REPLACED, replaced.question, replaced.context))


async def remove_template(command: commands.RemoveTemplate, ports: Ports) -> Reply:
    """Drop a template, and give its words back; schedules that post it say that it is gone."""
    team = command.actor.team
    require_admin(command.actor, team)
    there = [each for each in await ports.library.templates(team) if each.name == command.name]
    await ports.library.remove_template(team, command.name)
    return _given_back(texts.TEMPLATE_REMOVED, there)


async def import_questions(command: commands.ImportQuestions, ports: Ports) -> Reply:
    """Add a file's questions to the bank."""
    team = command.actor.team
    require_admin(command.actor, team)
    new = read_bank(command.text, await ports.library.bank(team), ports.clock.now())
    await ports.library.add_to_bank(team, new)
    return Reply(texts.imported(len(new)))


async def remove_question(command: commands.RemoveQuestion, ports: Ports) -> Reply:
    """Take a question out of the bank, and give its words back."""
    team = command.actor.team
    require_admin(command.actor, team)
    there = [each for each in await ports.library.bank(team) if each.id == command.question_id]
    await ports.library.remove_from_bank(team, command.question_id)
    return _given_back(texts.QUESTION_REMOVED, there)


def _given_back(told: str, removed: Sequence[Template | BankQuestion]) -> Reply:
    """What was taken out, with its words; nothing of it where a copy of the command finds it gone."""
    words = [texts.removed(told, each.question, each.context) for each in removed]
    return Reply(words[0] if words else told)


async def add_schedule(command: commands.AddSchedule, ports: Ports) -> Reply:
    """Begin a schedule; a copy of the command finds it there."""
    team = command.actor.team
    require_admin(command.actor, team)
    await require_may_post(command.actor, command.platform, command.channel, ports)
    id_ = named(team, command.idempotency_key)
    there = await ports.library.schedules(team)
    if id_ not in {schedule.id for schedule in there}:
        if len(there) >= SCHEDULES_LIMIT:
            raise LibraryError(library_lines.TOO_MANY_SCHEDULES, limit=SCHEDULES_LIMIT)
        now = ports.clock.now()
        checked_opening(command.once, now)
        await ports.library.save_schedule(_new_schedule(id_, command).begun(now))
    if command.template is None and not await ports.library.bank(team):
        return Reply(f"{texts.SCHEDULED_POSTS} {texts.BANK_EMPTY}")
    return Reply(texts.SCHEDULED_POSTS)


def _new_schedule(id_: str, command: commands.AddSchedule) -> Schedule:
    if (command.once is None) == (command.weekly is None):
        raise LibraryError(library_lines.ONE_TIME_OR_WEEKLY)
    return Schedule(
        id=id_,
        team=command.actor.team,
        platform=command.platform,
        channel=command.channel,
        by=command.actor.user,
        template=command.template,
        once=command.once,
        weekly=command.weekly,
        open_for=command.closes_after,
    )


async def remove_schedule(command: commands.RemoveSchedule, ports: Ports) -> Reply:
    """Post nothing more by this schedule."""
    require_admin(command.actor, command.actor.team)
    await ports.library.remove_schedule(command.actor.team, command.schedule_id)
    return Reply(texts.SCHEDULE_REMOVED)
