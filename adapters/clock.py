"""The machine's clock: the port `Clock` as production uses it; tests move `adapters.memory.ManualClock`."""

from datetime import UTC, datetime


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time now, in UTC."""
        return datetime.now(UTC)
