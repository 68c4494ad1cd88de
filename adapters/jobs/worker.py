"""`run_worker`: takes steps until it is told to stop.

Reads:  jobs, from streaq; the state store, through the ports.
Gives:  steps to `bot.worker.steps`, every second a sweep that asks for whatever is due, signs of life, and
        the wish that the store's files be rewritten after something was erased.
The sweep is a loop of its own and no cron job of streaq's: it must go on while the queue is unreachable or
stuck, it is what mends a lost job. Any number of workers may sweep; asking twice changes nothing.
A worker outlives its Redis: it tries again, with growing pauses, until the server is back.
"""

import asyncio
import logging
import random
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import anyio
import streaq

from adapters.jobs.errors import is_outage, leaves
from adapters.jobs.steps import Steps, break_off
from adapters.jobs.streams import streaq_options
from bot.domain.deliberation import Step
from bot.domain.errors import StoreError
from bot.ops import metrics
from bot.service.health import BEATS_EVERY_S, beat, goodbye
from bot.worker.rehearsing import play_waiting
from bot.worker.schedules import post_due_schedules
from bot.worker.steps import Worker, rewrite_files, sweep, tell_models
from bot.worker.webhooks import (
    DELIVERIES_EVERY_S,
    DELIVERIES_QUIET_S,
    EVENTS_EVERY_S,
    TIDIED_EVERY_S,
    deliver_due,
    pass_on_left,
    tidy_dead,
)

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 5.0
GROWTH = 1.5
# Schedules are to the minute.
SCHEDULES_EVERY_S = 10.0
REWRITES_EVERY_S = 5.0
REHEARSALS_EVERY_S = 2.0
REHEARSALS_QUIET_S = 5.0
GOODBYE_S = 2.0


async def run_worker(
    worker: Worker,
    url: str,
    *,
    concurrency: int = 16,
    takeover_s: float = 30.0,
    grace_s: float = 20.0,
    sweep_every_s: float = 1.0,
    handle_signals: bool = False,
    on_ready: Callable[[], None] | None = None,
) -> None:
    """Take steps for ever, or until SIGTERM or SIGINT where `handle_signals` is set.

    Told to stop by a signal, it takes no new step, gives running ones `grace_s` seconds, hands back what
    is left and returns; a second signal ends the grace. Cancelled, it does the same without grace.

    Args:
        worker: the ports and the engine; the ports' job queue is a connection of its own.
        url: where the queue is, as REDIS_URL.
        concurrency: how many steps run at once; they mostly wait, so several per core.
        takeover_s: a worker that is silent this long counts as dead and its jobs are taken over,
            at the latest after twice that time.
        grace_s: see above.
        sweep_every_s: how often to look for what is due.
        handle_signals: leave it off beside something that handles them, such as a web server.
        on_ready: called once a signal would be heard; whoever is told of the worker then may stop it.

    Raises:
        StoreError: the URL cannot be used.
    """
    if takeover_s <= 0 or concurrency < 1:
        raise ValueError("a worker needs a concurrency of 1 or more and a takeover time above 0")
    options = streaq_options(url, idle_timeout_s=takeover_s) | {"concurrency": concurrency}
    steps, name = Steps(worker), uuid4().hex
    stop = asyncio.Event()

    def asked_to_stop() -> None:
        steps.patience_s = 0.0 if stop.is_set() else grace_s
        if stop.is_set():
            steps.let_go()
        stop.set()

    serving = asyncio.create_task(_serve(steps, options, stop))
    sweeping = [
        asyncio.create_task(_sweep_on(partial(sweep, worker.ports), sweep_every_s)),
        asyncio.create_task(_sweep_on(partial(post_due_schedules, worker.ports), SCHEDULES_EVERY_S)),
        asyncio.create_task(_sweep_on(partial(play_waiting, worker), REHEARSALS_EVERY_S, REHEARSALS_QUIET_S)),
        asyncio.create_task(_sweep_on(partial(rewrite_files, worker.ports), REWRITES_EVERY_S)),
        asyncio.create_task(_sweep_on(partial(beat, name, worker.ports), BEATS_EVERY_S)),
        asyncio.create_task(_sweep_on(partial(tell_models, worker), BEATS_EVERY_S)),
        asyncio.create_task(_sweep_on(partial(pass_on_left, worker.ports), EVENTS_EVERY_S)),
        asyncio.create_task(_sweep_on(partial(tidy_dead, worker.ports), TIDIED_EVERY_S)),
    ]
    if worker.sender is not None:
        deliver = partial(deliver_due, worker.ports, worker.sender)
        sweeping.append(asyncio.create_task(_sweep_on(deliver, DELIVERIES_EVERY_S, DELIVERIES_QUIET_S)))
    with _on_signals(asked_to_stop if handle_signals else None):
        try:
            if on_ready is not None:
                on_ready()
            await stop.wait()
        finally:
            stop.set()
            await break_off(sweeping)
            serving.cancel()
            await asyncio.wait([serving])
            await steps.end()
            await _say_goodbye(name, worker)


