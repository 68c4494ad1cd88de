"""One row of the Habermas Machine's data as feedback records.

Reads:  rows of the candidate comparisons and of the position statement ratings, as dictionaries by column.
Gives:  records; how many ratings were left out and why; or the reason why the row cannot be used.
Refrains from I/O, and from quoting a row in a reason: it holds opinions.

What the columns, words and codes mean is from `analysis/` (readme.md, serialise.py, types.py) of
github.com/google-deepmind/habermas_machine, and from Tessler et al. 2024 (doi:10.1126/science.adq2852).
"""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError

from engine.feedback.parquet_tables import Row
from engine.feedback.record import FeedbackRecord
from engine.types import Arm

TEAM = "habermas-machine"
PUBLISHED = datetime(2024, 10, 18, tzinfo=UTC)
"""When the data came out; stands in where a row has no time that can be read."""

NOT_RECORDED = "not recorded"

RATED = (
    "launch_id", "round_id", "iteration_index", "worker_id", "metadata.participant_id", "metadata.provenance",
    "metadata.version", "metadata.created", "question.text", "question.affirming_statement", "question.topic",
    "question.split", "own_opinion.text", "own_opinion.metadata.provenance", "critique.text",
    "candidates.text",
    "candidates.metadata.id", "candidates.metadata.provenance",
    "candidates.metadata.generative_model.api_version", "candidates.metadata.generative_model.template_name",
    "candidates.metadata.reward_model.api_version", "ratings.agreement", "ratings.quality",
)  # fmt: skip
"""Columns of the candidate comparisons that the feedback form has a place for."""

POSITIONS = (
    "launch_id", "worker_id", "metadata.participant_id", "metadata.provenance", "question.text",
    "question.split", "rating_index", "ratings.agreement",
)  # fmt: skip
"""Columns of the position statement ratings that are needed."""


def _scale(words: str) -> dict[str, int]:
    return {word: point for point, word in enumerate(words.split(), 1)}


AGREEMENT = _scale("STRONGLY_DISAGREE DISAGREE SOMEWHAT_DISAGREE NEUTRAL SOMEWHAT_AGREE AGREE STRONGLY_AGREE")
QUALITY = _scale("TERRIBLE POOR SOMEWHAT_POOR NEUTRAL SOMEWHAT_GOOD GOOD EXCELLENT")
MASK, MASK_CODE = "MOCK", "-1"
"""What stands in a list where nobody rated."""

PERSON = "HUMAN_CITIZEN"
MADE_UP = frozenset({MASK, "DUMMY", "EXAMPLE", "BOT_CITIZEN"})
ARMS = {
    "MODEL_MEDIATOR": (Arm.SELECTED, "model"),
    "HUMAN_MEDIATOR": (Arm.CHOSEN, "human mediator"),
    PERSON: (Arm.BEST_OPINION, "member"),
    None: (Arm.CHOSEN, NOT_RECORDED),
}
"""By who wrote a statement: its arm, and what `generator` says."""
PROVENANCES = MADE_UP | {"POSITION_STATEMENT", "MODEL_MEDIATOR", "HUMAN_MEDIATOR", PERSON}

NOT_RATED = "ratings masked or not given"
NO_STATEMENT = "ratings of a masked statement"
NOT_DRAFTED = "ratings of mock and position statements"
NO_STATEMENTS = "rows without statements"
NO_PERSON = "rows that no person filled in"
BLANK = "rows with a mock question"
AFTERWARDS = "position ratings from after the deliberation"


class BadRowError(ValueError):
    """A row that cannot be used; the message is the reason and quotes nothing."""


class LeftOutError(Exception):
    """A row that is sound and not wanted; the message is one of the reasons above."""


@dataclass(frozen=True)
class RowRatings:
    """What one row gives. left_out: ratings, by reason."""

    records: list[FeedbackRecord] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


