"""What `accord deliberate` costs as a group grows: CPU time, wall time and memory, and whether it is linear.

    python -m tests.benchmarks.people [--people 10 200 2000 10000] [--reward PATH] [--seed 0]

Reads:  nothing: opinions are made up (`engine.synthetic`), most of them different, of 10 to 60 words.
Gives:  a Markdown table on stdout, with the straight line through CPU seconds and people, and how well it
        fits (R²). Each size is one process of the command, with the drafter that needs no model and the
        reward model that comes with Accord, so that start-up is in it. Exits 1 where the largest group takes
        more than `MOST_CPU_S` or `MOST_MB`.

CPU seconds count: on a machine that others use, wall time tells how busy it is.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np

from engine.synthetic.teams import CONCERNS
from engine.synthetic.topics import Question
from engine.synthetic.wording import opinion, reasons, undecided

PEOPLE = (10, 200, 2_000, 10_000)
MOST_CPU_S, MOST_MB = 150, 1_000
QUESTION = Question(
    id="cars",
    text="Should private cars be banned from city centres?",
    affirming="Private cars should be banned from city centres.",
    negating="Private cars should NOT be banned from city centres.",
    topic=0,
    split="train",
)
LEVEL = 5
"""Of `engine.synthetic.wording`: all ways of saying it."""
UNDECIDED, FOR = 0.15, 0.55
ACCORD = Path(sys.executable).with_name("accord")


class Measured(NamedTuple):
    """What one run took."""

    people: int
    cpu_s: float
    wall_s: float
    rss_mb: float


def opinions(count: int, seed: int) -> Iterator[str]:
    """So many people's opinions on `QUESTION`, each a stance, reasons for it, and what matters to them."""
    rng = Random(seed)
    for _ in range(count):
        side = 1 if rng.random() < FOR else -1
        parts = [
            undecided(rng)
            if rng.random() < UNDECIDED
            else opinion(QUESTION, side, rng.uniform(0.4, 1), LEVEL, rng)
        ]
        parts += reasons(side, rng.randint(0, 2), group=False, rng=rng).values()
        parts += [
            rng.choice(CONCERNS[each]["said"]) for each in rng.sample(sorted(CONCERNS), rng.randint(1, 2))
        ]
        yield " ".join(parts)


def measured(people: int, reward: str | None, seed: int, folder: Path) -> Measured:
    """One run of the command."""
    file = folder / f"{people}.json"
    said = [{"text": text} for text in opinions(people, seed)]
    file.write_text(json.dumps({"question": QUESTION.text, "opinions": said}), encoding="utf-8")
    command = [str(ACCORD), "deliberate", str(file), "--generator", "digest", "--json"]
    command += ["--reward", reward] if reward else []
    began = time.perf_counter()
    with (folder / f"{people}-result.json").open("w") as out:
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"accord deliberate failed with {people:,} people")
    wall_s = time.perf_counter() - began
    return Measured(people, used.ru_utime + used.ru_stime, wall_s, used.ru_maxrss / 1_000)


def line_through(runs: Sequence[Measured]) -> tuple[float, float, float]:
    """The straight line through people and CPU seconds: seconds at 0, seconds a person, and R²."""
    people, spent = np.array([(each.people, each.cpu_s) for each in runs]).T
    slope, start = np.polyfit(people, spent, 1)
    missed = spent - (start + slope * people)
    return float(start), float(slope), 1 - float((missed**2).sum() / ((spent - spent.mean()) ** 2).sum())


def main() -> int:
    """Measure and print; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, nargs="+", default=PEOPLE)
    parser.add_argument("--reward")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    print(f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, Python {platform.python_version()}\n")
    print("| people | CPU s | wall s | most memory, MB |\n| ---: | ---: | ---: | ---: |")
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        for people in args.people:
            runs.append(measured(people, args.reward, args.seed, Path(folder)))
            last = runs[-1]
            print(
                f"| {last.people:,} | {last.cpu_s:.1f} | {last.wall_s:.1f} | {last.rss_mb:,.0f} |", flush=True
            )
    if len(runs) > 2:
        start, slope, fit = line_through(runs)
        print(f"\nCPU seconds = {start:.2f} + {slope * 1_000:.2f} for each 1,000 people; R² = {fit:.4f}")
    largest = max(runs, key=lambda each: each.people)
    return int(largest.cpu_s > MOST_CPU_S or largest.rss_mb > MOST_MB)


if __name__ == "__main__":
    sys.exit(main())
