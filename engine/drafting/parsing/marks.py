"""Marks: the tags and tokens that models put around what they write, of any family.

Reads:  a reply; the name inside of a mark, such as `<think>`, `[/INST]`, `<|im_end|>` or `◁/think▷`.
Gives:  where marks are, and of which kind each is, judged by the words in its name.
Refrains from knowing families by heart: a new one calls its marks by the same words.
"""

import re

from engine.text import word_set

_NAME = r"/?[^\W\d_][\w:.▁-]{0,40}|0x[0-9A-Fa-f]{2}"
MARK = re.compile(
    rf"<[|｜]?\s?(?P<angle>{_NAME})(?:\s[^<>\n]{{0,60}})?\s?/?[|｜]?>"
    rf"|\[[|｜]?(?P<square>{_NAME})[|｜]?\]|◁(?P<wedge>{_NAME})▷"
)
ANY_MARK = re.sub(r"\?P<\w+>", "?:", MARK.pattern)
"""The same as a pattern without groups."""
PAIR = re.compile(
    r"<(?P<name>[^\W\d_][\w:.-]{0,40})(?:\s[^<>\n]{0,60})?>"
    r"(?P<inside>(?:(?!</?(?P=name)>).)*)</(?P=name)>",
    re.DOTALL | re.IGNORECASE,
)
_WORD = re.compile(r"[A-ZÄÖÜ]+(?![a-zäöüß])|[A-ZÄÖÜ]?[^\W\d_A-ZÄÖÜ]+|[^\W\d_]+")
_THINKING = re.compile(
    r"think|thought|reasoning\Z|reason\Z|rationale|reflect|réflex|analy|análisis|scratch|monolog|deliberat|ponder"
    r"|contempl|brainstorm|cot\Z|inner\Z|plan(?:ning)?\Z|gedank|denken|überleg|pensée|pensam|raisonn|razonam"
    r"|思考|推理"
)
_ANSWERING = re.compile(
    r"answer|response\Z|reply|final\Z|solution|output\Z|result\Z|statement|consensus|paragraph|antwort|erklärung"
    r"|konsens|réponse|déclaration|respuesta|declaración|consenso"
)
_ENDING = word_set("end stop close suffix")
_HTML = word_set(
    "p br b i u em strong div span ul ol li h1 h2 h3 h4 h5 h6 blockquote html body section article small sup "
    "sub"
)
_TURNS = word_set(
    "s bos eos eot eod eoc eop eom sop gmask sep cls inst turn utterance endoftext startoftext endofturn "
    "startofturn"
)
_FILLING = re.compile(r"(?:pad|unk|mask|unused|reserved|extra|ctrl|control|token|special)", re.IGNORECASE)


def name_of(mark: re.Match[str]) -> str:
    """The name in a mark, with the slash of a closing one."""
    return mark["angle"] or mark["square"] or mark["wedge"] or ""


def words_in(name: str) -> list[str]:
    """The words of a name, however they are joined."""
    return [word.lower() for word in _WORD.findall(name.replace("▁", "_"))]


def is_thinking(name: str) -> bool:
    """Whether a name is one for what a model thinks."""
    return any(
        _THINKING.match(word) or word.endswith(("think", "thinking", "thought")) for word in words_in(name)
    )


def is_answering(name: str) -> bool:
    """Whether a name is one for what a model answers."""
    return any(map(_ANSWERING.match, words_in(name)))


def is_closing(name: str) -> bool:
    """Whether a mark with this name ends something."""
    words = words_in(name)
    return name.startswith("/") or any(word in _ENDING or word.startswith("end") for word in words)


def is_html(name: str) -> bool:
    """Whether a name is one of plain layout."""
    return name.lower().lstrip("/") in _HTML


def is_filling(mark: re.Match[str]) -> bool:
    """Whether a mark is a token that stands for nothing, as `<pad>` or `<unused7>`."""
    return bool(_FILLING.match(name_of(mark).lstrip("/")))


def is_turn(mark: re.Match[str]) -> bool:
    """Whether a mark is a token at which a turn begins or ends."""
    shown, name = mark[0], name_of(mark).lstrip("/")
    if shown[1:2] in "|｜" or shown[-2:-1] in "|｜":
        return True
    if mark["square"] and not (name.isupper() or name == "gMASK"):
        return False
    return name != "turn" and any(word in _TURNS for word in (name.lower(), *words_in(name)))
