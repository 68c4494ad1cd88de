"""What open pages are told: events, and the port that carries them."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from pydantic import AwareDatetime

from bot.domain.deliberation import Phase
from engine.types import Frozen


class LiveEvent(Frozen):
    """Something that an open page wants to know. Never holds opinions or names."""


class Answered(LiveEvent):
    """So many opinions have been given."""

    count: int


class Rated(LiveEvent):
    """So many ratings have been given."""

    count: int


class Drafting(LiveEvent):
    """The mediation has got so far.

    tokens: that a language model has written; waiting: nothing has come from it for long.
    """

    stage: str
    done: int
    total: int
    tokens: int = 0
    waiting: bool = False


class PhaseChanged(LiveEvent):
    """The deliberation is in a new phase or round, or its mediation failed and waits for a retry.

    round: of two votes, which one it is for a page that missed the drafting between them.
    edition: another one has other words.
    """

    phase: Phase
    failed: bool = False
    round: int = 1
    edition: int = 1


class DeadlineMoved(LiveEvent):
    """What runs now closes at another time."""

    until: AwareDatetime


AnyLiveEvent = Answered | Rated | Drafting | PhaseChanged | DeadlineMoved


class LiveFeed(Protocol):
    """Carries live events from any process to any other; an event missed is no harm."""

    async def publish(self, deliberation_id: str, event: AnyLiveEvent) -> None:
        """Tell everyone who listens now."""
        ...

    def subscribe(self, deliberation_id: str) -> AbstractAsyncContextManager[AsyncIterator[AnyLiveEvent]]:
        """Listen: every event published after entering is given, in order."""
        ...
