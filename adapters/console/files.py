"""The input of `accord deliberate`: files or standard input, read and checked.

Reads:  `{question, opinions: [{participant, text}]}` as YAML, JSON or JSON Lines (see `syntax`), or opinions
        alone as CSV (see `tables`). The ending .yaml, .yml, .json, .jsonl, .ndjson, .csv or .tsv says which;
        otherwise, and for `-`, the first line does. `participant` may be left out: the third opinion is then
        p3's. `attributes: {team: support}` (in CSV: further columns) are read for juries alone. A question
        that is given goes before the file's own. For a second round
        `{statement, critiques: [{participant, text}]}` as YAML or JSON, by the same names.
Gives:  a `MediationRequest`, and its `Revision`, under the same rules as in a chat, or `InputError`: one line
        that says what is wrong, where, and what to do.
Refrains from reading more than the limit, and from quoting the input in a message: it holds opinions.
"""

import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO

from pydantic import BaseModel, ConfigDict, FailFast, Field, ValidationError
from pydantic_core import ErrorDetails

from adapters.console.syntax import MOST_OPINIONS, TOO_MANY, Format, InputProblem, parse
from adapters.console.tables import is_table, read_table
from bot.domain.clean_text import clean, is_blank
from bot.domain.deliberation import OPINION_LIMIT, checked_question
from bot.domain.errors import QuestionError
from engine.types import MediationRequest, ParticipantOpinion, Revision, WelfareFunction

LIMIT_MB = 10
FORM = "see the documentation for the form"
NAME_LIMIT = 100
FEWEST_OPINIONS = 2
STATEMENT_LIMIT = 10_000
"""Characters of a statement to revise: any that Accord writes is far shorter."""

FORMATS = {
    ".yaml": Format.YAML,
    ".yml": Format.YAML,
    ".json": Format.JSON,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
}

# What YAML calls printable; a raw escape or null byte says that this is no text file.
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ufffd\U00010000-\U0010ffff]")
# Characters without width or picture: joiners, direction marks, variation selectors.
NARROW = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)

Attributes = Mapping[str, Mapping[str, str]]
"""By participant, what is known of them: values by the attribute's name."""


