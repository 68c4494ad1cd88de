"""The steps that run in this process, and who waits for them.

A step runs in a task of its own and a job waits for it. When the connection to Redis breaks, jobs are let
go and streaq starts afresh at once, while a long mediation goes on; its job, when it comes back, finds
the step running and waits for it again.
"""

import asyncio
import logging
from collections.abc import Iterable

from streaq import StreaqRetry

from bot.domain.deliberation import Step
from bot.worker.steps import Worker, run_step

log = logging.getLogger(__name__)

# Drafting 16 candidates with a large model on a small machine takes minutes; whatever takes longer
# than this hangs, and is begun again.
LONGEST_STEP_S = 30 * 60.0
CANCEL_EVERY_S = 1.0


async def break_off(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks until they have ended.

    Once is not enough: on Python 3.11 a cancellation gets lost now and then, in `asyncio.wait_for`, which
    the store's client waits with.
    """
    running = set(tasks)
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=CANCEL_EVERY_S)


class Steps:
    """Runs each step once at a time, however often its job comes.

    patience_s: how long jobs may still wait for their steps once `let_go` was called.
    """

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._running: dict[tuple[Step, str], asyncio.Task[None]] = {}
        self._waits: set[asyncio.Timeout] = set()
        self._taking = False
        self.patience_s = 0.0

    def begin(self) -> None:
        """Take jobs from now on."""
        self._taking = True

    async def take(self, step: Step, deliberation_id: str) -> None:
        """Run a step to its end. Raises StreaqRetry, which hands the job back, after `let_go`."""
        if not self._taking:
            raise StreaqRetry(delay=0)
        try:
            async with asyncio.timeout(None) as wait:
                self._waits.add(wait)
                await asyncio.shield(self._step(step, deliberation_id))
        except TimeoutError:
            raise StreaqRetry(delay=0) from None
        finally:
            self._waits.discard(wait)

    def let_go(self) -> None:
        """Take no more jobs, and hand back those whose steps do not end within `patience_s`."""
        self._taking = False
        at = asyncio.get_running_loop().time() + self.patience_s
        for wait in self._waits:
            wait.reschedule(at)

    async def end(self) -> None:
        """Break off what still runs; a step that is begun again takes up where the saved phase is."""
        await break_off(self._running.values())

    def _step(self, step: Step, deliberation_id: str) -> asyncio.Task[None]:
        key = step, deliberation_id
        if key not in self._running:
            task = asyncio.create_task(self._run(step, deliberation_id))
            task.add_done_callback(lambda _: self._running.pop(key))
            self._running[key] = task
        return self._running[key]

    async def _run(self, step: Step, deliberation_id: str) -> None:
        try:
            async with asyncio.timeout(LONGEST_STEP_S):
                await run_step(step, deliberation_id, self._worker)
        except TimeoutError:
            log.error("%s of %s took too long and was broken off", step, deliberation_id)
