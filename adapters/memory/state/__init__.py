"""Every port of `bot.service.ports.state` over one state in memory."""

from adapters.memory.state.contributions import MemoryContributions, MemoryEncodings
from adapters.memory.state.deliberations import MemoryDeliberations
from adapters.memory.state.kept import State
from adapters.memory.state.mediations import MemoryMediations
from adapters.memory.state.points import MemoryPoints
from adapters.memory.state.teams import MemoryTeams
from adapters.memory.state.upkeep import MemoryUpkeep
from adapters.memory.state.webhooks import MemoryWebhooks
from bot.service.ports.state import StatePorts


def memory_state() -> StatePorts:
    """As fields of `Ports`."""
    state = State()
    return StatePorts(
        deliberations=MemoryDeliberations(state),
        contributions=MemoryContributions(state),
        encodings=MemoryEncodings(state),
        points=MemoryPoints(state),
        mediations=MemoryMediations(state),
        teams=MemoryTeams(),
        upkeep=MemoryUpkeep(),
        webhooks=MemoryWebhooks(),
    )
