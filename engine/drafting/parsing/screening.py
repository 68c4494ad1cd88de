"""Screening: which drafts may stand for election.

Reads:  drafts one by one, as they arrive.
Gives:  for each the reason why it cannot be used, or None.
Refrains from judging quality: that is the reward model's work.
"""

from collections.abc import Mapping
from enum import StrEnum

from engine.drafting.parsing.declining import declines
from engine.drafting.sentences import length_of
from engine.prompts import echoes, leaks
from engine.sentence import sentence
from engine.text import normalised, sentences, words
from engine.types import Draft


class Unusable(StrEnum):
    """Why a draft is dropped, as it is kept; `COUNTED` says it to people."""

    EMPTY = "empty"
    CUT_OFF = "cut off"
    FILTERED = "stopped by the server's filter"
    BROKEN_OFF = "broken off"
    REFUSAL = "refusal"
    GARBLED = "garbled"
    LOOP = "going round in circles"
    DUPLICATE = "duplicate"
    INSTRUCTIONS = "copy of the instructions"
    EXAMPLE = "copy of an example"
    TOO_SHORT = "too short"
    TOO_LONG = "too long"


COUNTED: Mapping[str, str] = {
    # Translators: these stand in "Only 1 of 3 drafts can be used and 2 are needed (1 duplicate, 1 empty).":
    # so many drafts were dropped because of this.
    Unusable.EMPTY: sentence("{count} empty"),
    Unusable.CUT_OFF: sentence("{count} cut off"),
    Unusable.FILTERED: sentence("{count} stopped by the server's filter"),
    Unusable.BROKEN_OFF: sentence("{count} broken off"),
    Unusable.REFUSAL: sentence("{count} refusal"),
    Unusable.GARBLED: sentence("{count} garbled"),
    Unusable.LOOP: sentence("{count} going round in circles"),
    Unusable.DUPLICATE: sentence("{count} duplicate"),
    Unusable.INSTRUCTIONS: sentence("{count} copy of the instructions"),
    Unusable.EXAMPLE: sentence("{count} copy of an example"),
    Unusable.TOO_SHORT: sentence("{count} too short"),
    Unusable.TOO_LONG: sentence("{count} too long"),
}
_ENDINGS = {
    "length": Unusable.CUT_OFF,
    "filtered": Unusable.FILTERED,
    "refused": Unusable.REFUSAL,
    "failed": Unusable.BROKEN_OFF,
}
_GARBLED = "\N{REPLACEMENT CHARACTER}"
_LOOPS = 3
"""Times that something is said, from which it is said in circles."""
_LOOPED_WORDS = 6
_LONGEST_LOOP = 40


class Screen:
    """The judge of one mediation. It remembers what passed: of equal drafts only the first does."""

    def __init__(self, previous: str = "") -> None:
        """`previous`: the statement of the round before, which no draft may repeat."""
        self._previous = previous
        self._passed = {normalised(previous)} if previous else set()

    def judge(self, draft: Draft) -> Unusable | None:
        """Say why the draft cannot be used, or let it through."""
        form = normalised(draft.text)
        if draft.finish_reason in ("filtered", "refused"):
            return _ENDINGS[draft.finish_reason]
        if not form:
            return Unusable.EMPTY
        if draft.finish_reason != "stop":
            return _ENDINGS[draft.finish_reason]
        if leaks(draft.text) or form == normalised(draft.brief.question):
            return Unusable.INSTRUCTIONS
        voted_on = [point.text for point in draft.brief.points]
        if echoes(draft.text, given=(draft.brief.question, *draft.brief.said, *voted_on, self._previous)):
            return Unusable.EXAMPLE
        if reason := _flaw(draft.text) or _length(draft):
            return reason
        if form in self._passed:
            return Unusable.DUPLICATE
        self._passed.add(form)
        return None


def _flaw(text: str) -> Unusable | None:
    """What makes a text no statement, whatever it is about."""
    if _GARBLED in text:
        return Unusable.GARBLED
    if declines(text):
        return Unusable.REFUSAL
    return Unusable.LOOP if loops(text) else None


def loops(text: str) -> bool:
    """Whether a text says the same words three times in a row, or the same sentence three times."""
    said = words(normalised(text))
    for period in range(1, min(_LONGEST_LOOP, len(said) // _LOOPS) + 1):
        least = max(period * (_LOOPS - 1), _LOOPED_WORDS - period)
        run = 0
        for word, before in zip(said[period:], said, strict=False):
            run = run + 1 if word == before else 0
            if run >= least:
                return True
    forms = [normalised(sentence) for sentence in sentences(text)]
    return any(forms.count(form) >= _LOOPS for form in forms if len(words(form)) >= _LOOPED_WORDS // 2)


def _length(draft: Draft) -> Unusable | None:
    """What is wrong with the length, where one was asked for."""
    if draft.words is None:
        return None
    shortest, longest = draft.words
    length = length_of(draft.text)
    if length < shortest:
        return Unusable.TOO_SHORT
    return Unusable.TOO_LONG if length > longest else None
