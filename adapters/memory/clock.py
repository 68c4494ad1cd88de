"""A clock that tests move."""

from datetime import datetime, timedelta


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """The time that was set."""
        return self._now

    def set(self, now: datetime) -> None:
        """Jump to a time."""
        self._now = now

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._now += by
