"""`WebhookStore`, and the events that `Deliberations` hands over to it."""

import asyncio
from datetime import timedelta

import pytest

from bot.domain.deliberation import Phase
from bot.domain.errors import VersionConflictError
from bot.domain.events import EventKind
from bot.domain.webhooks import Delivery, Problem, Webhook, noting


def webhook(sample, id_="w1", *, team="t1", at=0):
    return Webhook(
        id=id_,
        team=team,
        url="https://example.org/accord",
        kinds=frozenset(EventKind),
        key_id="k",
        added_at=sample.time(at),
    )


def delivery(sample, id_="d1", *, team="t1", to="w1", at=0):
    question = noting(sample.deliberation(id_, team=team), None, sample.time(at))
    return Delivery.of(question.events[0], question, webhook(sample, to, team=team), sample.time(at))


async def test_webhooks_are_kept_changed_and_removed_with_what_is_on_its_way(state, sample):
    for each in (webhook(sample, "w2", at=2), webhook(sample), webhook(sample, "w3", team="t2")):
        await state.webhooks.put_webhook(each)
    await state.webhooks.queue([delivery(sample), delivery(sample, to="w2"), delivery(sample, "d2")])
    dead = delivery(sample, "d2").dead(Problem.TIMED_OUT, sample.time(1))
    assert await state.webhooks.replace(delivery(sample, "d2"), dead)
    assert [each.id for each in await state.webhooks.webhooks("t1")] == ["w1", "w2"]
    off = webhook(sample).gone(sample.time(3))
    await state.webhooks.change_webhook(off)
    assert (await state.webhooks.webhooks("t1"))[0] == off
    for _ in range(2):
        await state.webhooks.remove_webhook("t1", "w1")
    # One that was removed while it was tried does not come back.
    await state.webhooks.change_webhook(off)
    assert [each.id for each in await state.webhooks.webhooks("t1")] == ["w2"]
    assert [each.webhook for each in await state.webhooks.waiting("t1")] == ["w2"]
    assert list(await state.webhooks.dead("t1")) == []
    assert list(await state.webhooks.teams()) == ["t1", "t2"]


async def test_of_many_who_claim_a_delivery_one_has_it(states, sample):
    here, there = states
    for team in ("t1", "t2"):
        await here.webhooks.put_webhook(webhook(sample, team=team))
    early, late = delivery(sample, "d2", team="t2", at=1), delivery(sample, at=2)
    await here.webhooks.queue([late])
    await there.webhooks.queue([early])
    assert list(await here.webhooks.due(sample.time(0))) == []
    assert list(await here.webhooks.due(sample.time(2))) == [early, late]
    claimed = late.claimed(sample.time(2))
    won = await asyncio.gather(*(each.webhooks.replace(late, claimed) for each in (here, there) * 3))
    assert sorted(won) == [False] * 5 + [True]
    # Queued again it stays as it is: whoever queued it may have died before it noted that.
    await there.webhooks.queue([late])
    assert list(await here.webhooks.due(sample.time(2))) == [early]
    assert await there.webhooks.replace(claimed, None)
    assert list(await here.webhooks.waiting("t1")) == []


async def test_dead_letters_are_newest_first_and_come_back(state, sample):
    for n in range(3):
        there = delivery(sample, f"d{n}")
        await state.webhooks.queue([there])
        await state.webhooks.replace(there, there.dead(Problem.UNREACHABLE, sample.time(n)))
    dead = await state.webhooks.dead("t1")
    assert [each.deliberation for each in dead] == ["d2", "d1", "d0"]
    assert list(await state.webhooks.waiting("t1")) == []
    assert await state.webhooks.replace(dead[0], dead[0].replayed(sample.time(9)))
    assert not await state.webhooks.replace(dead[0], None)
    assert [each.tries for each in await state.webhooks.waiting("t1")] == [0]
    assert len(await state.webhooks.dead("t1")) == 2


async def test_events_are_unheard_from_the_very_save_until_they_are_noted(states, sample):
    here, there = states
    noon, later = sample.time(0), sample.time(1)
    asked = await here.deliberations.add(noting(sample.deliberation(), None, noon))
    assert list(await there.deliberations.unheard(noon - timedelta(seconds=1))) == []
    assert await there.deliberations.unheard(noon) == [(asked, 0)]
    closed = await here.deliberations.save(noting(asked.closed(later), asked, later))
    assert [event.kind for event in closed.events] == [EventKind.OPENED, EventKind.CLOSED]
    assert sorted(version for _, version in await there.deliberations.unheard(later)) == [0, 1]
    await here.deliberations.heard("d1", 0)
    await here.deliberations.heard("d1", 0)
    assert await there.deliberations.unheard(later) == [(closed, 1)]
    # A change without events adds none.
    await here.deliberations.save(closed.model_copy(update={"reminded": True}))
    assert [version for _, version in await there.deliberations.unheard(later)] == [1]
    await here.deliberations.delete("d1")
    assert list(await there.deliberations.unheard(later)) == []


async def test_a_refused_save_leaves_no_event(states, sample):
    here, there = states
    noon = sample.time(0)
    asked = await here.deliberations.add(sample.deliberation())
    await there.deliberations.save(asked.model_copy(update={"reminded": True}))
    with pytest.raises(VersionConflictError):
        await here.deliberations.save(noting(asked.closed(noon), asked, noon))
    found = await here.deliberations.unheard(noon)
    assert all(there.phase is Phase.OPINIONS and there.events_of(version) == [] for there, version in found)
