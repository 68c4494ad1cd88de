"""What streaq is given for a REDIS_URL, in any of the forms of `adapters.redis_url`."""

import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from adapters.redis_url import FORMS, RedisUrl
from bot.domain.errors import StoreError

CONNECT_TIMEOUT_S = 5.0
CERTIFICATES = {"none": ssl.CERT_NONE, "optional": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}


def connection_options(url: str, *, answer_within_s: float) -> dict[str, Any]:
    """Keyword arguments of `streaq.Worker` that make it connect to `url`.

    Args:
        url: in one of the forms above.
        answer_within_s: how long a reply may take before the connection counts as dead.

    Raises:
        StoreError: the URL has none of these forms; the message never quotes it.
    """
    try:
        return _options(url, RedisUrl.parse(url), answer_within_s)
    except (ValueError, KeyError, OSError):
        raise StoreError(FORMS) from None


def _options(url: str, parts: RedisUrl, answer_within_s: float) -> dict[str, Any]:
    common: dict[str, Any] = {"connect_timeout": CONNECT_TIMEOUT_S, "stream_timeout": answer_within_s}
    if parts.scheme == "rediss":
        common["ssl_context"] = _tls(parts.query)
    if parts.way == "sentinel":
        return _behind_sentinels(parts, common)
    if parts.way == "cluster":
        return {"cluster_nodes": list(parts.hosts), "redis_kwargs": common | _login(parts)}
    if not (parts.path.strip("/") if parts.scheme == "unix" else parts.hosts):
        raise ValueError("nowhere to connect to")
    return {"redis_url": url, "redis_kwargs": common | {"decode_components": True}}


def _behind_sentinels(parts: RedisUrl, common: dict[str, Any]) -> dict[str, Any]:
    logins = {"username": "sentinel_username", "password": "sentinel_password"}
    own_login = {name: parts.query[given] for name, given in logins.items() if given in parts.query}
    return {
        "sentinel_nodes": list(parts.hosts),
        "sentinel_master": unquote(parts.service),
        "sentinel_kwargs": common | own_login,
        "redis_kwargs": common | _login(parts) | {"db": parts.database},
    }


def _login(parts: RedisUrl) -> dict[str, str]:
    username, _, password = parts.user_info.partition(":")
    given = {
        "username": unquote(username or parts.query.get("username", "")),
        "password": unquote(password or parts.query.get("password", "")),
    }
    return {name: value for name, value in given.items() if value}


def _tls(query: Mapping[str, str]) -> ssl.SSLContext:
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
