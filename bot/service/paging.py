"""A page of a list that goes on growing at its beginning while somebody reads it.

Reads:  questions, newest first, as `bot.service.queries` lets somebody see them.
Gives:  so many of them, and from where the next page goes on: nothing twice and nothing left out, whatever is
        asked or deleted meanwhile.
"""

import base64
import binascii
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from bot.domain.deliberation import Deliberation


@dataclass(frozen=True)
class Cursor:
    """The last question of a page."""

    at: datetime
    id: str

    @classmethod
    def of(cls, last: Deliberation) -> Self:
        """Behind this one."""
        return cls(last.created_at, last.id)

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises ValueError for what `__str__` has not written."""
        try:
            at, id_ = json.loads(base64.urlsafe_b64decode(text.encode("ascii")))
            moment = datetime.fromisoformat(at)
        except (binascii.Error, TypeError, UnicodeError) as exc:
            raise ValueError from exc
        if moment.tzinfo is None or not isinstance(id_, str):
            raise ValueError
        return cls(moment, id_)

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(json.dumps([self.at.isoformat(), self.id]).encode()).decode()


async def page(
    found: AsyncIterator[Deliberation], after: Cursor | None, most: int
) -> tuple[list[Deliberation], Cursor | None]:
    """The next `most` of these behind a cursor, and the next cursor; None where nothing is left."""
    shown: list[Deliberation] = []
    async for d in _behind(found, after):
        if len(shown) == most:
            return shown, Cursor.of(shown[-1])
        shown.append(d)
    return shown, None


async def _behind(found: AsyncIterator[Deliberation], after: Cursor | None) -> AsyncIterator[Deliberation]:
    passed = False
    async for d in found:
        # Of several of the same moment those go on that come behind the one that was last.
        if after is None or d.created_at < after.at or (passed and d.created_at == after.at):
            yield d
        passed = passed or (after is not None and d.id == after.id)
