"""`ApiTokens`: tokens for other software, as two processes see them."""

from datetime import date

import pytest

from adapters.memory import MemoryApiTokens
from adapters.redis.api_tokens import RedisApiTokens
from bot.domain.api_tokens import ApiToken, Listed, Scope, digest_of
from tests.contract.conftest import IMPLEMENTATIONS

DAY = date(2026, 11, 23)


@pytest.fixture(params=IMPLEMENTATIONS)
def tokens(request):
    if request.param == "memory":
        return [MemoryApiTokens()] * 2
    return [RedisApiTokens(client) for client in request.getfixturevalue("redis_clients")]


def token(sample, number, team="t1"):
    return ApiToken(
        id=f"{number:016x}",
        team=team,
        platform="web",
        channel="web",
        name=f"Software {number}",
        scopes=frozenset({Scope.READ, Scope.TAKE_PART}),
        digest=digest_of("s"),
        made_at=sample.time(number),
        expires_at=sample.time(60),
    )


async def test_a_token_is_found_by_its_id_with_the_day_it_was_used(tokens, sample):
    kept = token(sample, 1)
    await tokens[0].put(kept)
    assert await tokens[1].get(kept.id) == Listed(kept, None)
    await tokens[1].used(kept.id, DAY)
    renewed = kept.renewed("t", kept.made_at)
    await tokens[0].put(renewed)
    assert await tokens[1].get(kept.id) == Listed(renewed, DAY)
    assert await tokens[1].get("0" * 16) is None


async def test_a_team_has_its_own_tokens_the_oldest_first(tokens, sample):
    for each in (token(sample, 3), token(sample, 1), token(sample, 2, team="t2")):
        await tokens[0].put(each)
    assert [each.token.name for each in await tokens[1].of_team("t1")] == ["Software 1", "Software 3"]
    assert list(await tokens[1].of_team("t3")) == []


async def test_nothing_is_left_of_a_token_that_was_removed(tokens, sample):
    kept = token(sample, 1)
    await tokens[0].put(kept)
    await tokens[0].used(kept.id, DAY)
    await tokens[1].remove(kept.id)
    await tokens[1].remove(kept.id)
    assert await tokens[0].get(kept.id) is None
    await tokens[0].put(kept)
    assert await tokens[0].get(kept.id) == Listed(kept, None)
