"""A round's mediation as it is kept: with the models that made it, as others may be set up meanwhile.

Gives:  plain data. A worker keeps it before anything is posted, and reads there whom the statement is by.
"""

from typing import Any, Self

from bot.domain.model_notice import ModelNotice
from engine.types import Mediation


class KeptMediation(Mediation):
    """A mediation, and what is said of its models.

    drafter: which models these were; None where that was not known, or was kept before this was noted.
    """

    drafter: ModelNotice | None = None

    @classmethod
    def of(cls, made: Mediation, drafter: ModelNotice | None = None) -> Self:
        """This mediation, to be kept."""
        return cls(**{**dict(made), "drafter": drafter})

    def public(self) -> dict[str, Any]:
        """The documented JSON form, which has the engine's part alone."""
        told = super().public()
        del told["drafter"]
        return told
