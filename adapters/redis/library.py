"""Question templates, the question bank and schedules in Redis: the port `LibraryStore`.

One hash each per team. Which teams have schedules is written before the schedule and never removed, so that
none is missed; a team without any costs one read in each round.
"""

from collections.abc import Sequence
from datetime import datetime

from adapters.redis import keys
from adapters.redis.connection import Client
from adapters.redis.documents import REPLACE_FIELD, read
from adapters.redis.errors import maps_errors
from bot.domain.errors import VersionConflictError
from bot.domain.library import BankQuestion, Schedule, Template, bank_order


class RedisLibrary:
    """`LibraryStore` over a client from `adapters.redis.connection`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._put_schedule = client.register_script(REPLACE_FIELD)

    @maps_errors
    async def templates(self, team: str) -> Sequence[Template]:
        """By name."""
        docs = await self._client.hgetall(keys.templates(team))
        return [read(Template, docs[name]) for name in sorted(docs)]

    @maps_errors
    async def put_template(self, team: str, template: Template) -> None:
        """Keep it in place of the one of that name."""
        await self._client.hset(keys.templates(team), template.name, template.model_dump_json())

    @maps_errors
    async def remove_template(self, team: str, name: str) -> None:
        """Harmless when it is gone."""
        await self._client.hdel(keys.templates(team), name)

    @maps_errors
    async def bank(self, team: str) -> Sequence[BankQuestion]:
        """In the order in which they were added."""
        docs = await self._client.hvals(keys.bank(team))
        return sorted((read(BankQuestion, doc) for doc in docs), key=bank_order)

    @maps_errors
    async def add_to_bank(self, team: str, questions: Sequence[BankQuestion]) -> None:
        """Add all in one step; one that is there stays as it is."""
        pipeline = self._client.pipeline(transaction=True)
        for question in questions:
            pipeline.hsetnx(keys.bank(team), question.id, question.model_dump_json())
        await pipeline.execute()

    @maps_errors
    async def remove_from_bank(self, team: str, question_id: str) -> None:
        """Harmless when it is gone."""
        await self._client.hdel(keys.bank(team), question_id)

    @maps_errors
    async def schedules(self, team: str) -> Sequence[Schedule]:
        """By id."""
        docs = await self._client.hgetall(keys.schedules(team))
        return [read(Schedule, docs[id_]) for id_ in sorted(docs)]

    @maps_errors
    async def save_schedule(self, schedule: Schedule) -> Schedule:
        """Compare-and-set."""
        key = keys.schedules(schedule.team)
        saved = schedule.model_copy(update={"version": schedule.version + 1})
        await self._client.sadd(keys.SCHEDULING_TEAMS, schedule.team)
        there = await self._client.hget(key, schedule.id)
        version = 0 if there is None else read(Schedule, there).version
        if version == schedule.version:
            args = [schedule.id, there or "", saved.model_dump_json()]
            if await self._put_schedule(keys=[key], args=args):
                return saved
        raise VersionConflictError("Somebody else changed this schedule at the same moment.")

    @maps_errors
    async def remove_schedule(self, team: str, schedule_id: str) -> None:
        """Harmless when it is gone."""
        await self._client.hdel(keys.schedules(team), schedule_id)

    @maps_errors
    async def due_schedules(self, now: datetime) -> Sequence[Schedule]:
        """Every team's schedules whose next occurrence has come."""
        teams = sorted(map(str, await self._client.smembers(keys.SCHEDULING_TEAMS)))
        pipeline = self._client.pipeline(transaction=False)
        for team in teams:
            pipeline.hvals(keys.schedules(team))
        docs = [doc for theirs in await pipeline.execute() for doc in theirs]
        every = [read(Schedule, doc) for doc in docs]
        return [schedule for schedule in every if schedule.is_due(now)]
