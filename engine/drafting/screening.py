"""Screening: which drafts may stand for election.

Reads:  drafts one by one, as they arrive.
Gives:  for each the reason why it cannot be used, or None.
Refrains from judging quality: that is the reward model's work.
"""

from enum import StrEnum

from engine.drafting.material import length_of
from engine.prompts import echoes, leaks
from engine.text import normalised
from engine.types import Draft


class Unusable(StrEnum):
    """Why a draft is dropped, in the words that the facilitator reads."""

    EMPTY = "empty"
    CUT_OFF = "cut off"
    DUPLICATE = "duplicate"
    INSTRUCTIONS = "copy of the instructions"
    EXAMPLE = "copy of an example"
    TOO_SHORT = "too short"
    TOO_LONG = "too long"


class Screen:
    """The judge of one mediation. It remembers what passed: of equal drafts only the first does."""

    def __init__(self) -> None:
        self._passed: set[str] = set()

    def judge(self, draft: Draft) -> Unusable | None:
        """Say why the draft cannot be used, or let it through."""
        form = normalised(draft.text)
        if not form:
            return Unusable.EMPTY
        if draft.finish_reason == "length":
            return Unusable.CUT_OFF
        if leaks(draft.text) or form == normalised(draft.brief.question):
            return Unusable.INSTRUCTIONS
        if echoes(draft.text):
            return Unusable.EXAMPLE
        if reason := _length(draft):
            return reason
        if form in self._passed:
            return Unusable.DUPLICATE
        self._passed.add(form)
        return None


def _length(draft: Draft) -> Unusable | None:
    """What is wrong with the length, where one was asked for."""
    if draft.words is None:
        return None
    shortest, longest = draft.words
    length = length_of(draft.text)
    if length < shortest:
        return Unusable.TOO_SHORT
    return Unusable.TOO_LONG if length > longest else None
