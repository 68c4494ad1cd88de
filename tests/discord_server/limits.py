"""Rate limits, and what a test asks to go wrong.

Gives:  the X-RateLimit headers and 429 of routes that have a limit; faults injected into any route.
A route is named as it is registered: `POST /channels/{channel}/messages`; `*` and `?` match as in file names.
Without a rule there are no headers and no limit: discord.py then goes as fast as it can.
Source: docs.discord.com/developers/topics/rate-limits.
"""

import hashlib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tests.discord_server.errors import ApiError

if TYPE_CHECKING:
    from tests.discord_server.rest import Call

MAJOR = ("channel", "guild", "application", "token")


@dataclass
class Rule:
    """So many calls of a route in a window of time, for each channel, guild or webhook."""

    route: str
    calls: int
    per_s: float


@dataclass
class Window:
    """A bucket that is being used."""

    ends_at: float
    left: int


@dataclass
class Limits:
    """How fast the application may call."""

    rules: list[Rule] = field(default_factory=list)
    global_per_s: int | None = None
    refused: list[str] = field(default_factory=list)
    """The routes of calls that were refused, as they came."""
    _windows: dict[tuple[str, ...], Window] = field(default_factory=dict)

    def limit(self, route: str, calls: int, per_s: float) -> None:
        """Allow `calls` of a route in `per_s` seconds from now on."""
        self.rules.append(Rule(route, calls, per_s))

    def check(self, call: "Call", now: float) -> dict[str, str]:
        """The headers of a call's answer.

        Raises:
            ApiError: 429, when the call comes too soon.
        """
        if self.global_per_s is not None and not call.route.startswith("POST /interactions"):
            window = self._window(("global",), self.global_per_s, 1.0, now)
            if window.left < 0:
                self.refused.append(call.route)
                raise too_many(window.ends_at - now, everywhere=True)
        rule = next((r for r in reversed(self.rules) if fnmatchcase(call.route, r.route)), None)
        return {} if rule is None else self._checked(rule, call, now)

    def _checked(self, rule: Rule, call: "Call", now: float) -> dict[str, str]:
        major = [str(call.params.get(name, "")) for name in MAJOR]
        window = self._window((rule.route, *major), rule.calls, rule.per_s, now)
        headers = {
            "X-RateLimit-Limit": str(rule.calls),
            "X-RateLimit-Remaining": str(max(0, window.left)),
            "X-RateLimit-Reset": f"{window.ends_at:.3f}",
            "X-RateLimit-Reset-After": f"{max(0.0, window.ends_at - now):.3f}",
            "X-RateLimit-Bucket": hashlib.md5(rule.route.encode(), usedforsecurity=False).hexdigest(),
        }
        if window.left < 0:
            self.refused.append(call.route)
            raise too_many(window.ends_at - now, headers=headers)
        return headers

    def _window(self, key: tuple[str, ...], calls: int, per_s: float, now: float) -> Window:
        window = self._windows.get(key)
        if window is None or now >= window.ends_at:
            window = self._windows[key] = Window(now + per_s, calls)
        window.left -= 1
        return window


def too_many(
    retry_after_s: float, *, everywhere: bool = False, headers: dict[str, str] | None = None
) -> ApiError:
    """Discord's 429. Only with `Via` does discord.py take it for Discord's own."""
    told = {"Via": "1.1 google", "Retry-After": f"{retry_after_s:.3f}", **(headers or {})}
    told["X-RateLimit-Scope"] = "global" if everywhere else "user"
    if everywhere:
        told["X-RateLimit-Global"] = "true"
    more: dict[str, Any] = {"retry_after": round(retry_after_s, 3), "global": everywhere}
    return ApiError(429, 0, "You are being rate limited.", headers=told, **more)


@dataclass
class Fault:
    """Something that goes wrong with calls of a route."""

    route: str
    error: ApiError | None = None
    delay_s: float = 0.0
    times: float = 1
    where: dict[str, Any] = field(default_factory=dict)


class Faults:
    """What is to go wrong, in the order it was asked for."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def fail(
        self,
        route: str,
        status: int,
        code: int = 0,
        message: str = "broken",
        *,
        times: float = 1,
        **where: Any,
    ) -> None:
        """Let the next calls of a route, whose path and body are as in `where`, be refused."""
        self._waiting.append(Fault(route, ApiError(status, code, message), times=times, where=where))

    def limit(
        self,
        route: str,
        *,
        retry_after_s: float = 0.05,
        everywhere: bool = False,
        times: float = 1,
        **where: Any,
    ) -> None:
        """Let the next calls be refused with 429; `everywhere` says that the limit is the global one."""
        error = too_many(retry_after_s, everywhere=everywhere)
        self._waiting.append(Fault(route, error, times=times, where=where))

    def slow(self, route: str, delay_s: float, *, times: float = 1, **where: Any) -> None:
        """Let the next calls take `delay_s` longer."""
        self._waiting.append(Fault(route, delay_s=delay_s, times=times, where=where))

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
    given = {**call.body, **call.params}
    as_asked = all(str(given.get(key)) == str(value) for key, value in fault.where.items())
    return fnmatchcase(call.route, fault.route) and as_asked
