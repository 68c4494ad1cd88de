"""Sending what webhooks are told of, and trying again what did not arrive.

Reads:  deliveries whose time has come, and events that nobody has queued.
Gives:  signed requests. A delivery waits until its receiver has taken it, for about a day with growing
pauses; then it is a dead letter, which admins can have sent again. These are bounded in number and age.
Any number of workers may do this at once, and any may die in the middle: a delivery is claimed by
compare-and-set for as long as a try can take, and comes again under the same id if nobody has noted its end.
This runs next to the steps and not as one of them: a receiver that is slow takes up none of the places that
deliberations' own steps run in.
"""

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from bot.domain.errors import BotError, UnknownDeliberationError
from bot.domain.webhooks import DEAD_FOR, DEAD_LIMIT, Delivery, Webhook, secret_of, signed
from bot.ops import logs, metrics
from bot.service.events import pass_on
from bot.service.ports import Ports
from bot.service.ports.webhooks import Answer, WebhookSender
from bot.service.webhook_messages import body_of

log = logging.getLogger(__name__)

DELIVERIES_EVERY_S = 2.0
# Where nothing is ever due.
DELIVERIES_QUIET_S = 10.0
EVENTS_EVERY_S = 30.0
TIDIED_EVERY_S = 60.0
# At once, in one worker; and of these to one address, so that one that is slow does not keep the others out.
TOGETHER = 32
TOGETHER_EACH = 4
# The process that saves an event queues it next. What is this old was left.
LEFT_AFTER = timedelta(seconds=10)
GONE = 410


async def deliver_due(ports: Ports, sender: WebhookSender) -> int:
    """Send what is due, each once; how many that were. Raises StoreError."""
    now = ports.clock.now()
    due = await ports.webhooks.due(now)
    metrics.WEBHOOKS_OLDEST.set((now - due[0].next_at).total_seconds() if due else 0)
    chosen = _fairly(due)
    if chosen:
        async with asyncio.TaskGroup() as sending:
            for delivery in chosen:
                sending.create_task(_deliver_if_possible(delivery, ports, sender))
    return len(chosen)


def _fairly(due: Sequence[Delivery]) -> list[Delivery]:
    """Every team's turn comes before any team's second: one with many slow receivers keeps no other out."""
    of_webhook: Counter[str] = Counter()
    of_team: Counter[str] = Counter()
    placed: list[tuple[int, Delivery]] = []
    for delivery in due:
        if of_webhook[delivery.webhook] < TOGETHER_EACH:
            of_webhook[delivery.webhook] += 1
            of_team[delivery.team] += 1
            placed.append((of_team[delivery.team], delivery))
    placed.sort(key=lambda each: each[0])
    return [delivery for _, delivery in placed[:TOGETHER]]


async def _deliver_if_possible(delivery: Delivery, ports: Ports, sender: WebhookSender) -> None:
    """One that fails for a reason of ours hides no other; it is tried again when its claim ends."""
    with logs.deliberation(delivery.deliberation):
        try:
            await _deliver(delivery, ports, sender)
        except BotError:
            log.warning("a webhook's delivery could not be made or noted; it is tried again", exc_info=True)
        except Exception:
            metrics.WEBHOOKS.labels("error").inc()
            log.exception("a webhook's delivery failed for a reason nobody foresaw")


async def _deliver(delivery: Delivery, ports: Ports, sender: WebhookSender) -> None:
    claimed = delivery.claimed(ports.clock.now())
    if not await ports.webhooks.replace(delivery, claimed):
        return  # another worker has it
    webhooks = {each.id: each for each in await ports.webhooks.webhooks(delivery.team)}
    webhook = webhooks.get(delivery.webhook)
    try:
        deliberation = await ports.deliberations.load(delivery.deliberation)
    except UnknownDeliberationError:
        deliberation = None
    if webhook is None or webhook.off_since is not None or deliberation is None:
        # There is nobody to be told, or nothing to be told of.
        await ports.webhooks.replace(claimed, None)
        return
    body = await body_of(delivery, deliberation, ports)
    secret = secret_of(webhook, ports.pseudonyms.secret_key(webhook.key_id))
    headers = signed(secret, delivery.message_id, ports.clock.now(), body)
    await _note(claimed, webhook, await sender.send(webhook.url, headers, body), ports)


async def _note(claimed: Delivery, webhook: Webhook, answer: Answer, ports: Ports) -> None:
    now = ports.clock.now()
    if answer.problem is None:
        metrics.WEBHOOKS.labels("delivered").inc()
        await ports.webhooks.replace(claimed, None)
        return
    luck = random.random()  # noqa: S311
    failed = claimed.failed(answer.problem, now, luck, status=answer.status, wait_s=answer.wait_s)
    if answer.status == GONE:
        log.warning("a webhook is switched off: its address answered that it is gone for good")
        metrics.WEBHOOKS.labels("gone").inc()
        await ports.webhooks.change_webhook(webhook.gone(now))
        failed = failed.model_copy(update={"dead_since": now})
    else:
        log.info("a webhook's delivery failed (%s, %s)", answer.problem, answer.status)
        metrics.WEBHOOKS.labels("failed" if failed.dead_since is None else "dead").inc()
    await ports.webhooks.replace(claimed, failed)


async def pass_on_left(ports: Ports) -> int:
    """Queue the events of changes whose process died first; how many these were. Raises StoreError."""
    left = await ports.deliberations.unheard(ports.clock.now() - LEFT_AFTER)
    for deliberation, version in left:
        await pass_on(deliberation, version, ports)
    return len(left)


async def tidy_dead(ports: Ports) -> int:
    """Drop dead letters that are too old, too many, or of a question that is deleted. Raises StoreError."""
    dropped, kept = 0, 0
    for team in await ports.webhooks.teams():
        for place, each in enumerate(await ports.webhooks.dead(team)):
            if place >= DEAD_LIMIT or await _is_over(each, ports):
                dropped += await ports.webhooks.replace(each, None)
            else:
                kept += 1
    metrics.WEBHOOKS_DEAD.set(kept)
    return dropped


async def _is_over(delivery: Delivery, ports: Ports) -> bool:
    if delivery.dead_since is None or delivery.dead_since < ports.clock.now() - DEAD_FOR:
        return True
    try:
        await ports.deliberations.load(delivery.deliberation)
    except UnknownDeliberationError:
        return True
    return False


for outcome in ("delivered", "failed", "gone", "dead", "error"):
    # There from the start: Prometheus sees no rise in a count that begins with its first one.
    metrics.WEBHOOKS.labels(outcome)
