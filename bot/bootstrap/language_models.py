"""`accord model …`: the list, fetching, choosing and removing, with the folder that settings name.

Reads:  settings, the record of models, this machine's memory, and what answers on loopback.
Gives:  what `bot.cli.model` prints. Fetching is plain blocking work, so that Ctrl-C ends it at once.
"""

import asyncio
import re
from importlib.util import find_spec
from pathlib import Path

from adapters.console.language_models import ModelRow
from adapters.console.sample import sample
from bot.bootstrap.models import language_models_folder
from bot.bootstrap.settings import SettingsError, read_settings
from engine.errors import ModelFileError
from engine.language_models import installed
from engine.language_models.fetching import adopt, fetch
from engine.language_models.gguf_header import GgufHeader, read_header
from engine.language_models.installed import Installed, Record
from engine.language_models.memory import SMALLEST_WINDOW, Memory, needed, this_machine
from engine.language_models.nearby import NearbyServer, nearby_servers
from engine.language_models.vetted import VETTED, HubFile, Vetted, vetted

LISTED_WINDOW, LISTED_SLOTS = 2 * SMALLEST_WINDOW, 2
"""What a model is listed to need memory for: room for a dozen opinions, and two drafts at once."""
_HUB_FILE = re.compile(r"(?P<hub>[\w.-]+/[\w.-]+):(?P<file>[^:]+\.gguf)")


def rows() -> tuple[list[ModelRow], Memory]:
    """The models of the list and those that are here, smallest first; and this machine's memory."""
    folder = _folder()
    record, memory = installed.read_record(folder), this_machine()
    listed = [_listed_row(model, record, memory) for model in VETTED]
    others = [_row(model, record, folder, memory) for model in record.models if vetted(model.name) is None]
    return sorted([*listed, *others], key=lambda row: row.size), memory


def nearby() -> list[NearbyServer]:
    """Servers on this machine."""
    return asyncio.run(nearby_servers())


def get(source: str) -> tuple[Installed, bool]:
    """Fetch or record what `source` names; and whether it was here already.

    Raises:
        SettingsError: llama.cpp is not installed.
        ModelFileError: the source is none, or cannot be had.
    """
    if find_spec("xllamacpp") is None:
        raise SettingsError("Running a model here needs llama.cpp: pip install 'accord-bot[local]'.")
    folder = _folder()
    listed, path = vetted(source), Path(source).expanduser()
    name = listed.name if listed else _name(source)
    if (found := _here(name, source, folder)) is not None:
        return found, True
    if listed:
        model = fetch(name, listed.source, folder, listed=listed)
    elif hub := _HUB_FILE.fullmatch(source):
        model = fetch(name, HubFile(hub["hub"], hub["file"]), folder)
    elif path.suffix == ".gguf" or path.exists():
        model = adopt(name, path)
    else:
        known = ", ".join(each.name for each in VETTED)
        raise ModelFileError(
            f"{source} is no model that Accord knows ({known}). Name one of these, a file of the hub as "
            "ORG/MODEL:FILE.gguf, or the path of a .gguf file."
        )
    installed.add(folder, model)
    return model, False


def try_out(model: Installed) -> tuple[Installed, str]:
    """Have the model draft once from the sample; the model with its speed, which is recorded, and the draft.

    Raises:
        GenerationError: it cannot be loaded, or does not write.
    """
    from engine.drafting.local.llama import LlamaGenerator

    folder, request = _folder(), sample()
    generator = LlamaGenerator(str(installed.file_of(model, folder)))
    opinions = [opinion.text for opinion in request.opinions]
    trial = asyncio.run(generator.try_out(request.question, opinions))
    speeds = {"read_per_s": trial.read_per_s, "written_per_s": trial.written_per_s}
    tried = model.model_copy(update={name: round(value, 1) for name, value in speeds.items()})
    installed.add(folder, tried)
    return tried, trial.text


def head(model: Installed) -> GgufHeader:
    """What the model's file says of itself."""
    return read_header(installed.file_of(model, _folder()))


def use(name: str | None) -> None:
    """Draft with this model from now on, or with none. Raises ModelFileError: it is not here."""
    if name is not None:
        model = installed.read_record(_folder()).known(name)
        if not installed.file_of(model, _folder()).is_file():
            raise ModelFileError(f"The file of {name} is gone. Fetch it again: accord model get.")
    installed.choose(_folder(), name)


def in_charge() -> str | None:
    """The setting that decides who drafts, whatever model is chosen; None where the chosen one does."""
    engine = read_settings().engine
    if engine.generator is not None:
        return None if engine.generator == "local" and engine.local_model is None else "ACCORD_GENERATOR"
    return {"tgi": "TGI_URL", "openai": "OPENAI_BASE_URL"}.get(engine.chosen_generator)


def about(name: str) -> tuple[Installed, bool, bool]:
    """A model that is here, whether it is the chosen one, and whether removing it deletes its file."""
    record = installed.read_record(_folder())
    model = record.known(name)
    return model, record.chosen == name, installed.is_ours(model)


def remove(name: str) -> None:
    """Forget the model; its file goes too where we fetched it."""
    installed.remove(_folder(), name)


def _folder() -> Path:
    return language_models_folder(read_settings())


def _name(source: str) -> str:
    """A name for a model that is not on the list: its file's."""
    return re.sub(r"[^a-z0-9._-]+", "-", Path(source.rpartition(":")[2]).stem.lower()).strip("-.") or "model"


def _here(name: str, source: str, folder: Path) -> Installed | None:
    """The model, if it is here already and from the same source."""
    found = installed.read_record(folder).of(name)
    if found is None or not installed.file_of(found, folder).is_file():
        return None
    hub, path = _HUB_FILE.fullmatch(source), Path(source).expanduser().absolute()
    same = vetted(source) is not None or str(path) == found.path or (hub and hub["hub"] == found.hub_id)
    if not same:
        raise ModelFileError(
            f"There is another model called {name} here. Remove it first (accord model remove {name}), or "
            "rename the file."
        )
    return found if installed.file_of(found, folder).stat().st_size == found.size else None


def _listed_row(model: Vetted, record: Record, memory: Memory) -> ModelRow:
    here = record.of(model.name)
    needs = needed(model.size, model.bytes_per_token, LISTED_WINDOW, LISTED_SLOTS)
    return ModelRow(
        name=model.name,
        size=model.size,
        needs=needs,
        fits=_fits(needs, memory),
        licence=model.licence,
        about=model.about,
        here=here is not None,
        chosen=record.chosen == model.name,
        written_per_s=here.written_per_s if here else None,
    )


def _row(model: Installed, record: Record, folder: Path, memory: Memory) -> ModelRow:
    try:
        per_token = read_header(installed.file_of(model, folder)).bytes_per_token
        about = model.hub_id or Path(model.path).name
    except (ModelFileError, OSError):
        per_token, about = 0, "its file is gone"
    needs = needed(model.size, per_token, LISTED_WINDOW, LISTED_SLOTS)
    return ModelRow(
        name=model.name,
        size=model.size,
        needs=needs,
        fits=_fits(needs, memory),
        licence=model.licence or "not known",
        about=about,
        here=True,
        chosen=record.chosen == model.name,
        written_per_s=model.written_per_s,
    )


def _fits(needs: int, memory: Memory) -> bool | None:
    room = memory.free if memory.free is not None else memory.total
    return None if room is None else needs <= room
