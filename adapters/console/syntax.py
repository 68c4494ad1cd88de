"""From the text of an input file to plain data: YAML, JSON or JSON Lines (for CSV see `tables`).

Reads:  decoded text, and its format where the file's name says it.
Gives:  dicts, lists and text to `adapters.console.files`; `InputProblem` where the text has no such shape.
Refrains from quoting the text in a message: it holds opinions.

JSON Lines: the first line is `{"question": …}`, each further line is one opinion
`{"participant": …, "text": …}`; a single line may hold the whole object instead, and where the question
comes from elsewhere, the first line is an opinion too.
Files come from anywhere, so a small one must not cost much: YAML aliases are refused (they can grow
without bound, and `*so* true` is a member's emphasis), so is a comment behind a text without quotes (in
`option #2` it cuts what a member wrote), so are deep nesting, repeated keys and more
entries than `MOST_OPINIONS` need; of numbers only small counts are computed, as a jury's seats are:
whatever else is not text becomes `NOT_TEXT`.
"""

import json
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final

import yaml

try:
    from yaml import CSafeLoader as YamlLoader
except ImportError:  # PyYAML built without libyaml: the same, slower
    from yaml import SafeLoader as YamlLoader  # type: ignore[assignment]

MOST_OPINIONS = 10_000
MOST_EVENTS = 12 * MOST_OPINIONS  # an opinion makes six, and with an attribute eleven
DEEPEST = 8
NOT_TEXT: Final = object()

TOO_MANY = f"it holds more than {MOST_OPINIONS:,} opinions; give fewer of them"
REPEATED_KEY = "the same key stands there twice; keep one of them"
COUNT = re.compile("[0-9]{1,6}")
CUT = re.compile(r"(?<!\n)[ \t]+#")
TOO_DEEP = "it is nested more deeply than a question with opinions can be; see the documentation for the form"


class InputProblem(ValueError):
    """What is wrong and what to do, without the name of the file."""


class Format(StrEnum):
    """How an input file is written."""

    YAML = "YAML"
    JSON = "JSON"
    JSONL = "JSON Lines"
    CSV = "CSV"


def parse(text: str, written_as: Format | None = None) -> object:
    """The data in the text; without a format it is told from the first characters.

    Raises:
        InputProblem: the text is not in that format, says the line where that is known.
    """
    written_as = written_as or _told_from(text)
    if written_as is Format.YAML:
        return _yaml(text)
    if written_as is Format.JSONL:
        return _json_lines(text)
    return _json(text)


def _told_from(text: str) -> Format:
    """JSON begins with a bracket; it is JSON Lines when the first line is complete and more follow."""
    start = text.lstrip()
    if not start.startswith(("{", "[")):
        return Format.YAML
    first, _, rest = start.partition("\n")
    if not rest.strip():
        return Format.JSON
    try:
        _json(first)
    except InputProblem:
        return Format.JSON
    return Format.JSONL


# -- JSON ------------------------------------------------------------------------------------------


def _json(text: str, first_line: int = 1) -> object:
    try:
        return json.loads(
            text,
            object_pairs_hook=_without_repeated_keys,
            parse_int=_count,
            parse_float=_not_text,
            parse_constant=_not_text,
        )
    except json.JSONDecodeError as error:
        # The decoder's own messages are fixed sentences: they quote nothing.
        where = f"line {first_line + error.lineno - 1}, column {error.colno}"
        raise InputProblem(f"{where} is not valid JSON ({error.msg}); mend it there") from None
    except RecursionError:
        raise InputProblem(TOO_DEEP) from None


def _json_lines(text: str) -> object:
    # Not splitlines(): a line separator such as U+2028 may stand inside a JSON string.
    lines = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if len(lines) > MOST_OPINIONS + 1:
        raise InputProblem(TOO_MANY)
    first, *others = (_json(line, number) for number, line in lines)
    if not others:
        return first
    if isinstance(first, dict) and "text" in first:
        return {"opinions": [first, *others]}
    if not isinstance(first, dict) or "opinions" in first:
        raise InputProblem(
            'the first of several lines must be {"question": …} alone, with one opinion on each line after it'
        )
    return {**first, "opinions": others}


def _without_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise InputProblem(REPEATED_KEY)
    return found


def _not_text(*_: object) -> object:
    """In place of a number or a date, which no field here can be."""
    return NOT_TEXT


def _count(written: str) -> object:
    """A small count, as people write it."""
    return int(written) if COUNT.fullmatch(written) else NOT_TEXT


# -- YAML ------------------------------------------------------------------------------------------


class _Loader(YamlLoader):
    """A safe loader that computes no numbers or dates and refuses repeated keys."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
            if len(set(keys)) < len(keys):
                raise InputProblem(f"near line {node.start_mark.line + 1} {REPEATED_KEY}")
        return super().construct_mapping(node, deep)


def _yaml_count(_: object, node: Any) -> object:
    return _count(str(node.value))


_Loader.add_constructor("tag:yaml.org,2002:int", _yaml_count)
for _tag in ("float", "timestamp", "binary"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _not_text)


def _yaml(text: str) -> object:
    try:
        _check_events(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        if "nesting depth" in f"{error.context} {error.problem}":  # newer libyaml has a limit of its own
            raise InputProblem(TOO_DEEP) from None
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "it"
        # The parser's own message can quote the text, so it is left out.
        raise InputProblem(
            f"{where} is not valid YAML; mend the indentation or put that text in quotes"
        ) from None
    except (yaml.YAMLError, RecursionError):
        raise InputProblem("it is not valid YAML; save it as YAML or JSON in UTF-8") from None


def _check_events(text: str) -> None:
    """Look at the parser's events, one at a time, before anything is built from them."""
    depth = 0
    events: Iterator[Any] = yaml.parse(text, Loader=YamlLoader)
    for count, event in enumerate(events):
        if getattr(event, "anchor", None) is not None:
            raise InputProblem(
                f"line {event.start_mark.line + 1} has a YAML alias or anchor;"
                " put a text that begins with * or & in quotes"
            )
        if isinstance(event, yaml.ScalarEvent) and not event.style:
            _check_uncut(text, event)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            raise InputProblem(TOO_DEEP)
        if count > MOST_EVENTS:
            raise InputProblem(TOO_MANY)


def _check_uncut(text: str, event: Any) -> None:
    """Whether a text without quotes ends where its writer ended it, and not before a `#`."""
    if CUT.match(text, event.end_mark.index):
        raise InputProblem(
            f'line {event.end_mark.line + 1} has " #", where YAML takes the rest for a comment;'
            " put the whole text in quotes, or the comment on a line of its own"
        )
