"""A slow server: 16 drafts from a machine that writes 5 tokens a second in each of 2 slots, in true time.

    python -m tests.benchmarks.slow_server [--out FILE]

Reads:  nothing; the server is the loopback one of the tests.
Gives:  a Markdown table on stdout (and in `--out`): drafts in ten minutes, texts that were broken off, and
        tokens a second, for servers that queue, refuse or tell how many they write at once. Exits 1 where
        fewer than 8 drafts came or a text was broken off. Takes about ten minutes: all run side by side.
"""

import argparse
import asyncio
import os
import sys
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.drafting.servers.openai import OpenAiGenerator
from engine.drafting.servers.tgi import TgiGenerator
from engine.errors import EngineError
from engine.mediator import Mediator
from engine.types import Mediation, Progress, Stage
from tests.engine.drafting.servers.loopback_chat import LoopbackChat
from tests.engine.drafting.servers.loopback_tgi import Asked, LoopbackTgi, tokens, written
from tests.engine.drafting.servers.slow_machine import SlowMachine
from tests.engine.drafting.servers.test_tgi import Indifferent, request_of

TOKENS_PER_S, SLOTS, READS_S = 5.0, 2, 5.0
ENOUGH = 8


@dataclass
class Run:
    """One server, and what came of its round."""

    name: str
    machine: SlowMachine
    mediation: Mediation | None = None
    first_s: float = 0.0
    took_s: float = 0.0
    tokens: int = 0
    per_s: float = 0.0

    @property
    def drafts(self) -> int:
        """Usable ones."""
        return len(self.mediation.candidates) if self.mediation else 0

    @property
    def well(self) -> bool:
        return self.drafts >= ENOUGH and not self.machine.broken_off


def longer(asked: Asked) -> str:
    """A statement of some 45 to 110 tokens, by its seed."""
    seed = asked.seed or 0
    more = (
        f" The council sets {seed % 97} places aside for visitors.",
        " Those who need a car for their work keep a permit.",
        " Whoever lives nearby is asked again in spring, and the answer is printed in the newsletter.",
        " Deliveries come before ten in the morning.",
        " Buses run every quarter of an hour, also on Sundays, so that nobody depends on a neighbour.",
    )
    return written(asked) + "".join(more[: seed % (len(more) + 1)])


def runs() -> list[tuple[Run, LoopbackTgi, type]]:
    """Each kind of server with the generator before it."""

    def machine() -> SlowMachine:
        return SlowMachine(slots=SLOTS, tokens_per_s=TOKENS_PER_S, reads_s=READS_S)

    made: list[tuple[Run, LoopbackTgi, type]] = []
    for name, api, options in (
        ("OpenAI API, keeps a queue", OpenAiGenerator, {}),
        ("OpenAI API, refuses a third (429)", OpenAiGenerator, {"slots": SLOTS}),
        ("OpenAI API, tells its slots (llama.cpp)", OpenAiGenerator, {"props": {"total_slots": SLOTS}}),
        ("OpenAI API, keeps a queue, no streams", OpenAiGenerator, {"streams": False}),
        ("TGI, keeps a queue", TgiGenerator, {}),
        ("TGI, tells and refuses a third (429)", TgiGenerator, {"slots": SLOTS}),
    ):
        run = Run(name, machine())
        kind = LoopbackChat if "props" in options else LoopbackTgi
        made.append((run, kind(machine=run.machine, writer=longer, **options), api))
    return made


async def measured(run: Run, server: LoopbackTgi, api: type) -> None:
    """One round with the patience that everybody has."""

    def hear(progress: Progress) -> None:
        if progress.stage is not Stage.DRAFT or progress.written is None:
            return
        run.tokens, run.per_s = progress.written.tokens, progress.written.per_s
        if progress.done and not run.first_s:
            run.first_s = time.monotonic() - began

    async with server:
        url = f"{server.url}/v1" if api is OpenAiGenerator else server.url
        began = time.monotonic()
        try:
            run.mediation = await Mediator(api([url]), Indifferent()).mediate(request_of(candidates=16), hear)
        except EngineError as error:
            print(f"{run.name}: {error}", file=sys.stderr)
        run.took_s = time.monotonic() - began


async def warmed_up() -> None:
    """A quick round, so that what is loaded once is not in the figures."""
    async with LoopbackTgi() as server:
        await Mediator(TgiGenerator([server.url]), Indifferent()).mediate(request_of(candidates=16))


def report(made: list[Run]) -> str:
    """The table."""
    rows = [
        f"| {run.name} | {run.drafts} | {len(run.machine.broken_off)} | {run.machine.longest_queue} "
        f"| {run.first_s:.0f} | {run.took_s:.0f} | {run.tokens} | {run.per_s:.1f} |"
        for run in made
    ]
    lengths = [len(tokens(c.text)) for run in made if run.mediation for c in run.mediation.candidates]
    about = f"{min(lengths)} to {max(lengths)} tokens" if lengths else "unknown"
    return "\n".join(
        [
            f"# 16 drafts from a slow server, {date.today()}",
            "",
            f"The machine writes {TOKENS_PER_S:.0f} tokens a second in each of {SLOTS} slots and reads a "
            f"prompt for {READS_S:.0f} s; texts of {about}; all servers side by side on {os.cpu_count()} CPU "
            f"cores (load {os.getloadavg()[1]:.1f}). Times are from the question to the end of the round, "
            "which has ten minutes. Tokens a second are the server's in all, as the round measured them from "
            "the first token on; what is read meanwhile is in it.",
            "",
            "| server | usable drafts of 16 | broken off while written | longest queue | first draft, s "
            "| round, s | tokens | tokens a second |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
            *rows,
            "",
            "Command: `python -m tests.benchmarks.slow_server`.",
            "",
        ]
    )


async def main() -> int:
    """Measure all at once; gives the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    await warmed_up()
    made = runs()
    await asyncio.gather(*(measured(*one) for one in made))
    told = report([run for run, _, _ in made])
    print(told)
    if given.out:
        given.out.write_text(told, encoding="utf-8")
    return 0 if all(run.well for run, _, _ in made) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
