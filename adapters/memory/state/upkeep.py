"""What workers say of themselves, in dictionaries."""

from datetime import datetime, timedelta

from bot.domain.model_notice import ModelNotice

# A worker that has been silent for so long does not come back under its name.
FORGOTTEN_AFTER = timedelta(days=1)


class MemoryUpkeep:
    """`Upkeep` in dictionaries."""

    def __init__(self) -> None:
        self._beats: dict[str, datetime] = {}
        self._model_notice: ModelNotice | None = None

    async def beat(self, worker: str, at: datetime) -> None:
        """A worker's sign of life."""
        self._beats = {name: seen for name, seen in self._beats.items() if at - seen < FORGOTTEN_AFTER}
        self._beats[worker] = max(at, self._beats.get(worker, at))

    async def goodbye(self, worker: str) -> None:
        """A worker stops: it counts no more."""
        self._beats.pop(worker, None)

    async def workers(self, since: datetime) -> int:
        """How many workers have given a sign of life since then."""
        return sum(seen >= since for seen in self._beats.values())

    async def keep_model_notice(self, notice: ModelNotice) -> None:
        """What members are told of the models, as the newest worker says."""
        self._model_notice = notice

    async def model_notice(self) -> ModelNotice | None:
        """What members are told of the models."""
        return self._model_notice

    async def rewrite_files(self, now: datetime) -> int:
        """There are none."""
        return 0

    async def try_write(self) -> None:
        """Memory always takes them."""
