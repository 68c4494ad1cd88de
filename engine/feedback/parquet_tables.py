"""Parquet files of others, read row by row.

Reads:  the columns that are asked for, a few hundred rows at a time; a file may be larger than memory.
Gives:  the names of its columns, and its rows as dictionaries; a column that is not there is not in them.
Refrains from quoting a file in a message: it holds opinions.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.errors import FeedbackError

Row = dict[str, Any]

ROWS_AT_ONCE = 250
BUFFER_BYTES = 1 << 20
"""Of each column; without it a column of a whole row group, which may be all rows, is held at once."""


def columns_of(path: Path) -> frozenset[str]:
    """The names of a file's columns.

    Raises:
        FeedbackError: pyarrow is not installed, or the file cannot be read or is no whole Parquet file.
    """
    with _opened(path) as table:
        return frozenset(table.schema_arrow.names)


def rows_of(path: Path, wanted: Iterable[str]) -> Iterator[tuple[int, Row]]:
    """Each row with its number, from 1 on, with those of the wanted columns that there are.

    Raises:
        FeedbackError: as `columns_of`; or the file is damaged further on.
    """
    number = 0
    with _opened(path) as table:
        there = sorted(set(wanted) & set(table.schema_arrow.names))
        for batch in _batches(path, table, there):
            for row in batch:
                number += 1
                yield number, row


def _batches(path: Path, table: Any, columns: list[str]) -> Iterator[list[Row]]:
    import pyarrow

    done = 0
    try:
        for batch in table.iter_batches(ROWS_AT_ONCE, columns=columns):
            rows: list[Row] = batch.to_pylist()
            done += len(rows)
            yield rows
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError):
        raise FeedbackError(f"{path}: it is damaged after row {done}; fetch the file again.") from None


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError:
        raise FeedbackError(
            f"{path}: reading Parquet needs pyarrow: pip install 'accord-bot[parquet]'."
        ) from None
    try:
        file = path.open("rb")
    except OSError as exc:
        raise FeedbackError(f"{path}: it cannot be read ({exc.strerror}); check the path.") from None
    with file:
        try:
            table = parquet.ParquetFile(file, buffer_size=BUFFER_BYTES)
        except (pyarrow.ArrowException, OSError):
            raise FeedbackError(
                f"{path}: it is no Parquet file, or is cut off; fetch the file again."
            ) from None
        yield table
