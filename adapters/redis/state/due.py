"""Which deliberations may be due: an index that may err on the early side, never on the late one.

Reads:  deliberations as they are about to be saved.
Gives:  entries whose time has come, to `RedisDeliberations.due`, which looks at the documents.

An entry is `version:id` in one sorted set, scored with the time at which that version becomes due. It
is written before its version is saved, so a process that dies anywhere in between leaves an entry too
many, never one too few. Only one save can make a version, and once it has, the version's due time is
fixed: entries of this version can be set right and entries of older ones replaced without any lock,
however many processes do it at once. An entry of a version that is not there (yet) is left alone.
"""

from datetime import datetime, timedelta
from typing import NamedTuple, Self

from adapters.redis import keys
from adapters.redis.connection import Client
from bot.domain.deliberation import Deliberation

# Entries without a document: it is just being added, or a deletion was cut off. Look again later.
MISSING = -1
LOOK_AGAIN_AFTER = timedelta(minutes=1)


class Entry(NamedTuple):
    """This version of this deliberation may be due."""

    version: int
    id: str

    @classmethod
    def of(cls, deliberation: Deliberation) -> Self:
        """The entry of a deliberation at its version."""
        return cls(deliberation.version, deliberation.id)

    @classmethod
    def parse(cls, member: str) -> Self:
        """Read back what `str` wrote."""
        version, _, id_ = member.partition(":")
        return cls(int(version), id_)

    def __str__(self) -> str:
        return f"{self.version}:{self.id}"


class DueIndex:
    """The sorted set of entries."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def expect(self, deliberation: Deliberation) -> None:
        """Call before this version is saved."""
        due = deliberation.next_due()
        if due is not None:
            await self._client.zadd(keys.DUE, {str(Entry.of(deliberation)): keys.timestamp(due.at)}, lt=True)

    async def drop(self, *entries: Entry) -> None:
        """These versions have been replaced or deleted."""
        await self._client.zrem(keys.DUE, *map(str, entries))

    async def reached(self, now: datetime, *, limit: int) -> list[Entry]:
        """Entries whose time has come, earliest first."""
        members = await self._client.zrange(
            keys.DUE, "-inf", keys.timestamp(now), byscore=True, offset=0, num=limit
        )
        return [Entry.parse(str(member)) for member in members]

    async def confirm(self, entry: Entry, kept: Deliberation | None, now: datetime) -> bool:
        """Whether this entry's deliberation is due; an entry that is early or left over is set right.

        Args:
            entry: its time has come.
            kept: the deliberation as it is in the store, if it is there.
        """
        if kept is None:
            await self._look_again(entry, now)
            return False
        if entry.version > kept.version:
            return False
        due = kept.next_due()
        is_due = due is not None and due.at <= now
        if entry.version < kept.version:
            await self.expect(kept)
            await self.drop(entry)
        elif due is None:
            await self.drop(entry)
        elif not is_due:
            # A lost race for this version may have wanted an earlier time.
            await self._client.zadd(keys.DUE, {str(entry): keys.timestamp(due.at)}, xx=True)
        return is_due

    async def _look_again(self, entry: Entry, now: datetime) -> None:
        if entry.version != MISSING:
            later = keys.timestamp(now + LOOK_AGAIN_AFTER)
            await self._client.zadd(keys.DUE, {str(Entry(MISSING, entry.id)): later})
        await self.drop(entry)
