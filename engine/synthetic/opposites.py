"""Saying the opposite without the word "not".

Reads:  a position statement ("We should ban cars in cities.").
Gives:  its opposite in other words ("We should allow cars in cities."), or nothing when no rule fits.
Refrains from guessing: one word is exchanged, the first that a rule knows, and nothing else is touched.

The negating statements of the debate questions nearly all say NOT. A model that has seen no other negation
reads the word and not the stance, so training needs opposites in other words too.
"""

import re

from engine.synthetic.phrases import OPPOSITES

REACH = 3
"""Words that may stand between the verb and the word that is exchanged ("should be made more strictly …")."""

_KNOWN = re.compile(
    r"\b(" + "|".join(sorted(map(re.escape, OPPOSITES), key=len, reverse=True)) + r")\b", re.IGNORECASE
)
_MODAL = re.compile(
    r"\b(?:should|must|ought to|is|are|was|were|do|does|did|has|have|will|would|can)\b", re.IGNORECASE
)
_NOUN = re.compile(r"\b(?:a|an|the|any|such)\s+$", re.IGNORECASE)
_ALSO_NOUNS = re.compile(
    r"ban|limit|cut|increase|reduce|support|help|benefit|harm|trust|start|end|stop", re.I
)
_ALREADY_NEGATED = re.compile(r"\b(?:not|never|no|nobody|nothing|without)\b|n't\b", re.IGNORECASE)


def opposites(statement: str) -> list[str]:
    """Every way that the rules know to say the opposite of `statement`; empty when there is none.

    Only the first known word after the verb is exchanged: further on it belongs to a detail
    ("the government should allow people to do more").
    """
    verb = _MODAL.search(statement)
    if verb is None or _ALREADY_NEGATED.search(statement):
        return []
    found = _KNOWN.search(statement, verb.end())
    if found is None or len(statement[verb.end() : found.start()].split()) > REACH:
        return []
    if _NOUN.search(statement, 0, found.start()) and _ALSO_NOUNS.fullmatch(found.group(1)):
        return []
    return [
        statement[: found.start()] + opposite + statement[found.end() :]
        for opposite in OPPOSITES[found.group(1).lower()]
    ]
