"""What is learnt from a settled deliberation: who rated what, under that deliberation's pseudonym."""

from pydantic import AwareDatetime, Field

from engine.types import HIGHEST_RATING, LOWEST_RATING, Frozen, WelfareFunction


class FeedbackRecord(Frozen):
    """One rating with everything needed to learn from it.

    opinion: the rater's own opinion; None when they rated without giving one.
    predicted_reward: what the reward model expected of this rater (1..7); None without an opinion.
    """

    team: str
    deliberation_id: str
    round: int
    question: str
    participant: str
    opinion: str | None
    statement: str
    rating: int = Field(ge=LOWEST_RATING, le=HIGHEST_RATING)
    predicted_reward: float | None
    welfare_function: WelfareFunction
    generator: str
    reward_model: str
    prompt: str
    settled_at: AwareDatetime
