"""What `accord doctor` prints: each finding on a line, and what to do about the bad ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from adapters.console.terminal import plain


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `say` ends with what to mend when it is not `ok`."""

    about: str
    ok: bool
    say: str


def print_findings(console: Console, findings: Sequence[Finding]) -> None:
    """One line each, good or bad."""
    for finding in findings:
        line = Text("ok    " if finding.ok else "mend  ", style="green" if finding.ok else "bold red")
        line.append(f"{finding.about}: ", style="bold")
        line.append(plain(finding.say), style="default")
        console.print(line)
