"""A machine that writes slowly: so many texts at once, so many tokens a second each; the others queue."""

import asyncio
from collections.abc import AsyncIterator, Sequence


class SlowMachine:
    """What stands behind a loopback server.

    slots: texts that it writes at once. tokens_per_s: of each text; with `shared`, of all texts together.
    reads_s: seconds that it reads a prompt before it writes.
    most: texts that were being written at once. ended: texts that were written to their end.
    broken_off: texts that were given up while they were being read for or written, with the tokens that they
        had. A request for a single token has only a prompt read, and is no text.
    """

    def __init__(
        self, *, slots: int, tokens_per_s: float, reads_s: float = 0.0, shared: bool = False
    ) -> None:
        self._free = asyncio.Semaphore(slots)
        self.tokens_per_s, self.reads_s, self.shared = tokens_per_s, reads_s, shared
        self.active = self.most = self.waiting = self.longest_queue = self.ended = 0
        self.broken_off: list[int] = []

    async def writing(self, pieces: Sequence[str]) -> AsyncIterator[str]:
        """The pieces of a text, as they are written."""
        self.waiting += 1
        self.longest_queue = max(self.longest_queue, self.waiting - 1)
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        self.active += 1
        self.most = max(self.most, self.active)
        written = 0
        try:
            await asyncio.sleep(self.reads_s)
            for piece in pieces:
                await asyncio.sleep((self.active if self.shared else 1) / self.tokens_per_s)
                written += 1
                yield piece
            self.ended += 1
        finally:
            if written < len(pieces) > 1:
                self.broken_off.append(written)
            self.active -= 1
            self._free.release()
