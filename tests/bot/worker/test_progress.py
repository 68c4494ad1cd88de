"""What `ProgressReporter` promises: it never slows a mediation down and never breaks it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.memory import (
    ManualClock,
    MemoryFeedbackLog,
    MemoryJobQueue,
    MemoryLibrary,
    MemoryLiveFeed,
    MemoryPlatform,
    memory_state,
)
from bot.domain.actors import Pseudonyms
from bot.domain.deliberation import Deliberation
from bot.domain.errors import PlatformError, RateLimitedError
from bot.service.ports import Ports
from bot.service.ports.live import Drafting
from bot.wording import texts
from bot.wording.cards import ProgressCard, QuestionCard
from bot.worker import model_silence
from bot.worker import progress as module
from bot.worker.progress import ProgressReporter
from engine.types import Progress, Stage, Written
from tests.bell import PATIENCE_S

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Platform(MemoryPlatform):
    """Counts tries; each fails with the next error, as long as there is one; waits where it is stuck."""

    def __init__(self):
        super().__init__()
        self.tries = 0
        self.errors = []
        self.stuck = False

    async def update(self, message, card):
        self.tries += 1
        if self.stuck:
            await asyncio.Event().wait()
        if self.errors:
            raise self.errors.pop(0)
        await super().update(message, card)


@pytest.fixture
def platform():
    return Platform()


@pytest.fixture
def ports(platform):
    return Ports(
        **memory_state(),
        feedback=MemoryFeedbackLog(),
        library=MemoryLibrary(),
        jobs=MemoryJobQueue(),
        clock=ManualClock(NOON),
        live=MemoryLiveFeed(),
        pseudonyms=Pseudonyms("a secret"),
        platforms={"web": platform},
    )


@pytest.fixture
async def deliberation(platform):
    asked = Deliberation(
        id="d1", team="T1", platform="web", channel="C1", facilitator="fay", question="?", created_at=NOON
    )
    return asked.announced(await platform.post("C1", QuestionCard(asked, 0), key="d1"))


@pytest.fixture
def quick(monkeypatch):
    """No pauses between events and cards."""
    monkeypatch.setattr(module, "EVENT_EVERY_S", 0.0)
    monkeypatch.setattr(module, "CARD_EVERY_S", 0.0)


def scored(done):
    return Progress(Stage.SCORE, done, 16)


async def reported():
    """Give the background time to report."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_open_pages_and_the_channel_see_how_far_it_is(ports, platform, deliberation):
    async with ports.live.subscribe("d1") as events, ProgressReporter(deliberation, ports) as report:
        report(Progress(Stage.DRAFT, 3, 16))
        report(scored(1))
        assert await anext(events) == Drafting(stage="draft", done=3, total=16)
        assert await anext(events) == Drafting(stage="score", done=1, total=16)
        await reported()
    assert platform.now_showing("d1") == ProgressCard(deliberation, done=1, total=16)


async def test_drafts_for_smaller_groups_are_told_of_until_they_are_there(
    ports, platform, deliberation, quick
):
    async with ports.live.subscribe("d1") as events, ProgressReporter(deliberation, ports) as report:
        report(Progress(Stage.DRAFT, 0, 16))
        report(Progress(Stage.GROUPS, 1, 3))
        assert await anext(events) == Drafting(stage="groups", done=1, total=3)
        await reported()
        assert "smaller groups" in platform.now_showing("d1").told(str)
        report(Progress(Stage.GROUPS, 3, 3))
        report(drafted(1, tokens=400))
        assert await anext(events) == Drafting(stage="draft", done=1, total=16, tokens=400)
        await reported()
    assert platform.now_showing("d1") == ProgressCard(deliberation, done=0, total=16, tokens=400)


async def test_a_hundred_reports_at_once_are_one_update_with_the_latest(ports, platform, deliberation):
    async with ProgressReporter(deliberation, ports) as report:
        for done in range(1, 17):
            report(scored(done))
        await reported()
    assert platform.now_showing("d1").done == 16
    assert platform.tries == 1


async def test_cards_are_updated_less_often_than_progress_is_made(
    ports, platform, deliberation, quick, monkeypatch
):
    monkeypatch.setattr(module, "CARD_EVERY_S", 3600.0)
    async with ProgressReporter(deliberation, ports) as report:
        for done in range(1, 5):
            report(scored(done))
            await reported()
    assert platform.tries == 1


async def test_where_nothing_is_posted_only_pages_are_told(ports, platform, deliberation):
    unposted = deliberation.model_copy(update={"message": None})
    async with ProgressReporter(unposted, ports) as report:
        report(scored(1))
        await reported()
    assert platform.tries == 0


@pytest.mark.parametrize("error", [PlatformError("Down."), KeyError("unforeseen")], ids=["foreseen", "not"])
async def test_a_platform_that_fails_is_told_the_next_time(ports, platform, deliberation, quick, error):
    platform.errors = [error]
    async with ProgressReporter(deliberation, ports) as report:
        report(scored(1))
        await reported()
        report(scored(2))
        await reported()
    assert platform.now_showing("d1").done == 2


