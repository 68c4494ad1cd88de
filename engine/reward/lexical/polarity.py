"""Polarity: whether an English sentence affirms or denies, by word lists.

Reads:  one sentence.
Gives:  1 or -1 for the sentence, and whether it opens with a yes or a no.
Refrains from parsing: a clause is negative when an odd number of its negation, its attitude ("against",
"disagree") and its subject ("ban", "harmful") turn it round, a sentence when one of its clauses is. So "don't
ban it" and "I don't disagree" affirm, and "bad and wrong" denies once.
"""

import re

from engine.text import normalised, stem, word_set

NEGATORS = word_set(
    """not no never none nobody nothing neither nor cannot without hardly barely scarcely aint arent
    cant couldnt didnt doesnt dont hadnt hasnt havent isnt mightnt mustnt neednt shouldnt wasnt werent wont
    wouldnt"""
)
_ATTITUDES = word_set("against oppose disagree disapprove reject refuse deny object doubt")
_AGREEMENTS = word_set("agree support favour favor approve endorse yes yeah yep yup nope nah sure course")
_EMPHASIS = word_set("absolutely definitely certainly surely totally")
_TURNED = word_set(
    """ban prohibit forbid outlaw abolish scrap stop end remove eliminate prevent cancel block restrict limit
    lower reduce cut decrease less fewer weaken bad worse worst wrong harm harmful hurt damage danger
    dangerous useless unfair unjust unnecessary unsafe illegal impossible ineffective immoral waste fail"""
)
_ATTITUDE_STEMS = frozenset(map(stem, _ATTITUDES))
_TURNED_STEMS = frozenset(map(stem, _TURNED))
_STANCE_STEMS = frozenset(map(stem, NEGATORS | _ATTITUDES | _AGREEMENTS | _EMPHASIS))
_SURELY = r"(?:absolutely|definitely|certainly|surely|sure|of\s+course)"
_NO = re.compile(rf"\W*(?:no\s*(?:[,.;:!–—-]|$)|(?:nope|nah|never)\b|{_SURELY}\s+not\b)", re.IGNORECASE)
_YES = re.compile(rf"\W*(?:yes|yeah|yep|yup|{_SURELY})\b", re.IGNORECASE)  # asked after `_NO`
_VERDICT = re.compile(
    r"\W*(?:i|we)\b[^,.;:]{0,30}?\b(?:against|oppose|disagree|reject|support|agree|favou?r|approve|for)\b"
    r"(?:\s+(?:with|of))?\s+(?:it|this|that|the\s+(?:idea|plan|proposal))\b(?!\s+(?:we|the|it|they|i)\b)",
    re.IGNORECASE,
)
_IDIOMS = re.compile(
    r"\b(?:not only|not just|no doubt|without (?:a )?doubt|whether or not|or not|why not|(?:in|at) the end)\b"
)
_CLAUSE_BREAK = re.compile(r"\b(?:and|or|nor|but|because)\b")


def polarity(form: str) -> int:
    """1 when the sentence, given in its normal form (`engine.text`), affirms what it speaks of, else -1."""
    clauses = _CLAUSE_BREAK.split(_IDIOMS.sub(" ", form))
    return -1 if any(_is_negative(clause.split()) for clause in clauses) else 1


def answer(sentence: str) -> int:
    """1 when the sentence, as written, opens with a yes, -1 with a no ("I oppose this"), 0 with neither."""
    if verdict := _VERDICT.match(sentence):
        return polarity(normalised(verdict.group()))
    return -1 if _NO.match(sentence) else int(bool(_YES.match(sentence)))


def without_answer(sentence: str) -> str:
    """The sentence after the yes or no that it opens with; all of it when there is none, or nothing else."""
    opening = _NO.match(sentence) or _YES.match(sentence)
    rest = sentence[opening.end() :] if opening else ""
    return rest if normalised(rest) else sentence


def is_stance_word(stemmed: str) -> bool:
    """Whether the word takes a side rather than naming a subject."""
    return stemmed in _STANCE_STEMS


def _is_negative(clause: list[str]) -> bool:
    stems = {stem(word) for word in clause}
    turns = sum(word in NEGATORS for word in clause)
    turns += bool(stems & _ATTITUDE_STEMS) + bool(stems & _TURNED_STEMS)
    return turns % 2 == 1
