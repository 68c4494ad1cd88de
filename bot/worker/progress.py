"""Showing how far a mediation is, without ever slowing it down.

Reads:  `Progress` from the engine, as often as it likes.
Gives:  live events, and now and then an updated progress card; a word to whoever asked when nothing comes.
Only the latest progress counts: what comes in while a platform is slow is skipped.
"""

import asyncio
import logging
from types import TracebackType
from typing import Self

from bot.domain.deliberation import Deliberation
from bot.domain.errors import RateLimitedError
from bot.service.ports import Ports
from bot.service.ports.live import Drafting
from bot.wording.cards import ProgressCard
from bot.worker.model_silence import Silence
from engine.types import Progress, Stage

log = logging.getLogger(__name__)

CARD_EVERY_S = 2.0
EVENT_EVERY_S = 0.1


class ProgressReporter:
    """Call it with progress; it reports in the background while its `async with` block runs."""

    def __init__(self, deliberation: Deliberation, ports: Ports) -> None:
        self._deliberation = deliberation
        self._ports = ports
        self._latest: dict[Stage, Progress] = {}
        self._news = asyncio.Event()
        self._card_after = 0.0
        self._ended = False
        self._silence = Silence(deliberation, ports)

    def __call__(self, progress: Progress) -> None:
        """Take note; returns at once."""
        self._latest[progress.stage] = progress
        self._silence.heard(progress)
        self._news.set()

    @property
    def waits(self) -> bool:
        """Whether nothing has come from the language model for so long that people should know."""
        return self._silence.is_long

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._report())
        self._watching = asyncio.create_task(self._silence.watch(self._news.set))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = True
        self._news.set()
        # On Python 3.11 a cancellation gets lost now and then (in `asyncio.wait_for`, which the store's
        # client waits with), so the loop looks for itself as well.
        self._task.cancel()
        self._watching.cancel()
        await asyncio.gather(self._task, self._watching, return_exceptions=True)

    async def _report(self) -> None:
        while not self._ended:
            await self._news.wait()
            self._news.clear()
            try:
                untold = self._untold
                await self._tell([each for stage, each in self._latest.items() if stage is not untold])
            except RateLimitedError as exc:
                self._card_after = asyncio.get_running_loop().time() + exc.retry_after_s
            except Exception:
                # Progress is a courtesy: the mediation goes on whether or not anybody can watch.
                log.warning("progress could not be shown", exc_info=True)
            await asyncio.sleep(EVENT_EVERY_S)

    async def _tell(self, latest: list[Progress]) -> None:
        for progress in latest:
            await self._ports.live.publish(self._deliberation.id, self._event(progress))
        now = asyncio.get_running_loop().time()
        if now < self._card_after or self._deliberation.message is None or (card := self._card()) is None:
            return
        self._card_after = now + CARD_EVERY_S
        platform = self._ports.platforms[self._deliberation.platform]
        await platform.update(self._deliberation.message, card)

    @property
    def _untold(self) -> Stage:
        """Of the two stages that draft, the one that is not on: smaller groups' come first, if at all."""
        grouped = self._latest.get(Stage.GROUPS)
        return Stage.DRAFT if grouped and grouped.done < grouped.total else Stage.GROUPS

    def _event(self, progress: Progress) -> Drafting:
        tokens = progress.written.tokens if progress.written else 0
        return Drafting(
            stage=progress.stage,
            done=progress.done,
            total=progress.total,
            tokens=tokens,
            waiting=self.waits and progress.stage in (Stage.GROUPS, Stage.DRAFT),
        )

    def _card(self) -> ProgressCard | None:
        """What the channel sees; None while there is nothing to tell."""
        if self._untold is Stage.DRAFT:
            of = self._latest[Stage.GROUPS]
            return ProgressCard(self._deliberation, of.done, of.total, waiting=self.waits, in_groups=True)
        scored, drafted = self._latest.get(Stage.SCORE), self._latest.get(Stage.DRAFT)
        tokens = drafted.written.tokens if drafted and drafted.written else 0
        if not (shown := scored or (drafted if tokens or self.waits else None)):
            return None
        done = scored.done if scored else 0
        return ProgressCard(self._deliberation, done, shown.total, tokens, waiting=self.waits)
