"""Webhooks and what is on its way to them: where they are kept, and what sends. Two ports."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from bot.domain.webhooks import Delivery, Problem, Webhook


class WebhookStore(Protocol):
    """Keeps each team's webhooks, deliveries that wait, and those that are dead. Raises `StoreError`.

    It is over the same state as deliberations (`bot.service.ports.state`).
    """

    async def webhooks(self, team: str) -> Sequence[Webhook]:
        """In the order in which they were added."""
        ...

    async def put_webhook(self, webhook: Webhook) -> None:
        """Keep it in place of the one of that id."""
        ...

    async def change_webhook(self, webhook: Webhook) -> None:
        """Keep it as it is given, unless it was removed meanwhile."""
        ...

    async def remove_webhook(self, team: str, webhook_id: str) -> None:
        """With all that is on its way to it; harmless when it is gone."""
        ...

    async def queue(self, deliveries: Sequence[Delivery]) -> None:
        """Keep new deliveries, waiting; one that waits already stays as it is. All of one team."""
        ...

    async def waiting(self, team: str) -> Sequence[Delivery]:
        """What is on its way, longest due first."""
        ...

    async def due(self, now: datetime) -> Sequence[Delivery]:
        """Every team's deliveries whose time has come, longest due first; never misses one."""
        ...

    async def dead(self, team: str) -> Sequence[Delivery]:
        """What is no longer tried, newest first."""
        ...

    async def replace(self, there: Delivery, new: Delivery | None) -> bool:
        """Put a delivery, or nothing, in the place of exactly this one; False where that is not there now.

        One step: of several who want to send it, one does.
        """
        ...

    async def teams(self) -> Sequence[str]:
        """The teams that have, or once had, webhooks."""
        ...


class Answer(NamedTuple):
    """What came of sending once.

    problem: None where it has arrived. status: where it was answered at all. wait_s: for how long the
    receiver asks to be left alone.
    """

    problem: Problem | None = None
    status: int | None = None
    wait_s: float = 0.0


class WebhookSender(Protocol):
    """Sends one body to one address."""

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Send it once; never raises but for cancellation, and takes seconds at most."""
        ...
