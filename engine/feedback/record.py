"""The feedback export: one record for each rating of a statement, with everything needed to learn from it.

Gives:    `FeedbackRecord`, which the application writes when a deliberation settles and which training and
          evaluation read. It is the only thing that the two have in common.
Refrains: from names: raters are pseudonyms of one deliberation, and nothing ties two of theirs together.

The scales are the human study's (Bakker et al. 2022, arXiv:2211.15006, section 2).
"""

from collections.abc import Iterable
from typing import Any

from pydantic import AwareDatetime, Field
from pydantic_core import PydanticUndefined

from engine.types import HIGHEST_RATING, LOWEST_RATING, AnyArm, Arm, Frozen, WelfareFunction, joined

SCHEMA = 1


def _field(description: str, default: Any = PydanticUndefined, **limits: Any) -> Any:
    """A field with what it means, which the data dictionary prints."""
    return Field(default, description=description, **limits)


def _points(description: str, default: Any = PydanticUndefined) -> Any:
    return _field(description, default, ge=LOWEST_RATING, le=HIGHEST_RATING)


def _text_or_none(description: str, default: Any = PydanticUndefined) -> Any:
    """What may be missing is None and never an empty text: a CSV file cannot tell the two apart."""
    return _field(description, default, min_length=1)


class FeedbackRecord(Frozen):
    """One person's ratings of one statement. Each field says what it is; the data dictionary prints that."""

    schema_version: int = _field("The version of these columns.", SCHEMA)
    team: str = _field("The team; a pseudonym unless it was exported with team ids.")
    study: str | None = _text_or_none("The study that this belongs to; empty in everyday life.", None)
    group: str = _field(
        "Who sat together; intervals are clustered by it. An everyday deliberation is a group of its own."
    )
    deliberation_id: str = _field("The deliberation.")
    round: int = _field("1, and one more for each critique round.", ge=1)
    question: str = _field("The question, as it was asked.")
    participant: str = _field("The rater's pseudonym in this deliberation; in another one it is another.")
    opinion: str | None = _text_or_none(
        "The rater's own opinion; empty when they rated without giving one, or keep it out of learning."
    )
    consent: bool = _field("Whether the rater agreed to be learnt from; others leave no record.", True)
    position_statement: str | None = _text_or_none(
        "A statement for or against that was rated before the deliberation; empty where none was.", None
    )
    baseline: int | None = _points(
        "The rater's agreement with the position statement: 1 strongly disagree, 7 strongly agree; empty "
        "where they did not say.",
        None,
    )
    statement: str = _field("The statement that was rated.")
    statement_id: str = _field("Tells the statements of one round apart.")
    arm: AnyArm = _field("How the statement came about.", Arm.CHOSEN)
    included: bool = _field("Whether the statement's drafter read this rater's opinion.", True)
    agreement: int = _points("Agreement with the statement: 1 strongly disagree, 7 strongly agree.")
    quality: int | None = _points(
        "Quality of the statement: 1 terrible, 7 excellent; empty where it was not said.", None
    )
    critique: str | None = _text_or_none(
        "What the rater said of this round's statement: what they miss in it or would change; empty where "
        "they said nothing.",
        None,
    )
    predicted_reward: float | None = _field(
        "The agreement (1 to 7) that the reward model expected of this rater; empty where it expected "
        "nothing, and without an opinion that may be learnt from.",
        None,
        allow_inf_nan=False,
    )
    opinion_group: int | None = _field(
        "Which of the round's opinion groups the rater is in, by what was predicted of all its drafts: 1 is "
        "the largest. Empty where no groups were told of, in studies, and in older records.",
        None,
        ge=1,
    )
    map_x: float | None = _field(
        "Where that is on the map of groups, in rating points: further right likes the statement better. In "
        "an anonymous question it is the middle of the rater's group, and nobody's own place.",
        None,
        allow_inf_nan=False,
    )
    map_y: float | None = _field("The same, up and down.", None, allow_inf_nan=False)
    welfare_function: WelfareFunction | None = _field(
        "What the statement was chosen by; empty where nobody's agreement was predicted.", None
    )
    generator: str = _field("What drafted the statement.")
    reward_model: str = _field("What predicted the rewards.")
    prompt: str = _field("The prompt and its version.")
    settled_at: AwareDatetime = _field("When the deliberation settled.")


class Said:
    """What raters had said when a statement was drafted: opinion, and critique of the round before."""

    def __init__(self, records: Iterable[FeedbackRecord]) -> None:
        """`records`: those that critiques are looked for in, in any order."""
        self._critiques = {_rater(each, each.round): each.critique for each in records if each.critique}

    def critique(self, record: FeedbackRecord) -> str | None:
        """What this rater said of the statement before this one; None where they said nothing."""
        return self._critiques.get(_rater(record, record.round - 1))

    def text(self, record: FeedbackRecord) -> str | None:
        """Opinion and critique as one text, as statements are scored; None without an opinion."""
        return joined(record.opinion, self.critique(record)) if record.opinion else None


def _rater(record: FeedbackRecord, round_: int) -> tuple[str, str, str, int]:
    return record.team, record.deliberation_id, record.participant, round_
