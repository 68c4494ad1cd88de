"""Webhooks and deliveries in dictionaries."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from bot.domain.webhooks import Delivery, Webhook


class MemoryWebhooks:
    """`WebhookStore` in dictionaries."""

    def __init__(self) -> None:
        self._webhooks: dict[str, dict[str, Webhook]] = defaultdict(dict)
        self._waiting: dict[str, dict[str, Delivery]] = defaultdict(dict)
        self._dead: dict[str, dict[str, Delivery]] = defaultdict(dict)

    async def webhooks(self, team: str) -> Sequence[Webhook]:
        """In the order in which they were added."""
        return sorted(self._webhooks[team].values(), key=lambda each: (each.added_at, each.id))

    async def put_webhook(self, webhook: Webhook) -> None:
        """Keep it in place of the one of that id."""
        self._webhooks[webhook.team][webhook.id] = webhook

    async def change_webhook(self, webhook: Webhook) -> None:
        """Keep it, unless it was removed meanwhile."""
        if webhook.id in self._webhooks[webhook.team]:
            self._webhooks[webhook.team][webhook.id] = webhook

    async def remove_webhook(self, team: str, webhook_id: str) -> None:
        """With all that is on its way to it."""
        self._webhooks[team].pop(webhook_id, None)
        for shelf in (self._waiting[team], self._dead[team]):
            for id_ in [id_ for id_, each in shelf.items() if each.webhook == webhook_id]:
                del shelf[id_]

    async def queue(self, deliveries: Sequence[Delivery]) -> None:
        """Keep new deliveries, waiting."""
        for each in deliveries:
            self._waiting[each.team].setdefault(each.id, each)

    async def waiting(self, team: str) -> Sequence[Delivery]:
        """What is on its way, longest due first."""
        return sorted(self._waiting[team].values(), key=lambda each: (each.next_at, each.id))

    async def due(self, now: datetime) -> Sequence[Delivery]:
        """Every team's deliveries whose time has come, longest due first."""
        every = [each for waiting in self._waiting.values() for each in waiting.values()]
        due = [each for each in every if each.next_at <= now]
        return sorted(due, key=lambda each: (each.next_at, each.id))

    async def dead(self, team: str) -> Sequence[Delivery]:
        """What is no longer tried, newest first."""
        return sorted(
            self._dead[team].values(), key=lambda each: (each.dead_since or each.since, each.id), reverse=True
        )

    async def replace(self, there: Delivery, new: Delivery | None) -> bool:
        """Put a delivery, or nothing, in the place of exactly this one."""
        shelf = self._shelf(there)
        if shelf.get(there.id) != there:
            return False
        del shelf[there.id]
        if new is not None:
            self._shelf(new)[new.id] = new
        return True

    async def teams(self) -> Sequence[str]:
        """The teams that have, or once had, webhooks."""
        return sorted(self._webhooks)

    def _shelf(self, delivery: Delivery) -> dict[str, Delivery]:
        shelves = self._waiting if delivery.dead_since is None else self._dead
        return shelves[delivery.team]
