"""Names that people type. Kept apart from `engine.types` so that `accord --help` loads no pydantic."""

from enum import StrEnum
from typing import Literal


class WelfareName(StrEnum):
    """The social welfare functions, by the names used in the field."""

    UTILITARIAN = "utilitarian"
    RAWLSIAN = "rawlsian"
    BERNOULLI_NASH = "bernoulli-nash"
    ISOELASTIC = "isoelastic"
    GROUP_RAWLSIAN = "group-rawlsian"
    GROUP_INFORMED = "group-informed"


OVER_GROUPS = frozenset({WelfareName.GROUP_RAWLSIAN, WelfareName.GROUP_INFORMED})
"""The functions that weigh groups (`engine.groups.opinion_groups`) rather than people."""


Template = Literal["zero-shot", "few-shot", "fine-tuned"]
"""The prompts that drafting can use (`engine.prompts`)."""
LEXICAL = "lexical"
"""The reward model that needs no model: similarity of words."""
RENAMED = "extractive"
"""What the generator `digest` was called."""
RENAMED_TO = "The generator extractive is now called digest: write digest instead."
