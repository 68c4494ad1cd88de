"""How much memory a model needs, and how much this machine has.

Reads:  the system's own figures.
Gives:  bytes; and how large a window, in how many slots, a model gets so that it fits.
"""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

SMALLEST_WINDOW, LARGEST_WINDOW, MOST_SLOTS = 2_048, 8_192, 4
"""A window holds a prompt and its reply. In a slot one draft is written; several are cheaper together."""
OVERHEAD = 400 * 2**20
"""Bytes that llama.cpp takes beside weights and windows, with a small model; measured."""
USABLE = 0.8
"""Of the free memory: the reward model and the other programs of a laptop need some."""

_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Memory:
    """Of this machine, in bytes; `free` counts what programs may take. None where unknown."""

    total: int | None
    free: int | None


@dataclass(frozen=True)
class Plan:
    """How a model is run. window: tokens of each slot; needs: bytes of memory, in all."""

    window: int
    slots: int
    needs: int


def this_machine() -> Memory:
    """What there is; a container's limit counts where it is lower."""
    total, free = _linux() if _MEMINFO.exists() else _elsewhere()
    limit, used = _number(_CGROUP / "memory.max"), _number(_CGROUP / "memory.current")
    if limit is not None and (total is None or limit < total):
        total = limit
        free = min(limit - (used or 0), free if free is not None else limit)
    return Memory(total, free)


def _linux() -> tuple[int | None, int | None]:
    lines = dict(line.split(":", 1) for line in _MEMINFO.read_text().splitlines() if ":" in line)

    def in_bytes(name: str) -> int | None:
        return int(lines[name].split()[0]) * 1024 if name in lines else None

    return in_bytes("MemTotal"), in_bytes("MemAvailable")


def _elsewhere() -> tuple[int | None, int | None]:
    """macOS tells the whole only."""
    if sys.platform == "win32":
        return None, None
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), None
    except (ValueError, OSError):
        return None, None


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def needed(size: int, bytes_per_token: int, window: int, slots: int) -> int:
    """Bytes that a model of this size takes with a window of so many tokens in each slot."""
    return size + OVERHEAD + bytes_per_token * window * slots


def planned(size: int, bytes_per_token: int, trained: int, memory: Memory, window: int | None = None) -> Plan:
    """The most slots and the largest window that fit into the free memory.

    Args:
        size: of the file, in bytes.
        trained: the window that the model was trained with, in tokens; 0 where unknown.
        window: what an operator wants, in place of what fits.

    Returns:
        The smallest plan there is where even that does not fit: the system decides then.
    """
    most = min(window or LARGEST_WINDOW, trained or LARGEST_WINDOW)
    room = None if memory.free is None else memory.free * USABLE
    tried = [
        (tokens, slots)
        for tokens in ([most] if window else [most, most // 2, most // 4])
        if tokens == most or tokens >= SMALLEST_WINDOW
        for slots in range(MOST_SLOTS, 0, -1)
    ]
    plans = [Plan(tokens, slots, needed(size, bytes_per_token, tokens, slots)) for tokens, slots in tried]
    if room is None:
        return next(plan for plan in plans if plan.slots == min(2, MOST_SLOTS))
    return next((plan for plan in plans if plan.needs <= room), plans[-1])
