"""`accord data …`: parse, call, print.

Reads:  the command line, and files of others' data.
Gives:  the same as feedback, in a file; progress and what was left out on stderr.
Everything heavy is imported inside the command that needs it.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.signals import end_at_once_when_stopped

if TYPE_CHECKING:
    from engine.feedback.record import FeedbackRecord

data = typer.Typer(no_args_is_help=True, help="Other people's data, in the form that `accord export` writes.")


@data.command("habermas")
def convert_habermas(
    files: Annotated[list[Path], typer.Argument(help="The Parquet files of the data, in any order.")],
    out: Annotated[
        Path,
        typer.Option(metavar="FILE", help="To write: .jsonl, .csv or .parquet. '-': JSON Lines, stdout."),
    ],
    topics: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Also write the study's topics, for `clusters:` in a recipe (.json)."
        ),
    ] = None,
) -> None:
    """Write the human study of the Habermas Machine (Tessler et al. 2024) as feedback to learn from."""
    from adapters.console.export import write_feedback
    from adapters.console.terminal import terminal
    from engine.feedback.files import FeedbackFormat, format_of
    from engine.feedback.habermas import Summary, read_habermas

    path = None if out == Path("-") else out
    form = FeedbackFormat.JSONL if path is None else format_of(path)
    _check_not_read(files, out, topics)
    console, summary = terminal(sys.stderr), Summary()
    end_at_once_when_stopped()
    try:
        asyncio.run(write_feedback(_given(read_habermas(files, summary)), path, form, console))
    finally:
        for line in summary.lines():
            console.print(line, soft_wrap=True)
    if topics is not None:
        _write_json(topics, summary.clusters())


async def _given(records: "Iterable[FeedbackRecord]") -> "AsyncIterator[FeedbackRecord]":
    for record in records:
        yield record


def _check_not_read(files: list[Path], *written: Path | None) -> None:
    """A download is not written over by a slip of the keys."""
    read = {file.resolve() for file in files}
    for path in written:
        if path is not None and path.resolve() in read:
            raise typer.BadParameter(f"{path} is one of the files to read; write to another")


def _write_json(path: Path, found: Any) -> None:
    from adapters.console.files import InputError
    from engine.error_text import unusable

    try:
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as exc:
        raise InputError(unusable(exc)) from exc
