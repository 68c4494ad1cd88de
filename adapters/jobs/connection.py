"""What streaq is given for a REDIS_URL.

    redis://[user:password@]host[:port][/db]               plain
    rediss://…                                             TLS (`?ssl_ca_certs=FILE` for an own authority)
    unix://[user:password@]/path/to.sock[?db=N]            Unix socket, as the embedded server
    redis+sentinel://[user:password@]host[:port],…/service[/db]
    redis+cluster://[user:password@]host[:port],…
    rediss+sentinel://…, rediss+cluster://…                the same with TLS

The same forms as the state store's (adapters/redis/connection.py), for another client library. Sentinels
with a login of their own take `?sentinel_username=…&sentinel_password=…`.
"""

import ssl
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from bot.errors import StoreError

CONNECT_TIMEOUT_S = 5.0
CERTIFICATES = {"none": ssl.CERT_NONE, "optional": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}

_FORMS = (
    "REDIS_URL cannot be used. Write it as redis://host:6379, rediss://host:6379, unix:///path/to.sock, "
    "redis+sentinel://host:26379/service or redis+cluster://host:6379."
)


def connection_options(url: str, *, answer_within_s: float) -> dict[str, Any]:
    """Keyword arguments of `streaq.Worker` that make it connect to `url`.

    Args:
        url: in one of the forms above.
        answer_within_s: how long a reply may take before the connection counts as dead.

    Raises:
        StoreError: the URL has none of these forms; the message never quotes it.
    """
    try:
        return _options(urlsplit(url), answer_within_s)
    except (ValueError, KeyError, OSError):
        # The reason may quote the URL, and the URL may hold a password.
        raise StoreError(_FORMS) from None


def _options(parts: SplitResult, answer_within_s: float) -> dict[str, Any]:
    scheme, _, way = parts.scheme.partition("+")
    query = dict(parse_qsl(parts.query))
    common: dict[str, Any] = {"connect_timeout": CONNECT_TIMEOUT_S, "stream_timeout": answer_within_s}
    if scheme == "rediss":
        common["ssl_context"] = _tls(query)
    if way == "sentinel" and scheme in ("redis", "rediss"):
        return _behind_sentinels(parts, query, common)
    if way == "cluster" and scheme in ("redis", "rediss"):
        return {"cluster_nodes": _hosts(parts, 6379), "redis_kwargs": common | _login(parts, query)}
    named = parts.path.strip("/") if scheme == "unix" else parts.hostname
    if way or scheme not in ("redis", "rediss", "unix") or not named or parts.port == 0:
        raise ValueError("no form that we know")
    return {"redis_url": parts.geturl(), "redis_kwargs": common | {"decode_components": True}}


def _behind_sentinels(parts: SplitResult, query: dict[str, str], common: dict[str, Any]) -> dict[str, Any]:
    service, _, db = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError("no service")
    logins = {"username": "sentinel_username", "password": "sentinel_password"}
    own_login = {name: query[given] for name, given in logins.items() if given in query}
    return {
        "sentinel_nodes": _hosts(parts, 26379),
        "sentinel_master": unquote(service),
        "sentinel_kwargs": common | own_login,
        "redis_kwargs": common | _login(parts, query) | {"db": int(db or query.get("db", "0"))},
    }


def _login(parts: SplitResult, query: dict[str, str]) -> dict[str, str]:
    given = {
        "username": unquote(parts.username or query.get("username", "")),
        "password": unquote(parts.password or query.get("password", "")),
    }
    return {name: value for name, value in given.items() if value}


def _hosts(parts: SplitResult, default_port: int) -> list[tuple[str, int]]:
    hosts = []
    for each in parts.netloc.rpartition("@")[2].split(","):
        host = urlsplit(f"//{each}")
        if not host.hostname:
            raise ValueError("no host")
        hosts.append((host.hostname, host.port or default_port))
    return hosts


def _tls(query: dict[str, str]) -> ssl.SSLContext:
    """Certificates and host names are checked unless the URL says otherwise; streaq's client would not."""
    context = ssl.create_default_context(cafile=query.get("ssl_ca_certs"))
    if certificate := query.get("ssl_certfile"):
        context.load_cert_chain(certificate, query.get("ssl_keyfile"))
    required = CERTIFICATES[query.get("ssl_cert_reqs", "required").lower()]
    checks_host = query.get("ssl_check_hostname", "true").lower() in ("true", "1", "yes")
    # This order, because Python refuses to check host names of certificates that it does not verify.
    context.check_hostname = checks_host and required is not ssl.CERT_NONE
    context.verify_mode = required
    return context
