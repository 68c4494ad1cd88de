"""Keeping a change of a deliberation and telling the world about it.

Reads:  a deliberation as it was changed by its own methods.
Gives:  the saved one, with its new version.
A phase change is logged, counted, shown live and followed by the next step's job. Each of those may be
lost with the process: the saved phase is the truth and the sweep finds what is due.
"""

import logging

from bot import logs, metrics
from bot.domain.deliberation import Deliberation
from bot.ports import PhaseChanged, Ports

log = logging.getLogger(__name__)


async def save(changed: Deliberation, ports: Ports, *, was: Deliberation) -> Deliberation:
    """Save `changed`, which came from `was`. Raises VersionConflictError when somebody else saved first."""
    saved = await ports.store.save(changed)
    if saved.phase is not was.phase:
        with logs.deliberation(saved.id):
            log.info("phase %s -> %s", was.phase, saved.phase)
        metrics.PHASES.labels(saved.phase).inc()
    if (saved.phase, saved.failure, saved.round) != (was.phase, was.failure, was.round):
        await ports.live.publish(saved.id, PhaseChanged(phase=saved.phase, failed=saved.failure is not None))
    await hint(saved, ports)
    return saved


async def hint(deliberation: Deliberation, ports: Ports) -> None:
    """Enqueue the next step if it is due now."""
    due = deliberation.next_due()
    if due is not None and due.at <= ports.clock.now():
        await ports.jobs.enqueue(due.step, deliberation.id)
