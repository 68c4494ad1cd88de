"""How events, commands and interactions reach the app: attempts, acknowledgements, redelivery.

Reads:  payloads from `payloads.py`.
Gives:  a `Delivery` per payload: whether, when and with what it was acknowledged.
The way there (socket or HTTP) is a `Carrier`. An event that nobody acknowledges is tried three times more,
then it is lost, as with Slack; commands and interactions are not retried, but are sent again when their
connection broke under them.
Source: docs.slack.dev/apis/events-api (retries) and /using-socket-mode.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from tests.slack_server.state import Json, State

EVENTS, COMMANDS, INTERACTIVE = "events_api", "slash_commands", "interactive"


@dataclass
class Attempt:
    """One try to hand a payload over."""

    number: int
    acked: bool = False
    latency_s: float = 0.0
    response: Json = field(default_factory=dict)
    error: str = ""
    final: bool = False
    """The app asked not to be tried again."""


@dataclass
class Delivery:
    """A payload and what became of it."""

    kind: str
    payload: Json
    accepts_response: bool = False
    attempts: list[Attempt] = field(default_factory=list)
    problem: str = ""
    """Why Slack could not use the app's answer."""

    @property
    def acked(self) -> bool:
        """Whether any attempt was acknowledged in time."""
        return any(attempt.acked for attempt in self.attempts)

    @property
    def latency_s(self) -> float:
        """How long the first acknowledged attempt took."""
        return next((a.latency_s for a in self.attempts if a.acked), float("inf"))

    @property
    def response(self) -> Json:
        """What the acknowledgement carried."""
        return next((a.response for a in self.attempts if a.acked), {})

    @property
    def errors(self) -> dict[str, str]:
        """The field errors of a refused submission, by block id."""
        return self.response.get("errors", {}) if self.response.get("response_action") == "errors" else {}

    @property
    def trigger_id(self) -> str:
        return str(self.payload.get("trigger_id", ""))


class Carrier(Protocol):
    """A way to the app."""

    async def carry(self, delivery: Delivery, number: int, reason: str, timeout_s: float) -> Attempt:
        """Try once; `reason` says why it is not the first time."""
        ...


@dataclass
class Redelivery:
    """How stubborn this Slack is. Slack itself waits about 0, 60 and 300 s; tests cannot."""

    ack_within_s: float = 3.0
    delays_s: tuple[float, ...] = (0.05, 0.2, 0.5)
    every: bool = False
    """Deliver every event twice, though the first was acknowledged."""
    interactions_too: bool = False
    """With `every`: commands, clicks and submissions as well."""
    out_of_order: bool = False
    """With `every`: the second copy comes only after the next event's first."""


class Post:
    """Delivers, redelivers, and remembers everything."""

    def __init__(self, state: State, carrier: Carrier) -> None:
        self.state, self.carrier = state, carrier
        self.how = Redelivery()
        self.sent: list[Delivery] = []
        self._late: list[Delivery] = []
        self._tasks: set[asyncio.Task[Delivery]] = set()

    async def deliver(self, kind: str, payload: Json, *, accepts_response: bool = False) -> Delivery:
        """Hand a payload to the app; returns once it is acknowledged or given up."""
        delivery = Delivery(kind, payload, accepts_response)
        self.sent.append(delivery)
        late, self._late = self._late, []
        await self._first(delivery)
        for earlier in late:
            await self._again(earlier)
        if delivery.acked and self.how.every and (kind == EVENTS or self.how.interactions_too):
            if self.how.out_of_order:
                self._late.append(delivery)
            else:
                await self._again(delivery)
        self.state.ring()
        return delivery

    def later(self, kind: str, payload: Json) -> asyncio.Task[Delivery]:
        """Deliver in the background; `settled` waits for it."""
        task = asyncio.create_task(self.deliver(kind, payload))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def settled(self) -> None:
        """Wait for background deliveries, and send the copies that are held back."""
        while self._tasks:
            await asyncio.gather(*self._tasks)
        late, self._late = self._late, []
        for delivery in late:
            await self._again(delivery)

    async def again(self, delivery: Delivery) -> Attempt:
        """Deliver the same payload once more (same event id, another envelope)."""
        return await self._again(delivery)

    async def _first(self, delivery: Delivery) -> None:
        reason = ""
        for number, delay in enumerate((0.0, *self.how.delays_s)):
            await asyncio.sleep(delay)
            attempt = await self.carrier.carry(delivery, number, reason, self.how.ack_within_s)
            delivery.attempts.append(attempt)
            reason = attempt.error
            if attempt.acked or attempt.final or not self._worth_retrying(delivery, attempt):
                break

    def _worth_retrying(self, delivery: Delivery, attempt: Attempt) -> bool:
        broken = any(each.error == "disconnected" for each in delivery.attempts)
        return delivery.kind == EVENTS or (broken and attempt.error in ("disconnected", "no_connection"))

    async def _again(self, delivery: Delivery) -> Attempt:
        number = len(delivery.attempts)
        attempt = await self.carrier.carry(delivery, number, "timeout", self.how.ack_within_s)
        delivery.attempts.append(attempt)
        self.state.ring()
        return attempt
