"""A progress bar for reading, drafting and scoring.

Reads:  how many of how many candidates, or opinions, are through a stage; how a language model gets on.
Gives:  one line per stage with the time that is left for it, on the console it is given (stderr, so that
        results can be piped).
Without a terminal nothing moves: the last state is written once, at the end.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager

from rich import progress as rich_progress
from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from engine.types import OnProgress, Progress, Stage, Written

STAGES = {
    Stage.READ: "Reading opinions",
    Stage.GROUPS: "Drafting for smaller groups",
    Stage.DRAFT: "Drafting candidates",
    Stage.SCORE: "Predicting agreement",
}


class TimeLeft(ProgressColumn):
    """How long a stage is going to take, at its pace so far; nothing before it has one, and at its end."""

    def render(self, task: Task) -> Text:
        """In minutes where it is more than one."""
        left = task.time_remaining
        return Text(time_left(left) if left and not task.finished else "")


def time_left(seconds: float) -> str:
    """As people say it."""
    if seconds < 60:
        return f"about {math.ceil(seconds)} s left"
    return f"about {math.ceil(seconds / 60)} min left"


class ProgressBar:
    """A bar per label, shown from its first report until `close`."""

    def __init__(self, console: Console) -> None:
        # Standard output may be a pipe while this terminal is not: leave it alone.
        self._progress = rich_progress.Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f}{task.fields[note]}", markup=False),
            TimeLeft(),
            console=console,
            redirect_stdout=False,
        )
        self._tasks: dict[str, TaskID] = {}

    def show(self, label: str, done: int, total: int, note: str = "") -> None:
        """Put the bar of this label to `done` of `total`; the note stands behind it."""
        self._progress.start()
        if label not in self._tasks:
            self._tasks[label] = self._progress.add_task(label, total=total, note=note)
        self._progress.update(self._tasks[label], completed=done, total=total, note=note)

    def close(self, *, finished: bool = False) -> None:
        """Leave the last state on the screen; harmless when nothing was shown.

        With `finished` the bars are filled first: reports may be skipped, the last one among them.
        """
        if finished:
            for task in self._progress.tasks:
                self._progress.update(task.id, completed=task.total)
        if self._tasks:
            self._progress.stop()


@contextmanager
def drafting_progress(console: Console) -> Iterator[OnProgress]:
    """Something to hand to a mediator: shows its progress while the block runs."""
    bars = ProgressBar(console)
    try:
        yield lambda report: _show(bars, report)
    finally:
        bars.close()


def _show(bars: ProgressBar, report: Progress) -> None:
    note = "" if report.written is None else _note(report.written)
    bars.show(STAGES[report.stage], report.done, report.total, f"  {note}" if note else "")


def _note(written: Written) -> str:
    """How a language model gets on, in a few words."""
    if written.trouble is not None:
        return f"the model is {written.trouble}; trying again"
    if not written.tokens:
        return ""
    speed = f", {written.per_s:,.0f} a second" if written.per_s >= 1 else ""
    return f"{written.tokens:,} {'token' if written.tokens == 1 else 'tokens'}{speed}"
