"""Parsing: from what a language model wrote to the statement in it.

Reads:  a reply as it came, with whatever the model put around the statement.
Gives:  plain text: no hidden reasoning, tags, JSON, greeting, label, markdown, quotation marks or remarks,
        cut where the model goes on to another question or opinion; the empty text when no statement is left.
Refrains from judging what remains (that is `engine.drafting.screening`) and from changing a word of it.
"""

import json
import re
from collections.abc import Iterable, Sequence

from engine.drafting.fitting import Reading
from engine.drafting.material import length_of
from engine.prompts import LONGEST, SHORTEST
from engine.types import Brief, Draft

_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_THOUGHT = re.compile(r"<(think(?:ing)?|reasoning|analysis)>.*?(?:</\1>|\Z)", re.IGNORECASE | re.DOTALL)
_END_OF_THOUGHT = re.compile(r"\A.*</(?:think(?:ing)?|reasoning|analysis)>", re.IGNORECASE | re.DOTALL)
_FINAL_CHANNEL = re.compile(r"\A.*<\|channel\|>final<\|message\|>", re.DOTALL)
_OTHER_CHANNEL = re.compile(r"<\|channel\|>(?!final).*\Z", re.DOTALL)
_TURN_ENDS = re.compile(
    r"<[|｜][^|｜>\n]{0,40}[|｜]>|</s>|\[/?INST\]|<end_of_turn>|<start_of_turn>", re.IGNORECASE
)

