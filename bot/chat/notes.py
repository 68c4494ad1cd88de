"""What a platform's adapter remembers between processes: where messages stand, what came already.

Small texts under names, each platform's apart, shared by every gateway and worker. `bot.bootstrap` gives an
implementation over the state store (`adapters.redis.notes`); `adapters.memory` holds the twin for tests.
"""

from collections.abc import Sequence
from typing import Protocol

HOUR_S = 3_600
DAY_S = 24 * HOUR_S
# Of what concerns a question: longer than one is open. Looking at a note does not make it last longer.
KEPT_S = 400 * DAY_S


class Notes(Protocol):
    """Texts under names. Every method raises `StoreError` when the store does not answer."""

    async def get(self, name: str) -> str | None:
        """What is kept under a name."""
        ...

    async def put(self, name: str, text: str, *, for_s: float | None) -> None:
        """Keep a text for a while (None: until it is removed), in place of what was there."""
        ...

    async def first(self, name: str, text: str, *, for_s: float) -> str:
        """Keep a text unless there is one; the one that is there now. One atomic step."""
        ...

    async def take(self, name: str) -> str | None:
        """What is kept, and keep it no longer: of two who take at once, one gets it."""
        ...

    async def remove(self, *names: str) -> None:
        """Keep these no longer; harmless when they are gone."""
        ...

    async def add_to(self, name: str, member: str) -> None:
        """Put a member into a set that is kept until it is emptied."""
        ...

    async def remove_from(self, name: str, member: str) -> None:
        """Take a member out of a set."""
        ...

    async def members(self, name: str) -> Sequence[str]:
        """A set's members, sorted."""
        ...
