"""The phrases that training rounds are worded with, read from `phrases.yaml` beside this module.

Gives:  `PHRASES` by name, the `REASONS` of either side by kind, and `OPPOSITES` by word.
"""

from pathlib import Path
from typing import Any, Literal

import yaml

Side = Literal[1, -1]
"""1 affirms, -1 negates."""

_READ: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))

PHRASES: dict[str, list[str]] = {name: said for name, said in _READ.items() if isinstance(said, list)}
REASONS: dict[Side, dict[str, list[str]]] = {1: _READ["reasons_for"], -1: _READ["reasons_against"]}
OPPOSITES: dict[str, list[str]] = _READ["opposites"]
