"""A rehearsal on a terminal and as JSON: `accord rehearse`.

Reads:  a `Rehearsal` (`engine.rehearsal`).
Gives:  all of it on a Rich console, each part under SIMULATED; or its documented JSON on a stream; and
        progress, on the console for errors.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TextIO, cast

from rich.box import ROUNDED
from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from adapters.console.progress import ProgressBar
from adapters.console.render import dump_json
from adapters.console.terminal import colour, one_line, plain, terminal
from engine.digest import is_common
from engine.rehearsal import rehearsing
from engine.rehearsal.results import Diversity, Member, Rating, Rehearsal, Run
from engine.types import MIDPOINT

MARK = "SIMULATED"
BEGINS = f"{MARK} | "
STAGES = {
    rehearsing.INVENTING: "Inventing members",
    rehearsing.ANSWERING: "Writing opinions",
    rehearsing.DRAFTING: "Drafting and rating",
    rehearsing.READING: "Trying out the question",
}


class MarkedStream:
    """A stream each of whose lines begins with the mark."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._begins = stream, True
        self.encoding = stream.encoding

    def write(self, text: str) -> int:
        """Write lines or parts of lines."""
        for line in text.splitlines(keepends=True):
            self._stream.write(f"{BEGINS}{line}" if self._begins else line)
            self._begins = line.endswith("\n")
        return len(text)

    def flush(self) -> None:
        """Pass on."""
        self._stream.flush()

    def isatty(self) -> bool:
        """As the stream within."""
        return self._stream.isatty()


def marked_terminal(stream: TextIO) -> Console:
    """A console on which each line says that it is simulated."""
    width = terminal(stream).width
    console = terminal(cast(TextIO, MarkedStream(stream)))
    console.width = max(width - len(BEGINS), len(BEGINS))
    return console


@contextmanager
def watched(console: Console) -> Iterator[rehearsing.Tell]:
    """Something to hand to a rehearsal: shows its progress while the block runs."""
    bars = ProgressBar(console)
    try:
        yield lambda stage, done, total: bars.show(STAGES[stage], done, total) if total else None
    finally:
        bars.close()


def print_rehearsal_json(stream: TextIO, rehearsal: Rehearsal) -> None:
    """The documented JSON form, for other programs."""
    dump_json(stream, rehearsal.model_dump(mode="json"))


def print_rehearsal(console: Console, rehearsal: Rehearsal) -> None:
    """All of it."""
    names = {each.id: _called(each) for each in rehearsal.members}
    _panel(console, "question tried out", plain(rehearsal.question), "blue")
    _print_members(console, rehearsal)
    for number, run in enumerate(rehearsal.runs, 1):
        _print_run(console, number, run, names)
    _print_runs_together(console, rehearsal)
    _print_question(console, rehearsal, names)
    _print_diversity(console, rehearsal.diversity)
    _panel(console, "what this cannot tell", "\n".join(f"- {each}" for each in rehearsal.cannot_tell), "red")
    unusable = f", {rehearsal.unusable} of which could not be used" if rehearsal.unusable else ""
    facts = f"Members played by {rehearsal.model} ({rehearsal.asked} answers{unusable}); drafts by "
    facts += f"{rehearsal.runs[0].models.generator}; ratings predicted by {rehearsal.rated_by}; seed "
    console.print(Text(f"{MARK}. {facts}{rehearsal.seed}. Nobody was asked.", style="dim"))


def _called(member: Member) -> str:
    if not member.simulated:
        return one_line(member.id)
    return f"{one_line(member.role)} ({member.id.removeprefix('simulated-')})"


def _panel(console: Console, title: str, body: str | Text, style: str) -> None:
    marked = f"{MARK}: {title}"
    console.print(Panel(body, title=marked, title_align="left", box=ROUNDED, border_style=style))


def _heading(console: Console, title: str) -> None:
    console.print(Text(f"\n{MARK}: {title}", style="bold"))


