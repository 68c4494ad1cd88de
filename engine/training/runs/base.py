"""The pre-trained model that training starts from.

Reads:  a folder as model hubs lay it out, the one inside an installed Python package, or a model of the hub.
Gives:  its place, an encoder's weights inside the towers, or a sequence classifier with one score.
Refrains from code and pickles: of the hub's files, only settings, vocabularies and safetensors are fetched.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import snapshot_download
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError
from safetensors.torch import load_file
from transformers import AutoConfig, AutoModelForSequenceClassification
from transformers.utils import logging as transformers_logging

from engine.reward.model_info.source import reason
from engine.reward.towers.networks import Towers

PACKAGE = "package:"
HUB_ID = re.compile(r"[\w-][\w.-]*/[\w.-]+")
DROPOUTS = (
    "hidden_dropout_prob", "attention_probs_dropout_prob", "attention_dropout", "mlp_dropout",
    "embedding_dropout", "hidden_dropout", "resid_pdrop", "embd_pdrop", "attn_pdrop",
)  # fmt: skip
"""What transformers calls dropout in its configurations; each model has some of them."""
HUB_FILES = ("*.json", "*.safetensors", "*.txt", "*.model", "*.jinja")


def base_folder(base: str) -> Path:
    """Where the pre-trained model lies: "package:NAME", a folder, or a hub id ("owner/name"; fetched once).

    Raises:
        ValueError: there is no such folder, the hub does not give it, the package is not installed, or it
            holds no single model.
    """
    if not base.startswith(PACKAGE):
        return _folder_or_hub(base)
    spec = find_spec(base.removeprefix(PACKAGE))
    if spec is None or spec.origin is None:
        raise ValueError(f"{base}: this package is not installed (it is needed for training only)")
    found = [path.parent for path in Path(spec.origin).parent.rglob("model.safetensors")]
    if len(found) != 1:
        raise ValueError(f"{base}: expected one model inside, found {len(found)}")
    return found[0]


def _folder_or_hub(base: str) -> Path:
    if Path(base).is_dir():
        return Path(base)
    if not HUB_ID.fullmatch(base):
        raise ValueError(f"{base}: no such folder to start from, and no hub id either")
    try:
        return Path(snapshot_download(base, allow_patterns=list(HUB_FILES)))
    except GatedRepoError as exc:
        raise ValueError(
            f"{base}: the hub asks for its terms to be accepted; do so and set HF_TOKEN"
        ) from exc
    except RepositoryNotFoundError as exc:
        raise ValueError(f"{base}: neither a folder nor a model that the hub shows to you") from exc
    except (HfHubHTTPError, OSError) as exc:
        raise ValueError(f"{base}: no such folder, and the hub could not be asked for it") from exc


def load_base(towers: Towers, folder: Path) -> None:
    """Fill the encoder with the pre-trained weights; only a pooler that we leave out may be left over.

    Raises:
        ValueError: the base lacks weights, or has others.
    """
    weights = {name.removeprefix("bert."): w for name, w in load_file(folder / "model.safetensors").items()}
    missing, unexpected = towers.encoder.load_state_dict(weights, strict=False)
    odd = [n for n in unexpected if not n.startswith("pooler.") and n != "embeddings.position_ids"]
    if missing or odd:
        raise ValueError(f"{folder}: the base does not fit: {', '.join([*missing, *odd][:3])}")


def load_classifier(
    folder: Path, dtype: torch.dtype, *, dropout: float | None = None
) -> tuple[Any, set[str]]:
    """A transformers sequence classifier with one score, and the names of its modules with random weights.

    Random is what the folder lacks: the head, and with some encoders a layer before it.

    Raises:
        ValueError: the folder holds no model that transformers can make one from.
    """
    try:
        config: Any = AutoConfig.from_pretrained(folder, num_labels=1)
        for name in DROPOUTS:
            if dropout is not None and hasattr(config, name):
                setattr(config, name, dropout)
        with quiet():
            model, report = AutoModelForSequenceClassification.from_pretrained(
                folder, config=config, dtype=dtype, use_safetensors=True, ignore_mismatched_sizes=True,
                output_loading_info=True,
            )  # fmt: skip
    except (OSError, ValueError, KeyError) as exc:
        raise ValueError(f"{folder}: no model to train pairs with: {reason(exc)}") from exc
    absent = [*report["missing_keys"], *(each[0] for each in report["mismatched_keys"])]
    return model, {name.rpartition(".")[0] for name in absent}


def spare_memory(model: Any) -> None:
    """Compute activations again on the way back, not keep them (Chen et al. 2016, arXiv:1604.06174)."""
    # renamed within transformers 5; the older name warns where the newer is there
    enable = getattr(model, "activation_checkpointing_enable", None) or model.gradient_checkpointing_enable
    enable({"use_reentrant": False})


@contextmanager
def quiet() -> Iterator[None]:
    """Inside, transformers draws no bars and does not warn of a head that is new: it is meant to be."""
    verbosity, bars = transformers_logging.get_verbosity(), transformers_logging.is_progress_bar_enabled()
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        transformers_logging.set_verbosity(verbosity)
        if bars:
            transformers_logging.enable_progress_bar()  # type: ignore[no-untyped-call]
