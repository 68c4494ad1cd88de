"""Ids of people as they are kept: a copy of the state store alone tells none.

Whoever first uses Accord in a channel is noted just before what they give is kept, under a code that names
nobody. Were their id there as it is, the order of the two in the store's file would tell whose the code is.
The key is made from the bot's token, which is never in the store. With a new token nobody is known until they
use Accord again.
"""

import base64
import binascii

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PURPOSE = b"accord: ids of people on Discord"


class SealedIds:
    """The same id in the same place is sealed alike each time; in another place it is another."""

    def __init__(self, token: str) -> None:
        derived = HKDF(algorithm=SHA256(), length=64, salt=None, info=PURPOSE).derive(token.encode())
        self._box = AESSIV(derived)

    def seal(self, user: str, place: str) -> str:
        """An id as it is kept."""
        return base64.urlsafe_b64encode(self._box.encrypt(user.encode(), [place.encode()])).decode()

    def read(self, kept: str, place: str) -> str | None:
        """The id; None where it was sealed by another token, or elsewhere."""
        try:
            return self._box.decrypt(base64.urlsafe_b64decode(kept), [place.encode()]).decode()
        except (InvalidTag, ValueError, binascii.Error):
            return None
