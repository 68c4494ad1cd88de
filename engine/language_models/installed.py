"""Which language models are on this machine, and which of them drafts.

Reads:  `models.json` in the folder of language models (`language-models/` under ACCORD_DATA_DIR).
Gives:  the models, the chosen one and its file; records what is fetched, chosen and removed.
Refrains from the hub and from llama.cpp. Files that somebody named by their path stay where they are: they
are neither copied nor removed.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from engine.errors import ModelFileError, UnknownModelError
from engine.record_file import RecordFile
from engine.types import Frozen

FOLDER = "language-models"
"""Below ACCORD_DATA_DIR."""
RECORD = "models.json"


class Installed(Frozen):
    """A model on this machine.

    path:     of its file, relative to the folder where we fetched it, absolute where somebody named it.
    hub_id, revision: where it is from; None where it is not from the hub.
    licence:  as the list or the hub says; None where neither does.
    read_per_s, written_per_s: tokens a second when it was tried on this machine.
    """

    name: str
    path: str
    size: int
    sha256: str
    hub_id: str | None = None
    revision: str | None = None
    licence: str | None = None
    read_per_s: float | None = None
    written_per_s: float | None = None


class Record(Frozen):
    """The models of this machine; `chosen` is the name of the one that drafts, or None."""

    schema_version: Literal[1] = 1
    chosen: str | None = None
    models: tuple[Installed, ...] = ()

    def of(self, name: str) -> Installed | None:
        """The model of that name."""
        return next((model for model in self.models if model.name == name), None)

    def known(self, name: str) -> Installed:
        """The model of that name.

        Raises:
            UnknownModelError: there is none.
        """
        if (found := self.of(name)) is None:
            there = ", ".join(model.name for model in self.models) or "none yet"
            raise UnknownModelError(
                f"There is no model called {name} here ({there}). Fetch it: accord model get NAME."
            )
        return found


_FILE = RecordFile(
    RECORD, Record, ModelFileError, "{path} is damaged. Delete it, and fetch the models again."
)


def read_record(folder: Path) -> Record:
    """What is there; nothing where the folder or its file is not.

    Raises:
        ModelFileError: the file is there and cannot be read.
    """
    return _FILE.read(folder)


def record_stamp(folder: Path) -> tuple[int, ...] | None:
    """Something that changes when the record does."""
    return _FILE.stamp(folder)


def file_of(model: Installed, folder: Path) -> Path:
    """Where a model's file is."""
    return folder / model.path  # an absolute path stays as it is


def is_ours(model: Installed) -> bool:
    """Whether we fetched the file, so that removing the model removes it."""
    return not Path(model.path).is_absolute()


def chosen_file(folder: Path) -> Path | None:
    """The file of the model that drafts; None where none is chosen.

    Raises:
        ModelFileError: it is not there any more.
    """
    record = read_record(folder)
    if record.chosen is None:
        return None
    path = file_of(record.known(record.chosen), folder)
    if not path.is_file():
        raise ModelFileError(
            f"The chosen model {record.chosen} is no longer at {path}. Fetch it again (accord model get), "
            "or choose another (accord model use)."
        )
    return path


def add(folder: Path, model: Installed) -> None:
    """Record a model, in the place of one of the same name."""
    _change(folder, lambda record: _with(record, model))


def choose(folder: Path, name: str | None) -> None:
    """Draft with this model from now on; with none where `name` is None.

    Raises:
        UnknownModelError: there is no such model.
    """

    def chosen(record: Record) -> Record:
        return record.model_copy(update={"chosen": name and record.known(name).name})

    _change(folder, chosen)


def remove(folder: Path, name: str) -> None:
    """Forget a model, and delete its file if we fetched it.

    Raises:
        UnknownModelError: there is no such model.
        ModelFileError: its file cannot be deleted.
    """
    model = read_record(folder).known(name)
    _change(folder, lambda record: _without(record, name))
    path = file_of(model, folder)
    if is_ours(model):
        try:
            path.unlink(missing_ok=True)
            path.parent.rmdir()
        except FileNotFoundError:
            return
        except OSError as exc:
            raise ModelFileError(
                f"{path}: it cannot be deleted ({exc.strerror}); delete it yourself."
            ) from exc


def _change(folder: Path, change: Callable[[Record], Record]) -> None:
    try:
        _FILE.change(folder, change)
    except OSError as exc:
        raise ModelFileError(f"{folder / RECORD}: it cannot be written ({exc.strerror}).") from exc


def _with(record: Record, model: Installed) -> Record:
    others = tuple(each for each in record.models if each.name != model.name)
    return record.model_copy(update={"models": (*others, model)})


def _without(record: Record, name: str) -> Record:
    left = tuple(each for each in record.models if each.name != name)
    return record.model_copy(
        update={"models": left, "chosen": None if record.chosen == name else record.chosen}
    )
