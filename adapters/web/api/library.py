"""What a team keeps for asking again, through the API: templates and schedules.

Gives:  commands, as the pages and chats do.
"""

import uuid
from datetime import time, timedelta

from pydantic import ValidationError

from adapters.web.api import models, problems, shown
from adapters.web.api.endpoints import Call
from adapters.web.api.problems import ProblemError, refused
from adapters.web.library_pages import shown_as
from bot.chat import asking
from bot.domain import commands
from bot.domain.errors import LibraryError
from bot.domain.library import Schedule, Template, Weekly
from bot.service import queries
from bot.service.ids import named
from bot.wording import library_lines
from bot.wording.confirmations import removing_schedule, removing_template


async def list_templates(call: Call) -> models.Templates:
    """List the templates.

    By name.
    """
    kept = await queries.library(call.actor, call.ports)
    return models.Templates(items=[shown.template(each) for each in kept.templates])


async def save_template(call: Call) -> models.Template:
    """Save a template.

    Where there is another of its name, the answer says so: send its `version` as `replaces` to replace it.
    """
    asked: models.TemplateIn = call.body
    team = await call.ports.teams.team(call.token.team)
    made = Template(
        name=asked.name,
        question=asked.question,
        context=asked.context,
        terms=shown.asked_terms(asked.terms, team),
        closes_after=timedelta(minutes=asked.closes_after_minutes),
    ).checked()
    there = [each for each in await call.ports.library.templates(team.id) if each.name == made.name]
    seen = next((each for each in there if shown_as(each) == asked.replaces), None)
    reply = await call.run(commands.SaveTemplate(call.actor, made, instead_of=seen))
    if not reply.ok:
        raise refused(reply)
    return shown.template(made)


async def remove_template(call: Call) -> models.Told:
    """Remove a template.

    Questions that were asked from it stay. A person has to confirm it: say `sure` then.
    """
    kept = await queries.library(call.actor, call.ports)
    found = [each for each in kept.templates if shown.template_id(each) == call.path.template]
    if not found:
        raise ProblemError(404)
    if call.query.sure is None:
        asks = removing_template(found[0], kept.schedules)
        raise ProblemError(409, asks.follows, asks=asks)
    return await _told(commands.RemoveTemplate(call.actor, found[0].name), call)


async def list_schedules(call: Call) -> models.Schedules:
    """List the schedules of this token's channel.

    Each posts a template's question, or the bank's in turn.
    """
    return models.Schedules(items=[shown.schedule(each) for each in await _schedules(call)])


async def _schedules(call: Call) -> list[Schedule]:
    kept = await queries.library(call.actor, call.ports)
    place = (call.token.platform, call.token.channel)
    return [each for each in kept.schedules if (each.platform, each.channel) == place]


async def add_schedule(call: Call) -> models.Schedule:
    """Have questions posted once or weekly.

    With the same Idempotency-Key it is the same schedule, however often it is sent.
    """
    asked: models.ScheduleIn = call.body
    kept = await queries.library(call.actor, call.ports)
    if asked.template is not None and asked.template not in {each.name for each in kept.templates}:
        raise LibraryError(library_lines.CHOOSE_TEMPLATE)
    key = asking.once(call.actor, "api", call.key or uuid.uuid4().hex)
    after = asked.closes_after_minutes
    command = commands.AddSchedule(
        call.actor,
        platform=call.token.platform,
        channel=call.token.channel,
        idempotency_key=key,
        template=asked.template,
        once=asked.once,
        weekly=_weekly(asked.weekly),
        closes_after=None if after is None else timedelta(minutes=after),
    )
    reply = await call.run(command)
    if not reply.ok:
        raise refused(reply)
    id_ = named(call.token.team, key)
    return next(shown.schedule(each) for each in await _schedules(call) if each.id == id_)


def _weekly(asked: models.WeeklyIn | None) -> Weekly | None:
    if asked is None:
        return None
    try:
        return Weekly(weekday=asked.weekday, at=time.fromisoformat(asked.at), zone=asked.zone)
    except ValidationError as exc:
        raise problems.invalid(exc, "body.weekly") from None


async def remove_schedule(call: Call) -> models.Told:
    """Remove a schedule.

    Questions that it has posted stay. A person has to confirm it: say `sure` then.
    """
    found = [each for each in await _schedules(call) if each.id == call.path.schedule]
    if not found:
        raise ProblemError(404)
    if call.query.sure is None:
        asks = removing_schedule(found[0])
        raise ProblemError(409, asks.follows, asks=asks)
    return await _told(commands.RemoveSchedule(call.actor, found[0].id), call)


async def _told(command: commands.RemoveTemplate | commands.RemoveSchedule, call: Call) -> models.Told:
    reply = await call.run(command)
    if not reply.ok:
        raise refused(reply)
    return models.Told(said=str(reply.text))
