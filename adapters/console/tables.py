"""Opinions from a CSV file: a table of who said what, or the comments that Polis exports.

Reads:  text whose first line names the columns: `participant` and `text`, or Polis' `author-id` and
        `comment-body`. Commas, semicolons or tabs stand between cells; other columns are attributes of
        the participants, if they have a cell that is not empty.
Gives:  opinions as `adapters.console.files` reads them; `InputProblem` where the text is no such table.
Refrains from quoting the text in a message: it holds opinions.

In Polis one person writes several comments: they become one opinion, a comment a line. Comments that its
moderators turned down are left out.
"""

import csv
import io
import re
from collections.abc import Iterator

from adapters.console.syntax import InputProblem
from engine.text import separator_of

PARTICIPANT, TEXT, ATTRIBUTES = "participant", "text", "attributes"
AUTHOR, COMMENT, MODERATED = "author-id", "comment-body", "moderated"
TURNED_DOWN = "-1"
COLUMNS = (
    "name the columns `participant` and `text` in the first line, with commas, semicolons or tabs between"
)

Row = dict[str, str]
Opinion = dict[str, str | Row]


def is_table(text: str) -> bool:
    """Whether the first line names columns that hold opinions."""
    return not {TEXT, COMMENT}.isdisjoint(_columns(text))


def read_table(text: str) -> list[Opinion]:
    """The opinions in a table, in their order.

    Raises:
        InputProblem: says the line.
    """
    columns = _columns(text)
    if TEXT in columns:
        return [_opinion(number, row) for number, row in _rows(text, columns)]
    if COMMENT in columns and AUTHOR in columns:
        return _by_author(row for _, row in _rows(text, columns))
    raise InputProblem(f"line 1 is no heading of opinions; {COLUMNS}")


def _columns(text: str) -> list[str]:
    heading = _first_line(text)
    try:
        cells = next(csv.reader([heading], delimiter=separator_of(heading)), [])
    except csv.Error:
        return []
    return [cell.strip().casefold() for cell in cells]


def _first_line(text: str) -> str:
    return re.split(r"[\r\n]", text, maxsplit=1)[0]


def _rows(text: str, columns: list[str]) -> Iterator[tuple[int, Row]]:
    """Each row under the heading that is not empty, with the line that it begins in."""
    separator = separator_of(_first_line(text))
    lines = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    begins = 1
    try:
        next(lines)
        begins = lines.line_num + 1
        for cells in lines:
            if any(cell.strip() for cell in cells):
                yield begins, _row(begins, columns, cells)
            begins = lines.line_num + 1
    except csv.Error:
        raise InputProblem(
            f"line {begins} is not CSV; put a text with quotation marks in it in quotation marks, and double"
            " those inside"
        ) from None


def _row(line: int, columns: list[str], cells: list[str]) -> Row:
    if len(cells) != len(columns):
        raise InputProblem(
            f"line {line} has {len(cells)} cells and line 1 names {len(columns)} columns; put a text that"
            " holds what stands between cells in quotation marks"
        )
    return dict(zip(columns, cells, strict=True))


def _opinion(line: int, row: Row) -> Opinion:
    if not row[TEXT].strip():
        raise InputProblem(f"line {line} has no text; write some words or take it out")
    named = row.get(PARTICIPANT, "").strip()
    others = {name: cell for name, cell in row.items() if name not in (PARTICIPANT, TEXT) and cell.strip()}
    opinion: Opinion = {TEXT: row[TEXT]}
    return opinion | ({PARTICIPANT: named} if named else {}) | ({ATTRIBUTES: others} if others else {})


def _by_author(rows: Iterator[Row]) -> list[Opinion]:
    said: dict[str, list[str]] = {}
    for row in rows:
        if row[COMMENT].strip() and row.get(MODERATED, "").strip() != TURNED_DOWN:
            said.setdefault(row[AUTHOR].strip(), []).append(row[COMMENT].strip())
    return [{PARTICIPANT: author, TEXT: "\n".join(comments)} for author, comments in said.items()]
