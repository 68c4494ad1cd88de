"""In-memory twins of every port, for tests and development; nothing outlives the process.

They run the real rules, not canned answers: the same contract suites (tests/contract) pass over them and
over Redis. No method waits between reading and writing, so on one event loop each is one atomic step.
"""

from adapters.memory.api_tokens import MemoryApiTokens
from adapters.memory.clock import ManualClock
from adapters.memory.feedback import MemoryFeedbackLog
from adapters.memory.jobs import MemoryJobQueue
from adapters.memory.library import MemoryLibrary
from adapters.memory.live import MemoryLiveFeed
from adapters.memory.notes import MemoryNotes
from adapters.memory.platform import MemoryPlatform
from adapters.memory.state import memory_state
from adapters.memory.web_access import MemoryInvitations, MemorySessions

__all__ = [
    "ManualClock",
    "MemoryApiTokens",
    "MemoryFeedbackLog",
    "MemoryInvitations",
    "MemoryJobQueue",
    "MemoryLibrary",
    "MemoryLiveFeed",
    "MemoryNotes",
    "MemoryPlatform",
    "MemorySessions",
    "memory_state",
]
