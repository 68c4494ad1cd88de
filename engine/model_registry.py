"""Which models a team has promoted: one small file that training writes and workers read.

Reads:  `current.json` in the folder of models (`models/` under ACCORD_DATA_DIR).
Gives:  the reward model and the drafter in use, how they came to be so, and the way back.
Refrains from loading models (it only compares their files with those that were promoted), from judging them
(that is `engine.training.promotion`), and from torch.

A path inside the folder is written relative to it, so that the folder can be mounted elsewhere.
"""

import hashlib
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import AwareDatetime

from engine.errors import LearningError
from engine.record_file import RecordFile
from engine.run_manifest import MANIFEST
from engine.types import Frozen

CURRENT = "current.json"
FOLDER = "models"
"""Below ACCORD_DATA_DIR."""


class Kind(StrEnum):
    """What can be promoted."""

    REWARD = "reward"
    DRAFTER = "drafter"


class Promoted(Frozen):
    """A model that was found better than the one before it.

    path:    its folder, relative to the folder of models or absolute.
    sha256:  of its weights.
    adapter: the name that TGI knows a drafter by, where it is an adapter; None where it is a whole model.
    launch:  the line that serves a drafter.
    before:  id of the model that it took the place of; None: the configured one.
    """

    id: str
    path: str
    sha256: str
    adapter: str | None = None
    launch: str | None = None
    before: str | None = None


class Act(Frozen):
    """What was done when, and why. `comparison`: what it rested on, as numbers."""

    at: AwareDatetime
    did: Literal["promote", "rollback"]
    kind: Kind
    model: Promoted | None
    forced: bool = False
    reason: str | None = None
    comparison: dict[str, Any] | None = None


class Models(Frozen):
    """The models in use, None where nothing was promoted, and everything that was done, in order."""

    schema_version: Literal[1] = 1
    reward: Promoted | None = None
    drafter: Promoted | None = None
    history: tuple[Act, ...] = ()

    def of(self, kind: Kind) -> Promoted | None:
        """The model of that kind in use."""
        return self.reward if kind is Kind.REWARD else self.drafter

    def after(self, act: Act) -> Self:
        """What is in use once `act` is done."""
        return self.model_copy(update={str(act.kind): act.model, "history": (*self.history, act)})

    def before(self, kind: Kind) -> Promoted | None:
        """The model that the one in use took the place of; None: the configured one.

        Raises:
            LearningError: no model of that kind is in use.
        """
        if self.of(kind) is None:
            raise LearningError(f"No {kind} model is promoted, so there is nothing to go back from.")
        # By what was done and not by ids: a model may be promoted, left and promoted again.
        promoted: list[Promoted] = []
        for act in (act for act in self.history if act.kind is kind):
            if act.did == "rollback":
                promoted.pop()
            elif act.model is not None:
                promoted.append(act.model)
        return promoted[-2] if len(promoted) > 1 else None


_FILE = RecordFile(
    CURRENT, Models, LearningError,
    "{path}: it is not what this version writes; restore it, or remove it for the configured models.",
)  # fmt: skip


def read_models(folder: Path) -> Models:
    """What is promoted; nothing where the folder or its file is not there.

    Raises:
        LearningError: the file is there and cannot be read.
    """
    return _FILE.read(folder)


def stamp(folder: Path) -> tuple[int, ...] | None:
    """Something that changes when the file does; cheap enough to ask for at every step."""
    return _FILE.stamp(folder)


def folder_of(model: Promoted, folder: Path) -> Path:
    """Where a promoted model is."""
    return folder / model.path  # an absolute path stays as it is


def promoted_folders(folder: Path) -> list[Path]:
    """The folders of all models that are in use or can be gone back to, of those that lie in this folder.

    Raises:
        LearningError: the file is there and cannot be read.
    """
    models = read_models(folder)
    known = [models.reward, models.drafter, *(act.model for act in models.history)]
    places = {folder_of(model, folder) for model in known if model is not None}
    return sorted(each for each in places if each.is_relative_to(folder) and each.is_dir())


def whole_folder_of(model: Promoted, folder: Path) -> Path:
    """Where a promoted model is, once its files are found to be those that were promoted.

    Raises:
        LearningError: it is not there, or its files are others: half a copy, or another run's.
    """
    place = folder_of(model, folder)
    try:
        same = weights_hash(place) == model.sha256
    except (OSError, ValueError) as exc:
        raise LearningError(
            f"{place}: the promoted model is not there; copy it there again, or go back: accord rollback."
        ) from exc
    if not same:
        raise LearningError(
            f"{place}: its files are not those of the model that was promoted (a copy that was cut off?); "
            "copy it there again, or go back: accord rollback."
        )
    return place


def weights_hash(folder: Path) -> str:
    """SHA-256 over the weights, and over what says how to read them.

    Raises:
        ValueError: there are no weights in the folder.
        OSError: the folder cannot be read.
    """
    files = sorted(path for path in folder.iterdir() if path.suffix in (".safetensors", ".json"))
    files = [path for path in files if path.name != MANIFEST]
    if not any(path.suffix == ".safetensors" for path in files):
        raise ValueError(f"{folder}: no model there: it holds no .safetensors file")
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def record(folder: Path, act: Act) -> Models:
    """Write that `act` was done; gives what is in use then.

    Raises:
        LearningError: the file that is there cannot be read.
    """
    return _FILE.change(folder, lambda models: models.after(act))


def roll_back(folder: Path, kind: Kind, *, at: datetime, reason: str | None = None) -> Models:
    """Go back to the model before the one in use; gives what is in use then.

    Raises:
        LearningError: nothing is promoted, or the file cannot be read.
    """

    def back(models: Models) -> Models:
        before = models.before(kind)
        return models.after(Act(at=at, did="rollback", kind=kind, model=before, reason=reason))

    return _FILE.change(folder, back)
