"""The whole loop on a simulated team, unattended: feedback, training, evaluation, promotion.

    python -m tests.benchmarks.learning_loop [--folder FOLDER] [--seed 1] [--out FILE]

Reads:  the questions that come with Accord, which members with known preferences deliberate on
        (`accord simulate`): 60 members, 200 deliberations, 8 statements rated in each. Their ratings are put
        into the feedback log of an embedded server, where settled deliberations leave them, and exported.
Gives:  Markdown tables on stdout (and in `--out`): what each step took, and what the shipped model and the
        one that learnt from the team reach on questions that neither saw. Every step is a command, in a
        process of its own, with the recipe that ships. Exits 1 when the two models' intervals are not apart,
        or when it all took longer than `MOST_S`.
"""

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from adapters.redis.connection import connect
from adapters.redis.embedded import EmbeddedServer
from adapters.redis.feedback import RedisFeedbackLog
from engine.feedback.files import read_feedback
from engine.model_registry import FOLDER, read_models

ACCORD = (sys.executable, "-m", "bot")
MEMBERS, DELIBERATIONS, STATEMENTS = 60, 200, 8
MOST_S = 15 * 60
AT_ONCE = 500


def main() -> int:
    """Run the loop; gives the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="keeps what is made; by default it is thrown away")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as thrown_away:
        folder = given.folder or Path(thrown_away)
        folder.mkdir(parents=True, exist_ok=True)
        took = _loop(folder, given.seed)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        comparison = read_models(folder / FOLDER).history[-1].comparison or {}
        trained = json.loads((folder / "run" / "best" / "manifest.json").read_text(encoding="utf-8"))
    told = _report(took, used.ru_utime + used.ru_stime, comparison, trained, given.seed)
    print(told)
    if given.out:
        given.out.write_text(told + "\n", encoding="utf-8")
    apart = comparison["candidate"]["low"] > comparison["current"]["high"]
    return 0 if apart and sum(took.values()) < MOST_S else 1


def _loop(folder: Path, seed: int) -> dict[str, float]:
    """Every step in turn; gives the seconds that each took."""
    simulated, feedback, run = folder / "simulated.jsonl", folder / "feedback.jsonl", folder / "run"
    took = {}

    def timed(name: str, *words: object) -> None:
        begun = time.monotonic()
        settings = {"ACCORD_DATA_DIR": str(folder), "ACCORD_REWARD_MODEL": "", "REDIS_URL": ""}
        done = subprocess.run(
            [*ACCORD, *map(str, words)],
            env=os.environ | settings,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(f"{name} failed with {done.returncode}")
        took[name] = time.monotonic() - begun

    team = ("--people", MEMBERS, "--deliberations", DELIBERATIONS, "--statements", STATEMENTS)
    timed("simulate", "simulate", simulated, *team, "--seed", seed)
    asyncio.run(_logged(simulated, folder))
    timed("export", "export", feedback)
    timed("train reward", "train", "reward", "--feedback", feedback, "--run", run)
    timed("evaluate", "evaluate", feedback, "--reward", run / "best", "--out", folder / "report")
    timed("promote", "promote", run / "best", "--data", feedback)
    return took


async def _logged(simulated: Path, folder: Path) -> None:
    """Put the records where settled deliberations leave theirs."""
    with EmbeddedServer(folder) as server:
        client = await connect(server.url)
        try:
            records = list(read_feedback(simulated))
            for at in range(0, len(records), AT_ONCE):
                await RedisFeedbackLog(client).append(records[at : at + AT_ONCE])
        finally:
            await client.aclose()


def _report(took: dict[str, float], cpu_s: float, comparison: dict, trained: dict, seed: int) -> str:
    return "\n".join(
        [
            f"# The learning loop on a simulated team, {date.today()}",
            "",
            _told(cpu_s, trained, seed),
            "",
            f"| on kept questions | {comparison['measure']} | 95 % interval |",
            "| --- | --- | --- |",
            *(_row(name, comparison[key]) for name, key in (
                ("shipped model", "current"), ("after learning", "candidate"), ("difference", "difference"),
            )),
            "",
            f"{comparison['candidate']['ratings']} pairs of statements that a person rated differently, "
            f"{comparison['candidate']['groups']} groups; the bootstrap draws groups.",
            "",
            "| step | seconds by the clock |",
            "| --- | --- |",
            *(f"| {name} | {seconds:.0f} |" for name, seconds in took.items()),
            f"| all | {sum(took.values()):.0f} |",
            "",
            f"Command: `python -m tests.benchmarks.learning_loop --seed {seed}`",
        ]
    )  # fmt: skip


def _told(cpu_s: float, trained: dict, seed: int) -> str:
    split, records = trained["split"]["questions"], trained["records"]
    used, left_out = records["used"], records.get("left_out", 0)
    cores, load = os.cpu_count(), os.getloadavg()[1]
    return (
        f"{MEMBERS} members, {DELIBERATIONS} deliberations, {STATEMENTS} statements rated in each, "
        f"seed {seed}. {used} ratings are learnt from, "
        f"{left_out} are left out for want of consent. {split['train']} questions are to learn from, "
        f"{split['choose']} to choose by, {split['held']} kept. {cores} CPU cores; load {load:.1f} at the "
        f"end (5 minutes); {cpu_s:.0f} CPU seconds in all. The team is simulated: this shows that the loop "
        "learns what is there to be learnt, and not how well from people."
    )


def _row(name: str, found: dict) -> str:
    return f"| {name} | {found['value']:.3f} | [{found['low']:.3f}, {found['high']:.3f}] |"


if __name__ == "__main__":
    sys.exit(main())
