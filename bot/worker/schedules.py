"""Posting a team's questions by the clock: once, or every week.

Reads:  schedules whose next occurrence has come.
Gives:  questions, posted by the same command that people post with.
Whoever made a schedule is told once why it posted nothing.
Any number of workers may do it at once, and any of them may die in the middle: an occurrence has one
idempotency key, so it is one question however often it is posted; the schedule moves on by compare-and-set.
"""

import logging
from datetime import datetime, timedelta

from bot.domain.actors import Actor
from bot.domain.commands import PostQuestion
from bot.domain.errors import LibraryError, PlatformError, VersionConflictError
from bot.domain.library import Schedule
from bot.domain.terms import Terms
from bot.service.dispatch import dispatch
from bot.service.ports import Ports
from bot.service.ports.platform import WritesSentences
from bot.wording import library_lines, texts
from bot.wording.language import explained
from engine.sentence import Said

log = logging.getLogger(__name__)


async def post_due_schedules(ports: Ports) -> int:
    """Post every occurrence that is due; how many schedules that were. Raises StoreError."""
    now = ports.clock.now()
    due = await ports.library.due_schedules(now)
    for schedule in due:
        await _post(schedule, now, ports)
    return len(due)


async def _post(schedule: Schedule, now: datetime, ports: Ports) -> None:
    occurrence = schedule.occurrence(now)
    reason = None if occurrence else Said(library_lines.NOT_RUNNING_THEN)
    if occurrence is not None:
        try:
            command = await _command(schedule, occurrence, ports)
        except LibraryError as exc:
            reason = exc.said
        else:
            reply = await dispatch(command, ports)
            if reply.retryable:
                log.warning("a schedule could not be posted now; it is tried again")
                return
            reason = None if reply.ok else reply.to_keep
    try:
        await ports.library.save_schedule(schedule.done(now, reason))
    except VersionConflictError:
        log.info("another worker moved this schedule on")
        return
    if reason is not None and str(reason) != schedule.problem:
        await _tell(schedule, reason, ports)


async def _tell(schedule: Schedule, reason: Said, ports: Ports) -> None:
    """A courtesy: the schedules' list says it too."""
    platform = ports.platforms.get(schedule.platform)
    if not isinstance(platform, WritesSentences):
        return
    try:
        await platform.write(
            schedule.team, schedule.by, lambda: texts.schedule_failed(schedule.template, explained(reason))
        )
    except PlatformError:
        log.warning("whoever made a schedule could not be told that it posted nothing", exc_info=True)


async def _command(schedule: Schedule, occurrence: datetime, ports: Ports) -> PostQuestion:
    question, context, terms, open_for = await _content(schedule, ports)
    return PostQuestion(
        # Only admins make schedules, and an admin can remove one: it acts for them.
        actor=Actor(schedule.team, schedule.by, admin=True),
        platform=schedule.platform,
        channel=schedule.channel,
        question=question,
        context=context,
        idempotency_key=schedule.key(occurrence),
        terms=terms,
        closes_at=ports.clock.now() + open_for,
    )


async def _content(schedule: Schedule, ports: Ports) -> tuple[str, str, Terms, timedelta]:
    if schedule.template is not None:
        for template in await ports.library.templates(schedule.team):
            if template.name == schedule.template:
                open_for = schedule.open_for or template.closes_after
                return template.question, template.context, template.terms, open_for
        raise LibraryError(library_lines.TEMPLATE_GONE)
    bank = await ports.library.bank(schedule.team)
    if not bank:
        raise LibraryError(library_lines.BANK_HAS_NONE)
    chosen = bank[schedule.posted % len(bank)]
    terms = Terms.of(await ports.teams.team(schedule.team))
    return chosen.question, chosen.context, terms, schedule.open_for or schedule.closes_after
