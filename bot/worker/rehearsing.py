"""Trying out questions with simulated members: what a worker does while somebody waits for it.

Reads:  rehearsals that wait; the engine, which plays them.
Gives:  how each gets on and what came of it, to the person who asked for it.
Refrains from the deliberations' steps: nothing here is posted, counted or learnt from.
Played twice, it is kept once: what is played again takes the place of what a killed worker began.
"""

import asyncio
import logging
from contextlib import suppress

from bot.chat.rehearsals import MOST_TRIES, KeptRehearsal, Rehearsals, State
from bot.domain.errors import DomainError, PlatformError, StoreError
from bot.service.ports.engine import PlaysMembers
from bot.service.ports.platform import WritesSentences
from bot.wording import rehearsal_lines
from bot.worker.steps import Worker
from engine.errors import EngineError
from engine.sentence import Said

log = logging.getLogger(__name__)

TELL_EVERY_S = 2.0


async def play_waiting(worker: Worker) -> int:
    """Play one rehearsal that waits, to its end; how many were played."""
    rehearsals = worker.rehearsals
    if rehearsals is None or (waiting := await rehearsals.next()) is None:
        return 0
    over = waiting.state in (State.DONE, State.FAILED)  # by a worker that was killed before it had told
    ended = waiting if over else await _ended(waiting, worker.plays, rehearsals)
    if await rehearsals.keep(ended):
        await _tell(ended, worker)
    await rehearsals.end(ended)
    return 1


async def _tell(ended: KeptRehearsal, worker: Worker) -> None:
    """Write to the one who asked, where no page shows it; one who cannot be written to asks again."""
    platform = worker.ports.platforms.get(ended.platform)
    if not isinstance(platform, WritesSentences):
        return
    try:
        await platform.write(
            ended.team, ended.user, lambda: rehearsal_lines.told(ended.question, ended.result, ended.trouble)
        )
    except PlatformError as exc:
        log.warning("nobody could be told of a rehearsal (%s)", type(exc).__name__)


async def _ended(waiting: KeptRehearsal, plays: PlaysMembers | None, rehearsals: Rehearsals) -> KeptRehearsal:
    if plays is None:
        return _failed(waiting, Said(rehearsal_lines.NO_MODEL, {}))
    if waiting.tries >= MOST_TRIES:
        log.error("a rehearsal was given up: %d workers were stopped while they played it", waiting.tries)
        return _failed(waiting, Said(rehearsal_lines.UNEXPECTED, {}))
    try:
        return await _played(waiting, plays, rehearsals)
    except (EngineError, DomainError) as exc:
        log.warning("a rehearsal failed (%s)", type(exc).__name__)
        return _failed(waiting, exc.said)
    except Exception as exc:
        log.error("a rehearsal failed unexpectedly (%s)", type(exc).__name__)
        return _failed(waiting, Said(rehearsal_lines.UNEXPECTED, {}))


async def _played(waiting: KeptRehearsal, plays: PlaysMembers, rehearsals: Rehearsals) -> KeptRehearsal:
    stands = [waiting.model_copy(update={"state": State.RUNNING, "tries": waiting.tries + 1})]

    def tell(stage: str, done: int, total: int) -> None:
        stands[0] = stands[0].model_copy(update={"stage": stage, "part": done / max(total, 1)})

    async def keep_telling() -> None:
        while True:
            with suppress(StoreError):  # it is said again soon, before the claim ends
                await rehearsals.get_on(stands[0])
            await asyncio.sleep(TELL_EVERY_S)

    telling = asyncio.create_task(keep_telling())
    try:
        result = await plays.rehearse(waiting.question, waiting.about, tell)
    finally:
        telling.cancel()
        await asyncio.wait([telling])
    return waiting.model_copy(update={"state": State.DONE, "result": result})


def _failed(waiting: KeptRehearsal, why: Said) -> KeptRehearsal:
    return waiting.model_copy(update={"state": State.FAILED, "trouble": why})
