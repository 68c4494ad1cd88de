"""What settled deliberations teach, in Redis: the port `FeedbackLog`.

One hash per deliberation, one field per round, participant and statement; a sorted set per team says which
deliberations have any, and a set which teams. Retention and "forget me" erase here what they erase in the
store.
"""

import math
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any

from adapters.redis import keys
from adapters.redis.connection import Client
from adapters.redis.documents import REPLACE_FIELD, read
from adapters.redis.errors import maps_errors, store_errors
from adapters.redis.server_files import note_erased
from bot.service.ports.feedback import Wanted
from engine.feedback.record import FeedbackRecord

# So many records travel in one go: a few megabytes at most.
BATCH = 500


class RedisFeedbackLog:
    """`FeedbackLog` over a client from `adapters.redis.connection`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._replace = client.register_script(REPLACE_FIELD)

    @maps_errors
    async def append(self, records: Sequence[FeedbackRecord]) -> None:
        """Keep records once each; what is there stays as it is."""
        ordered = sorted(records, key=_of_deliberation)
        for (team, deliberation_id), group in groupby(ordered, key=_of_deliberation):
            await self._append(team, deliberation_id, list(group))

    async def _append(self, team: str, deliberation_id: str, records: list[FeedbackRecord]) -> None:
        settled = keys.timestamp(records[0].settled_at)
        await self._client.sadd(keys.LEARNING_TEAMS, team)
        await self._client.zadd(keys.feedback_index(team), {deliberation_id: settled}, nx=True)
        for batch in _batches(records):
            pipeline = self._client.pipeline(transaction=False)
            for record in batch:
                pipeline.hsetnx(
                    keys.feedback(team, deliberation_id),
                    _field(record),
                    record.model_dump_json(),
                )
            await pipeline.execute()

    async def read(self, team: str) -> AsyncIterator[FeedbackRecord]:
        """A team's records, oldest deliberation first."""
        with store_errors():
            members = await self._client.zrange(keys.feedback_index(team), 0, -1)
        for deliberation_id in map(str, members):
            with store_errors():
                docs = await self._client.hvals(keys.feedback(team, deliberation_id))
            records = [read(FeedbackRecord, doc) for doc in docs]
            for record in sorted(records, key=lambda r: (r.round, r.participant, r.statement_id)):
                yield record

    async def export(self, wanted: Wanted) -> AsyncIterator[FeedbackRecord]:
        """The records that are wanted, by team; each once."""
        for team in await self._teams() if wanted.team is None else [wanted.team]:
            async for deliberation_id in self._deliberations(team, wanted):
                async for record in self._scanned(keys.feedback(team, deliberation_id)):
                    if wanted.includes(record):
                        yield record

    @maps_errors
    async def _teams(self) -> list[str]:
        return sorted(map(str, await self._client.smembers(keys.LEARNING_TEAMS)))

    async def _deliberations(self, team: str, wanted: Wanted) -> AsyncIterator[str]:
        """Oldest first, a page at a time; from where the last one ended, so that a purge hides no other."""
        before = "+inf" if wanted.until is None else f"({keys.timestamp(wanted.until)}"
        last = -math.inf if wanted.since is None else float(keys.timestamp(wanted.since)), ""
        size = BATCH
        while True:
            page = await self._page(team, last[0], before, size)
            fresh = [(settled, id_) for settled, id_ in page if (settled, id_) > last]
            for _, deliberation_id in fresh:
                if wanted.deliberation_id in (None, deliberation_id):
                    yield deliberation_id
            if len(page) < size:
                return
            # More than a page that settled in the same microsecond: take a longer one.
            last, size = (fresh[-1], BATCH) if fresh else (last, 2 * size)

    @maps_errors
    async def _page(self, team: str, since: float, before: str, size: int) -> list[tuple[float, str]]:
        key = keys.feedback_index(team)
        page: Any = await self._client.zrangebyscore(key, since, before, start=0, num=size, withscores=True)
        return [(float(settled), str(id_)) for id_, settled in page]

    async def _scanned(self, key: str) -> AsyncIterator[FeedbackRecord]:
        """The records of one deliberation, a batch at a time; HSCAN may give a field twice."""
        seen: set[str] = set()
        cursor = 0
        while True:
            page: Any
            with store_errors():
                cursor, page = await self._client.hscan(key, cursor, count=BATCH)
            for field, doc in page.items():
                if field not in seen:
                    seen.add(field)
                    yield read(FeedbackRecord, doc)
            if cursor == 0:
                return

    @maps_errors
    async def erase(self, team: str, deliberation_id: str, participant: str | None = None) -> None:
        """Erase one participant's records of a deliberation, or all of it."""
        key = keys.feedback(team, deliberation_id)
        if participant is None:
            await self._client.unlink(key)
            await self._client.zrem(keys.feedback_index(team), deliberation_id)
            await note_erased(self._client)
            return
        fields = [str(field) for field in await self._client.hkeys(key)]
        if theirs := [field for field in fields if field.split(":")[1] == participant]:
            await self._client.hdel(key, *theirs)
            await note_erased(self._client)

    @maps_errors
    async def reword(self, team: str, deliberation_id: str, reworded: Callable[[str], str]) -> None:
        """Put another text in the place of each record's statement, where the record is still there."""
        key = keys.feedback(team, deliberation_id)
        async for record in self._scanned(key):
            changed = record.model_copy(update={"statement": reworded(record.statement)})
            if changed != record:
                docs = record.model_dump_json(), changed.model_dump_json()
                await self._replace(keys=[key], args=[_field(record), *docs])


def _field(record: FeedbackRecord) -> str:
    return f"{record.round}:{record.participant}:{record.statement_id}"


def _of_deliberation(record: FeedbackRecord) -> tuple[str, str]:
    return record.team, record.deliberation_id


def _batches(records: list[FeedbackRecord]) -> Iterator[list[FeedbackRecord]]:
    rest = iter(records)
    while batch := list(islice(rest, BATCH)):
        yield batch
