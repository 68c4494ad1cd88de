"""Feedback as files: JSON Lines, CSV and Parquet, each holding the same records.

Reads:  a file that `accord export` wrote, one record after the other; a file may be larger than memory.
Gives:  `FeedbackRecord`s; and to whoever writes such files the columns and cells that make them.
Refrains from quoting a file in a message: it holds opinions.

JSON Lines hold a record as it is. CSV and Parquet are flat: the welfare function is two columns. In CSV an
empty cell is "nothing", and a text that a spreadsheet would run as a formula, or that itself begins with an
apostrophe, has an apostrophe in front, which is taken away again when it is read. Cells may stand between
semicolons or tabs, as Excel saves them in many countries, and the last line need not end: a file that was cut
off has too few cells there, or a time without its zone.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, get_args

from pydantic import AwareDatetime, ValidationError

from engine.error_text import refused
from engine.errors import FeedbackError
from engine.feedback.record import SCHEMA, FeedbackRecord
from engine.text import formula_safe, separator_of
from engine.types import Arm, WelfareName

Cell = str | int | float | bool | datetime | None

WELFARE, ALPHA = "welfare_function", "welfare_alpha"
COLUMNS: tuple[str, ...] = tuple(
    column
    for name in FeedbackRecord.model_fields
    for column in ((WELFARE, ALPHA) if name == WELFARE else (name,))
)
"""The columns of CSV and Parquet, in their order."""

NULLABLE = frozenset(
    name for name, field in FeedbackRecord.model_fields.items() if type(None) in get_args(field.annotation)
) | {ALPHA}
"""Columns that may be empty."""

KINDS: dict[type, str] = {
    bool: "yes or no",
    int: "whole number",
    float: "number",
    datetime: "time with its zone",
    str: "text",
}
"""Types of columns, in words."""

QUOTE = "'"
ROWS_AT_ONCE = 1_000


class FeedbackFormat(StrEnum):
    """What a file of feedback can be; the value is its ending."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"


def kind_of(column: str) -> type:
    """What a column holds when it is not empty: one of `KINDS`."""
    if column in (WELFARE, ALPHA):
        return str if column == WELFARE else float
    annotation = FeedbackRecord.model_fields[column].annotation
    kinds = [kind for kind in get_args(annotation) or (annotation,) if kind is not type(None)]
    kind = datetime if kinds[0] is AwareDatetime else kinds[0]
    return next(known for known in KINDS if issubclass(kind, known))


def dictionary() -> str:
    """The data dictionary, as a table in Markdown."""
    lines = ["| column | holds | may be empty | meaning |", "| --- | --- | --- | --- |"]
    for column in COLUMNS:
        empty = "yes" if column in NULLABLE else "no"
        lines.append(f"| `{column}` | {_holds(column)} | {empty} | {_meaning(column)} |")
    return "\n".join(lines)


def _holds(column: str) -> str:
    if column == "arm":
        return "one of " + ", ".join(f"`{arm}`" for arm in Arm) + ", `model:NAME`"
    if column == WELFARE:
        return "one of " + ", ".join(f"`{name}`" for name in WelfareName)
    return KINDS[kind_of(column)]


def _meaning(column: str) -> str:
    if column == ALPHA:
        return "Its inequality aversion, 0 or more; `inf` for rawlsian. JSON Lines hold both as one object."
    return FeedbackRecord.model_fields[column].description or ""


def format_of(path: Path) -> FeedbackFormat:
    """Which one, by the ending. Raises FeedbackError for any other."""
    ending = path.suffix.lower().lstrip(".")
    if ending not in list(FeedbackFormat):
        known = ", ".join(f".{known}" for known in FeedbackFormat)
        raise FeedbackError(f"{path}: what it holds is told by its ending, one of {known}; rename it.")
    return FeedbackFormat(ending)


def read_feedback(path: Path | str) -> Iterator[FeedbackRecord]:
    """The records of a .jsonl, .csv or .parquet file, in their order, a few at a time in memory.

    Raises:
        FeedbackError: the file cannot be read, or a line of it is no record; names the file and the line.
    """
    path = Path(path)
    read = {
        FeedbackFormat.JSONL: _read_jsonl,
        FeedbackFormat.CSV: _read_csv,
        FeedbackFormat.PARQUET: _read_parquet,
    }[format_of(path)]
    with _opened(path) as file:
        for where, fields in read(path, file):
            yield _record(where, fields)


# -- rows ----------------------------------------------------------------------------------------


def as_row(record: FeedbackRecord) -> dict[str, Cell]:
    """A record's cells by column, as Parquet takes them."""
    fields = record.model_dump()
    welfare = fields.pop(WELFARE) or {"name": None, "alpha": None}
    fields |= {WELFARE: welfare["name"], ALPHA: welfare["alpha"]}
    return {column: _plain(fields[column]) for column in COLUMNS}


def as_cells(record: FeedbackRecord) -> list[str]:
    """A record's cells in the order of `COLUMNS`, as CSV takes them."""
    return [_as_text(value) for value in as_row(record).values()]


