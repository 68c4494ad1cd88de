"""A team's settings: who may ask, who is left out, how long anything is kept."""

from enum import StrEnum

from pydantic import Field

from engine.types import Frozen


class WhoMayAsk(StrEnum):
    """Who may post questions."""

    EVERYONE = "everyone"
    ADMINS = "admins"


class Team(Frozen):
    """Settings of one workspace, server or web community.

    retention_days: how long a deliberation is kept after it ended; then opinions, ratings and
        feedback of it are erased.
    """

    id: str
    who_may_ask: WhoMayAsk = WhoMayAsk.EVERYONE
    excluded_roles: frozenset[str] = frozenset()
    retention_days: int = Field(default=90, ge=1, le=3650)
