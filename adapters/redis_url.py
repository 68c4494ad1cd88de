"""The forms of REDIS_URL, taken apart once for both client libraries (state and jobs).

    redis://[user:password@]host[:port][/db]               plain
    rediss://…                                             TLS (`?ssl_ca_certs=FILE` for an own authority)
    unix://[user:password@]/path/to.sock[?db=N]            Unix socket, as the embedded server
    redis+sentinel://[user:password@]host[:port],…/service[/db]
    redis+cluster://[user:password@]host[:port],…
    rediss+sentinel://…, rediss+cluster://…                the same with TLS

User and password are for the data servers; Sentinels with a login of their own take
`?sentinel_username=…&sentinel_password=…`. Errors never quote the URL: it may hold a password.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl, urlsplit

FORMS = (
    "REDIS_URL cannot be used. Write it as redis://host:6379, rediss://host:6379, unix:///path/to.sock, "
    "redis+sentinel://host:26379/service or redis+cluster://host:6379."
)
CLUSTER_PORT = 6379
SENTINEL_PORT = 26379


@dataclass(frozen=True)
class RedisUrl:
    """A REDIS_URL in its parts.

    scheme: redis, rediss or unix.
    way: "" for one server, "sentinel" or "cluster".
    user_info: user and password as written, still quoted; empty when there are none.
    hosts: with the port that was given or is usual; empty for a socket.
    path, query: what stands behind the hosts.
    """

    scheme: str
    way: str
    user_info: str
    hosts: tuple[tuple[str, int], ...]
    path: str
    query: Mapping[str, str]

    @classmethod
    def parse(cls, url: str) -> Self:
        """Take a URL apart. Raises ValueError when it has none of the forms."""
        schemes, found, rest = url.partition("://")
        scheme, _, way = schemes.partition("+")
        ways = ("",) if scheme == "unix" else ("", "sentinel", "cluster")
        if not found or scheme not in ("redis", "rediss", "unix") or way not in ways:
            raise ValueError("no form that we know")
        # By hand, because `urlsplit` refuses several hosts of which one is an IPv6 address.
        end = min((rest.index(mark) for mark in "/?#" if mark in rest), default=len(rest))
        user_info, _, listed = rest[:end].rpartition("@")
        behind = urlsplit(f"//host{rest[end:]}")
        return cls(scheme, way, user_info, _hosts(listed, way), behind.path, dict(parse_qsl(behind.query)))

    @property
    def service(self) -> str:
        """The name of the service that Sentinels watch, still quoted. Raises ValueError without one."""
        service = self.path.strip("/").partition("/")[0]
        if not service:
            raise ValueError("no service")
        return service

    @property
    def database(self) -> int:
        """The database behind the Sentinels. Raises ValueError when it is no number."""
        return int(self.path.strip("/").partition("/")[2] or self.query.get("db", "0"))


def _hosts(listed: str, way: str) -> tuple[tuple[str, int], ...]:
    hosts = []
    for each in listed.split(",") if listed else ():
        host = urlsplit(f"//{each}")
        if not host.hostname or host.port == 0:
            raise ValueError("no host")
        hosts.append((host.hostname, host.port or (SENTINEL_PORT if way == "sentinel" else CLUSTER_PORT)))
    if way and not hosts:
        raise ValueError("no host")
    return tuple(hosts)
