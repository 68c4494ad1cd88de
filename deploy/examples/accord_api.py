"""A few lines around Accord's HTTP API, with the standard library alone: what both examples here use.

A typed client for more than a few calls can be generated: see README.md.
"""

import hashlib
import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen


class RefusedError(Exception):
    """A server said no; the message is its sentence, to be shown to the person."""


def call(base: str, token: str, method: str, path: str, body: Any = None, *, key: str = "") -> Any:
    """One request to a JSON API, and its answer. key: names this request, so that a copy does nothing new."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    headers |= {"Content-Type": "application/json"} if body is not None else {}
    headers |= {"Idempotency-Key": key} if key else {}
    data = None if body is None else json.dumps(body).encode()
    request = Request(base.rstrip("/") + path, data, headers, method=method)  # noqa: S310 - the operator's
    try:
        with urlopen(request, timeout=60) as answer:  # noqa: S310 - the same
            return json.load(answer)
    except HTTPError as exc:
        raise RefusedError(_sentence(exc)) from exc


def nameless(text: str) -> str:
    """The same for the same text, and nobody reads a name in it."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _sentence(error: HTTPError) -> str:
    try:
        said = json.load(error)
    except ValueError:
        said = {}
    return str(said.get("asks") or said.get("detail") or f"HTTP {error.code}")
