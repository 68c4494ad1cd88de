"""Reasoning: what a model thinks before it answers, in whatever it wraps that.

Reads:  a reply with its marks.
Gives:  the reply without thoughts; empty where it holds nothing else, or was cut off in the middle of them.
Refrains from reading thoughts for an answer.

Thoughts are known by their kind: between marks that are called so, in a channel that is not the final one,
before a mark that ends them, in a pair of tags of any name before the rest, or aloud from the first words on.
"""

import re

from engine.drafting.parsing.marks import (
    ANY_MARK,
    MARK,
    PAIR,
    is_answering,
    is_closing,
    is_html,
    is_thinking,
    name_of,
)

_CHANNEL = re.compile(r"<\|channel\|?>", re.IGNORECASE)
_NAMED = re.compile(
    r"\s*(?P<name>[a-z]+)[^<\n]{0,60}?(?:<\|?message\|?>|(?=\n)|(?=<)|\Z|(?=[^a-z]))\s*", re.IGNORECASE
)
_CHANNEL_ENDS = re.compile(r"<\|(?:end|return|call|start|channel_end)\|>|<channel\|>|<\|end_channel\|>")
_FINAL = ("final", "answer", "response", "reply")
_JOINED = re.compile(
    r"\A\s*(?:(?:assistant)?(?:analysis|commentary|thought).*)?assistant\s*final\s*:?", re.DOTALL
)
_JOINED_THOUGHT = re.compile(r"\A\s*(?:assistant)?(?:analysis|commentary)(?=[^\W\da-z_])")
_JOINED_FINAL = re.compile(r"\A\s*(?:assistant)?final(?=[^\W\da-z_])")
_UNNAMED = re.compile(
    rf"(?:{ANY_MARK})\s*(?:thoughts?|thinking|analysis|reasoning)\s*\n.*?(?:<[^<>\n]{{1,40}}>|\Z)", re.DOTALL
)
_LINE_ALONE = re.compile(r"\A\s*(?:thoughts?|thinking|analysis|reasoning)\s*\n", re.IGNORECASE)
_OBJECT = (
    r"(?:(?:an?|the|one|this|my|our)\s+)?(?:\w+\s+){0,3}?"
    r"(?:consensus|statement|paragraph|response|answer|summary)"
)
_WRITE = r"(?:produce|write|craft|draft|generate|create|output|come up with|formulate|find|provide|give)"
_ALOUD = re.compile(
    r"\A\W*(?:(?:okay|ok|alright|so|hmm+|well|right|first)\b[,.!…]*\s+)*"
    r"(?:the user (?:wants|asks|asked|is asking|has (?:asked|given|provided)|gave|provided|would like)\b"
    r"|let['’]?s (?:think|analy[sz]e|brainstorm)"
    r"(?: (?:step|through|(?:about )?(?:this|the (?:question|opinions|task)))|[:.,…])"
    r"|let me (?:think|analy[sz]e|start|break|look|read|consider|try|see|draft|write|craft)\b"
    rf"|let['’]?s {_WRITE} {_OBJECT}"
    rf"|(?:we|i)(?:['’]ll| will| need to| have to| must| should| am going to) {_WRITE} {_OBJECT}"
    r"|(?:here(?:['’]s| is) )?(?:my |the |a )?(?:thinking|thought)(?: process)?(?:\s*:|\*|\.\.\.|…|\n)"
    r"|(?:here(?:['’]s| is) )?my reasoning(?: process)?\s*:"
    r"|der (?:nutzer|benutzer|user) (?:möchte|will|bittet|fragt|hat)\b"
    r"|ich (?:muss|soll|sollte)\b[^.\n]{0,80}(?:schreiben|verfassen|formulieren|finden)\b"
    r"|lass(?:en sie)? mich (?:nachdenken|überlegen|mal)"
    r"|l['’]utilisateur (?:demande|veut|souhaite|me demande)|je dois (?:rédiger|écrire|formuler|produire)"
    r"|(?:laissez|laisse)[- ]moi réfléchir"
    r"|el usuario (?:pide|quiere|solicita|ha pedido)|(?:tengo que|debo) (?:escribir|redactar|formular)"
    r"|(?:déjame|vamos a) pensar)",
    re.IGNORECASE,
)
_ENDS_ALOUD = re.compile(
    r"\A.*(?:\bdone thinking\W+|^[\W_]{0,12}"
    r"(?:(?:here(?:['’]s| is) )?(?:the|my|our)\s+)?(?:final\s+|proposed\s+)?"
    r"(?:(?:consensus\s+)?(?:statement|answer|response)|consensus|antwort|konsens\w*|erklärung|réponse"
    r"|déclaration(?: de consensus)?|respuesta|declaración(?: de consenso)?)[\W_]{0,6}?[:：][*_]*)",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
_ENOUGH = 5
"""Words outside of a pair of tags that make it an aside, and not the wrapping of the answer."""


def without_reasoning(text: str) -> str:
    """The reply without what its model thought."""
    text = _final_channel(_UNNAMED.sub("", text))
    text = _outside_of_marks(text)
    if _LINE_ALONE.match(text) or _JOINED_THOUGHT.match(text):
        return ""
    return _not_aloud(_JOINED_FINAL.sub("", text))


def without_asides(text: str) -> str:
    """Without pairs of tags of any name that stand beside the answer; one that holds all of it is opened."""
    pairs = [pair for pair in PAIR.finditer(text) if not is_html(pair["name"])]
    if not pairs:
        return text
    if answers := [pair["inside"] for pair in pairs if is_answering(pair["name"]) and pair["inside"].strip()]:
        return without_asides(answers[-1])
    outside, at = "", 0
    for pair in pairs:
        outside, at = f"{outside}{text[at : pair.start()]}\n\n", pair.end()
    outside += text[at:]
    return outside if len(outside.split()) >= _ENOUGH else without_asides(pairs[-1]["inside"])


def _final_channel(text: str) -> str:
    """Of a reply in channels the final one, and where there is none what stands outside of the others."""
    text = _JOINED.sub("", text)
    before, *channels = _CHANNEL.split(text)
    outside, final = before, None
    for channel in channels:
        named = _NAMED.match(channel)
        inside, *after = _CHANNEL_ENDS.split(channel[named.end() :] if named else channel, maxsplit=1)
        if named and named["name"].lower().startswith(_FINAL):
            final = inside
        outside += "".join(after)
    return outside if final is None else final


def _outside_of_marks(text: str) -> str:
    """What is not between marks of thinking; all before one that ends them is thought, opened or not."""
    kept, at, inside = "", 0, False
    for mark in MARK.finditer(text):
        name = name_of(mark)
        if is_thinking(name) and is_closing(name):
            kept = kept if inside else ""
            at, inside = mark.end(), False
        elif is_thinking(name) and not inside:
            kept, inside = kept + text[at : mark.start()], True
        elif inside and is_answering(name) and not is_closing(name):
            at, inside = mark.start(), False
    return kept if inside else kept + text[at:]


def _not_aloud(text: str) -> str:
    """Without thoughts in plain words, which a label or a phrase ends; empty where nothing does."""
    if not _ALOUD.match(text):
        return text
    ended = _ENDS_ALOUD.match(text)
    return text[ended.end() :] if ended else ""