async def test_a_platform_that_asks_to_wait_is_left_alone(ports, platform, deliberation, quick):
    platform.errors = [RateLimitedError("Slower.", retry_after_s=3600)]
    async with ProgressReporter(deliberation, ports) as report:
        for done in range(1, 5):
            report(scored(done))
            await reported()
    assert platform.tries == 1


async def test_a_platform_that_never_answers_does_not_hold_up_the_end(ports, platform, deliberation):
    platform.stuck = True
    async with asyncio.timeout(PATIENCE_S), ProgressReporter(deliberation, ports) as report:
        report(scored(1))
        await reported()
    assert platform.tries == 1


async def test_a_cancellation_that_gets_lost_does_not_hold_up_the_end(ports, deliberation):
    """As `asyncio.wait_for` loses one on Python 3.11 when what it waits for is just done."""

    class Losing(MemoryLiveFeed):
        async def publish(self, deliberation_id, event):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                return

    losing = replace(ports, live=Losing())
    async with asyncio.timeout(PATIENCE_S), ProgressReporter(deliberation, losing) as report:
        report(Progress(Stage.DRAFT, 1, 16))
        await reported()


async def test_a_mediation_that_fails_fails_as_it_would_without_anybody_watching(ports, deliberation):
    async def mediate():
        async with ProgressReporter(deliberation, ports) as report:
            report(scored(1))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await mediate()


def drafted(done=0, **written):
    return Progress(Stage.DRAFT, done, 16, Written(**written))


def test_whoever_asked_hears_within_two_minutes():
    assert 0 < model_silence.TELL_AFTER_S <= 120


@pytest.fixture
async def impatient(monkeypatch, ports, deliberation):
    """Two minutes in a moment, and the question in the store, which knows who has been told."""
    monkeypatch.setattr(model_silence, "TELL_AFTER_S", 0.2)
    await ports.deliberations.add(deliberation)


async def until(true):
    async with asyncio.timeout(PATIENCE_S):
        while True:
            if true():
                return
            await asyncio.sleep(0.01)


async def test_the_channel_sees_words_before_the_first_draft_is_there(ports, platform, deliberation, quick):
    async with ProgressReporter(deliberation, ports) as report:
        report(drafted(tokens=400, per_s=9.5))
        await reported()
    card = platform.now_showing("d1")
    assert card == ProgressCard(deliberation, done=0, total=16, tokens=400)
    assert card.told(str).endswith("about 300 words so far")


@pytest.mark.parametrize("trouble", ["overloaded", None])
async def test_whoever_asked_hears_of_a_model_that_writes_nothing_while_drafting_goes_on(
    ports, platform, deliberation, quick, impatient, trouble
):
    async with ports.live.subscribe("d1") as events, ProgressReporter(deliberation, ports) as report:
        report(drafted(trouble=trouble))
        await until(lambda: platform.direct_messages and report.waits)
        await until(lambda: isinstance(platform.now_showing("d1"), ProgressCard))
        assert platform.now_showing("d1").told(str) == texts.still_drafting(deliberation, str)
        report(drafted(tokens=400))
        await until(lambda: not platform.now_showing("d1").waiting)
        seen = [await anext(events) for _ in range(3)]
    assert platform.direct_messages == [("fay", texts.no_draft_yet(deliberation, trouble))]
    assert [event.waiting for event in seen] == [False, True, False]


async def test_a_model_that_drafts_for_smaller_groups_is_not_called_silent(
    ports, platform, deliberation, quick, impatient
):
    async with ports.live.subscribe("d1") as events, ProgressReporter(deliberation, ports) as report:
        report(Progress(Stage.GROUPS, 0, 3))
        seen = [await anext(events), await anext(events)]
        report(Progress(Stage.GROUPS, 1, 3))
        seen.append(await anext(events))
    assert [(event.done, event.waiting) for event in seen] == [(0, False), (0, True), (1, False)]


async def test_whoever_asked_hears_once_of_a_round_whatever_worker_takes_it(
    ports, platform, deliberation, impatient
):
    for _ in range(2):
        async with ProgressReporter(deliberation, ports) as report:
            report(drafted(trouble="overloaded"))
            await until(lambda: report.waits)
            await reported()
    assert len(platform.direct_messages) == 1


async def test_a_slow_model_that_writes_is_no_reason_to_write_to_anybody(deliberation, ports, monkeypatch):
    clock = [0.0]

    async def sleep(seconds):
        clock[0] += seconds
        heard.heard(drafted(tokens=int(clock[0])))
        if clock[0] > 5_000:
            raise asyncio.CancelledError

    monkeypatch.setattr(model_silence, "_now", lambda: clock[0])
    monkeypatch.setattr(model_silence.asyncio, "sleep", sleep)
    heard = model_silence.Silence(deliberation, ports)
    with pytest.raises(asyncio.CancelledError):
        await heard.watch(lambda: None)
    assert not heard.is_long


async def test_once_all_drafts_are_there_nobody_is_told_that_none_is(
    ports, platform, deliberation, impatient
):
    async with ProgressReporter(deliberation, ports) as report:
        report(drafted(16))
        await until(lambda: report._watching.done())
    assert platform.direct_messages == []
