from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from adapters.memory import (
    ManualClock,
    MemoryFeedbackLog,
    MemoryJobQueue,
    MemoryLibrary,
    MemoryLiveFeed,
    MemoryNotes,
    MemoryPlatform,
    memory_state,
)
from bot.chat import answer_counter
from bot.chat.answer_counter import Counter
from bot.chat.tasks import Tasks
from bot.domain.actors import Pseudonyms
from bot.domain.deliberation import Deliberation, MessageRef
from bot.service.ports import Ports
from bot.service.ports.state import Deliberations
from bot.wording.cards import CancelledCard, Card, FailedCard, StatementCard
from engine.types import MediationRequest, ParticipantOpinion
from tests.web_house import FakeMediator

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Late(MemoryPlatform):
    """While each of its first updates is on its way, somebody moves the question on."""

    def __init__(self, kept: Deliberations, *moves: Callable[[Deliberation], Deliberation]) -> None:
        super().__init__()
        self._kept, self._moves = kept, [*moves]
        self.drawn: list[Card] = []

    async def update(self, message: MessageRef, card: Card) -> None:
        if self._moves:
            await self._kept.save(self._moves.pop(0)(await self._kept.load("d1")))
        self.drawn.append(card)


@pytest.mark.parametrize(
    ("moves", "shown"),
    [
        ((lambda d: d.cancelled("No longer needed.", NOW),), CancelledCard),
        ((lambda d: d.closed(NOW).failed("The model is down.", NOW),), FailedCard),
        ((lambda d: d.closed(NOW), lambda d: d.chosen("Reuse.")), StatementCard),
        ((lambda d: d.closed(NOW), lambda d: d.chosen("Reuse.").published(NOW)), StatementCard),
    ],
    ids=["cancelled", "failed", "chosen while drafting was shown", "published while drafting was shown"],
)
async def test_a_late_count_puts_nothing_back_that_was_shown_since(monkeypatch, moves, shown):
    monkeypatch.setattr(answer_counter, "EVERY_S", 0.0)
    clock, state, tasks = ManualClock(NOW), memory_state(), Tasks()
    platform = Late(state["deliberations"], *moves)
    ports = Ports(
        **state,
        feedback=MemoryFeedbackLog(),
        library=MemoryLibrary(),
        jobs=MemoryJobQueue(),
        clock=clock,
        live=MemoryLiveFeed(),
        pseudonyms=Pseudonyms("a secret"),
        platforms={"chat": platform},
    )
    message = MessageRef(channel="c", message="m")
    asked = Deliberation(
        id="d1", team="t", platform="chat", channel="c", facilitator="f", question="Ban plastics?",
        created_at=NOW, message=message,
    )  # fmt: skip
    await ports.deliberations.add(asked)
    made = MediationRequest(asked.question, (ParticipantOpinion("p", "Ban them."),))
    mediation = await FakeMediator().mediate(made, lambda progress: None)
    await ports.mediations.keep_mediation("d1", 1, mediation)

    Counter(platform, MemoryNotes(clock), ports, tasks).changed("d1")
    await tasks.finish()

    assert isinstance(platform.drawn[-1], shown)
