"""The slot: one piece of work at a time on a model's device, off the event loop.

Reads:  the pieces of a call: each is work for one thread, small enough to wait for.
Gives:  their results in order. Between two pieces other calls get their turn, and a cancelled call ends.
Refrains from knowing what a piece is.
"""

import asyncio
from collections.abc import Callable, Iterator
from typing import TypeVar

import torch

from engine.errors import ScoringError

_Result = TypeVar("_Result")


class Slot:
    """A device with room for one piece of work, so that memory is bounded whatever the number of callers."""

    def __init__(self, device: str | None = None) -> None:
        """`device`: as torch names it; by default the GPU if there is one."""
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self._free = asyncio.Semaphore(1)

    @property
    def on_cpu(self) -> bool:
        """Whether there is no accelerator here."""
        return self.device.type == "cpu"

    async def do(self, work: Callable[[], _Result]) -> _Result:
        """Do one piece.

        Cancelling waits for the piece to end; the next caller gets the device when it has, however often this
        call is cancelled.

        Raises:
            ScoringError: the device failed, or ran out of memory.
        """
        await self._free.acquire()
        doing = asyncio.create_task(asyncio.to_thread(work))
        doing.add_done_callback(self._ended)
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

    def _ended(self, doing: asyncio.Task[_Result]) -> None:
        if not doing.cancelled():
            doing.exception()  # whoever asked may be gone; nobody need be told that it was not fetched
        self._free.release()

    async def every(self, pieces: Iterator[_Result]) -> list[_Result]:
        """Do the pieces one after the other; each is computed by asking `pieces` for its next.

        Raises:
            ScoringError: as `do`.
        """
        results: list[_Result] = []
        while (result := await self.do(lambda: next(pieces, _END))) is not _END:
            results.append(result)  # type: ignore[arg-type]
        return results


_END = object()
