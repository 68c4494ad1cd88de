"""Whether everything that a team's questions need is alive, in plain sentences.

Reads:  the store: which workers have given a sign of life, and which steps are overdue.
Gives:  findings for admins. Platforms add their own about the connection.
Workers give a sign every few seconds (`beat`), and say when they stop (`goodbye`). One that was killed is
silent: that is told soon, and a little later it counts no more.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from bot.service.ports import Ports

BEATS_EVERY_S = 10.0
# One sign may be late; whoever gives none for longer may be dead.
QUIET_AFTER = timedelta(seconds=15)
SILENT_AFTER = timedelta(seconds=35)
# A step that a free worker has not taken by then waits for something.
OVERDUE_AFTER = timedelta(minutes=1)


class Finding(NamedTuple):
    """Whether all is well, and a sentence."""

    ok: bool
    sentence: str


@dataclass(frozen=True)
class Health:
    """How many workers are alive, and how many of a team's questions wait for one for too long.

    quiet: how many of these workers have given no sign for a while, and may be dead.
    """

    workers: int
    overdue: int
    quiet: int = 0

    def findings(self) -> list[Finding]:
        """In sentences, what matters most first."""
        return [_workers(self.workers, self.quiet), _backlog(self.overdue)]


async def beat(worker: str, ports: Ports) -> int:
    """A worker's sign of life; 1, as it counts what it did. Raises StoreError."""
    await ports.upkeep.beat(worker, ports.clock.now())
    return 1


async def goodbye(worker: str, ports: Ports) -> None:
    """A worker stops. Raises StoreError."""
    await ports.upkeep.goodbye(worker)


async def health(team: str, ports: Ports) -> Health:
    """Look; other teams' questions are not counted. Raises StoreError."""
    now = ports.clock.now()
    overdue = [d for d in await ports.deliberations.due(now - OVERDUE_AFTER) if d.team == team]
    lively = await ports.upkeep.workers(now - QUIET_AFTER)
    workers = max(lively, await ports.upkeep.workers(now - SILENT_AFTER))
    return Health(workers=workers, overdue=len(overdue), quiet=workers - lively)


def _workers(count: int, quiet: int = 0) -> Finding:
    if quiet:
        return Finding(False, _quiet(count, quiet))
    if not count:
        return Finding(
            False,
            "No worker is running: opinions are kept, but nothing is drafted, closed or reminded of. "
            "Start one with `accord worker`.",
        )
    return Finding(True, "One worker is running." if count == 1 else f"{count:,} workers are running.")


def _quiet(count: int, quiet: int) -> str:
    which = "The worker has" if count == 1 else f"{quiet:,} of {count:,} workers have"
    if 1 == quiet < count:
        which = f"1 of {count:,} workers has"
    return (
        f"{which} given no sign of life for {QUIET_AFTER.seconds} seconds, and may have stopped. Look again "
        "in half a minute, or see whether `accord worker` still runs."
    )


def _backlog(overdue: int) -> Finding:
    if not overdue:
        return Finding(True, "The database answers, and nothing waits for a worker.")
    what = "One question has" if overdue == 1 else f"{overdue:,} questions have"
    return Finding(
        False,
        f"The database answers, but {what} waited for a worker for more than a minute. More workers help, or "
        "a look at the worker's log.",
    )
