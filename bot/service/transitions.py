"""Keeping a change of a deliberation and telling the world about it.

Reads:  a deliberation as it was changed by its own methods.
Gives:  the saved one, with its new version.
A phase change is logged, counted, shown live and followed by the next step's job. Each of those may be
lost with the process or with the server, and none of them undoes what was saved: the saved phase is the
truth and the sweep finds what is due. What webhooks are told of is saved with the change itself, so that
none of it is lost.
"""

import logging
from datetime import datetime

from bot.domain.deliberation import Deliberation, Phase, Step
from bot.domain.errors import BotError, VersionConflictError
from bot.domain.webhooks import noting
from bot.ops import logs, metrics
from bot.service.events import pass_on_if_possible
from bot.service.ports import Ports
from bot.service.ports.live import Answered, AnyLiveEvent, DeadlineMoved, PhaseChanged, Rated
from bot.service.ports.state import Voters
from bot.service.turnout import rater_count

log = logging.getLogger(__name__)


async def begin(new: Deliberation, ports: Ports) -> Deliberation:
    """Keep a new deliberation; a copy that came first is the one given back."""
    new = noting(new, None, ports.clock.now())
    kept = await ports.deliberations.add(new)
    with logs.deliberation(kept.id):
        log.info("phase %s", kept.phase)
    metrics.PHASES.labels(kept.phase).inc()
    if kept is new:  # else its events were passed on by whoever was first, or are found later
        await pass_on_if_possible(kept, ports)
    await hint(kept, ports)
    return kept


async def save(
    changed: Deliberation, ports: Ports, *, was: Deliberation, opinions: int = 0, most: int | None = None
) -> Deliberation:
    """Save `changed`, which came from `was`, while there are so many opinions, and at most so many.

    Raises VersionConflictError when somebody else saved first, withdrew, or answered.
    """
    changed = noting(changed, was, ports.clock.now())
    saved = await ports.deliberations.save(changed, opinions=opinions, most=most)
    if saved.phase is not was.phase:
        with logs.deliberation(saved.id):
            log.info("phase %s -> %s", was.phase, saved.phase)
        metrics.PHASES.labels(saved.phase).inc()
    if _seen(saved) != _seen(was):
        await tell(saved.id, phase_of(saved), ports)
    elif saved.open_until is not None and saved.open_until != was.open_until:
        await tell(saved.id, DeadlineMoved(until=saved.open_until), ports)
    await pass_on_if_possible(saved, ports)
    await hint(saved, ports)
    return saved


def _seen(deliberation: Deliberation) -> tuple[object, ...]:
    """What makes another page of it."""
    return deliberation.phase, deliberation.failure, deliberation.round, deliberation.edition


def phase_of(deliberation: Deliberation) -> PhaseChanged:
    """Where it stands, as open pages are told."""
    failed = deliberation.failure is not None
    return PhaseChanged(
        phase=deliberation.phase, failed=failed, round=deliberation.round, edition=deliberation.edition
    )


async def tell(deliberation_id: str, event: AnyLiveEvent, ports: Ports) -> None:
    """Tell open pages; an event that cannot be sent is no harm."""
    try:
        await ports.live.publish(deliberation_id, event)
    except BotError:
        log.warning("a live event could not be sent", exc_info=True)


async def tell_counts(deliberation: Deliberation, ports: Ports) -> None:
    """Tell open pages how many opinions or ratings there are now.

    Where many come at once, those that come while one is told share the next: it is counted when it begins,
    so the last that is told holds for all of them, in whatever order they were kept.
    """
    if deliberation.phase in (Phase.OPINIONS, Phase.RATING):
        key = deliberation.id, deliberation.phase
        await ports.telling.join(key, lambda: _tell_counts(deliberation, ports))


async def _tell_counts(deliberation: Deliberation, ports: Ports) -> None:
    event: AnyLiveEvent
    try:
        if deliberation.phase is Phase.OPINIONS:
            event = Answered(count=await ports.contributions.opinion_count(deliberation.id))
        else:
            event = Rated(count=await rater_count(deliberation, ports))
    except BotError:
        log.warning("opinions or ratings could not be counted", exc_info=True)
        return
    await tell(deliberation.id, event, ports)


async def hint_encoding(deliberation_id: str, unencoded: int, ports: Ports) -> None:
    """Ask for opinions to be encoded: when the first one waits, and whenever that number has doubled.

    Whoever encodes goes on until none waits, so one job serves all that come meanwhile; the doublings are
    for a job that got lost.
    """
    if unencoded > 0 and unencoded.bit_count() == 1:
        await _enqueue(Step.ENCODE, deliberation_id, ports)


async def hint_splitting(deliberation: Deliberation, ports: Ports) -> None:
    """Ask for what was written to be split into points, and shown; jobs that come meanwhile share one run."""
    if deliberation.terms.points:
        await _enqueue(Step.SPLIT, deliberation.id, ports)


async def hint_mapping(deliberation: Deliberation, voters: Voters, ports: Ports) -> None:
    """Ask for another map of the votes, where it is time for one."""
    if voters.map_is_due:
        await _enqueue(Step.MAP, deliberation.id, ports)


async def refresh_from(at: datetime, deliberation: Deliberation, ports: Ports) -> None:
    """Have the question's messages shown again, whatever becomes of this process or the platform."""
    latest = deliberation
    while True:
        try:
            await save(latest.to_be_refreshed(at), ports, was=latest)
            return
        except VersionConflictError:
            latest = await ports.deliberations.load(deliberation.id)


async def hint(deliberation: Deliberation, ports: Ports) -> None:
    """Enqueue the next step if it is due now, and showing messages again if that is."""
    for due in deliberation.due_by(ports.clock.now()):
        await _enqueue(due.step, deliberation.id, ports)


async def _enqueue(step: Step, deliberation_id: str, ports: Ports) -> None:
    try:
        await ports.jobs.enqueue(step, deliberation_id)
    except BotError:
        log.warning("%s could not be enqueued; it is found later", step, exc_info=True)
