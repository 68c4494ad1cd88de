"""From a question's events to deliveries that wait for its team's webhooks.

Reads:  events as they were saved with a change, and the team's webhooks.
Gives:  deliveries, which workers send (`bot.worker.webhooks`).
The process that saves a change does this next. Where it dies in between, or the store is away, a worker
finds the events unheard and does it then: a delivery that is queued twice has one id.
"""

import logging

from bot.domain.deliberation import Deliberation
from bot.domain.errors import BotError
from bot.domain.webhooks import WAITING_LIMIT, Delivery, Problem
from bot.service.ports import Ports

log = logging.getLogger(__name__)


async def pass_on_if_possible(saved: Deliberation, ports: Ports) -> None:
    """What has just been saved; what cannot be queued now is found later."""
    if not saved.events_of(saved.version):
        return
    try:
        await pass_on(saved, saved.version, ports)
    except BotError:
        log.warning("an event could not be queued for webhooks; it is found later", exc_info=True)


async def pass_on(deliberation: Deliberation, version: int, ports: Ports) -> None:
    """Queue the events that were saved with this version. Raises StoreError."""
    now = ports.clock.now()
    new = [
        Delivery.of(event, deliberation, webhook, now)
        for webhook in await ports.webhooks.webhooks(deliberation.team)
        for event in deliberation.events_of(version)
        if webhook.hears(event)
    ]
    if new:
        await ports.webhooks.queue(new)
        await _bound(deliberation.team, ports)
    await ports.deliberations.heard(deliberation.id, version)


async def _bound(team: str, ports: Ports) -> None:
    """What waits is bounded: of too many the oldest are dead letters."""
    waiting = sorted(await ports.webhooks.waiting(team), key=lambda each: each.since, reverse=True)
    for each in waiting[WAITING_LIMIT:]:
        await ports.webhooks.replace(each, each.dead(Problem.TOO_MANY, ports.clock.now()))
