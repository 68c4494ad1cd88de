"""Parsing: from what a language model wrote to the statement in it.

Reads:  a reply as it came, with whatever the model put around the statement.
Gives:  plain text: no thoughts, special tokens, tags, JSON, small talk, markdown, quotation marks or remarks,
        cut where the model goes on to another question or opinion; the empty text when no statement is left.
Refrains from judging what remains (that is `screening`'s) and from changing a word of it.
"""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from engine.drafting.fitting import Reading
from engine.drafting.parsing.reasoning import without_asides, without_reasoning
from engine.drafting.parsing.small_talk import is_labelled, is_remark, without_closing, without_small_talk
from engine.drafting.parsing.special_tokens import first_turn
from engine.drafting.sentences import length_of
from engine.prompts import LONGEST, SHORTEST
from engine.types import Brief, Chosen, Draft, Ending

_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_TAGGED = re.compile(
    r"<(?:(?:final|the|my|our)[_ -]?)?(answer|statement|consensus|output|response)>\s*"
    r"(?P<inside>\S.*?)\s*(?:</|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_BOXED = re.compile(r"\\boxed\{\s*(?:\\text\{)?(?P<inside>[^{}]+)")
_KEY = (
    r"(?:(?:consensus|final|joint)[ _]?)?(?:statement|consensus|answer|response|output|text|paragraph|result"
    r"|erklärung|konsens\w{0,20}|antwort|d[ée]claration|r[ée]ponse|declaraci[óo]n|respuesta|consenso)"
)
_KNOWN_KEY = re.compile(rf"{_KEY}(?:[ _]\w+){{0,2}}", re.IGNORECASE)
_JSON = re.compile(
    rf"\{{[^{{}}]{{0,400}}?\"{_KEY}(?:[ _]\w+){{0,2}}\"\s*:\s*(?P<inside>\"[^\"\\]*(?:\\.[^\"\\]*)*\")",
    re.IGNORECASE | re.DOTALL,
)
_LISTED = re.compile(r"\A\s*\[\s*(?P<quote>['\"])(?P<inside>.*?)(?P=quote)?\s*,?\s*\]?\s*\Z", re.DOTALL)

_FENCE = re.compile(r"^\s*(?:```|~~~).*$", re.MULTILINE)
_RULE = re.compile(r"^\s*(?:[-*_=]\s*){3,}$", re.MULTILINE)
_HTML_BLOCK = re.compile(
    r"</?(?:p|div|ul|ol|li|br|h[1-6]|blockquote|html|body|section|article)\b[^<>\n]{0,80}>", re.IGNORECASE
)
_HTML_INLINE = re.compile(r"</?(?:b|i|u|em|strong|span|small|sup|sub)\b[^<>\n]{0,80}>", re.IGNORECASE)
_HTML_HEADING = re.compile(r"<h[1-6]\b[^<>\n]{0,80}>[^<>\n]{0,120}</h[1-6]>", re.IGNORECASE)
_LINE_MARK = re.compile(r"^\s*(?:#{1,6}\s+|>\s?|[-*•–]\s+|\(?\d{1,2}[.)]\s+)+")
_EMPHASIS = re.compile(r"(\*\*\*|\*\*|__|\*|`)(?=\S)(.{1,400}?)(?<=\S)\1")
_HEADING = re.compile(r"\s*(?:#{1,6}\s.*|(?:\*\*|__)[^*_\n]{1,80}(?:\*\*|__)\s*)")

_NEXT_PART = re.compile(
    r"^[^\w\n]*(?:question|opinion|critique|citizen|participant|user|human|system|instructions?"
    r"|frage|meinung|nutzer|benutzer|avis|utilisateur|pregunta|opini[óo]n|usuario)"
    r"(?:\s*#?\d{1,4})?\s*[:：]",
    re.IGNORECASE | re.MULTILINE,
)
_QUOTES = tuple(zip("\"'“„„«»‘「『‹", "\"'”“”»«’」』›", strict=True))
_LONGEST_REPLY = 10_000
"""Characters of a reply, after its hidden reasoning, that are looked at: ten times a long statement."""
_INTRODUCES = 14
"""Words up to which a first paragraph that ends with a colon only introduces what follows."""


def drafted(brief: Brief, reading: Reading, reply: str, ending: Ending) -> Draft:
    """The draft in a model's reply to what it was given of the brief; of a chosen statement, its lines."""
    lists = isinstance(brief.revision, Chosen)
    return Draft(
        brief,
        lines(reply) if lists else statement(reply),
        finish_reason=ending,
        words=None if lists else (SHORTEST, LONGEST),
        read=None if reading.is_all_of(brief) else reading.places,
        shortened=reading.shortened,
    )


def statement(reply: str) -> str:
    """The statement in a model's reply, as plain text; empty when the reply holds none."""
    text = _unpacked(spoken(_UNSEEN.sub("", reply.replace("\r\n", "\n"))))
    text = _unwrapped(_HTML_HEADING.sub("\n\n", text))
    if next_part := _NEXT_PART.search(text):
        text = text[: next_part.start()]
    paragraphs = [plain for block in _blocks(text) if (plain := _plain(block))]
    kept = _within_length(_without_remarks(paragraphs))
    return _unwrapped("\n\n".join([*kept[:-1], *map(without_closing, kept[-1:])]))


def lines(reply: str) -> str:
    """A model's reply line by line, without what it thought."""
    return spoken(_UNSEEN.sub("", reply.replace("\r\n", "\n")))


def spoken(text: str) -> str:
    """What was meant to be read: no reasoning, closed or not, and nothing after the turn's end."""
    return without_reasoning(first_turn(without_reasoning(text)))[:_LONGEST_REPLY]


def _unpacked(text: str) -> str:
    """What stands inside of the tags, the JSON or the box that a model was trained to put its answer into."""
    text = without_asides(text)
    if tagged := _TAGGED.search(text):
        text = tagged["inside"]
    text = _from_json(text)
    if boxed := _BOXED.search(text):
        text = boxed["inside"]
    return text


def _from_json(text: str) -> str:
    """The answer in an object or a list, whole or cut off, also inside of a fence or of other words."""
    bare = _FENCE.sub("", text).strip()
    if bare[:1] in ("{", "["):
        try:
            return _UNSEEN.sub("", _answer_in(json.loads(bare, strict=False)))
        except (ValueError, LookupError):
            pass
    if found := _JSON.search(text):
        return _unescaped(found["inside"])
    listed = _LISTED.match(bare)
    return listed["inside"] if listed else text


def _answer_in(told: Any) -> str:
    """The text of an answer in JSON; LookupError where none stands out."""
    if isinstance(told, list) and all(isinstance(part, str) for part in told):
        return " ".join(told)
    if isinstance(told, list) and len(told) == 1:
        return _answer_in(told[0])
    if not isinstance(told, dict):
        raise LookupError
    texts = {key: value for key, value in told.items() if isinstance(value, str)}
    named = [value for key, value in texts.items() if _KNOWN_KEY.fullmatch(key)]
    if named or len(texts) == 1:
        return named[0] if named else next(iter(texts.values()))
    if len(told) == 1:
        return _answer_in(next(iter(told.values())))
    raise LookupError


def _unescaped(quoted: str) -> str:
    """The text in a JSON string; an escape that there is not, as LaTeX has them, is left as it is."""
    try:
        return _UNSEEN.sub("", str(json.loads(quoted, strict=False)))
    except ValueError:
        return quoted[1:-1]


def _unwrapped(text: str) -> str:
    """Without small talk and enclosing quotation marks, in whatever order they wrap the text."""
    before = None
    while text != before:
        before = text
        text = without_small_talk(_unquoted(text.strip()))
    return text


def _unquoted(text: str) -> str:
    for opening, closing in _QUOTES:
        inside = text[1:-1]
        if (
            len(text) > 1
            and text[0] == opening
            and text[-1] == closing
            and not {opening, closing} & {*inside}
        ):
            return inside.strip()
    return text


def _blocks(text: str) -> list[str]:
    """Paragraphs, without code fences, HTML and rules, and without a heading or introduction in front."""
    text = _HTML_INLINE.sub("", _HTML_BLOCK.sub("\n\n", text))
    text = _RULE.sub("", _FENCE.sub("", text))
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]
    while len(blocks) > 1 and (
        _HEADING.fullmatch(blocks[0]) or _introduces(blocks[0], blocks[1]) or _reasons(blocks)
    ):
        blocks = blocks[1:]
    return blocks


def _reasons(blocks: Sequence[str]) -> bool:
    """Whether the first paragraph is a remark before an answer that is labelled as such."""
    return is_remark(blocks[0]) and any(map(is_labelled, blocks[1:]))


def _introduces(block: str, following: str) -> bool:
    """Whether a paragraph is no part of the statement; before a list it is."""
    return block.endswith((":", "：")) and length_of(block) <= _INTRODUCES and not _LINE_MARK.match(following)


def _plain(block: str) -> str:
    """A paragraph on one line, without markdown."""
    lines = block.split("\n")
    if len(lines) > 1 and _HEADING.fullmatch(lines[0]):
        lines = lines[1:]
    joined = " ".join(" ".join(_LINE_MARK.sub("", line).split()) for line in lines)
    return _EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", joined)).strip()


def _without_remarks(paragraphs: Iterable[str]) -> list[str]:
    """The paragraphs up to the first in which the model speaks about its answer.

    The first is the answer, however it begins: members too hope for something, and note it.
    """
    kept: list[str] = []
    for paragraph in paragraphs:
        if kept and is_remark(paragraph):
            break
        kept.append(paragraph)
    return kept


def _within_length(paragraphs: list[str]) -> list[str]:
    """The first paragraph, and those after it for which there is room in the length of a statement."""
    kept = paragraphs[:1]
    words = sum(map(length_of, kept))
    for paragraph in paragraphs[1:]:
        words += length_of(paragraph)
        if words > LONGEST:
            break
        kept.append(paragraph)
    return kept
