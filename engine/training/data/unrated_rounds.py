"""Rounds that nobody has rated, with a language model's answers for their ratings.

Reads:  a file of JSON lines `{question, opinions, statements}`; answers that `judge_answers` kept.
Gives:  rounds as people would have rated them, to learn from and to be judged by as from a team's feedback.
Refrains from asking anybody, and from quoting a line that it cannot read: opinions may be somebody's.

An opinion or a statement is a text, or an object with one, such as the rounds of a corpus have; what else a
line holds is passed over, ratings included. Ratings are whole, as people's are: two statements that a judge
puts at 5.31 and 5.33 are no preference to be right about. What is learnt are its answers as they are
(`engine.training.reward_models.distillation`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from engine.error_text import refused
from engine.errors import FeedbackError
from engine.evaluation.accuracy.suites import RatedRound
from engine.training.data.judge_answers import KeptAnswers


def _own_text(told: object) -> object:
    return told.get("text") if isinstance(told, dict) else told


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Text = Annotated[Words, BeforeValidator(_own_text)]


class UnratedRound(BaseModel):
    """One line: a question, what members said of it, and statements that were put to them."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    question: Words
    opinions: tuple[Text, ...] = Field(min_length=2)
    statements: tuple[Text, ...] = Field(min_length=2)

    def unrated(self) -> RatedRound:
        """The round, every rating of which is NaN."""
        nobody = np.full((len(self.opinions), len(self.statements)), np.nan)
        return RatedRound(self.question, self.opinions, self.statements, nobody)


def read_rounds(path: Path) -> list[RatedRound]:
    """The rounds of a file, in its order, without ratings.

    Raises:
        FeedbackError: a line is no round, or there is none; names the line.
        OSError: the file cannot be read.
    """
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if not line.strip():
            continue
        try:
            found.append(UnratedRound.model_validate_json(line).unrated())
        except ValidationError as exc:
            raise FeedbackError(
                f"{path}: line {number}: {refused(exc)}."
            ) from None  # its cause quotes the line
    if not found:
        raise FeedbackError(
            f"{path}: it holds no round; each line needs a question, opinions and statements."
        )
    return found


def judged(rounds: Sequence[RatedRound], answers: KeptAnswers) -> list[RatedRound]:
    """The rounds with the answers for ratings.

    Raises:
        ScoringError: an answer is missing.
    """
    return [
        RatedRound(
            each.question, each.opinions, each.candidates,
            np.rint(answers.ratings(each.question, each.opinions, each.candidates)),
        )
        for each in rounds
    ]  # fmt: skip