def _plain(value: Any) -> Cell:
    return str(value) if isinstance(value, StrEnum) else value


def _as_text(value: Cell) -> str:
    if isinstance(value, str):
        return f"{QUOTE}{value}" if value.startswith(QUOTE) else formula_safe(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value)


def _from_text(column: str, cell: str) -> str | None:
    if cell == "" and column in NULLABLE:
        return None
    return cell.removeprefix(QUOTE)


def _unflattened(row: Mapping[str, Any]) -> dict[str, Any]:
    fields = {column: value for column, value in row.items() if column not in (WELFARE, ALPHA)}
    if row.get(WELFARE) is not None:
        fields[WELFARE] = {"name": row[WELFARE], "alpha": row.get(ALPHA)}
    return fields


# -- reading -------------------------------------------------------------------------------------

Found = Iterator[tuple[str, dict[str, Any]]]
"""Where each record stands, in words, and its fields."""


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as exc:
        raise FeedbackError(f"{path}: it cannot be read ({exc.strerror}); check the path.") from None
    with file:
        yield file


def _read_jsonl(path: Path, file: BinaryIO) -> Found:
    for number, raw in enumerate(file, 1):
        where = f"{path}: line {number}"
        if not raw.strip():
            continue
        try:
            fields = json.loads(raw)
        except UnicodeDecodeError:
            raise FeedbackError(f"{where} is not UTF-8 text; export the feedback again.") from None
        except (json.JSONDecodeError, RecursionError):
            raise FeedbackError(f"{where} is not JSON; is it cut off? Export the feedback again.") from None
        if not isinstance(fields, dict):
            raise FeedbackError(f"{where} is no JSON object; write one record a line.")
        yield where, fields


def _read_csv(path: Path, file: BinaryIO) -> Found:
    lines = _lines(path, file)
    first = next(lines, "")
    rows = csv.reader(chain([first], lines), strict=True, delimiter=separator_of(first))
    try:
        columns = next(rows, [])
        _check_columns(path, columns)
        for cells in rows:
            where = f"{path}: line {rows.line_num}"
            if len(cells) != len(columns):
                raise FeedbackError(f"{where} has {len(cells)} cells; there are {len(columns)} columns.")
            if kind_of(columns[-1]) is datetime and cells[-1].isdigit():  # it would be read as seconds
                raise FeedbackError(f"{where} ends within a time; is it cut off? Export the feedback again.")
            pairs = zip(columns, cells, strict=True)
            yield where, _unflattened({column: _from_text(column, cell) for column, cell in pairs})
    except csv.Error:
        raise FeedbackError(
            f"{path}: line {rows.line_num} is not CSV; it may be cut off: export the feedback again."
        ) from None


def _lines(path: Path, file: BinaryIO) -> Iterator[str]:
    """Lines as they stand: `csv` is told of every line break within a cell."""
    for number, raw in enumerate(file, 1):
        try:
            yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise FeedbackError(f"{path}: line {number} is not UTF-8 text; save the file as UTF-8.") from None


def _read_parquet(path: Path, file: BinaryIO) -> Found:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise FeedbackError(
            f"{path}: Parquet needs pyarrow: pip install 'accord-bot[parquet]', or export as .jsonl."
        ) from None
    number = 0
    try:
        table = parquet.ParquetFile(file)
        _check_columns(path, table.schema_arrow.names)
        for batch in table.iter_batches(ROWS_AT_ONCE):
            for row in batch.to_pylist():
                number += 1
                yield f"{path}: row {number}", _unflattened(row)
    except (pyarrow.ArrowException, OSError):
        raise FeedbackError(
            f"{path}: it is no Parquet file, or cut off after row {number}: export the feedback again."
        ) from None


def _check_columns(path: Path, columns: Iterable[str]) -> None:
    """Columns may stand in another order, and those that may be empty may be absent."""
    there = list(columns)
    unknown = sorted(set(there) - set(COLUMNS))
    missing = [column for column in COLUMNS if column not in there and _is_required(column)]
    if missing:
        raise FeedbackError(f"{path}: there is no column {missing[0]}; is this an export of feedback?")
    if unknown or len(set(there)) < len(there):
        odd = repr(unknown[0]) if unknown else "that is there twice"
        raise FeedbackError(f"{path}: a column {odd} does not belong; was it written by a newer Accord?")


def _is_required(column: str) -> bool:
    return column in FeedbackRecord.model_fields and FeedbackRecord.model_fields[column].is_required()


def _record(where: str, fields: dict[str, Any]) -> FeedbackRecord:
    version = fields.get("schema_version", SCHEMA)
    if str(version) != str(SCHEMA):
        raise FeedbackError(f"{where} is of another schema than {SCHEMA}; use the Accord that wrote it.")
    try:
        return FeedbackRecord.model_validate(fields)
    except ValidationError as exc:
        # Its cause quotes the line, so it does not travel on.
        raise FeedbackError(f"{where}: {refused(exc)}.") from None
