"""The terms of a question: how it is asked, closed, chosen, rated and kept.

Set when the question is posted and fixed from then on, except for what the team's settings decide.
"""

from typing import Any, Self

from pydantic import Field, model_validator

from bot.domain.errors import RatingError
from bot.domain.juries import MemberAttribute, SeatedJury
from bot.domain.ratings import (
    FEWEST_RATINGS,
    MOST_FEWEST_RATINGS,
    Level,
    RatingBy,
    checked_quality,
    value_among,
)
from bot.domain.ratings import ResultsShown as ResultsShown
from bot.domain.study import Study
from bot.domain.team import AUTO, Team, Usual

POSITION_LIMIT = 500


class Terms(Usual):
    """How one question is run.

    rating_by: reactions unless something else is said, or private buttons.
    candidates: how many consensus statements are drafted (the paper's N).
    position_statement: a statement for or against, which members rate before the deliberation (the
        baseline); None asks nothing.
    ask_quality: members rate the quality of the statement too.
    attributes: what members may say about themselves; the team's own when the question was posted.
    jury: whose predicted agreement chooses the statement; None: everybody's.
    study: several statements are rated, blind, always by private buttons; None in everyday life.
    excluded_roles, exclude_guests, retention_days, fewest_ratings, keep_feedback, language: the team's own,
        put in when the question is posted and again whenever the team's settings change (`under`).
    """

    rating_by: RatingBy = RatingBy.BUTTONS
    candidates: int = Field(default=16, ge=2, le=64)
    excluded_roles: frozenset[str] = frozenset()
    exclude_guests: bool = False
    retention_days: int = Field(default=90, ge=1, le=3650)
    fewest_ratings: int = Field(default=FEWEST_RATINGS, ge=FEWEST_RATINGS, le=MOST_FEWEST_RATINGS)
    keep_feedback: bool = False
    language: str = AUTO
    position_statement: str | None = Field(default=None, min_length=1, max_length=POSITION_LIMIT)
    ask_quality: bool = False
    attributes: tuple[MemberAttribute, ...] = ()
    jury: SeatedJury | None = None
    study: Study | None = None

    @classmethod
    def of(cls, team: Team, **chosen: Any) -> Self:
        """What a question in this team starts from, with what the asker chose instead."""
        defaults = team.defaults.model_dump(include=set(Usual.model_fields))
        if "scale" in chosen:
            defaults.pop("emoji")  # they are for the team's own scale
        # A study compares statements by its own groups, and its plan asks for nothing else.
        attributes = () if chosen.get("study") else team.attributes
        return cls(**{**defaults, "attributes": attributes, **chosen}).under(team)

    @property
    def asked_of_members(self) -> dict[int, MemberAttribute]:
        """The questions about members by their place, the jury's first: a window may have little room."""
        asked = {place: each for place, each in enumerate(self.attributes) if not each.of_groups}
        first = self.jury.attribute if self.jury else None
        return dict(sorted(asked.items(), key=lambda item: (item[1].label != first, item[0])))

    @property
    def rated_in_public(self) -> bool:
        """Whether the platform itself collects the ratings, where everybody sees them."""
        return self.rating_by is not RatingBy.BUTTONS

    @property
    def fewest_shown(self) -> int:
        """From how many ratings on they are shown; what the platform shows anyway, from the first."""
        return 0 if self.rated_in_public else self.fewest_ratings

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
                "fewest_ratings": team.fewest_ratings,
                "keep_feedback": team.keep_feedback,
                "language": team.language,
            }
        )

    def checked_quality(self, quality: int | None) -> int | None:
        """Give it back, or say why it cannot be kept."""
        if quality is None:
            return None
        if not self.ask_quality:
            raise RatingError("This question doesn't ask how well the statement is worded.")
        return checked_quality(quality)

    @model_validator(mode="before")
    @classmethod
    def _keep_private_ratings_private(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        anonymous = data.get("anonymous", True)
        private = anonymous or data.get("study") is not None
        by = RatingBy.BUTTONS if private else data.get("rating_by")
        # A count that grows by one tells what the one who just rated has chosen.
        kept = {"results_shown": ResultsShown.AFTER_CLOSE} if by == RatingBy.BUTTONS else {}
        return {**data, "rating_by": RatingBy.REACTIONS if by is None else by, **kept}

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
