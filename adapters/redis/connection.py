"""A client for a URL, checked at the start.

    redis://[user:password@]host[:port][/db]               plain
    rediss://…                                             TLS (`?ssl_ca_certs=FILE` for an own authority)
    unix://[user:password@]/path/to.sock[?db=N]            Unix socket, as the embedded server
    redis+sentinel://[user:password@]host[:port],…/service[/db]
    redis+cluster://[user:password@]host[:port],…
    rediss+sentinel://…, rediss+cluster://…                the same with TLS

What redis-py understands behind the `?` of a URL is passed on. User and password are for the data
servers; Sentinels with a login of their own take `?sentinel_username=…&sentinel_password=…`. An ACL user
of the state store needs the keys `~accord:*` and the channels `&accord:*`.
"""

import re
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from redis.asyncio import BlockingConnectionPool, Redis, RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import NoPermissionError, ResponseError

from adapters.redis.errors import store_errors
from bot.errors import StoreError

Client = Redis | RedisCluster

OLDEST_VERSION = 7
# Hundreds of handlers at once wait up to WAIT_S for one of these, rather than fail.
CONNECTIONS = 64
WAIT_S = 20.0
# Cluster clients cannot wait for a connection, so they get more than they ever need.
CLUSTER_CONNECTIONS = 1_000
# A command without an answer is sent again so often, over one to two seconds.
RETRIES = 4

_FORMS = (
    "REDIS_URL cannot be used. Write it as redis://host:6379, rediss://host:6379, unix:///path/to.sock, "
    "redis+sentinel://host:26379/service or redis+cluster://host:6379."
)


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
    except (ValueError, TypeError):
        # The reason may quote the URL, and the URL may hold a password.
        raise StoreError(_FORMS) from None
    try:
        with store_errors():
            await _check_version(client)
    except BaseException:
        await client.aclose()
        raise
    return client


def _client(url: str) -> Client:
    parts = urlsplit(url)
    scheme, _, way = parts.scheme.partition("+")
    if way == "sentinel":
        return _behind_sentinels(scheme, parts)
    if way == "cluster":
        nodes = [ClusterNode(host, port) for host, port in _hosts(parts, 6379)]
        options = _common() | _options(scheme, parts)
        return RedisCluster(startup_nodes=nodes, max_connections=CLUSTER_CONNECTIONS, **options)
    return Redis.from_pool(BlockingConnectionPool.from_url(url, **_common(), **_bounded()))


def _behind_sentinels(scheme: str, parts: SplitResult) -> Redis:
    service, _, db = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError("no service")
    options = _common() | _options(scheme, parts)
    logins = {"sentinel_username": "username", "sentinel_password": "password"}
    own_login = {name: options.pop(given) for given, name in logins.items() if given in options}
    tls = {name: value for name, value in options.items() if name.startswith("ssl")}
    sentinel = Sentinel(  # type: ignore[no-untyped-call]
        _hosts(parts, 26379), sentinel_kwargs=_common() | tls | own_login
    )
    client: Redis = sentinel.master_for(
        unquote(service),
        connection_pool_class=_BlockingSentinelPool,
        db=int(db or 0),
        **options,
        **_bounded(),
    )
    return client


def _common() -> dict[str, Any]:
    return {
        "decode_responses": True,
        "socket_connect_timeout": 5.0,
        "socket_timeout": 10.0,
        "health_check_interval": 30,
        "retry": Retry(ExponentialWithJitterBackoff(base=0.05, cap=1.0), retries=RETRIES),
    }


def _bounded() -> dict[str, Any]:
    return {"max_connections": CONNECTIONS, "timeout": WAIT_S}


def _options(scheme: str, parts: SplitResult) -> dict[str, Any]:
    """User, password and whatever stands behind the `?`, as redis-py reads them from a plain URL."""
    user_info = parts.netloc.rpartition("@")[0]
    options: dict[str, Any] = {**parse_url(f"{scheme}://{user_info}@localhost?{parts.query}")}
    del options["host"]
    if options.pop("connection_class", None):
        options["ssl"] = True
    return options


def _hosts(parts: SplitResult, default_port: int) -> list[tuple[str, int]]:
    hosts = []
    for each in parts.netloc.rpartition("@")[2].split(","):
        host = urlsplit(f"//{each}")
        if not host.hostname:
            raise ValueError("no host")
        hosts.append((host.hostname, host.port or default_port))
    return hosts


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


async def eviction_policy(client: Client) -> str | None:
    """The server's `maxmemory-policy`; None where it does not say. Raises StoreError."""
    with store_errors():
        try:
            found = await client.config_get("maxmemory-policy")
        except (NoPermissionError, ResponseError):
            # Hosted servers often keep CONFIG to themselves.
            return None
    return dict(found).get("maxmemory-policy")
