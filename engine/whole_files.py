"""Small files that many processes share: a reader sees one whole or the one before, and never half of it.

Reads:  nothing.
Gives:  a lock on a folder, and a way to replace a file in it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Inside, nobody else writes; makes the folder where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def write_whole(path: Path, text: str) -> None:
    """Put `text` in the place of what the file holds, on the disk before anybody can read it."""
    new = path.with_name(f"{path.name}.new")
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def stamp(path: Path) -> tuple[int, ...] | None:
    """Something that changes when the file does; cheap enough to ask for at every step."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
