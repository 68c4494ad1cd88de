"""A client for a REDIS_URL, in any of the forms of `adapters.redis_url`, checked at the start.

What redis-py understands behind the `?` of a URL is passed on.
"""

import re
from typing import Any
from urllib.parse import unquote, urlencode

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoPermissionError, RedisClusterException, ResponseError

from adapters.redis import keys
from adapters.redis.errors import store_errors
from adapters.redis_url import FORMS, RedisUrl
from bot.domain.errors import StoreError

Client = Redis | RedisCluster

OLDEST_VERSION = 7
# Hundreds of handlers at once wait up to WAIT_S for one of these, rather than fail.
CONNECTIONS = 64
WAIT_S = 20.0
# Cluster clients cannot wait for a connection, so they get more than they ever need.
CLUSTER_CONNECTIONS = 1_000
# A server that restarts is waited for so often, over one to two seconds; one that hangs is given up at once,
# for people are waiting.
RETRIES = 4
ANSWER_WITHIN_S = 5.0


class _BlockingSentinelPool(SentinelConnectionPool, BlockingConnectionPool):
    """Asks the Sentinels for the primary, and waits when every connection is in use."""

    async def aclose(self) -> None:
        """Close the connections to the Sentinels too: they are nobody else's."""
        await super().aclose()
        await self.sentinel_manager.aclose()


async def connect(url: str) -> Client:
    """A client of the server at `url`; close it with `aclose()`.

    Raises:
        StoreError: the URL is malformed, nobody answers, or the server is too old.
    """
    try:
        client = _client(url)
    except (ValueError, TypeError, RedisClusterException):
        # The reason may quote the URL, and the URL may hold a password.
        raise StoreError(FORMS) from None
    try:
        with store_errors():
            await _check_version(client)
    except TypeError:
        # What stands behind the `?` is looked at when the first connection is made.
        raise StoreError(FORMS) from None
    except BaseException:
        await client.aclose()
        raise
    return client


def _client(url: str) -> Client:
    parts = RedisUrl.parse(url)
    if parts.way == "sentinel":
        return _behind_sentinels(parts)
    if parts.way == "cluster":
        nodes = [ClusterNode(host, port) for host, port in parts.hosts]
        options = _common() | _options(parts)
        return RedisCluster(startup_nodes=nodes, max_connections=CLUSTER_CONNECTIONS, **options)
    return Redis.from_pool(BlockingConnectionPool.from_url(url, **_common(), **_bounded()))


def _behind_sentinels(parts: RedisUrl) -> Redis:
    options = _common() | _options(parts)
    logins = {"sentinel_username": "username", "sentinel_password": "password"}
    own_login = {name: options.pop(given) for given, name in logins.items() if given in options}
    tls = {name: value for name, value in options.items() if name.startswith("ssl")}
    sentinel = Sentinel(  # type: ignore[no-untyped-call]
        list(parts.hosts), sentinel_kwargs=_common() | tls | own_login
    )
    client: Redis = sentinel.master_for(
        unquote(parts.service),
        connection_pool_class=_BlockingSentinelPool,
        **options | {"db": parts.database},
        **_bounded(),
    )
    return client


def _common() -> dict[str, Any]:
    return {
        "decode_responses": True,
        "socket_connect_timeout": 5.0,
        "socket_timeout": ANSWER_WITHIN_S,
        "health_check_interval": 30,
        "retry": Retry(
            ExponentialWithJitterBackoff(base=0.05, cap=1.0),
            retries=RETRIES,
            supported_errors=(RedisConnectionError,),
        ),
    }


def _bounded() -> dict[str, Any]:
    return {"max_connections": CONNECTIONS, "timeout": WAIT_S}


def _options(parts: RedisUrl) -> dict[str, Any]:
    """User, password and whatever stands behind the `?`, as redis-py reads them from a plain URL."""
    plain = f"{parts.scheme}://{parts.user_info}@localhost?{urlencode(parts.query)}"
    options: dict[str, Any] = {**parse_url(plain)}
    del options["host"]
    if options.pop("connection_class", None):
        options["ssl"] = True
    return options


async def _check_version(client: Client) -> None:
    await client.ping()
    try:
        if isinstance(client, RedisCluster):
            info = await client.info("server", target_nodes=RedisCluster.RANDOM)
        else:
            info = await client.info("server")
    except NoPermissionError:
        # A user with few rights may be kept from asking; the scripts would tell soon enough.
        return
    version = str(info.get("redis_version", ""))
    number = re.match(r"\d+", version)
    if number is None or int(number.group()) < OLDEST_VERSION:
        raise StoreError(
            f"The state store is version {version or 'unknown'}; "
            f"Accord needs Redis or Valkey {OLDEST_VERSION} or newer."
        )


async def try_write(client: Client) -> None:
    """Whether the server takes writes: StoreError says why it takes none.

    The key is set only where it is there already, which it never is: so the server refuses as it would refuse
    any write (full, read-only, too few replicas, a broken disk), and has nothing to keep.
    """
    with store_errors():
        await client.set(keys.TRIED, "1", xx=True)


async def weaknesses(client: Client) -> list[str]:
    """What about the server's settings could lose what members gave; each with what to do.

    Empty also where the server keeps its settings to itself, as hosted ones often do. Raises StoreError.
    """
    with store_errors():
        try:
            found = dict(await client.config_get("maxmemory-policy", "appendonly", "save"))
        except (NoPermissionError, ResponseError):
            return []
    weak = []
    if found.get("maxmemory-policy", "noeviction") != "noeviction":
        weak.append("it may evict opinions: set its maxmemory-policy to noeviction")
    if found.get("appendonly") == "no" and not found.get("save"):
        weak.append("it keeps nothing on disk: set its appendonly to yes")
    return weak