def _print_members(console: Console, rehearsal: Rehearsal) -> None:
    _heading(console, "members")
    for each in rehearsal.members:
        if each.simulated:
            told = f"wants: {one_line(each.interest)}; tone: {one_line(each.tone)}"
            console.print(Text.assemble((_called(each), "bold blue"), "  ", told))
        else:
            console.print(Text.assemble((_called(each), "bold"), "  real; their opinion is from the file"))


def _print_run(console: Console, number: int, run: Run, names: Mapping[str, str]) -> None:
    _heading(console, f"run {number}")
    for said in run.opinions:
        console.print(Text.assemble((names[said.member], "blue"), "  ", one_line(said.text)))
    if run.missing:
        console.print(Text(f"No usable answer: {_listed(run.missing, names)}.", style="dim"))
    title = "statement" if is_common(run.statement.text) else "overview"
    _panel(console, title, plain(run.statement.text), "green")
    if run.statement.ratings:
        console.print(_ratings(run.statement.ratings, names))
    if run.divides is not None:
        against = [each.member for each in run.divides.ratings if each.rating < MIDPOINT]
        console.print(
            Text(
                f"Divides most (spread {run.divides.spread:.2f}): {one_line(run.divides.text)}",
                style="yellow",
            )
        )
        if against:
            console.print(Text(f"  Against it: {_listed(against, names)}."))
    if run.left_out:
        console.print(Text(f"The statement leaves out: {_listed(run.left_out, names)}."))
    for at, camp in enumerate(run.camps, 1):
        console.print(
            Text(f"Group {at}: {_listed(camp.members, names)}; {camp.agree} of {len(camp.members)} agree.")
        )
    for change in run.changes:
        console.print(Text(f"Without {names[change.member]} it would be: {one_line(change.statement)}"))


def _ratings(ratings: Sequence[Rating], names: Mapping[str, str]) -> Table:
    table = Table.grid(padding=(0, 1))
    for each in ratings:
        table.add_row("  ", names[each.member], Text(f"{each.rating:.1f}", style=colour(each.rating)))
    return table


def _print_runs_together(console: Console, rehearsal: Rehearsal) -> None:
    alike = rehearsal.statements_similarity
    if alike is not None:
        _heading(console, "the statements of all runs")
        console.print(
            Text(f"Mean similarity of two of them: {alike:.2f} (0: nothing in common, 1: the same).")
        )
    if rehearsal.kinds:
        _heading(console, "kinds of opinion over all runs")
    for kind in rehearsal.kinds:
        told = f" about {', '.join(map(one_line, kind.words))}" if kind.words else ""
        console.print(Text(f"{kind.opinions} opinions{told}, such as: {one_line(kind.example)}"))


def _print_question(console: Console, rehearsal: Rehearsal, names: Mapping[str, str]) -> None:
    _heading(console, "how the question is understood")
    understood = rehearsal.understanding
    for said in understood.readings:
        console.print(Text.assemble((names[said.member], "blue"), "  ", one_line(said.text)))
    if len(understood.ways) > 1:
        console.print(Text(f"In {len(understood.ways)} ways:", style="bold yellow"))
        for way in understood.ways:
            console.print(Text(f"- {_listed(way, names)}"))
    elif understood.ways:
        console.print(Text("Everyone understands it the same way."))
    else:
        console.print(Text("The model could not say whether these mean the same."))
    if rehearsal.clearer:
        _heading(console, "clearer questions to choose from")
    for proposal in rehearsal.clearer:
        console.print(Text(f"- {one_line(proposal.text)}"))


def _print_diversity(console: Console, diversity: Diversity | None) -> None:
    if diversity is None:
        return
    _heading(console, "how varied the opinions are")
    usual = diversity.usual
    console.print(
        Text(
            f"Mean similarity of two opinions: {diversity.similarity:.3f}. In {usual.rounds:,} rounds of the "
            f"corpus it is {usual.mean:.3f}, and {usual.low:.3f} to {usual.high:.3f} in most."
        )
    )
    if diversity.alike:
        console.print(
            Text(
                "These opinions are more alike than in the corpus: do not read agreement into that.", "yellow"
            )
        )


def _listed(members: Sequence[str], names: Mapping[str, str]) -> str:
    return ", ".join(names[who] for who in members)
