"""The terms of a question: how it is asked, closed, chosen, rated and kept.

Set when the question is posted and fixed from then on, except for what the team's settings decide.
"""

from datetime import timedelta
from typing import Any, Self

from pydantic import Field, model_validator

from bot.domain.ratings import Level, OwnEmoji, RatingBy, Scale, checked_quality, value_among
from bot.domain.ratings import ResultsShown as ResultsShown
from bot.domain.study import Study
from bot.domain.team import Team
from bot.errors import RatingError
from engine.types import Frozen, WelfareFunction

POSITION_LIMIT = 500


class Terms(Frozen):
    """How one question is run.

    quorum: this many opinions close the question at once; None waits for the deadline or the facilitator.
    minimum_opinions: with fewer at the close the question is cancelled.
    anonymous: nobody sees who wrote what; otherwise names are kept and shown, and members are told before.
    rating_by: reactions unless something else is said; anonymous questions are always rated by private
        buttons, because reactions and polls show who voted how.
    emoji: the team's own for the scale's steps, lowest first, one for each; empty: the usual ones.
    candidates: how many consensus statements are drafted (the paper's N).
    rating_period: how long members can rate the published statement.
    reminder_before: how long before the deadline to remind those who have not answered; None never.
    position_statement: a statement for or against, which members rate before the deliberation (the
        baseline); None asks nothing.
    ask_quality: members rate the quality of the statement too.
    study: several statements are rated, blind, always by private buttons; None in everyday life.
    excluded_roles, exclude_guests, retention_days, keep_feedback: the team's own, put in when the question
        is posted and again whenever the team's settings change (`under`).
    """

    minimum_opinions: int = Field(default=2, ge=2, le=10_000)
    quorum: int | None = Field(default=None, ge=2, le=100_000)
    anonymous: bool = True
    rating_by: RatingBy = RatingBy.BUTTONS
    scale: Scale = Scale.SEVEN
    emoji: tuple[OwnEmoji, ...] = ()
    welfare: WelfareFunction = Field(default_factory=WelfareFunction)
    candidates: int = Field(default=16, ge=2, le=64)
    results_shown: ResultsShown = ResultsShown.AFTER_RATING
    rating_period: timedelta = Field(
        default=timedelta(days=1), ge=timedelta(seconds=1), le=timedelta(days=60)
    )
    reminder_before: timedelta | None = Field(default=timedelta(hours=2), ge=timedelta(0))
    excluded_roles: frozenset[str] = frozenset()
    exclude_guests: bool = False
    retention_days: int = Field(default=90, ge=1, le=3650)
    keep_feedback: bool = False
    position_statement: str | None = Field(default=None, min_length=1, max_length=POSITION_LIMIT)
    ask_quality: bool = False
    study: Study | None = None

    @classmethod
    def of(cls, team: Team, **chosen: Any) -> Self:
        """What a question in this team starts from, with what the asker chose instead."""
        defaults = team.defaults.model_dump(exclude={"closes_after"})
        if "scale" in chosen:
            defaults.pop("emoji")  # they are for the team's own scale
        return cls(**{**defaults, **chosen}).under(team)

    @property
    def rated_in_public(self) -> bool:
        """Whether the platform itself collects the ratings, where everybody sees them."""
        return self.rating_by is not RatingBy.BUTTONS

    @property
    def levels(self) -> tuple[Level, ...]:
        """The steps that members are offered, lowest first, with the emoji of this question."""
        return self.scale.levels_with(self.emoji)

    def value_of(self, shown: str) -> int | None:
        """The value of an emoji on this question, or of its name on any platform; None for all others."""
        return value_among(self.levels, shown)

    def under(self, team: Team) -> Self:
        """These terms with what the team's settings decide."""
        return self.model_copy(
            update={
                "excluded_roles": team.excluded_roles,
                "exclude_guests": team.exclude_guests,
                "retention_days": team.retention_days,
                "keep_feedback": team.keep_feedback,
            }
        )

    def checked_quality(self, quality: int | None) -> int | None:
        """Give it back, or say why it cannot be kept."""
        if quality is None:
            return None
        if not self.ask_quality:
            raise RatingError("Quality is not asked for on this question.")
        return checked_quality(quality)

    @model_validator(mode="before")
    @classmethod
    def _keep_anonymous_ratings_private(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        private = data.get("anonymous", True) or data.get("study") is not None
        by = RatingBy.BUTTONS if private else data.get("rating_by")
        return {**data, "rating_by": RatingBy.REACTIONS if by is None else by}

    @model_validator(mode="after")
    def _each_step_has_its_emoji(self) -> Self:
        if self.emoji and len(self.emoji) != len(self.scale.levels):
            raise ValueError("own emoji have to be as many as the scale has steps")
        return self

    @model_validator(mode="after")
    def _quorum_covers_the_minimum(self) -> Self:
        if self.quorum is not None and self.quorum < self.minimum_opinions:
            raise ValueError("the quorum must not be below the minimum number of opinions")
        return self
