"""What `accord model list` prints: models with what they need, this machine's memory, and servers on it.

Reads:  rows and servers as plain data.
Gives:  a table and lines on the console it is given.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table

from adapters.console.terminal import one_line
from engine.language_models.memory import Memory
from engine.language_models.nearby import NearbyServer

GB = 10**9


@dataclass(frozen=True)
class ModelRow:
    """A model. size, needs: bytes of disk and of memory; fits: None where the machine's memory is unknown."""

    name: str
    size: int
    needs: int
    fits: bool | None
    licence: str
    about: str
    here: bool
    chosen: bool
    written_per_s: float | None


def print_models(console: Console, rows: Sequence[ModelRow], memory: Memory) -> None:
    """The table, and this machine's memory under it."""
    table = Table(box=box.ASCII2 if console.options.ascii_only else box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("model", "size", "memory", "licence", "", "good for"):
        table.add_column(
            heading, justify="right" if heading in ("size", "memory") else "left", no_wrap=heading == "model"
        )
    for row in rows:
        needs = f"{in_gb(row.needs)}{' (too much)' if row.fits is False else ''}"
        table.add_row(
            one_line(row.name),
            in_gb(row.size),
            needs,
            one_line(row.licence),
            _state(row),
            one_line(row.about),
        )
    console.print(table)
    console.print(_machine(memory))


def print_nearby(console: Console, servers: Sequence[NearbyServer]) -> None:
    """A line for each server on this machine, and how to draft with one."""
    if not servers:
        console.print("No server of language models answers on this machine's usual ports.")
        return
    for server in servers:
        models = ", ".join(one_line(name) for name in server.models) or "no model loaded"
        console.print(f"{server.url} answers ({server.usual}'s usual port): {models}", soft_wrap=True)
    console.print(f"To draft with such a server: OPENAI_BASE_URL={servers[0].url}", soft_wrap=True)


def in_gb(size: int) -> str:
    """Bytes for people."""
    return f"{size / GB:.1f} GB"


def _state(row: ModelRow) -> str:
    if not row.here:
        return ""
    speed = f", {row.written_per_s:.0f} tokens/s" if row.written_per_s else ""
    return f"{'in use' if row.chosen else 'here'}{speed}"


def _machine(memory: Memory) -> str:
    if memory.total is None:
        return "How much memory this machine has could not be read."
    if memory.free is None:
        return f"This machine has {in_gb(memory.total)} of memory."
    return f"This machine has {in_gb(memory.free)} of memory free, of {in_gb(memory.total)}."
