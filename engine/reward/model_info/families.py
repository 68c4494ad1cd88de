"""The families of trained reward models, and how the joint one is limited, for whoever must not load torch.

Gives:  names and numbers, to checkpoints and to the settings of training.
"""

from typing import Literal

from pydantic import Field

from engine.types import Frozen

Family = Literal["two-tower", "joint", "causal", "cross-encoder"]
TOWERS: tuple[Family, ...] = ("two-tower", "joint")
"""Families whose checkpoints are `engine.reward.towers.checkpoint`'s; their config.json names them."""

TOGETHER_UP_TO = 48
"""Members of a group whose opinions are read together with each statement; more take too long."""
ROUNDED = 16
"""Rows of pairs are padded to a multiple of so many tokens: the CPU's library makes code for each new shape,
which costs more than the padding."""
MARKS = 3
"""[CLS] before a pair, [SEP] after each of its texts."""


class PairTokens(Frozen):
    """Tokens at most of each part of a pair, label included; longer parts are cut at their end."""

    question: int = Field(default=60, gt=2)
    opinion: int = Field(default=130, gt=2)
    statement: int = Field(default=130, gt=2)

    @property
    def longest(self) -> int:
        """Tokens of the longest row, marks and padding included."""
        return rounded(MARKS + self.question + self.opinion + self.statement)


def rounded(tokens: int) -> int:
    """The length that a row of so many tokens is padded to."""
    return -(-tokens // ROUNDED) * ROUNDED
