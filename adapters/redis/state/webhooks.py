"""Webhooks and what is on its way to them, in Redis: the port `WebhookStore`.

One hash each per team, all on one server, so that a delivery moves from those that wait to the dead ones in
one step. Which teams have webhooks is written before the first of them and never removed, so that none is
missed; a team without any that wait costs one read in each round.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from adapters.redis import keys
from adapters.redis.connection import Client
from adapters.redis.documents import read
from adapters.redis.erasures import note_revoked
from adapters.redis.errors import maps_errors
from bot.domain.webhooks import Delivery, Webhook

# KEYS: the hash that it is in, the one that it comes into. ARGV: id, what is there, what to put or ''.
# Gives 1 when it was still there.
MOVE = """
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then
  return 0
end
redis.call('HDEL', KEYS[1], ARGV[1])
if ARGV[3] ~= '' then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
end
return 1
"""

# KEYS: a hash. ARGV: field, what to put in its place where there is something.
PUT_IF_THERE = """
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
end
return 1
"""


class RedisWebhooks:
    """`WebhookStore` over a client from `adapters.redis.connection`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._move = client.register_script(MOVE)
        self._put_if_there = client.register_script(PUT_IF_THERE)

    @maps_errors
    async def webhooks(self, team: str) -> Sequence[Webhook]:
        """In the order in which they were added."""
        docs = await self._client.hvals(keys.webhooks(team))
        return sorted((read(Webhook, doc) for doc in docs), key=lambda each: (each.added_at, each.id))

    @maps_errors
    async def put_webhook(self, webhook: Webhook) -> None:
        """Keep it in place of the one of that id."""
        # It may have been removed and be added again.
        await self._client.zrem(keys.REVOKED, f"webhook:{webhook.id}")
        await self._client.sadd(keys.WEBHOOK_TEAMS, webhook.team)
        await self._client.hset(keys.webhooks(webhook.team), webhook.id, webhook.model_dump_json())

    @maps_errors
    async def change_webhook(self, webhook: Webhook) -> None:
        """Keep it, unless it was removed meanwhile."""
        args = [webhook.id, webhook.model_dump_json()]
        await self._put_if_there(keys=[keys.webhooks(webhook.team)], args=args)

    @maps_errors
    async def remove_webhook(self, team: str, webhook_id: str) -> None:
        """With all that is on its way to it."""
        await note_revoked(self._client, f"webhook:{webhook_id}")
        await self._client.hdel(keys.webhooks(team), webhook_id)
        for key in (keys.deliveries(team), keys.dead_deliveries(team)):
            theirs = [each.id for each in await self._all(key) if each.webhook == webhook_id]
            if theirs:
                await self._client.hdel(key, *theirs)

    @maps_errors
    async def queue(self, deliveries: Sequence[Delivery]) -> None:
        """Keep new deliveries, waiting."""
        for each in deliveries:
            await self._client.hsetnx(keys.deliveries(each.team), each.id, each.model_dump_json())

    @maps_errors
    async def waiting(self, team: str) -> Sequence[Delivery]:
        """What is on its way, longest due first."""
        return _by_due(await self._all(keys.deliveries(team)))

    @maps_errors
    async def due(self, now: datetime) -> Sequence[Delivery]:
        """Every team's deliveries whose time has come, longest due first."""
        teams = await self._client.smembers(keys.WEBHOOK_TEAMS)
        if not teams:
            return []
        pipeline = self._client.pipeline(transaction=False)
        for team in sorted(map(str, teams)):
            pipeline.hvals(keys.deliveries(team))
        every = [read(Delivery, doc) for theirs in await pipeline.execute() for doc in theirs]
        return _by_due(each for each in every if each.next_at <= now)

    @maps_errors
    async def dead(self, team: str) -> Sequence[Delivery]:
        """What is no longer tried, newest first."""
        every = await self._all(keys.dead_deliveries(team))
        return sorted(every, key=lambda each: (each.dead_since or each.since, each.id), reverse=True)

    @maps_errors
    async def replace(self, there: Delivery, new: Delivery | None) -> bool:
        """Put a delivery, or nothing, in the place of exactly this one."""
        moved = await self._move(
            keys=[_shelf(there), _shelf(new or there)],
            args=[there.id, there.model_dump_json(), new.model_dump_json() if new else ""],
        )
        return bool(moved)

    @maps_errors
    async def teams(self) -> Sequence[str]:
        """The teams that have, or once had, webhooks."""
        return sorted(map(str, await self._client.smembers(keys.WEBHOOK_TEAMS)))

    async def _all(self, key: str) -> list[Delivery]:
        return [read(Delivery, doc) for doc in await self._client.hvals(key)]


def _by_due(deliveries: Iterable[Delivery]) -> list[Delivery]:
    return sorted(deliveries, key=lambda each: (each.next_at, each.id))


def _shelf(delivery: Delivery) -> str:
    key = keys.deliveries if delivery.dead_since is None else keys.dead_deliveries
    return key(delivery.team)
