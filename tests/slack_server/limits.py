"""Rate limits, and what a test asks to go wrong.

Gives:  429 with Retry-After, per channel for chat.postMessage and per method where tiers are on;
        faults that a test injects into any method.
Source: docs.slack.dev/apis/web-api/rate-limits, and the change of May 2025 for apps outside the Marketplace.
"""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.slack_server.web_api import ApiError

if TYPE_CHECKING:
    from tests.slack_server.web_api import Call

TIERS = {
    "views.publish": 100,
    "views.open": 100,
    "views.push": 100,
    "views.update": 100,
    "chat.update": 50,
    "chat.delete": 50,
    "chat.postEphemeral": 100,
    "reactions.add": 50,
    "reactions.remove": 20,
    "reactions.get": 50,
    "conversations.open": 50,
    "conversations.info": 50,
    "conversations.history": 50,
    "conversations.replies": 50,
    "conversations.members": 100,
    "conversations.list": 20,
    "emoji.list": 20,
    "usergroups.list": 20,
    "usergroups.users.list": 20,
    "users.info": 100,
    "users.list": 20,
    "users.conversations": 50,
}
"""Calls a minute, a workspace and a method."""


HISTORY = frozenset({"conversations.history", "conversations.replies"})
FEW = 15


@dataclass
class Bucket:
    """Tokens that fill up again with time; empty means too fast."""

    size: float
    per_s: float
    left: float
    seen: float

    def take(self, now: float) -> float:
        """Take one token; 0 when there was one, else the seconds until the next."""
        self.left = min(self.size, self.left + (now - self.seen) * self.per_s)
        self.seen = now
        if self.left >= 1:
            self.left -= 1
            return 0.0
        return (1 - self.left) / self.per_s


@dataclass
class Limits:
    """How fast the app may call. Change the fields at any time before the first call they concern."""

    posts_per_s: float = 1.0
    post_burst: int = 10
    tiers: bool = False
    history_every_s: float = 0.0
    """As for new apps outside the Marketplace since 2025: history once in a while (with Slack, a minute)."""
    refused: list[str] = field(default_factory=list)
    """`method channel` of every call that was refused."""
    _buckets: dict[tuple[str, ...], Bucket] = field(default_factory=dict)

    def check(self, call: "Call") -> None:
        """Refuse the call with 429 when it comes too soon."""
        if call.token is None:
            return
        wait = 0.0
        if call.method == "chat.postMessage":
            place = (call.team.id, call.method, call.text("channel"))
            wait = self._take(place, self.post_burst, self.posts_per_s, call)
        elif self.history_every_s and call.method in HISTORY:
            wait = self._take((call.team.id, call.method), 1, 1 / self.history_every_s, call)
        elif self.tiers and call.method in TIERS:
            a_minute = TIERS[call.method]
            wait = self._take((call.team.id, call.method), a_minute, a_minute / 60, call)
        if wait:
            self.refused.append(f"{call.method} {call.text('channel')}".strip())
            raise rate_limited(wait)

    def most_on_a_page(self, method: str) -> int:
        """How many entries a call may have at most."""
        return FEW if self.history_every_s and method in HISTORY else 1_000

    def _take(self, key: tuple[str, ...], size: float, per_s: float, call: "Call") -> float:
        now = call.state.clock()
        bucket = self._buckets.setdefault(key, Bucket(size, per_s, size, now))
        return bucket.take(now)


def rate_limited(wait_s: float) -> ApiError:
    """Slack's 429: whole seconds, at least one."""
    return ApiError("ratelimited", status=429, headers={"Retry-After": str(max(1, math.ceil(wait_s)))})


@dataclass
class Fault:
    """Something that goes wrong with calls of `method`."""

    method: str
    error: str = ""
    status: int = 200
    delay_s: float = 0.0
    times: float = 1
    where: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


class Faults:
    """What is to go wrong, in the order it was asked for."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def fail(self, method: str, error: str, *, times: float = 1, status: int = 200, **where: Any) -> None:
        """Let the next calls of `method` (`*`: any) whose arguments are as in `where` fail with `error`."""
        self._waiting.append(Fault(method, error, status=status, times=times, where=where))

    def limit(self, method: str, *, retry_after_s: int = 1, times: float = 1, **where: Any) -> None:
        """Let the next calls be refused with 429 and this Retry-After."""
        headers = {"Retry-After": str(retry_after_s)}
        fault = Fault(method, "ratelimited", status=429, times=times, where=where, headers=headers)
        self._waiting.append(fault)

    def slow(self, method: str, delay_s: float, *, times: float = 1, **where: Any) -> None:
        """Let the next calls take `delay_s` longer."""
        self._waiting.append(Fault(method, delay_s=delay_s, times=times, where=where))

    def clear(self) -> None:
        """Let everything work again."""
        self._waiting.clear()

    def due(self, call: "Call") -> list[Fault]:
        """The faults that concern this call; each is used up by one."""
        found = [fault for fault in self._waiting if _concerns(fault, call)]
        for fault in found:
            fault.times -= 1
        self._waiting = [fault for fault in self._waiting if fault.times > 0]
        return found


def _concerns(fault: Fault, call: "Call") -> bool:
    as_asked = all(str(call.args.get(key)) == str(value) for key, value in fault.where.items())
    return fault.method in ("*", call.method) and as_asked
