"""Where a reward model is, and what it is: a folder or a hub id in, a folder and its manifest out.

Reads:  `accord.json` beside a model's own files. Where there is none, `config.json` tells the family.
Gives:  the folder and a `Manifest`, to `engine.reward` and the families.
Refrains from loading weights. Only data is fetched from the hub, neither code nor pickles.
"""

import json
from pathlib import Path
from textwrap import shorten
from typing import Any

from httpx2 import HTTPError
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HFValidationError
from pydantic import Field, ValidationError

from engine.errors import ScoringError
from engine.question_kinds import QuestionKind
from engine.reward.model_info.calibration import Calibration
from engine.reward.model_info.families import TOWERS, Family
from engine.reward.model_info.limits import ENGLISH_ONLY, Limits
from engine.text import sentences
from engine.types import Frozen

MANIFEST, CONFIG, ADAPTER = "accord.json", "config.json", "adapter_config.json"
FETCHED = ("*.json", "*.safetensors", "*.txt", "*.model")  # weights, configuration, vocabularies
NOT_FETCHED = ("*/*.safetensors", "onnx/*", "openvino/*")  # the same weights in other forms
LONGEST_REASON = 200
"""Characters of a library's message in an error of ours."""


class Manifest(Frozen):
    """What is in accord.json.

    name:        recorded with the results.
    max_tokens:  question, opinion and candidate together; None: as the model's configuration says.
    calibration: None when nobody has fitted one: ratings then keep the model's order and not the scale.
    languages, unknown_kinds: what it has learnt and what not, as in `Limits`.
    """

    family: Family
    name: str
    max_tokens: int | None = Field(None, ge=32)
    calibration: Calibration | None = None
    languages: tuple[str, ...] | None = None
    unknown_kinds: tuple[QuestionKind, ...] = ()

    @property
    def limits(self) -> Limits:
        """What it has not learnt."""
        return Limits(languages=self.languages, unknown_kinds=self.unknown_kinds)

    def described(self, device: object) -> str:
        """What kind of model it is, in a few words."""
        if self.calibration:
            return f"{self.family} on {device}, calibrated"
        return f"{self.family} on {device}, not calibrated: it ranks, and its ratings are a guess"


def find(source: str) -> tuple[Path, Manifest]:
    """The folder of a model, fetched from the hub where `source` is no folder, and what the model is.

    Raises:
        ScoringError: nothing is there, or it is no reward model.
    """
    folder = located(source)
    name = source if folder != Path(source) else folder.resolve().name
    if (folder / MANIFEST).is_file():
        return folder, _stated(folder, source)
    family = _family(folder, source)
    # Towers come from the English encoder that the default comes from, unless they say otherwise.
    languages = ENGLISH_ONLY.languages if family in TOWERS else None
    return folder, Manifest(family=family, name=name, languages=languages)


def located(source: str) -> Path:
    """The folder `source`, or the local copy of the hub's model of that name.

    Raises:
        ScoringError: it is neither.
    """
    if Path(source).is_dir():
        return Path(source)
    try:
        return Path(
            snapshot_download(source, allow_patterns=list(FETCHED), ignore_patterns=list(NOT_FETCHED))
        )
    except (HFValidationError, HTTPError, OSError, RuntimeError) as error:
        raise ScoringError(
            f"{source} is neither a folder here nor a model that the hub hands out ({type(error).__name__}); "
            "check the name, the connection and, for a private model, HF_TOKEN."
        ) from error


def reason(error: Exception) -> str:
    """What a library says went wrong, as part of a sentence: its first one, short, without values."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return f"{'.'.join(map(str, first['loc'])) or 'all of it'}: {first['msg']}"
    first_said = sentences(" ".join(str(error).split()))[:1]  # advice follows, which is not for our readers
    said = "".join(first_said).rstrip(".") or type(error).__name__
    return shorten(said, LONGEST_REASON, placeholder=" …")


def save_manifest(manifest: Manifest, folder: Path) -> None:
    """Write the manifest beside the model's own files."""
    data = json.dumps(manifest.model_dump(mode="json"), indent=2, sort_keys=True) + "\n"
    (folder / MANIFEST).write_text(data, encoding="utf-8")


def _stated(folder: Path, source: str) -> Manifest:
    try:
        return Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except ValidationError as error:
        raise ScoringError(
            f"{source}: {MANIFEST} is not what this version reads ({reason(error)})."
        ) from error


def _family(folder: Path, source: str) -> Family:
    """As the configuration has it: a model that fills gaps reads both ways, so it is an encoder."""
    if (folder / ADAPTER).is_file():
        return "causal"
    config = _config(folder, source)
    named = [family for family in TOWERS if config.get("family") == family]
    if named:
        return named[0]
    # It takes torch along, which a model that says its own family need not have loaded to be known.
    from transformers.models.auto.modeling_auto import (  # noqa: PLC0415
        MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    )

    return "cross-encoder" if config.get("model_type") in MODEL_FOR_MASKED_LM_MAPPING_NAMES else "causal"


def _config(folder: Path, source: str) -> dict[str, Any]:
    try:
        config = json.loads((folder / CONFIG).read_bytes())
    except (OSError, ValueError) as error:
        raise ScoringError(
            f"{source} holds no reward model: it has neither {MANIFEST} nor a {CONFIG} that can be read."
        ) from error
    return config if isinstance(config, dict) else {}