async def _say_goodbye(name: str, worker: Worker) -> None:
    """Unless the store is away: then its silence says it."""
    try:
        async with asyncio.timeout(GOODBYE_S):
            await goodbye(name, worker.ports)
    except (StoreError, TimeoutError):
        log.info("the store did not hear that this worker stops")


async def _serve(steps: Steps, options: dict[str, Any], stop: asyncio.Event) -> None:
    """Run streaq, again and again: it gives up as soon as Redis does not answer."""
    pause = FIRST_PAUSE_S
    while not stop.is_set():
        began = asyncio.get_running_loop().time()
        try:
            await _Taker(steps, options).run_async()
        except Exception as exc:
            kinds = ", ".join(sorted({type(leaf).__name__ for leaf in leaves(exc)}))
            away = is_outage(exc)
            extra = {"outage": StoreError.outage} if away else None
            log.warning("the job queue is lost (%s); trying again", kinds, exc_info=not away, extra=extra)
        if asyncio.get_running_loop().time() - began > LONGEST_PAUSE_S:
            pause = FIRST_PAUSE_S
        # Jitter, so that workers which lost the server together do not all come back at once.
        await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311
        pause = min(2 * pause, LONGEST_PAUSE_S)


async def _sweep_on(look: Callable[[], Awaitable[int]], every_s: float, quiet_s: float = 0.0) -> None:
    """quiet_s: the pause grows to it, where it is longer, while nothing is found: idling is cheap."""
    pause = every_s
    while True:
        try:
            found = await look()
            pause = every_s if found else min(GROWTH * pause, max(every_s, quiet_s))
        except Exception:
            metrics.SWEEPS_FAILED.inc()
            pause = min(2 * pause, max(every_s, LONGEST_PAUSE_S))
            log.warning("the sweep failed; trying again in %.0f s", pause, exc_info=True)
        await asyncio.sleep(pause)


class _Taker(streaq.Worker[None]):
    """streaq with one task per step.

    prefetch: as few as it can, because what waits here could run in another worker.
    max_tries: none; however many workers died in a step, it is still to be taken.
    ttl: no results are kept, nobody reads them.
    """

    def __init__(self, steps: Steps, options: dict[str, Any]) -> None:
        super().__init__(**options, prefetch=1)
        self._steps = steps
        for step in Step:
            self.task(name=step.value, max_tries=None, ttl=0, silent=True)(_job(step, steps))

    async def signal_handler(self, scope: anyio.CancelScope) -> None:
        """Runs as long as streaq does: jobs must not hold it up when it ends.

        Signals are for `run_worker`: streaq would take them from the program around it, and it does so
        even when told not to (7.2 never reads its `handle_signals`).
        """
        self._steps.begin()
        try:
            await anyio.sleep_forever()
        finally:
            self._steps.let_go()


def _job(step: Step, steps: Steps) -> Callable[[str], Coroutine[Any, Any, None]]:
    async def take(deliberation_id: str) -> None:
        await steps.take(step, deliberation_id)

    return take


@contextmanager
def _on_signals(call: Callable[[], None] | None) -> Iterator[None]:
    if call is None:
        yield
        return
    loop = asyncio.get_running_loop()
    signals = signal.SIGTERM, signal.SIGINT
    for number in signals:
        loop.add_signal_handler(number, call)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
