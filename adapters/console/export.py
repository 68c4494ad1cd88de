"""The output of `accord export`: feedback records as JSON Lines, CSV or Parquet.

Reads:  records one after the other, as the feedback log gives them.
Gives:  a file that is there whole or not at all, or the same on standard output; progress on stderr.
A few thousand records are in memory at a time, however many there are. What is written holds opinions, so
the file can be read by its owner only.
"""

import csv
import io
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from rich.console import Console

from adapters.console.files import InputError
from engine.feedback.files import COLUMNS, NULLABLE, FeedbackFormat, as_cells, as_row, kind_of
from engine.feedback.record import FeedbackRecord

Write = Callable[[Sequence[FeedbackRecord]], None]

UTF8_MARK = "\ufeff"  # Excel takes a file without this mark for one in the machine's own old encoding
BATCH = {FeedbackFormat.JSONL: 500, FeedbackFormat.CSV: 500, FeedbackFormat.PARQUET: 5_000}
"""Records written at once; in Parquet a row group, which is worth reading by itself only when it is large."""


async def write_feedback(
    records: AsyncIterator[FeedbackRecord],
    path: Path | None,
    form: FeedbackFormat,
    console: Console,
    is_stopped: Callable[[], bool] = lambda: False,
) -> int:
    """Write records to `path`, or to standard output; gives how many.

    is_stopped: whether somebody has told this process to end: then nothing takes the place of an older file.

    Raises:
        KeyboardInterrupt: it was stopped.
        InputError: the file cannot be written there, or Parquet cannot be written here.
    """
    count = 0
    writer = WRITERS[form]()
    with _destination(path) as out, writer(out) as write, _counter(console) as show:
        async for some in _batches(records, BATCH[form]):
            write(some)
            count += len(some)
            show(count)
            if is_stopped():
                raise KeyboardInterrupt
    console.print(_said(count), soft_wrap=True)
    return count


def _said(count: int) -> str:
    if count == 0:
        return "0 records: what was asked for fits no settled question of a team that keeps its feedback."
    return "1 record." if count == 1 else f"{count:,} records."


async def _batches(
    records: AsyncIterator[FeedbackRecord], size: int
) -> AsyncIterator[Sequence[FeedbackRecord]]:
    some: list[FeedbackRecord] = []
    async for record in records:
        some.append(record)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some


# -- where it goes -------------------------------------------------------------------------------


@contextmanager
def _destination(path: Path | None) -> Iterator[BinaryIO]:
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    else:
        yield from _whole_file(path)


def _whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file beside the wanted one, which takes its name when all is written; else it is removed."""
    if path.is_dir():
        raise InputError(f"{path}: this is a folder; name a file in it.")
    try:
        part = tempfile.NamedTemporaryFile(  # noqa: SIM115 (renamed below, or removed)
            dir=path.parent, prefix=f".{path.name}.", suffix=".part", delete=False
        )
    except OSError as exc:
        raise InputError(f"{path}: it cannot be written ({exc.strerror}); check the folder.") from None
    try:
        with part:
            yield cast(BinaryIO, part)
            part.flush()
            os.fsync(part.fileno())
        Path(part.name).replace(path)
    finally:
        Path(part.name).unlink(missing_ok=True)


# -- the forms -----------------------------------------------------------------------------------


@contextmanager
def _jsonl(out: BinaryIO) -> Iterator[Write]:
    yield lambda records: _lines(out, [f"{record.model_dump_json()}\n" for record in records])


@contextmanager
def _csv(out: BinaryIO) -> Iterator[Write]:
    def write(rows: Sequence[Sequence[str]]) -> None:
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        _lines(out, [text.getvalue()])

    _lines(out, [UTF8_MARK])
    write([COLUMNS])
    yield lambda records: write([as_cells(record) for record in records])


def _lines(out: BinaryIO, lines: Sequence[str]) -> None:
    out.write("".join(lines).encode())


def _parquet() -> Callable[[BinaryIO], Any]:
    """Looks for pyarrow before a file is begun."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise InputError(
            "Parquet needs pyarrow: pip install 'accord-bot[parquet]', or choose .jsonl."
        ) from None
    types = {
        str: pa.string(),
        int: pa.int64(),
        float: pa.float64(),
        bool: pa.bool_(),
        datetime: pa.timestamp("us", tz="UTC"),
    }
    schema = pa.schema(
        [pa.field(column, types[kind_of(column)], nullable=column in NULLABLE) for column in COLUMNS]
    )

    @contextmanager
    def writing(out: BinaryIO) -> Iterator[Write]:
        with parquet.ParquetWriter(out, schema) as writer:
            yield lambda records: writer.write_batch(
                pa.RecordBatch.from_pylist([as_row(record) for record in records], schema)
            )

    return writing


WRITERS: dict[FeedbackFormat, Callable[[], Callable[[BinaryIO], Any]]] = {
    FeedbackFormat.JSONL: lambda: _jsonl,
    FeedbackFormat.CSV: lambda: _csv,
    FeedbackFormat.PARQUET: _parquet,
}


# -- progress ------------------------------------------------------------------------------------


@contextmanager
def _counter(console: Console) -> Iterator[Callable[[int], None]]:
    """Shows how many records are written, where somebody watches."""
    if not console.is_terminal:
        yield lambda done: None
        return
    with console.status("Reading feedback") as status:
        yield lambda done: status.update(f"{done:,} records")
