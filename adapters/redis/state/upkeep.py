"""What workers say of themselves, and the server's health, in Redis: the port `Upkeep`."""

from datetime import datetime

from adapters.redis import keys
from adapters.redis.connection import Client, try_write
from adapters.redis.documents import read
from adapters.redis.errors import maps_errors
from adapters.redis.server_files import ServerFiles
from bot.domain.model_notice import ModelNotice


class RedisUpkeep:
    """`Upkeep` over a client from `adapters.redis.connection`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._files = ServerFiles(client)

    @maps_errors
    async def beat(self, worker: str, at: datetime) -> None:
        """A worker's sign of life."""
        now = keys.timestamp(at)
        pipeline = self._client.pipeline(transaction=True)
        pipeline.zadd(keys.WORKERS, {worker: now}, gt=True)
        pipeline.zremrangebyscore(keys.WORKERS, 0, now - keys.DAY)
        await pipeline.execute()

    @maps_errors
    async def goodbye(self, worker: str) -> None:
        """A worker stops: it counts no more."""
        await self._client.zrem(keys.WORKERS, worker)

    @maps_errors
    async def workers(self, since: datetime) -> int:
        """How many workers have given a sign of life since then."""
        return int(await self._client.zcount(keys.WORKERS, keys.timestamp(since), "+inf"))

    @maps_errors
    async def keep_model_notice(self, notice: ModelNotice) -> None:
        """What members are told of the models, as the newest worker says."""
        await self._client.set(keys.MODEL_NOTICE, notice.model_dump_json())

    @maps_errors
    async def model_notice(self) -> ModelNotice | None:
        """What members are told of the models."""
        doc = await self._client.get(keys.MODEL_NOTICE)
        return None if doc is None else read(ModelNotice, doc)

    @maps_errors
    async def rewrite_files(self, now: datetime) -> int:
        """Have the server write its files again if something was erased since it last did."""
        return await self._files.rewrite(now)

    async def try_write(self) -> None:
        """Raises StoreError when the store does not answer or takes no writes."""
        await try_write(self._client)
