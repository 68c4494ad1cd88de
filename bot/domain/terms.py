"""The terms of a question: how it is asked, closed, chosen, rated and kept.

Set when the question is posted and fixed from then on, except for what the team's settings decide.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from bot.domain.ratings import Scale
from bot.domain.team import Team
from engine.types import Frozen, WelfareFunction


class ResultsShown(StrEnum):
    """When a member sees the ratings of the others."""

    ALWAYS = "always"
    AFTER_RATING = "after-rating"
    AFTER_CLOSE = "after-close"


class Terms(Frozen):
    """How one question is run.

    quorum: this many opinions close the question at once; None waits for the deadline or the facilitator.
    minimum_opinions: with fewer at the close the question is cancelled.
    anonymous: nobody sees who wrote what; otherwise names are kept and shown, and members are told before.
    candidates: how many consensus statements are drafted (the paper's N).
    rating_period: how long members can rate the published statement.
    reminder_before: how long before the deadline to remind those who have not answered; None never.
    excluded_roles, retention_days: the team's own, put in when the question is posted and again
        whenever the team's settings change (`under`).
    """

    minimum_opinions: int = Field(default=2, ge=2, le=10_000)
    quorum: int | None = Field(default=None, ge=2, le=100_000)
    anonymous: bool = True
    scale: Scale = Scale.SEVEN
    welfare: WelfareFunction = Field(default_factory=WelfareFunction)
    candidates: int = Field(default=16, ge=2, le=64)
    results_shown: ResultsShown = ResultsShown.AFTER_RATING
    rating_period: timedelta = Field(
        default=timedelta(days=1), ge=timedelta(seconds=1), le=timedelta(days=60)
    )
    reminder_before: timedelta | None = Field(default=timedelta(hours=2), ge=timedelta(0))
    excluded_roles: frozenset[str] = frozenset()
    retention_days: int = Field(default=90, ge=1, le=3650)

    def under(self, team: Team) -> Self:
        """These terms with what the team's settings decide."""
        return self.model_copy(
            update={"excluded_roles": team.excluded_roles, "retention_days": team.retention_days}
        )

    @model_validator(mode="after")
    def _quorum_covers_the_minimum(self) -> Self:
        if self.quorum is not None and self.quorum < self.minimum_opinions:
            raise ValueError("the quorum must not be below the minimum number of opinions")
        return self