# -- who -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Names:
    """Pseudonyms that only this reading of the data knows: `salt` is forgotten with it."""

    salt: bytes

    def of(self, *parts: str) -> str:
        """The same parts have the same name, and nobody without the salt can tell them from it."""
        told = json.dumps(parts).encode()
        return hashlib.blake2b(told, key=self.salt, digest_size=8).hexdigest()

    def sitting(self, row: Row) -> list[str]:
        """Names of one person in one group on one question, by each of the ids that the row has of them."""
        launch, question = _needed(row, "launch_id"), _needed(row, "question.text")
        return [self.of(launch, question, *id_) for id_ in _ids(row)]


def _ids(row: Row) -> list[tuple[str, str]]:
    """What a row calls its person: by column, the better one first."""
    named = ((column, _text(row.get(column))) for column in ("worker_id", "metadata.participant_id"))
    found = [(column, name) for column, name in named if name is not None]
    if not found:
        raise BadRowError("there is neither worker_id nor metadata.participant_id")
    return found


def _check_person(row: Row) -> None:
    for column in ("metadata.provenance", "own_opinion.metadata.provenance"):
        if _provenance(row.get(column)) not in (PERSON, None):
            raise LeftOutError(NO_PERSON)
    if (_text(row.get("question.split")) or "").upper() == MASK:
        raise LeftOutError(BLANK)


def _provenance(value: Any) -> str | None:
    name = _text(value)
    if name is None:
        return None
    if name.upper() not in PROVENANCES:
        raise BadRowError("a provenance is none that is known here")
    return name.upper()


# -- a row of the position statement ratings -----------------------------------------------------


def baseline_of(row: Row) -> int:
    """Agreement with the affirming statement before the deliberation, 1..7.

    Raises:
        LeftOutError, BadRowError: there is none in this row.
    """
    _check_person(row)
    if _text(row.get("rating_index")) not in (None, "0"):
        raise LeftOutError(AFTERWARDS)
    rated = _listed(row.get("ratings.agreement"))
    if len(rated) > 1:
        raise BadRowError("there are several ratings of one position statement")
    point = _point(rated[0], AGREEMENT, "ratings.agreement") if rated else None
    if point is None:
        raise LeftOutError(NOT_RATED)
    return point


# -- a row of the candidate comparisons ----------------------------------------------------------


def ratings_of(row: Row, names: Names, baselines: Mapping[str, int]) -> RowRatings:
    """One person's ratings of the statements that they saw side by side.

    baselines: agreement with the affirming statement, by `Names.sitting`.

    Raises:
        LeftOutError: no person filled the row in, or there are no statements in it.
        BadRowError: an id or the question is missing, lists are not parallel, or a word is on no scale.
    """
    _check_person(row)
    common = _common(row, names, baselines)
    texts = _listed(row.get("candidates.text"))
    if not texts:
        raise LeftOutError(NO_STATEMENTS)
    lists = {column: _parallel(row, column, len(texts)) for column in _LISTS}
    found = RowRatings()
    for place, text in enumerate(texts):
        each = {column: values[place] for column, values in lists.items()}
        reason = _add(found.records, common, _text(text), each)
        if reason:
            found.left_out[reason] += 1
    return found


_LISTS = tuple(name for name in RATED if name.startswith(("candidates.metadata.", "ratings.")))


def _add(records: list[FeedbackRecord], common: Row, text: str | None, each: Row) -> str | None:
    """Add the record of one statement, or give the reason why there is none."""
    agreement = _point(each["ratings.agreement"], AGREEMENT, "ratings.agreement")
    quality = _point(each["ratings.quality"], QUALITY, "ratings.quality")
    writer = _provenance(each["candidates.metadata.provenance"])
    if agreement is None:
        return NOT_RATED
    if text is None:
        return NO_STATEMENT
    if writer not in ARMS:
        return NOT_DRAFTED
    records.append(_record(common | _drafting(writer, each) | {
        "statement": text,
        "statement_id": _text(each["candidates.metadata.id"]) or _id_of(text),
        "agreement": agreement,
        "quality": quality,
    }))  # fmt: skip
    return None


