"""What kind of answer a question asks for, told by its own words. English only.

Reads:  a question as it was asked, context sentences included.
Gives:  its kind, as in the corpus of deliberations that reward models are judged on.
Refrains from understanding: the first word that asks decides, in the last sentence that is a question.
"""

import re
from enum import StrEnum

from engine.text import normalised, sentences


class QuestionKind(StrEnum):
    """What a question asks for. `open` is all the rest."""

    WHICH = "which"
    WHEN = "when"
    WHERE = "where"
    WHO = "who"
    HOW_MANY = "how-many"
    HOW = "how"
    YES_NO = "yes-no"
    OPEN = "open"


KIND_WORDS = {
    QuestionKind.WHICH: "questions that ask which",
    QuestionKind.WHEN: "questions that ask when",
    QuestionKind.WHERE: "questions that ask where",
    QuestionKind.WHO: "questions that ask who",
    QuestionKind.HOW_MANY: "questions that ask how many or how much",
    QuestionKind.HOW: "questions that ask how",
    QuestionKind.YES_NO: "yes-or-no questions",
    QuestionKind.OPEN: "open questions",
}

_YES_NO = re.compile(r"(?:should|shall|is|are|was|were|do|does|did|will|would|can|could|has|have|must|may)\b")
_ASKING = {
    QuestionKind.HOW_MANY: r"\bhow (?:many|much|often|long|far|high|big|large|old|late|early|soon|fast)\b",
    QuestionKind.HOW: r"\bhow\b",
    QuestionKind.WHICH: r"\bwhich\b",
    QuestionKind.WHEN: r"\bwhen\b|\bwhat (?:time|day|date)\b",
    QuestionKind.WHERE: r"\bwhere\b",
    QuestionKind.WHO: r"\bwho(?:m|se|s)?\b",
    QuestionKind.OPEN: r"\b(?:what|why)\b",
}
"""Where two begin at one place the earlier line is meant."""


def kind_of(question: str) -> QuestionKind:
    """The kind of a question in English."""
    asked = [sentence for sentence in sentences(question) if sentence.rstrip("\"'”’)").endswith("?")]
    form = normalised(asked[-1] if asked else question)
    if _YES_NO.match(form):
        return QuestionKind.YES_NO
    found = {kind: match.start() for kind, words in _ASKING.items() if (match := re.search(words, form))}
    if found:
        return min(found, key=lambda kind: found[kind])
    return QuestionKind.YES_NO if re.search(r"\b(?:should|shall)\b", form) else QuestionKind.OPEN
