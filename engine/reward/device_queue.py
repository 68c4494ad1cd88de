"""The slot: one piece of work at a time on a model's device, off the event loop and in one thread.

Reads:  the pieces of a call: each is work for one thread, small enough to wait for.
Gives:  their results in order. Between two pieces other calls get their turn, and a cancelled call ends.
Refrains from knowing what a piece is.
"""

import asyncio
import ctypes
import sys
from asyncio import AbstractEventLoop, Semaphore
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import torch

from engine.arrays import Floats
from engine.errors import ScoringError

_Result = TypeVar("_Result")

_turns: WeakKeyDictionary[AbstractEventLoop, dict[tuple[str, int], Semaphore]] = WeakKeyDictionary()


class Slot:
    """A device with room for one piece of work, so that memory is bounded whatever the number of callers.

    All slots of a device are one: models that are on it together take turns.
    """

    def __init__(self, device: str | None = None) -> None:
        """`device`: as torch names it; by default the GPU if there is one."""
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))

    @property
    def on_cpu(self) -> bool:
        """Whether there is no accelerator here."""
        return self.device.type == "cpu"

    @property
    def precision(self) -> torch.dtype:
        """Of a model's numbers here; those of its head are fp32 anywhere."""
        return torch.float32 if self.on_cpu else torch.bfloat16

    async def do(self, work: Callable[[], _Result]) -> _Result:
        """Do one piece.

        Cancelling waits for the piece to end; the next caller gets the device when it has, however often this
        call is cancelled.

        Raises:
            ScoringError: the device failed, or ran out of memory.
        """
        turn = self._turn()
        await turn.acquire()
        doing = asyncio.get_running_loop().run_in_executor(_thread(*self._place), work)
        doing.add_done_callback(lambda done: _ended(done, turn))
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            await asyncio.wait([doing])
            raise
        except RuntimeError as error:
            raise ScoringError(
                f"The reward model fails on {self.device} ({type(error).__name__}); "
                "if its memory is full, take a smaller model."
            ) from error

    async def every(self, pieces: Iterator[_Result]) -> list[_Result]:
        """Do the pieces one after the other; each is computed by asking `pieces` for its next.

        Raises:
            ScoringError: as `do`.
        """
        results: list[_Result] = []
        while (result := await self.do(lambda: next(pieces, _END))) is not _END:
            results.append(result)  # type: ignore[arg-type]
        return results

    def _turn(self) -> Semaphore:
        """Free while nobody works on this device."""
        here = _turns.setdefault(asyncio.get_running_loop(), {})
        return here.setdefault(self._place, Semaphore(1))

    @property
    def _place(self) -> tuple[str, int]:
        """The same for every name of the device."""
        return self.device.type, self.device.index or 0


@cache
def _thread(kind: str, index: int) -> ThreadPoolExecutor:
    """A device's own thread.

    The C library keeps memory that was freed for the thread that had it: pieces that wander over a pool's
    threads leave each of them a whole piece's memory.
    """
    return ThreadPoolExecutor(1, thread_name_prefix=f"reward-{kind}-{index}")


def give_back_freed() -> None:
    """Let the system have the memory that was freed, where the C library can; it takes milliseconds.

    Among batches of ever other lengths what is freed lies in pieces that fit no later one, so that reading
    thousands of texts would take more and more.
    """
    if trim := _trim():
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    return getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None


def _ended(doing: asyncio.Future[_Result], turn: Semaphore) -> None:
    if not doing.cancelled():
        doing.exception()  # whoever asked may be gone; nobody need be told that it was not fetched
    turn.release()


def matrix(blocks: Iterable[tuple[Sequence[int], Floats]], people: int, candidates: int) -> Floats:
    """Scores of shape (people, candidates), from pieces: the pairs' places, row by row, and their scores."""
    scores = np.empty(people * candidates)
    for places, some in blocks:
        scores[places] = some
    return scores.reshape(people, candidates)


_END = object()
