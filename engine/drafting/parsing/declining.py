"""Declining: how models say that they will not write something.

Reads:  a draft, in one of the product's languages.
Gives:  whether it declines.
Refrains from mistaking a group's "we cannot" for it: whoever declines says "I", at once, or calls itself a
model.
"""

import re

_START = r"\A\W*"
_FIRST_SENTENCE = r"\A[^.!?\n]{0,60}?"
_DO = (
    r"(?:assist|help|comply|fulfil+|provide|write|create|generate|produce|draft|answer|respond|engage|continue"
    r"|do that|participate|offer|discuss|support (?:this|that) request|process)"
)
_ENGLISH = (
    rf"{_START}(?:(?:i['’]?m|i am) (?:\w+ )?sorry|(?:my )?apologies|i apologi[sz]e|sorry)[,.;:]?\s+(?:but )?"
    r"(?:i|as an)\b",
    rf"{_FIRST_SENTENCE}\bi (?:cannot|can['’]?t|can not|won['’]?t|will not|must decline to) {_DO}\b",
    rf"{_FIRST_SENTENCE}\bi(?:['’]m| am) (?:not able|unable) to {_DO}\b",
    rf"{_START}i must (?:respectfully )?decline\b",
    r"\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b[\w ]{0,30},? i\b",
    r"\bi['’]?m (?:just |only )?an? (?:ai|language model)\b",
)
_GERMAN = (
    rf"{_START}(?:es )?tut mir (?:sehr )?leid,? (?:aber )?(?:ich|dabei|das|als)\b",
    rf"{_START}(?:leider|entschuldigung\W+(?:aber )?)[^.!?\n]{{0,20}}\bkann ich\b",
    rf"{_START}ich kann (?:dir|ihnen|dabei|diese[rs]?|das|hier)\b[^.!?\n]{{0,80}}\bnicht\b",
    r"\bals (?:eine? )?(?:ki|künstliche intelligenz|(?:großes )?sprachmodell)\b[\w -]{0,20},? "
    r"(?:kann|darf|bin|habe|möchte) ich\b",
)
_FRENCH = (
    rf"{_START}(?:je suis |)(?:désolée?|navrée?)\b,? (?:mais )?je\b",
    rf"{_FIRST_SENTENCE}\bje ne (?:peux|suis) pas (?:vous |t['’]|en mesure|répondre|aider|rédiger|écrire"
    r"|produire|fournir)",
    r"\ben tant qu['’](?:ia|intelligence artificielle|assistant|modèle)\b[^.!?\n]{0,40}\bje\b",
)
_SPANISH = (
    rf"{_START}lo siento,? (?:pero )?(?:no|como)\b",
    rf"{_FIRST_SENTENCE}\bno puedo (?:ayudar|cumplir|escribir|redactar|generar|responder|proporcionar|ofrecer"
    r"|asistir|crear)",
    r"\bcomo (?:una? )?(?:ia|inteligencia artificial|modelo de lenguaje)\b[^.!?\n]{0,40}"
    r"\bno (?:puedo|tengo)\b",
)
_DECLINES = re.compile("|".join((*_ENGLISH, *_GERMAN, *_FRENCH, *_SPANISH)), re.IGNORECASE)


def declines(text: str) -> bool:
    """Whether a draft says that its model will not write one."""
    return bool(_DECLINES.search(text))
