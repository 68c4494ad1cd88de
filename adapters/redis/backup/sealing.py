"""The file of a backup: age's format (age-encryption.org), so that what is altered or cut off is noticed.

    accord backup, form 1
    {"locked": …}    an age key that a passphrase opens, as age writes it (base64); null for a public key
    …                what is kept, as an age file for that key, a piece of 64 KiB at a time

Reads:  pieces of bytes, and a passphrase or keys.
Gives:  a file that nobody else may read, whole or not at all; and its pieces again.
An age file is only known to be whole when its end was read: so whoever must not act on half a file reads it
twice. Nothing decrypted is ever written to a disk here.
"""

import base64
import contextlib
import io
import json
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import pyrage
from pyrage import passphrase as by_passphrase
from pyrage.x25519 import Identity, Recipient

from bot.domain.errors import BackupError

FIRST_LINE = b"accord backup, form 1\n"
# One line with a key in it is a few hundred bytes.
LONGEST_LINE = 10_000
NOT_A_BACKUP = "{path} is no backup that this version of Accord can read."
WRONG = "{path} can't be opened: the {key} is another one, or the file was altered or cut off."


def new_key(path: Path) -> str:
    """Make a pair of keys: the secret one in a new file for its owner only; gives the public one.

    Raises BackupError when the file is there already.
    """
    identity = Identity.generate()
    public = str(identity.to_public())
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"# public key: {public}\n{identity}\n")
    except FileExistsError:
        raise BackupError(
            "{path} is there already, and a key must not be lost. Name another file.", path=path
        ) from None
    return public


def read_key(path: Path) -> Identity:
    """The secret key in a file, as `new_key` or age-keygen wrote it. Raises BackupError."""
    lines = path.read_text(errors="replace").splitlines()
    try:
        return Identity.from_str(next(line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")))
    except (StopIteration, pyrage.IdentityError):
        raise BackupError("{path} holds no secret key for backups (AGE-SECRET-KEY-…).", path=path) from None


def public_key(text: str) -> Recipient:
    """A public key as people write it. Raises BackupError."""
    try:
        return Recipient.from_str(text.strip())
    except pyrage.RecipientError:
        raise BackupError("--to takes a public key (age1…), as accord backup --new-key prints it.") from None


def seal(path: Path, pieces: Iterator[bytes], key: Recipient | str) -> None:
    """Write a backup, whole or not at all; one that is there is replaced.

    key: a public key, or a passphrase.
    """
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            _seal(file, pieces, key)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _seal(file: io.BufferedIOBase, pieces: Iterator[bytes], key: Recipient | str) -> None:
    locked, recipient = None, key
    if isinstance(recipient, str):
        # age's own passphrases are for files that fit into memory: so one opens a key, and that the file.
        identity = Identity.generate()
        locked = base64.b64encode(by_passphrase.encrypt(str(identity).encode(), recipient)).decode()
        recipient = identity.to_public()
    file.write(FIRST_LINE + json.dumps({"locked": locked}).encode() + b"\n")
    reading = _Pieces(pieces)
    try:
        pyrage.encrypt_io(reading, file, [recipient])
    except Exception as exc:
        raise reading.failed or exc from None
    if reading.failed is not None:
        raise reading.failed


def unlock(path: Path, key: Identity | str | None) -> Identity:
    """What opens a backup. Takes the secret key, the passphrase, or neither to be told which.

    Slow with a passphrase, on purpose. Raises BackupError: it is no backup, or is sealed in another way.
    """
    with path.open("rb") as file:
        locked = _locked(file, path)
    if locked is None:
        if isinstance(key, Identity):
            return key
        raise BackupError(
            "{path} was made for a public key; name the file of its secret key with --key.", path=path
        )
    if not isinstance(key, str):
        raise BackupError("{path} was made with a passphrase; leave --key out.", path=path)
    try:
        return Identity.from_str(by_passphrase.decrypt(base64.b64decode(locked), key).decode())
    except (pyrage.DecryptError, pyrage.IdentityError, ValueError):
        raise BackupError(WRONG, path=path, key="passphrase") from None


def unseal(path: Path, identity: Identity, take: Callable[[bytes], None]) -> None:
    """Hand every piece to `take`. identity: as `unlock` gives it.

    Raises:
        BackupError: it is no backup, or is not as it was written; by then some of it may have been handed
            out. What `take` raises goes through.
    """
    with path.open("rb") as file:
        what = "key" if _locked(file, path) is None else "passphrase"
        taking = _Taker(take)
        try:
            pyrage.decrypt_io(file, taking, [identity])
        except (pyrage.DecryptError, OSError, ValueError):
            raise taking.failed or BackupError(WRONG, path=path, key=what) from None
        if taking.failed is not None:
            raise taking.failed


def has_passphrase(path: Path) -> bool:
    """Whether a backup is opened by a passphrase rather than a key. Raises BackupError, OSError."""
    with path.open("rb") as file:
        return _locked(file, path) is not None


def _locked(file: BinaryIO, path: Path) -> str | None:
    if file.readline(LONGEST_LINE) != FIRST_LINE:
        raise BackupError(NOT_A_BACKUP, path=path)
    try:
        locked = json.loads(file.readline(LONGEST_LINE))["locked"]
    except (ValueError, KeyError, TypeError):
        raise BackupError(NOT_A_BACKUP, path=path) from None
    return None if locked is None else str(locked)


class _Pieces(io.BufferedIOBase):
    """Pieces as a file that can be read; what goes wrong in making them is kept, for age would reword it."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""
        self.failed: BaseException | None = None

    def readable(self) -> bool:
        """Yes."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """So many bytes or fewer; none at the end."""
        try:
            while not self._rest:
                self._rest = next(self._pieces)
        except StopIteration:
            return b""
        except BaseException as exc:
            self.failed = exc
            raise
        if size is None or size < 0:
            size = len(self._rest)
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


class _Taker(io.BufferedIOBase):
    """A file that hands on what is written to it."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self._take = take
        self.failed: BaseException | None = None

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, piece: object) -> int:
        """All of it."""
        data = bytes(piece)  # type: ignore[call-overload]
        try:
            self._take(data)
        except BaseException as exc:
            self.failed = exc
            raise
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""
        with contextlib.suppress(ValueError):
            super().flush()