_TAGGED = re.compile(
    r"<(answer|statement|consensus|output|response)>\s*(?P<inside>\S.*?)\s*(?:</\1>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_BOXED = re.compile(r"\\boxed\{\s*(?:\\text\{)?(?P<inside>[^{}]+)")
_JSON = re.compile(
    r"\{\s*\"(?:consensus[ _]?)?(?:statement|consensus|answer|response|output)\"\s*:\s*"
    r"(?P<inside>\"[^\"\\]*(?:\\.[^\"\\]*)*\")",
    re.IGNORECASE | re.DOTALL,
)

_FENCE = re.compile(r"^\s*(?:```|~~~).*$", re.MULTILINE)
_RULE = re.compile(r"^\s*(?:[-*_=]\s*){3,}$", re.MULTILINE)
_LINE_MARK = re.compile(r"^\s*(?:#{1,6}\s+|>\s?|[-*•–]\s+|\(?\d{1,2}[.)]\s+)+")
_EMPHASIS = re.compile(r"(\*\*\*|\*\*|__|\*|`)(?=\S)(.{1,400}?)(?<=\S)\1")
_HEADING = re.compile(r"\s*(?:#{1,6}\s.*|(?:\*\*|__)[^*_\n]{1,80}(?:\*\*|__)\s*)")

_LABEL = re.compile(
    r"\A\W*(?:(?:the|our|final|draft|proposed|group'?s?|jury'?s?|revised)\s+)*"
    r"(?:consensus(?:\s+(?:statement|view|opinion))?|statement|answer|assistant|output|response"
    r"|konsens(?:erklärung)?|consenso|declaraci[oó]n(?: de consenso)?|d[eé]claration(?: de consensus)?"
    r"|консенсус|共识(?:声明)?|合意(?:文)?|إجماع)"
    r"(?:\s*\(?\d{1,4}(?:\s+words?)?\)?)?\s*[:：]\W*?(?=[\w\"'“«「]|$)",
    re.IGNORECASE,
)
_AGREEING = r"(?:sure(?: thing)?|certainly|of course|absolutely|okay|ok|great)"
_OPINIONS = r"(?: \w+){0,3}? (?:opinions|views|perspectives|comments|responses|input)"
_GREETING = re.compile(
    rf"\A\W*(?:{_AGREEING}[!.,]\s+)?(?:here(?:['’]s| is| are)|below is|the following is|this is"
    rf"|i(?:['’]ve| have) (?:written|drafted)|based on (?:the|these|all|your){_OPINIONS})\b"
    r"[^\n:：]{0,160}?\b(?:statement|consensus|view|answer)\b[^\n:：]{0,60}[:：]\s+",
    re.IGNORECASE,
)
"""What a model says before its answer: it names the answer before the colon, else it may be part of it."""
_SOUND_OF_AGREEING = re.compile(rf"\A{_AGREEING}[!.]\s+(?=\S)", re.IGNORECASE)
_NEXT_PART = re.compile(
    r"^[^\w\n]*(?:question|opinion|critique|citizen|participant|user|human|system|instructions?)"
    r"(?:\s*#?\d{1,4})?\s*[:：]",
    re.IGNORECASE | re.MULTILINE,
)
_REMARK = re.compile(
    r"\A\W*(?:(?:note|explanation|rationale|reasoning|justification|word count|words|disclaimer|p\.?s\.?)\b"
    r"[^\n]{0,30}?[:：(]|let me know|i hope (?:this|that)|would you like|feel free|please let"
    r"|this (?:consensus )?(?:statement|paragraph|draft|version) (?:reflects|aims|tries|attempts|captures"
    r"|balances|takes|incorporates|acknowledges|includes|contains|(?:is|has) \d)"
    r"|\(?\d{1,4}\s+words?\)?\.?$|\(?word count)",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\s*[(\[](?:word count\s*[:：]?\s*)?\d{1,4}(?:\s+words?)?[)\]]\s*\Z", re.IGNORECASE)
_QUOTES = tuple(zip("\"'“„„«»‘「『‹", "\"'”“”»«’」』›", strict=True))
_LONGEST_REPLY = 10_000
"""Characters of a reply, after its hidden reasoning, that are looked at: ten times a long statement."""
_INTRODUCES = 14
"""Words up to which a first paragraph that ends with a colon only introduces what follows."""


def drafted(brief: Brief, reading: Reading, reply: str, *, cut_off: bool) -> Draft:
    """The draft in a model's reply to what it was given of the brief."""
    return Draft(
        brief,
        statement(reply),
        finish_reason="length" if cut_off else "stop",
        words=(SHORTEST, LONGEST),
        read=None if reading.is_all_of(brief) else reading.places,
        shortened=reading.shortened,
    )


def statement(reply: str) -> str:
    """The statement in a model's reply, as plain text; empty when the reply holds none."""
    text = _unwrapped(_unpacked(spoken(_UNSEEN.sub("", reply.replace("\r\n", "\n")))))
    if next_part := _NEXT_PART.search(text):
        text = text[: next_part.start()]
    paragraphs = [plain for block in _blocks(text) if (plain := _plain(block))]
    return _unwrapped("\n\n".join(_within_length(_without_remarks(paragraphs))))


def spoken(text: str) -> str:
    """What was meant to be read: no reasoning, closed or not, and nothing after the turn's end."""
    text = _FINAL_CHANNEL.sub("", text)
    text = _OTHER_CHANNEL.sub("", text)
    text = _END_OF_THOUGHT.sub("", _THOUGHT.sub("", text))
    parts = (part.strip() for part in _TURN_ENDS.split(text))
    return next(filter(None, parts), "")[:_LONGEST_REPLY]


def _unpacked(text: str) -> str:
    """What stands inside of the tags, the JSON or the box that a model was trained to put its answer into."""
    for packed in (_TAGGED, _JSON, _BOXED):
        if found := packed.search(text):
            text = _from_json(found["inside"]) if packed is _JSON else found["inside"]
    return text


def _from_json(quoted: str) -> str:
    """The text in a JSON string; an escape that there is not, as LaTeX has them, is left as it is."""
    try:
        return _UNSEEN.sub("", str(json.loads(quoted, strict=False)))
    except ValueError:
        return quoted[1:-1]


def _unwrapped(text: str) -> str:
    """Without greeting, label and enclosing quotation marks, in whatever order they wrap the text."""
    before = None
    while text != before:
        before = text
        text = _unquoted(_COUNTED.sub("", text.strip()))
        for wrapping in (_GREETING, _SOUND_OF_AGREEING, _LABEL):
            text = wrapping.sub("", text, count=1).strip()
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
    """Paragraphs, without code fences and rules, and without a heading or introduction in front."""
    text = _RULE.sub("", _FENCE.sub("", text))
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]
    while len(blocks) > 1 and (
        _HEADING.fullmatch(blocks[0]) or _introduces(blocks[0], blocks[1]) or _reasons(blocks)
    ):
        blocks = blocks[1:]
    return blocks


def _reasons(blocks: Sequence[str]) -> bool:
    """Whether the first paragraph is a remark before an answer that is labelled as such."""
    return bool(_REMARK.match(blocks[0])) and any(map(_LABEL.match, blocks[1:]))


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
        if kept and _REMARK.match(paragraph):
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
