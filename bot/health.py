"""Whether everything that a team's questions need is alive, in plain sentences.

Reads:  the store: which workers have given a sign of life, and which steps are overdue.
Gives:  findings for admins. Platforms add their own about the connection.
Workers give a sign every few seconds (`beat`); one that has died is silent, and counts no more soon after.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from bot.ports import Ports

BEATS_EVERY_S = 10.0
SILENT_AFTER = timedelta(seconds=35)
# A step that a free worker has not taken by then waits for something.
OVERDUE_AFTER = timedelta(minutes=1)


class Finding(NamedTuple):
    """Whether all is well, and a sentence."""

    ok: bool
    sentence: str


@dataclass(frozen=True)
class Health:
    """How many workers are alive, and how many of a team's questions wait for one for too long."""

    workers: int
    overdue: int

    def findings(self) -> list[Finding]:
        """In sentences, what matters most first."""
        return [_workers(self.workers), _backlog(self.overdue)]


async def beat(worker: str, ports: Ports) -> int:
    """A worker's sign of life; 1, as it counts what it did. Raises StoreError."""
    await ports.store.beat(worker, ports.clock.now())
    return 1


async def health(team: str, ports: Ports) -> Health:
    """Look; other teams' questions are not counted. Raises StoreError."""
    now = ports.clock.now()
    overdue = [d for d in await ports.store.due(now - OVERDUE_AFTER) if d.team == team]
    return Health(workers=await ports.store.workers(now - SILENT_AFTER), overdue=len(overdue))


def _workers(count: int) -> Finding:
    if not count:
        return Finding(
            False,
            "No worker is running: opinions are kept, but nothing is drafted, closed or reminded of. "
            "Start one with `accord worker`.",
        )
    return Finding(True, "One worker is running." if count == 1 else f"{count:,} workers are running.")


def _backlog(overdue: int) -> Finding:
    if not overdue:
        return Finding(True, "The database answers, and nothing waits for a worker.")
    what = "One question has" if overdue == 1 else f"{overdue:,} questions have"
    return Finding(
        False,
        f"The database answers, but {what} waited for a worker for more than a minute. More workers help, or "
        "a look at the worker's log.",
    )
