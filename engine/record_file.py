"""A record in one small JSON file that many processes share, such as which models are on this machine.

Reads:  the file in a folder, as a pydantic model whose fields all have defaults.
Gives:  the record; a change to it; something cheap that tells whether it has changed.
Refrains from knowing what is recorded.

The file is replaced whole, so that a reader sees the record before or after and never half of it; who writes
holds a lock on the folder, so that of two changes at once neither is lost.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from engine.errors import EngineError

Record = TypeVar("Record", bound=BaseModel)


@dataclass(frozen=True)
class RecordFile(Generic[Record]):
    """The file `name` of a folder, with a `kind` in it.

    error:   what is raised where it cannot be read.
    damaged: the sentence that people read where it is no such record, with `{path}` for the file.
    """

    name: str
    kind: type[Record]
    error: type[EngineError]
    damaged: str

    def read(self, folder: Path) -> Record:
        """What is recorded; an empty record where the folder or its file is not there.

        Raises:
            EngineError: `error`; the file is there and cannot be read.
        """
        path = folder / self.name
        try:
            return self.kind.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return self.kind()
        except OSError as exc:
            raise self.error(f"{path}: it cannot be read ({exc.strerror}).") from exc
        except ValidationError as exc:
            raise self.error(self.damaged.format(path=path)) from exc

    def change(self, folder: Path, change: Callable[[Record], Record]) -> Record:
        """Record what `change` makes of the record; gives it. Makes the folder where there is none.

        Raises:
            EngineError: `error`; the file is there and cannot be read. Also whatever `change` raises.
            OSError: it cannot be written.
        """
        with _locked(folder):
            changed = change(self.read(folder))
            _write_whole(folder / self.name, changed.model_dump_json(indent=2) + "\n")
        return changed

    def stamp(self, folder: Path) -> tuple[int, ...] | None:
        """Something that changes when the record does; cheap enough to ask for at every step."""
        try:
            found = (folder / self.name).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Inside, nobody else writes."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _write_whole(path: Path, text: str) -> None:
    """Put `text` in the place of what the file holds, on the disk before anybody can read it."""
    new = path.with_name(f"{path.name}.new")
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
