"""What has happened to a question that other software may be told of, noted with the change itself.

An event holds no word that anybody wrote: what is told of it is made up when it is sent
(`bot.service.webhook_messages`), from what is there then.
"""

import hashlib
import json
from enum import StrEnum

from pydantic import AwareDatetime

from engine.types import Frozen

EVENTS_KEPT = 20


class EventKind(StrEnum):
    """What happened, by the name that receivers read."""

    OPENED = "question.opened"
    CLOSED = "question.closed"
    STATEMENT = "statement.posted"
    SETTLED = "question.settled"
    FAILED = "question.failed"


class Event(Frozen):
    """One change of one question.

    version: of the question as it was saved with this. round: the round that it was in then.
    """

    kind: EventKind
    version: int
    round: int
    at: AwareDatetime

    def message_id(self, deliberation_id: str) -> str:
        """The same whenever, to whomever and however often it is sent."""
        named = json.dumps((deliberation_id, self.version, self.kind))
        return f"msg_{hashlib.sha256(named.encode()).hexdigest()[:32]}"
