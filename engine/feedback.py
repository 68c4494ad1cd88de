"""The feedback export: one record for each rating of a statement, with everything needed to learn from it.

Gives:    `FeedbackRecord`, which the application writes when a deliberation settles and which training and
          evaluation read. It is the only thing that the two have in common.
Refrains: from names: raters are pseudonyms of one deliberation, and nothing ties two of theirs together.

The scales are the human study's (Bakker et al. 2022, arXiv:2211.15006, section 2).
"""

from enum import StrEnum

from pydantic import AwareDatetime, Field

from engine.types import HIGHEST_RATING, LOWEST_RATING, Frozen, WelfareFunction

SCHEMA = 1

SevenPoints = Field(ge=LOWEST_RATING, le=HIGHEST_RATING)
SevenPointsOrNone = Field(default=None, ge=LOWEST_RATING, le=HIGHEST_RATING)
# What may be missing is None and never an empty text: a CSV file cannot tell the two apart.
TextOrNone = Field(default=None, min_length=1)


class Arm(StrEnum):
    """How a rated statement came about.

    CHOSEN: what an everyday deliberation published. The others are the arms of a study: drafted by a prompt
    without examples, with examples, by a fine-tuned drafter (its first sample), by the same with
    welfare-based selection, a member's own opinion, and drafted without one member's opinion.
    """

    CHOSEN = "chosen"
    ZERO_SHOT = "zero-shot"
    FEW_SHOT = "few-shot"
    FINE_TUNED = "fine-tuned"
    SELECTED = "fine-tuned-selected"
    BEST_OPINION = "best-opinion"
    LEAVE_ONE_OUT = "leave-one-out"


class FeedbackRecord(Frozen):
    """One person's ratings of one statement.

    group: who sat together; intervals are clustered by it. An everyday deliberation is a group of its own.
    participant: the rater's pseudonym in this deliberation.
    opinion: the rater's own opinion; None when they rated without giving one, or keep it out of learning.
    consent: whether the rater lets their opinion be learnt from.
    position_statement, baseline: a statement for or against, and the rater's agreement with it (1..7) before
        the deliberation; None where nothing was asked.
    statement, statement_id: what was rated; the id tells the statements of one round apart.
    included: whether the statement's drafter read this rater's opinion.
    agreement, quality: 1..7; quality is None where it was not asked.
    predicted_reward: what the reward model expected of this rater (1..7); None without an opinion.
    """

    schema_version: int = SCHEMA
    team: str
    study: str | None = TextOrNone
    group: str
    deliberation_id: str
    round: int = Field(ge=1)
    question: str
    participant: str
    opinion: str | None = Field(min_length=1)
    consent: bool = True
    position_statement: str | None = TextOrNone
    baseline: int | None = SevenPointsOrNone
    statement: str
    statement_id: str
    arm: Arm = Arm.CHOSEN
    included: bool = True
    agreement: int = SevenPoints
    quality: int | None = SevenPointsOrNone
    predicted_reward: float | None = Field(default=None, allow_inf_nan=False)
    welfare_function: WelfareFunction | None = None
    generator: str
    reward_model: str
    prompt: str
    settled_at: AwareDatetime
