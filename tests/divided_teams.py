"""Two teams that would rather have different statements, through the real mediator and its juries."""

from collections.abc import Sequence

import numpy as np

from engine.arrays import Floats
from engine.mediator import Mediator
from tests.scripted_drafter import ScriptedGenerator

FOR_SUPPORT = "Support answers every call that comes in during the day."
FOR_SALES = "Sales calls back each customer who has asked for a price."
FOR_BOTH = "Both teams share the phone, one week after the other."
RATED = {FOR_SUPPORT: (7.0, 1.0), FOR_SALES: (1.0, 6.5), FOR_BOTH: (4.5, 4.5)}
"""By people of support, and by people of sales."""


class RatesByTeam:
    """Predicts ratings by the team that an opinion names."""

    name = "by team/1"
    described = "by team"

    async def score(self, question: str, opinions: Sequence[str], candidates: Sequence[str]) -> Floats:
        """Shape (participants, candidates); opinions as candidates please nobody."""
        return np.array(
            [[RATED.get(text, (2.0, 2.0))["sales" in opinion] for text in candidates] for opinion in opinions]
        )


def mediator() -> Mediator:
    """Drafts the three statements."""
    return Mediator(ScriptedGenerator(list(RATED)), RatesByTeam())
