"""What settled deliberations teach, in Redis: the port `FeedbackLog`.

One hash per deliberation, one field per round and participant; a sorted set per team says which
deliberations have any. Retention and "forget me" erase here what they erase in the store.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from itertools import groupby, islice

from adapters.redis import keys
from adapters.redis.connection import Client
from adapters.redis.documents import read
from adapters.redis.errors import maps_errors, store_errors
from engine.feedback import FeedbackRecord

# So many records travel in one go: a few megabytes at most.
BATCH = 500


class RedisFeedbackLog:
    """`FeedbackLog` over a client from `adapters.redis.connection`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @maps_errors
    async def append(self, records: Sequence[FeedbackRecord]) -> None:
        """Keep records once each; what is there stays as it is."""
        ordered = sorted(records, key=_of_deliberation)
        for (team, deliberation_id), group in groupby(ordered, key=_of_deliberation):
            await self._append(team, deliberation_id, list(group))

    async def _append(self, team: str, deliberation_id: str, records: list[FeedbackRecord]) -> None:
        settled = keys.timestamp(records[0].settled_at)
        await self._client.zadd(keys.feedback_index(team), {deliberation_id: settled}, nx=True)
        for batch in _batches(records):
            pipeline = self._client.pipeline(transaction=False)
            for record in batch:
                pipeline.hsetnx(
                    keys.feedback(team, deliberation_id),
                    f"{record.round}:{record.participant}",
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
            for record in sorted(records, key=lambda record: (record.round, record.participant)):
                yield record

    @maps_errors
    async def erase(self, team: str, deliberation_id: str, participant: str | None = None) -> None:
        """Erase one participant's records of a deliberation, or all of it."""
        key = keys.feedback(team, deliberation_id)
        if participant is None:
            await self._client.unlink(key)
            await self._client.zrem(keys.feedback_index(team), deliberation_id)
            return
        fields = [str(field) for field in await self._client.hkeys(key)]
        if theirs := [field for field in fields if field.partition(":")[2] == participant]:
            await self._client.hdel(key, *theirs)


def _of_deliberation(record: FeedbackRecord) -> tuple[str, str]:
    return record.team, record.deliberation_id


def _batches(records: list[FeedbackRecord]) -> Iterator[list[FeedbackRecord]]:
    rest = iter(records)
    while batch := list(islice(rest, BATCH)):
        yield batch
