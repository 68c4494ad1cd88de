"""What every process has that speaks with Slack: workers post with it, gateways also listen.

Reads:  Slack's settings, and the notes shared by all processes.
Gives:  the parts, not yet connected to anything.
"""

import logging
from dataclasses import dataclass
from typing import Self

from adapters.slack.clients import Clients
from adapters.slack.config import SlackConfig
from adapters.slack.installations import Installations
from adapters.slack.outbound import SlackPlatform
from adapters.slack.people import People
from bot.chat.notes import Notes
from bot.wording.cards import ResultLink, no_page


@dataclass(frozen=True)
class SlackParts:
    """Everything of Slack's that outlives a request."""

    config: SlackConfig
    notes: Notes
    installations: Installations
    clients: Clients
    people: People
    platform: SlackPlatform

    @classmethod
    def make(cls, config: SlackConfig, notes: Notes, result_link: ResultLink = no_page) -> Self:
        """Without connecting to anything yet."""
        _hush_the_sdk()
        installations = Installations(notes, config.secret, *config.old_secrets)
        clients = Clients(config, installations)
        people = People(clients)
        platform = SlackPlatform(clients, notes, people, result_link)
        return cls(config, notes, installations, clients, people, platform)

    async def close(self) -> None:
        """Give connections back."""
        await self.clients.close()


def _hush_the_sdk() -> None:
    """At DEBUG the SDK's loggers write whole requests and answers, opinions and tickets among them.

    Some of its clients (of response addresses, for one) take no logger of ours, so it is done for all.
    """
    for name in ("slack_sdk", "slack_bolt"):
        logging.getLogger(name).setLevel(logging.ERROR)
