"""Names that people type. Kept apart from `engine.types` so that `accord --help` loads no pydantic."""

from enum import StrEnum


class WelfareName(StrEnum):
    """The social welfare functions, by the names used in the field."""

    UTILITARIAN = "utilitarian"
    RAWLSIAN = "rawlsian"
    BERNOULLI_NASH = "bernoulli-nash"
    ISOELASTIC = "isoelastic"


RENAMED = "extractive"
"""What the generator `digest` was called."""
RENAMED_TO = "The generator extractive is now called digest: write digest instead."
