"""What the application needs from outside, one small protocol each.

state      deliberations and all that belongs to them    library   templates, questions, schedules
feedback   what settled deliberations teach              jobs      steps in some worker, soon
live       what open pages are told                      clock     the time
webhooks   addresses that are told, and what sends
platform   where members are                             engine    drafting and reading opinions
web_access who is let into the web channel, which alone asks for it
api_tokens by what other software comes in
waves      no port: work that serves all who ask for it at once, in one process

Adapters implement them; `adapters/memory` holds an in-memory twin of each, and one contract suite
per port (tests/contract) runs over all implementations. They speak domain types only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.actors import Pseudonyms
from bot.service.ports.clock import Clock
from bot.service.ports.feedback import FeedbackLog
from bot.service.ports.jobs import JobQueue
from bot.service.ports.library import LibraryStore
from bot.service.ports.live import LiveFeed
from bot.service.ports.platform import ChatPlatform
from bot.service.ports.state import (
    Contributions,
    Deliberations,
    Encodings,
    Mediations,
    Points,
    Teams,
    Upkeep,
)
from bot.service.ports.waves import Waves
from bot.service.ports.webhooks import WebhookStore


@dataclass(frozen=True)
class Ports:
    """Everything outside, as `bot.bootstrap` wired it; the first eight are one state (`StatePorts`).

    telling: what this process tells open pages of counts, one after the other.
    """

    deliberations: Deliberations
    contributions: Contributions
    encodings: Encodings
    points: Points
    mediations: Mediations
    teams: Teams
    upkeep: Upkeep
    webhooks: WebhookStore
    feedback: FeedbackLog
    library: LibraryStore
    jobs: JobQueue
    clock: Clock
    live: LiveFeed
    pseudonyms: Pseudonyms
    platforms: Mapping[str, ChatPlatform] = field(default_factory=dict)
    telling: Waves = field(default_factory=Waves)
