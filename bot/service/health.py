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
from bot.wording import health_lines

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
        waiting = health_lines.waiting(self.overdue)
        return [_workers(self.workers, self.quiet), Finding(not self.overdue, waiting)]


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


def _workers(count: int, quiet: int) -> Finding:
    if quiet:
        return Finding(False, health_lines.workers_quiet(quiet, count, QUIET_AFTER.seconds))
    return Finding(count > 0, health_lines.workers_running(count))