class InputError(ValueError):
    """The input cannot be used; the message is one line for the person who gave it."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    participant: str | None = None
    text: str
    attributes: dict[str, str] = {}


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    question: str
    # One complaint is shown, so one is enough.
    opinions: Annotated[list[_Entry], FailFast(), Field(max_length=MOST_OPINIONS)]


class _Critique(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    participant: str
    text: str


class _Critiques(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    statement: str
    critiques: Annotated[list[_Critique], FailFast(), Field(max_length=MOST_OPINIONS)]


def read_request(
    source: str,
    *,
    candidates: int = 16,
    welfare: WelfareFunction | None = None,
    seed: int = 0,
    question: str | None = None,
    stdin: BinaryIO | None = None,
) -> MediationRequest:
    """A mediation request from the file at `source`, or from standard input where it is `-`.

    question: asked in place of the file's own.

    Raises:
        InputError: the input cannot be used.
    """
    request, _ = read_with_attributes(
        source, candidates=candidates, welfare=welfare, seed=seed, question=question, stdin=stdin
    )
    return request


def read_with_attributes(
    source: str,
    *,
    candidates: int = 16,
    welfare: WelfareFunction | None = None,
    seed: int = 0,
    question: str | None = None,
    stdin: BinaryIO | None = None,
) -> tuple[MediationRequest, Attributes]:
    """The same, with the participants' attributes.

    Raises:
        InputError: the input cannot be used.
    """
    with told_of(source):
        data = _parsed(text_of(source, stdin), format_of(source))
        question, opinions, attributes = _checked(_with_question(data, question))
    return MediationRequest(question, opinions, candidates, welfare or WelfareFunction(), seed), attributes


def read_revision(
    source: str, opinions: Sequence[ParticipantOpinion], *, stdin: BinaryIO | None = None
) -> Revision:
    """A statement and its critiques from the file at `source`, or from standard input where it is `-`.

    opinions: of the round; a critique by a name that looks like one of theirs is by the same participant.

    Raises:
        InputError: the input cannot be used.
    """
    with told_of(source):
        text, written_as = text_of(source, stdin), format_of(source)
        if written_as is Format.CSV:
            raise InputProblem("a table cannot hold the statement; write it as YAML or JSON")
        return _checked_revision(parse(text, written_as), opinions)


@contextmanager
def told_of(source: str) -> Iterator[None]:
    """Says of a problem where it is. Its causes hold the input itself, so they do not travel on."""
    try:
        yield
    except InputProblem as problem:
        raise InputError(f"{_name(source)}: {problem}.") from None


def text_of(source: str, stdin: BinaryIO | None = None) -> str:
    """What the file at `source` holds, or standard input where it is `-`. Raises InputProblem."""
    return _decoded(_from_stdin(stdin) if source == "-" else _from_file(source))


def format_of(source: str) -> Format | None:
    """How a file is written, as far as its ending says it."""
    return FORMATS.get(Path(source).suffix.lower())


def _parsed(text: str, written_as: Format | None) -> object:
    if written_as is Format.CSV or (written_as is None and is_table(text)):
        return {"opinions": read_table(text)}
    return parse(text, written_as)


def _with_question(data: object, question: str | None) -> object:
    return {**data, "question": question} if question is not None and isinstance(data, dict) else data


def _name(source: str) -> str:
    return "standard input" if source == "-" else " ".join(clean(source).split())


# -- bytes and text --------------------------------------------------------------------------------


def _from_file(path: str) -> bytes:
    try:
        if Path(path).is_file():
            _check_size(Path(path).stat().st_size)
        with Path(path).open("rb") as file:
            return _limited(file)
    except FileNotFoundError:
        raise InputProblem("there is no such file; check the path") from None
    except IsADirectoryError:
        raise InputProblem("this is a folder; name a file in it") from None
    except PermissionError:
        raise InputProblem("it may not be read; ask for permission or copy it") from None
    except (OSError, ValueError) as error:
        if isinstance(error, InputProblem):
            raise
        reason = getattr(error, "strerror", None) or "not a usable path"
        raise InputProblem(f"it cannot be read ({reason}); check the path") from None


def _from_stdin(stdin: BinaryIO | None) -> bytes:
    try:
        return _limited(stdin or sys.stdin.buffer)
    except OSError as error:
        raise InputProblem(f"it cannot be read ({error.strerror}); pipe a file into it") from None


def _limited(file: BinaryIO) -> bytes:
    """All of a stream, or no more than the limit of it: a pipe does not say its size."""
    data = file.read(LIMIT_MB * 1_000_000 + 1)
    _check_size(len(data))
    return data


def _check_size(size: int) -> None:
    if size > LIMIT_MB * 1_000_000:
        raise InputProblem(f"it is larger than {LIMIT_MB} MB; give fewer or shorter opinions")


def _decoded(data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputProblem(f"line {line} is not UTF-8 text; save the file as UTF-8") from None
    strange = UNPRINTABLE.search(text)
    if strange:
        line = text.count("\n", 0, strange.start()) + 1
        kind = "a null byte" if strange[0] == "\0" else "a control character"
        raise InputProblem(f"line {line} has {kind} in it; save the file as plain UTF-8 text")
    if not text.strip():
        raise InputProblem("it is empty; see the documentation for what to write into it")
    return text


# -- the request -----------------------------------------------------------------------------------


def _checked(data: object) -> tuple[str, tuple[ParticipantOpinion, ...], Attributes]:
    try:
        document = _Document.model_validate(data)
        question = checked_question(document.question)
    except ValidationError as error:
        raise InputProblem(_sentence(error.errors(include_url=False)[0])) from None
    except QuestionError as error:
        raise InputProblem(str(error).rstrip(".")) from None
    opinions = tuple(_opinion(number, entry) for number, entry in enumerate(document.opinions, 1))
    _check_all(opinions)
    given = zip(opinions, document.opinions, strict=True)
    return question, opinions, {opinion.participant: entry.attributes for opinion, entry in given}


def _opinion(number: int, entry: _Entry) -> ParticipantOpinion:
    which = f"opinion {number}"
    text = _words(which, entry.text)
    if entry.participant is None:
        return ParticipantOpinion(f"p{number}", text)
    return ParticipantOpinion(_participant(which, entry.participant, " or leave it out"), text)


def _words(which: str, written: str, limit: int = OPINION_LIMIT) -> str:
    text = clean(written)
    if is_blank(text):
        raise InputProblem(f"{which} is empty; write some words or take it out")
    if len(text) > limit:
        raise InputProblem(f"{which} has {len(text):,} characters and {limit:,} are possible; shorten it")
    return text


def _participant(which: str, name: str, or_else: str = "") -> str:
    name = clean(name)
    if is_blank(name) or "\n" in name or len(name) > NAME_LIMIT:
        raise InputProblem(
            f"`participant` of {which} must be one line of 1 to {NAME_LIMIT} characters; change it{or_else}"
        )
    return name


def _check_all(opinions: Sequence[ParticipantOpinion]) -> None:
    if len(opinions) < FEWEST_OPINIONS:
        found = "is only one opinion" if opinions else "are no opinions"
        raise InputProblem(f"there {found}; give at least {FEWEST_OPINIONS} of them")
    _check_names("opinion", opinions)


def _check_names(what: str, given: Sequence[ParticipantOpinion]) -> None:
    first: dict[str, int] = {}
    for number, each in enumerate(given, 1):
        looks = look_of(each.participant)
        if looks in first:
            raise InputProblem(
                f"{what}s {first[looks]} and {number} have the same participant; everyone gives one {what}"
            )
        first[looks] = number


def _checked_revision(data: object, opinions: Sequence[ParticipantOpinion]) -> Revision:
    try:
        document = _Critiques.model_validate(data)
    except ValidationError as error:
        raise InputProblem(_about_revision(error.errors(include_url=False)[0])) from None
    if not document.critiques:
        raise InputProblem("there are no critiques; give at least 1 of them")
    statement = _words("`statement`", document.statement, STATEMENT_LIMIT)
    known = {look_of(opinion.participant): opinion.participant for opinion in opinions}
    critiques = []
    for number, entry in enumerate(document.critiques, 1):
        which = f"critique {number}"
        name = _participant(which, entry.participant)
        critiques.append(ParticipantOpinion(known.get(look_of(name), name), _words(which, entry.text)))
    _check_names("critique", critiques)
    return Revision(statement, tuple(critiques))


def look_of(name: str) -> str:
    """A name without what nobody sees, so that names that look the same are the same."""
    shown = NARROW.sub("", unicodedata.normalize("NFKC", name))
    return " ".join(shown.split())


def _sentence(error: ErrorDetails) -> str:
    """What one pydantic error says, in the words of the file's form."""
    match error["loc"]:
        case ("opinions", int(index), "participant" | "text" as field):
            return _about_field(f"`{field}` of opinion {index + 1}", error)
        case ("opinions", int(index), "attributes", *_):
            return (
                f"`attributes` of opinion {index + 1} must be names and words such as {{team: support}};"
                " put numbers and yes/no in quotes"
            )
        case ("opinions", int(index), *_):
            return (
                f"opinion {index + 1} must have `text`, may have `participant` and `attributes`, and"
                " nothing else"
            )
        case ("question",) if error["type"] == "missing" or error["input"] is None:
            return "it holds no question: give it with --question"
        case ("question",):
            return _about_field("`question`", error)
        case ("opinions",) if error["type"] == "missing":
            return "there are no `opinions`; list them with `participant` and `text` each"
        case ("opinions",) if error["type"] == "too_long":
            return TOO_MANY
        case ("opinions",):
            return "`opinions` must be a list; write `participant` and `text` for each of them"
        case _:
            return f"it must hold `question` and `opinions` and nothing else; {FORM}"


def _about_revision(error: ErrorDetails) -> str:
    """The same for a statement with critiques."""
    match error["loc"]:
        case ("critiques", int(index), "participant" | "text" as field):
            return _about_field(f"`{field}` of critique {index + 1}", error)
        case ("critiques", int(index), *_):
            return f"critique {index + 1} must have `participant` and `text`, and nothing else"
        case ("statement",):
            return _about_field("`statement`", error)
        case ("critiques",) if error["type"] == "missing":
            return "there are no `critiques`; list them with `participant` and `text` each"
        case ("critiques",) if error["type"] == "too_long":
            return f"it holds more than {MOST_OPINIONS:,} critiques; give fewer of them"
        case ("critiques",):
            return "`critiques` must be a list; write `participant` and `text` for each of them"
        case _:
            return f"it must hold `statement` and `critiques` and nothing else; {FORM}"


def _about_field(field: str, error: ErrorDetails) -> str:
    if error["type"] == "missing" or error["input"] is None:
        return f"{field} is missing; write it"
    return f"{field} is not text (a number, a date, yes/no or a list); put it in quotes"
