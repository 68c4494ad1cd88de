"""Fetching a GGUF file from the hub: whole and as the hub describes it, or not at all.

Reads:  the hub's description of a file (commit, size, SHA-256), then the file.
Gives:  the model as recorded in `installed`; progress goes to stderr, by huggingface_hub's own bar.
What has come is kept under its SHA-256 when a connection breaks or we are killed, and the next try goes on
from there: since version 2 `hf_hub_download` begins anew, so `http_get` is called with what is there.
Nothing has a model's name before size, SHA-256 and head were found to be right.
"""

import errno
import fcntl
import hashlib
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from httpx2 import HTTPError
from huggingface_hub import HfApi, get_hf_file_metadata, get_token, hf_hub_url
from huggingface_hub.errors import (
    GatedRepoError,
    HFValidationError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.file_download import http_get
from huggingface_hub.utils._headers import build_hf_headers

from engine.errors import ModelFileError
from engine.language_models.gguf_header import read_header
from engine.language_models.installed import Installed
from engine.language_models.vetted import HubFile, Vetted

PARTS = "fetching"
"""Folder of files that are not whole yet."""
_GIB = 2**30


@dataclass(frozen=True)
class _Described:
    """What the hub says of a file. sha256: None where it keeps none."""

    revision: str
    size: int
    sha256: str | None
    licence: str | None


def fetch(
    name: str, source: HubFile, folder: Path, *, listed: Vetted | None = None, endpoint: str | None = None
) -> Installed:
    """Fetch a file, or what is missing of it, and put it in its place under `folder`.

    Args:
        name: what the model is called from now on.
        listed: what the file must be like, where it is on our list.
        endpoint: of the hub; as huggingface_hub is set up when left out.

    Raises:
        ModelFileError: the hub cannot be reached or refuses, the disk is full, or the file is another.
    """
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # its warnings repeat addresses
    with _explained(source):
        described = _described(source, endpoint)
        _check_listed(described, listed)
        part = folder / PARTS / f"{described.sha256 or described.revision}.part"
        part.parent.mkdir(parents=True, exist_ok=True)
        with part.open("ab") as file, _alone(file, name):
            _check_room(described.size - part.stat().st_size, folder)
            _fetch_rest(source, described, part, endpoint)
            sha256 = _checked(part, described)
            place = folder / name / Path(source.file).name
            place.parent.mkdir(exist_ok=True)
            part.replace(place)
    return Installed(
        name=name,
        path=str(place.relative_to(folder)),
        size=described.size,
        sha256=sha256,
        hub_id=source.hub_id,
        revision=described.revision,
        licence=listed.licence if listed else described.licence,
    )


def adopt(name: str, path: Path) -> Installed:
    """Record a file that is on this machine already; it stays where it is.

    Raises:
        ModelFileError: it cannot be read, is no GGUF file, or only a part of one.
    """
    path = path.expanduser().absolute()
    try:
        _check_head(path)
        return Installed(name=name, path=str(path), size=path.stat().st_size, sha256=_sha256(path))
    except OSError as exc:
        raise ModelFileError(f"{path}: it cannot be read ({exc.strerror}). Check the path.") from exc


def _described(source: HubFile, endpoint: str | None) -> _Described:
    info = HfApi(endpoint=endpoint).model_info(
        source.hub_id, revision=source.revision, files_metadata=True, timeout=30
    )
    files = {file.rfilename: file for file in info.siblings or []}
    if source.file not in files:
        there = ", ".join(sorted(name for name in files if name.endswith(".gguf"))[:8]) or "none"
        raise ModelFileError(f"{source.hub_id} has no file {source.file}. GGUF files there: {there}.")
    file = files[source.file]
    size = file.lfs.size if file.lfs else file.size
    if size is None or info.sha is None:
        raise ModelFileError(f"The hub does not say how large {source.file} is. Try again later.")
    licence = getattr(info.card_data, "license", None)
    return _Described(info.sha, size, file.lfs.sha256 if file.lfs else None, licence)


def _check_listed(described: _Described, listed: Vetted | None) -> None:
    if listed and (described.size, described.sha256) != (listed.size, listed.sha256):
        raise ModelFileError(
            f"The hub's file for {listed.name} is not the one that was vetted, so it was not fetched. "
            "Choose another model (accord model list), or tell Accord's developers."
        )


@contextmanager
def _alone(file: BinaryIO, name: str) -> Iterator[None]:
    """Inside, nobody else writes to the file."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise ModelFileError(f"Another process is fetching {name} just now. Wait for it to end.") from None
    yield


def _check_room(missing: int, folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    if missing > free:
        raise ModelFileError(
            f"The disk of {folder} is too full: {missing / _GIB:.1f} GiB are needed, {free / _GIB:.1f} GiB "
            "are free. Make room, or set ACCORD_DATA_DIR to a folder on another disk."
        )


def _fetch_rest(source: HubFile, described: _Described, part: Path, endpoint: str | None) -> None:
    """Add what is missing. The token is for the hub alone and not for the servers it sends us to."""
    token = get_token() or False
    url = hf_hub_url(source.hub_id, source.file, revision=described.revision, endpoint=endpoint)
    location = get_hf_file_metadata(url, token=token, endpoint=endpoint).location
    same_server = urlsplit(location).netloc == urlsplit(url).netloc
    with part.open("r+b") as file:
        done = file.seek(0, 2)
        if done > described.size:
            done = file.seek(0)
            file.truncate()
        http_get(
            location,
            file,
            resume_size=done,
            headers=build_hf_headers(token=token if same_server else False),
            expected_size=described.size,
            displayed_filename=Path(source.file).name,
        )


def _checked(part: Path, described: _Described) -> str:
    """The file's SHA-256; a file that is not what it should be is deleted."""
    try:
        sha256 = _sha256(part)
        if part.stat().st_size != described.size or sha256 != (described.sha256 or sha256):
            raise ModelFileError("What was fetched is damaged, so it was deleted. Fetch it again.")
        _check_head(part)
    except ModelFileError:
        part.unlink()
        raise
    return sha256


def _check_head(path: Path) -> None:
    if read_header(path).parts > 1:
        raise ModelFileError(f"{path.name} is one of several parts. Name a model that is in one file.")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _explained(source: HubFile) -> Iterator[None]:
    """Turn what huggingface_hub and the system raise into one sentence."""
    try:
        yield
    except GatedRepoError:
        page = f"https://huggingface.co/{source.hub_id}"
        raise ModelFileError(f"Accept the terms at {page}, and set HF_TOKEN to your token.") from None
    except (RepositoryNotFoundError, RevisionNotFoundError, RemoteEntryNotFoundError, HFValidationError):
        raise ModelFileError(
            f"The hub has no model {source.hub_id}. Check its name; for a private one, set HF_TOKEN."
        ) from None
    except (HTTPError, OSError) as exc:
        if isinstance(exc, OSError) and exc.errno in (errno.ENOSPC, errno.EDQUOT):
            raise ModelFileError("The disk is full. Make room, and run the command again.") from None
        raise ModelFileError(
            f"The hub cannot be reached ({type(exc).__name__}). Check the connection and run the command "
            "again: it goes on from where it stopped."
        ) from None
