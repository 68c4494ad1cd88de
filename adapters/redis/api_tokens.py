"""Tokens for the HTTP API in Redis: the port `ApiTokens`.

One hash for all teams, which have some dozens together, and one of the days on which they were used: a token
says its id and not its team.
"""

from collections.abc import Sequence
from datetime import date

from adapters.redis import keys
from adapters.redis.connection import Client
from adapters.redis.documents import read
from adapters.redis.erasures import note_revoked
from adapters.redis.errors import maps_errors
from bot.domain.api_tokens import ApiToken, Listed


class RedisApiTokens:
    """`ApiTokens` over a client from `adapters.redis.connection`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    @maps_errors
    async def put(self, token: ApiToken) -> None:
        """Keep a token."""
        await self._client.hset(keys.API_TOKENS, token.id, token.model_dump_json())

    @maps_errors
    async def get(self, id_: str) -> Listed | None:
        """The token with this id."""
        pipeline = self._client.pipeline(transaction=False)
        pipeline.hget(keys.API_TOKENS, id_)
        pipeline.hget(keys.API_TOKENS_USED, id_)
        doc, day = await pipeline.execute()
        return None if doc is None else _listed(doc, day)

    @maps_errors
    async def of_team(self, team: str) -> Sequence[Listed]:
        """The oldest first."""
        docs = await self._client.hgetall(keys.API_TOKENS)
        days = await self._client.hgetall(keys.API_TOKENS_USED)
        found = [_listed(doc, days.get(id_)) for id_, doc in docs.items()]
        return sorted(
            (each for each in found if each.token.team == team), key=lambda each: each.token.made_at
        )

    @maps_errors
    async def used(self, id_: str, day: date) -> None:
        """Note the day."""
        await self._client.hset(keys.API_TOKENS_USED, id_, day.isoformat())

    @maps_errors
    async def remove(self, id_: str) -> None:
        """Harmless when it is gone."""
        await note_revoked(self._client, f"token:{id_}")
        pipeline = self._client.pipeline(transaction=True)
        pipeline.hdel(keys.API_TOKENS, id_)
        pipeline.hdel(keys.API_TOKENS_USED, id_)
        await pipeline.execute()


def _listed(doc: str | bytes, day: str | bytes | None) -> Listed:
    return Listed(read(ApiToken, doc), date.fromisoformat(str(day)) if day else None)
