"""Handlers of webhooks, for the team's admins; as in `bot.service.handlers`, each is safe to run twice."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain import commands
from bot.domain.actors import Actor, require_admin
from bot.domain.errors import WebhookError
from bot.domain.webhooks import (
    NO_EVENTS,
    NO_SUCH_DELIVERY,
    NO_SUCH_WEBHOOK,
    TOO_MANY_WEBHOOKS,
    WEBHOOKS_LIMIT,
    Delivery,
    Webhook,
    checked_url,
    secret_of,
)
from bot.service.ids import named
from bot.service.ports import Ports
from bot.service.reply import Reply
from bot.service.rights import with_rights
from bot.wording import webhook_lines


@dataclass(frozen=True)
class Webhooks:
    """A team's webhooks, with what is no longer tried, newest first; waiting: how much is on its way."""

    webhooks: Sequence[Webhook]
    dead: Sequence[Delivery]
    waiting: int

    def named(self, webhook_id: str) -> str:
        """The address of a webhook; empty where it is gone."""
        return next((each.url for each in self.webhooks if each.id == webhook_id), "")


async def webhooks_of(actor: Actor, ports: Ports) -> Webhooks:
    """What an admin sees. Raises PermissionDeniedError to others."""
    actor = await with_rights(actor, ports)
    require_admin(actor, actor.team)
    kept = ports.webhooks
    return Webhooks(
        await kept.webhooks(actor.team), await kept.dead(actor.team), len(await kept.waiting(actor.team))
    )


async def add_webhook(command: commands.AddWebhook, ports: Ports) -> Reply:
    """Add a webhook and give its secret, this once; a copy of the command gives the same."""
    team = command.actor.team
    require_admin(command.actor, team)
    url = checked_url(command.url, private=command.private)
    if not command.kinds:
        raise WebhookError(NO_EVENTS)
    there = {each.id: each for each in await ports.webhooks.webhooks(team)}
    id_ = named(team, f"webhook {command.idempotency_key}")
    if id_ not in there:
        if len(there) >= WEBHOOKS_LIMIT:
            raise WebhookError(TOO_MANY_WEBHOOKS, limit=WEBHOOKS_LIMIT)
        there[id_] = Webhook(
            id=id_,
            team=team,
            url=url,
            kinds=command.kinds,
            key_id=ports.pseudonyms.newest,
            added_at=ports.clock.now(),
        )
        await ports.webhooks.put_webhook(there[id_])
    secret = secret_of(there[id_], ports.pseudonyms.secret_key(there[id_].key_id))
    return Reply(webhook_lines.ADDED, secret=secret)


async def remove_webhook(command: commands.RemoveWebhook, ports: Ports) -> Reply:
    """Send nothing more there; what was on its way is dropped."""
    require_admin(command.actor, command.actor.team)
    await ports.webhooks.remove_webhook(command.actor.team, command.webhook_id)
    return Reply(webhook_lines.REMOVED)


async def replay_deliveries(command: commands.ReplayDeliveries, ports: Ports) -> Reply:
    """Send dead letters again: these, or all; and switch on a webhook that answered it was gone."""
    team = command.actor.team
    require_admin(command.actor, team)
    dead = await ports.webhooks.dead(team)
    chosen = [each for each in dead if command.delivery_ids is None or each.id in command.delivery_ids]
    if not chosen and command.delivery_ids:
        waiting = {each.id for each in await ports.webhooks.waiting(team)}
        if not waiting & command.delivery_ids:  # else it is a copy of the command
            raise WebhookError(NO_SUCH_DELIVERY)
    for webhook in await ports.webhooks.webhooks(team):
        if webhook.off_since is not None and any(each.webhook == webhook.id for each in chosen):
            await ports.webhooks.change_webhook(webhook.model_copy(update={"off_since": None}))
    for each in chosen:
        await ports.webhooks.replace(each, each.replayed(ports.clock.now()))
    return Reply(webhook_lines.replayed(len(chosen)))


async def switch_on_webhook(command: commands.SwitchOnWebhook, ports: Ports) -> Reply:
    """Send again to a webhook that answered it was gone."""
    team = command.actor.team
    require_admin(command.actor, team)
    found = [each for each in await ports.webhooks.webhooks(team) if each.id == command.webhook_id]
    if not found:
        raise WebhookError(NO_SUCH_WEBHOOK)
    await ports.webhooks.change_webhook(found[0].model_copy(update={"off_since": None}))
    return Reply(webhook_lines.SWITCHED_ON)
