"""Keeping a change of a deliberation and telling the world about it.

Reads:  a deliberation as it was changed by its own methods.
Gives:  the saved one, with its new version.
A phase change is logged, counted, shown live and followed by the next step's job. Each of those may be
lost with the process or with the server, and none of them undoes what was saved: the saved phase is the
truth and the sweep finds what is due.
"""

import logging

from bot import logs, metrics
from bot.domain.deliberation import Deliberation, Step
from bot.errors import BotError
from bot.ports import AnyLiveEvent, PhaseChanged, Ports

log = logging.getLogger(__name__)


async def begin(new: Deliberation, ports: Ports) -> Deliberation:
    """Keep a new deliberation; a copy that came first is the one given back."""
    kept = await ports.store.add(new)
    with logs.deliberation(kept.id):
        log.info("phase %s", kept.phase)
    metrics.PHASES.labels(kept.phase).inc()
    await hint(kept, ports)
    return kept


async def save(changed: Deliberation, ports: Ports, *, was: Deliberation) -> Deliberation:
    """Save `changed`, which came from `was`. Raises VersionConflictError when somebody else saved first."""
    saved = await ports.store.save(changed)
    if saved.phase is not was.phase:
        with logs.deliberation(saved.id):
            log.info("phase %s -> %s", was.phase, saved.phase)
        metrics.PHASES.labels(saved.phase).inc()
    if (saved.phase, saved.failure, saved.round) != (was.phase, was.failure, was.round):
        await tell(saved.id, PhaseChanged(phase=saved.phase, failed=saved.failure is not None), ports)
    await hint(saved, ports)
    return saved


async def tell(deliberation_id: str, event: AnyLiveEvent, ports: Ports) -> None:
    """Tell open pages; an event that cannot be sent is no harm."""
    try:
        await ports.live.publish(deliberation_id, event)
    except BotError:
        log.warning("a live event could not be sent", exc_info=True)


async def hint_encoding(deliberation_id: str, unencoded: int, ports: Ports) -> None:
    """Ask for opinions to be encoded: when the first one waits, and whenever that number has doubled.

    Whoever encodes goes on until none waits, so one job serves all that come meanwhile; the doublings are
    for a job that got lost.
    """
    if unencoded > 0 and unencoded.bit_count() == 1:
        await _enqueue(Step.ENCODE, deliberation_id, ports)


async def hint(deliberation: Deliberation, ports: Ports) -> None:
    """Enqueue the next step if it is due now."""
    due = deliberation.next_due()
    if due is None or due.at > ports.clock.now():
        return
    await _enqueue(due.step, deliberation.id, ports)


async def _enqueue(step: Step, deliberation_id: str, ports: Ports) -> None:
    try:
        await ports.jobs.enqueue(step, deliberation_id)
    except BotError:
        log.warning("%s could not be enqueued; it is found later", step, exc_info=True)
