"""Connection health in sentences: workers alive, steps that wait, and nothing of other teams."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.memory import ManualClock, memory_state
from bot.domain.deliberation import Deliberation
from bot.service.health import OVERDUE_AFTER, QUIET_AFTER, SILENT_AFTER, Health, beat, goodbye, health
from bot.service.ports import Ports

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def clock():
    return ManualClock(NOON)


@pytest.fixture
def ports(clock):
    unused = None
    return Ports(
        **memory_state(),
        feedback=unused,
        library=unused,
        jobs=unused,
        clock=clock,
        live=unused,
        pseudonyms=unused,
    )


def question(id_, team="T1", closes_at=NOON):
    return Deliberation(
        id=id_,
        team=team,
        platform="slack",
        channel="C1",
        facilitator="U1",
        question="Why?",
        created_at=NOON - timedelta(days=1),
        closes_at=closes_at,
        reminded=True,
    )


async def test_a_worker_that_falls_silent_counts_no_more(ports, clock):
    await beat("one", ports)
    await beat("two", ports)
    clock.advance(SILENT_AFTER - timedelta(seconds=1))
    await beat("two", ports)
    assert (await health("T1", ports)).workers == 2
    clock.advance(timedelta(seconds=2))
    assert (await health("T1", ports)).workers == 1


async def test_of_a_worker_that_was_killed_it_is_soon_said_that_it_may_have_stopped(ports, clock):
    await beat("one", ports)
    clock.advance(QUIET_AFTER + timedelta(seconds=1))
    (worker, _) = (await health("T1", ports)).findings()
    assert (worker.ok, "The worker hasn't reported" in worker.sentence) == (False, True)
    await beat("two", ports)
    (worker, _) = (await health("T1", ports)).findings()
    assert (worker.ok, "1 of 2 workers hasn't reported" in worker.sentence) == (False, True)
    await beat("one", ports)
    (worker, _) = (await health("T1", ports)).findings()
    assert (worker.ok, worker.sentence) == (True, "2 workers are running.")


async def test_a_worker_that_stops_says_so_and_is_not_called_running(ports):
    await beat("one", ports)
    await goodbye("one", ports)
    (worker, _) = (await health("T1", ports)).findings()
    assert (worker.ok, "No worker is running" in worker.sentence) == (False, True)


async def test_steps_are_overdue_after_a_while_and_only_of_ones_own_team(ports, clock):
    message = {"channel": "C1", "message": "1"}
    for id_, team in (("a", "T1"), ("b", "T2"), ("c", "T2")):
        new = question(id_, team)
        await ports.deliberations.add(Deliberation.model_validate(new.model_dump() | {"message": message}))
    assert (await health("T1", ports)).overdue == 0
    clock.advance(OVERDUE_AFTER)
    assert [(await health(team, ports)).overdue for team in ("T1", "T2", "T3")] == [1, 2, 0]


def test_what_is_wrong_says_what_to_do():
    said = [finding for at in (Health(0, 2), Health(1, 0)) for finding in at.findings()]
    assert [finding.ok for finding in said] == [False, False, True, True]
    assert "accord worker" in said[0].sentence
    assert "2 questions have waited" in said[1].sentence
    assert replace(Health(1, 0), workers=3).findings()[0].sentence == "3 workers are running."
