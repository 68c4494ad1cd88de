"""One state as tests speak to it, by subject: `state.contributions.opinions("d1")`."""

from types import SimpleNamespace
from typing import Any

from adapters.memory import memory_state
from adapters.redis.state import redis_state
from bot.service.ports import Ports
from bot.service.ports.state import (
    Contributions,
    Deliberations,
    Encodings,
    Mediations,
    Points,
    Teams,
    Upkeep,
)


def in_memory() -> Any:
    """A new one."""
    return SimpleNamespace(**memory_state())


def on_server(client: Any) -> Any:
    """What a server keeps."""
    return SimpleNamespace(**redis_state(client))


class Keeps:
    """What a house's ports keep."""

    ports: Ports

    @property
    def deliberations(self) -> Deliberations:
        """Its questions."""
        return self.ports.deliberations

    @property
    def contributions(self) -> Contributions:
        """What people gave."""
        return self.ports.contributions

    @property
    def encodings(self) -> Encodings:
        """What was made of opinions."""
        return self.ports.encodings

    @property
    def points(self) -> Points:
        """What people vote on before the close."""
        return self.ports.points

    @property
    def mediations(self) -> Mediations:
        """What was drafted."""
        return self.ports.mediations

    @property
    def teams(self) -> Teams:
        """Settings and wishes."""
        return self.ports.teams

    @property
    def upkeep(self) -> Upkeep:
        """What workers said."""
        return self.ports.upkeep
