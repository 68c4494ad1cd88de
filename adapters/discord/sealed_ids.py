"""Ids of people as they are kept: a copy of the state store alone tells none.

Whoever first uses Accord in a channel is noted just before what they give is kept, under a code that names
nobody. Were their id there as it is, the order of the two in the store's file would tell whose the code is.
Keys are made from the secret keys, which are never in the store; what was sealed by an older one is read, and
sealed by the newest when somebody reads it. Earlier versions sealed by the bot's token, which is tried last.
"""

import base64
import binascii
from contextlib import suppress

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PURPOSE = b"accord: ids of people on Discord"


class SealedIds:
    """The same id in the same place is sealed alike each time; in another place it is another."""

    def __init__(self, *secrets: str) -> None:
        """Takes the secrets in use, the newest first."""
        self._boxes = [_box(secret) for secret in secrets]

    def seal(self, user: str, place: str) -> str:
        """An id as it is kept."""
        return self.each(user, place)[0]

    def each(self, user: str, place: str) -> list[str]:
        """An id as it is kept, and as it may have been kept under older secrets."""
        return [
            base64.urlsafe_b64encode(box.encrypt(user.encode(), [place.encode()])).decode()
            for box in self._boxes
        ]

    def read(self, kept: str, place: str) -> str | None:
        """The id; None where it was sealed by a secret that is missing, or elsewhere."""
        for box in self._boxes:
            with suppress(InvalidTag, ValueError, binascii.Error):
                return box.decrypt(base64.urlsafe_b64decode(kept), [place.encode()]).decode()
        return None


def _box(secret: str) -> AESSIV:
    return AESSIV(HKDF(algorithm=SHA256(), length=64, salt=None, info=PURPOSE).derive(secret.encode()))
