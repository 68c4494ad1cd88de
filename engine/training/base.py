"""The pre-trained encoder that training starts from.

Reads:  a folder as model hubs lay it out, or the one inside an installed Python package.
Gives:  its place, and its weights inside the towers.
Refrains from downloading: what is not there is an error.
"""

from importlib.util import find_spec
from pathlib import Path

from safetensors.torch import load_file

from engine.reward.towers import Towers

PACKAGE = "package:"


def base_folder(base: str) -> Path:
    """Where the pre-trained encoder lies.

    Raises:
        ValueError: the package is not installed, or holds no single model.
    """
    if not base.startswith(PACKAGE):
        return Path(base)
    spec = find_spec(base.removeprefix(PACKAGE))
    if spec is None or spec.origin is None:
        raise ValueError(f"{base}: this package is not installed (it is needed for training only)")
    found = [path.parent for path in Path(spec.origin).parent.rglob("model.safetensors")]
    if len(found) != 1:
        raise ValueError(f"{base}: expected one model inside, found {len(found)}")
    return found[0]


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
