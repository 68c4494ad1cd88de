"""Ids that a repeated command finds again."""

import base64
import hashlib
import json


def named(team: str, idempotency_key: str) -> str:
    """80 bits of a hash of both, as 16 letters and digits."""
    digest = hashlib.sha256(json.dumps((team, idempotency_key)).encode()).digest()
    return base64.b32encode(digest[:10]).decode().lower()
