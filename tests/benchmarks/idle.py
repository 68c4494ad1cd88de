"""What a gateway and a worker cost while nobody does anything: processor, memory, requests to the server.

    python -m tests.benchmarks.idle [TREE …] [--seconds 60] [--settle 20] [--out FILE]

In each tree (a checkout; this one where none is named) it starts `accord run` and `accord worker` with
nothing set, in a new folder with its embedded server, waits, and then counts.

Gives:  a Markdown table on stdout, and in `--out`: % of one core, MB that the process holds (VmRSS), and what
        the server was asked in a second (INFO commandstats, without this program's own).
        The requests of the worker are those of both less those of the gateway alone.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis

HERE = Path(__file__).parents[2]
PATIENCE_S = 120.0
HEAD = """| tree | process | CPU % | MB | requests a second | most asked |
| --- | --- | --- | --- | --- | --- |
"""


@contextmanager
def running(tree: Path, folder: Path, command: str) -> Iterator[subprocess.Popen[str]]:
    """The process, once it says that it runs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ACCORD_", "REDIS_"))}
    env = kept | {"PYTHONPATH": str(tree), "ACCORD_WEB_PORT": "0", "ACCORD_DATA_DIR": str(folder / "data")}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", command],
        cwd=folder,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for_line(process, {"run": "Accord listens", "worker": "The worker is running"}[command])
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_S)


def wait_for_line(process: subprocess.Popen[str], begin: str) -> None:
    """Until the process has said this. Raises SystemExit where it ended before."""
    for line in process.stderr or ():
        if line.startswith(begin):
            return
    raise SystemExit(f"a process ended before it said {begin!r}")


def processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(pid: int) -> float:
    kib = Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]
    return int(kib) * 1024 / 1e6


def asked(client: "Redis[bytes]") -> dict[str, int]:
    """How often each command was given."""
    counts = {
        name.removeprefix("cmdstat_"): each["calls"] for name, each in client.info("commandstats").items()
    }
    counts.pop("info", None)
    return counts


def idle(client: "Redis[bytes]", pids: list[int], seconds: float) -> tuple[list[float], float, str]:
    """The shares of a core in %, the requests a second, and the most frequent of them."""
    used, before = [processor_s(pid) for pid in pids], asked(client)
    time.sleep(seconds)
    after = asked(client)
    shares = [100 * (processor_s(pid) - spent) / seconds for pid, spent in zip(pids, used, strict=True)]
    more = {name: (count - before.get(name, 0)) / seconds for name, count in after.items()}
    top = sorted(more, key=lambda name: -more[name])[:4]
    return (
        shares,
        sum(more.values()),
        ", ".join(f"{name} {more[name]:.1f}" for name in top if more[name] >= 0.05),
    )


def measure(tree: Path, seconds: float, settle: float) -> Iterator[str]:
    """Rows of the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            running(tree, folder, "run") as gateway,
            Redis(unix_socket_path=str(folder / "data/valkey/valkey.sock")) as client,
        ):
            time.sleep(settle)
            (share,), alone, most = idle(client, [gateway.pid], seconds)
            yield row(tree, "gateway", share, megabytes(gateway.pid), alone, most)
            with running(tree, folder, "worker") as worker:
                time.sleep(settle)
                shares, both, most = idle(client, [gateway.pid, worker.pid], seconds)
                yield row(tree, "worker", shares[1], megabytes(worker.pid), both - alone, most)


def row(tree: Path, process: str, share: float, held: float, requests: float, most: str) -> str:
    return f"| {tree.name} | {process} | {share:.2f} | {held:.0f} | {requests:.1f} | {most} |\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("trees", nargs="*", type=Path, default=[HERE])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--settle", type=float, default=15)
    parser.add_argument("--out", type=Path)
    said = parser.parse_args()
    rows = [line for tree in said.trees for line in measure(tree.resolve(), said.seconds, said.settle)]
    table = HEAD + "".join(rows)
    print(table)
    if said.out:
        said.out.write_text(table)


if __name__ == "__main__":
    main()