def _record(fields: Row) -> FeedbackRecord:
    try:
        return FeedbackRecord.model_validate(fields)
    except ValidationError:
        # Its cause quotes the row, so it does not travel on.
        raise BadRowError("it does not make a feedback record") from None


def _common(row: Row, names: Names, baselines: Mapping[str, int]) -> Row:
    """What all records of a row share. A person has another pseudonym in each deliberation."""
    launch, deliberation = _needed(row, "launch_id"), _needed(row, "round_id")
    sittings = names.sitting(row)
    baseline = next((baselines[name] for name in sittings if name in baselines), None)
    return {
        "team": TEAM,
        "study": _text(row.get("metadata.version")) or TEAM,
        "group": launch,
        "deliberation_id": f"{launch}/{deliberation}",
        "round": _round(row.get("iteration_index")),
        "question": _needed(row, "question.text"),
        "participant": names.of(launch, deliberation, *_ids(row)[0]),
        "opinion": _text(row.get("own_opinion.text")),
        "critique": _text(row.get("critique.text")),
        "position_statement": _text(row.get("question.affirming_statement")) if baseline else None,
        "baseline": baseline,
        "settled_at": _time(row.get("metadata.created")),
    }


def _drafting(writer: str | None, each: Row) -> Row:
    """Who or what wrote a statement, as far as the form has a place for it."""
    arm, said = ARMS[writer]
    version = _text(each["candidates.metadata.generative_model.api_version"])
    return {
        "arm": arm,
        "generator": f"{said} {version}" if said == "model" and version else said,
        "reward_model": _text(each["candidates.metadata.reward_model.api_version"]) or NOT_RECORDED,
        "prompt": _text(each["candidates.metadata.generative_model.template_name"]) or NOT_RECORDED,
    }


def _id_of(text: str) -> str:
    """A statement's id where the data has none: the same for everybody who saw the same words."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


# -- cells ---------------------------------------------------------------------------------------


def _text(value: Any) -> str | None:
    """A cell as text; None where there is none. Ids may be numbers, of which pandas makes fractions."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() or None


def _needed(row: Row, column: str) -> str:
    value = _text(row.get(column))
    if value is None:
        raise BadRowError(f"{column} is missing")
    return value


def _listed(value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list) else [value]


def _parallel(row: Row, column: str, length: int) -> Sequence[Any]:
    """A list that goes with the statements; one that is missing or masked whole says nothing of any."""
    values = _listed(row.get(column))
    if values and len(values) != length:
        raise BadRowError(f"{column} and candidates.text are not of one length")
    return values or [None] * length


def _point(value: Any, scale: Mapping[str, int], column: str) -> int | None:
    """A point 1..7 by its word or its code; None where it is masked."""
    word = "_".join((_text(value) or MASK).strip("[]").upper().split()).removesuffix("_QUALITY")
    if word in (MASK, MASK_CODE):
        return None
    point = scale.get(word) or _CODES.get(word)
    if point is None:
        raise BadRowError(f"{column} is neither a word nor a code of its scale")
    return point


_CODES = {str(point): point for point in AGREEMENT.values()}


def _round(iteration: Any) -> int:
    """1 before the critique, 2 after it."""
    number = _text(iteration) or "0"
    if not number.isdecimal():
        raise BadRowError("iteration_index is no whole number from 0 on")
    return int(number) + 1


def topic_of(row: Row) -> str | None:
    """The study's topic of the question, if it has one."""
    return _text(row.get("question.topic"))


def _time(value: Any) -> datetime:
    """When it was; numbers are not read, as the data does not say what they count."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return PUBLISHED
    if not isinstance(value, datetime):
        return PUBLISHED
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
