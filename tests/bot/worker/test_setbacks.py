"""What happens when a platform or the store fails, and when somebody else saves first."""

from datetime import timedelta

import pytest

from bot.domain import commands
from bot.domain.actors import Actor
from bot.domain.deliberation import Phase, Step
from bot.domain.errors import PlatformError, RateLimitedError, StoreError, VersionConflictError
from bot.ops import metrics
from bot.wording.cards import ResultCard
from bot.worker.steps import RACES, SHOWING_TRIES, sweep

DAY = timedelta(days=1)


async def pauses(room, step, times):
    """How long the worker waits after each of so many failures in a row, in seconds."""
    waited = []
    for _ in range(times):
        await room.run(step)
        until = (await room.now()).wait_until
        waited.append((until - room.clock.now()).total_seconds())
        room.clock.set(until)
    return waited


async def test_a_step_that_fails_is_tried_again_after_growing_pauses(room, down):
    await room.asked()
    room.platform.errors = [down] * 12
    assert await pauses(room, Step.ANNOUNCE, 10) == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]

    room.platform.errors = []
    await room.all_due()

    saved = await room.now()
    assert room.platform.cards() == ["QuestionCard"]
    assert (saved.setbacks, saved.wait_until) == (0, None)


async def test_a_step_is_not_tried_before_its_pause_is_over(room, down):
    await room.asked()
    room.platform.errors = [down, down]
    await room.all_due()
    await room.run(Step.ANNOUNCE, Step.ANNOUNCE)
    assert room.platform.errors == [down]


async def test_a_platform_that_asks_for_a_longer_pause_gets_it(room):
    await room.asked()
    room.platform.errors = [RateLimitedError("Slower.", retry_after_s=77.0)]
    assert await pauses(room, Step.ANNOUNCE, 1) == [77]


async def test_a_platform_that_asks_for_a_short_pause_gets_the_usual_one(room):
    await room.asked()
    room.platform.errors = [RateLimitedError("Slower.", retry_after_s=0.1)]
    assert await pauses(room, Step.ANNOUNCE, 1) == [2]


async def test_publishing_is_tried_again_until_the_platform_is_back(room, down):
    await room.closed()
    await room.run(Step.MEDIATE)
    room.platform.errors = [down, down]
    await room.all_due()
    assert (await room.now()).phase is Phase.MEDIATING
    for _ in range(2):
        await room.later(timedelta(minutes=5))

    assert (await room.now()).phase is Phase.RATING
    assert len(room.drafter.requests) == 1


async def test_a_channel_that_cannot_be_reached_does_not_keep_a_question_from_closing(room, down):
    await room.asked(closes_in=timedelta(hours=1), answers=("ann", "bob"))
    room.platform.errors = [down] * 1000
    await room.all_due()
    await room.later(timedelta(hours=1))
    await room.later(timedelta(minutes=5))
    assert (await room.now()).statement is not None


async def test_a_result_is_shown_as_soon_as_the_platform_is_back(room, down):
    await room.voting()
    await room.rate("ann", 6)
    room.platform.errors = [down, down]
    await room.later(DAY)
    assert not (await room.now()).recorded
    for _ in range(2):
        await room.later(timedelta(minutes=5))

    assert isinstance(room.platform.now_showing(room.deliberation_id), ResultCard)
    assert (await room.now()).recorded
    assert len(await room.feedback()) == 1


async def test_a_result_that_can_never_be_shown_does_not_keep_a_question_from_being_purged(room, down):
    await room.voting()
    room.platform.errors = [down] * 1000
    await room.later(DAY)
    for _ in range(SHOWING_TRIES):
        await room.later(timedelta(minutes=5))
    assert (await room.now()).recorded


async def test_a_store_that_fails_is_left_to_the_sweep(room):
    await room.asked()

    class Silent(type(room.ports.contributions)):
        async def opinion_count(self, deliberation_id):
            raise StoreError("The store does not answer.")

    silent = Silent(None)
    silent.__dict__ = room.ports.contributions.__dict__
    await room.broken(contributions=silent).run(Step.ANNOUNCE)
    assert (await room.now()).setbacks == 0

    await room.all_due()
    assert room.platform.cards() == ["QuestionCard"]


class Racing:
    """Deliberations that somebody else saves first, so many times."""

    def __init__(self, kept, times, meanwhile=None):
        self._kept, self._times, self._meanwhile = kept, times, meanwhile

    def __getattr__(self, name):
        return getattr(self._kept, name)

    async def save(self, deliberation, **needed):
        if self._times:
            self._times -= 1
            if self._meanwhile is not None:
                await self._meanwhile()
            raise VersionConflictError("Somebody else saved first.")
        return await self._kept.save(deliberation, **needed)


@pytest.mark.parametrize("lost", [1, RACES - 1])
async def test_a_step_that_loses_races_looks_again_and_goes_on(room, lost):
    await room.asked(closes_in=timedelta(hours=1), answers=("ann", "bob"))
    await room.all_due()
    room.clock.advance(timedelta(hours=1))
    await room.broken(deliberations=Racing(room.ports.deliberations, lost)).run(Step.CLOSE)
    assert (await room.now()).phase is Phase.MEDIATING


async def test_a_step_that_loses_a_race_to_what_makes_it_needless_stops(room):
    await room.asked(closes_in=timedelta(hours=1), answers=("ann", "bob"))
    await room.all_due()
    room.clock.advance(timedelta(hours=1))

    async def cancel():
        await room.say(commands.Cancel(Actor("T1", "fay"), room.deliberation_id))

    await room.broken(deliberations=Racing(room.ports.deliberations, 1, cancel)).run(Step.CLOSE)
    assert (await room.now()).phase is Phase.CANCELLED


async def test_a_setback_that_loses_a_race_changes_nothing(room, down):
    await room.asked()
    room.platform.errors = [down]
    await room.broken(deliberations=Racing(room.ports.deliberations, 1)).run(Step.ANNOUNCE)

    assert (await room.now()).wait_until is None
    await room.all_due()
    assert room.platform.cards() == ["QuestionCard"]


async def test_the_sweep_asks_for_whatever_is_due_and_counts_it(room):
    await room.asked()
    room.ports.jobs.waiting.clear()  # a lost job
    assert await sweep(room.ports) == 1
    assert room.ports.jobs.waiting == [(Step.ANNOUNCE, room.deliberation_id)]
    assert metrics.DUE_STEPS._value.get() == 1
    room.clock.advance(timedelta(seconds=90))
    await sweep(room.ports)
    assert metrics.OLDEST_DUE._value.get() == 90

    await room.all_due()
    assert await sweep(room.ports) == 0
    assert metrics.DUE_STEPS._value.get() == metrics.OLDEST_DUE._value.get() == 0


async def test_a_queue_that_is_down_holds_up_nothing_but_the_hint(room):
    class Down:
        async def enqueue(self, step, deliberation_id):
            raise StoreError("The job queue does not answer.")

    await room.asked()
    without_queue = room.broken(jobs=Down())
    await without_queue.run(Step.ANNOUNCE)
    assert (await room.now()).message is not None
    assert await sweep(without_queue.ports) == 0


async def test_an_error_that_nobody_foresaw_is_a_setback_too(room):
    await room.asked()
    room.platform.errors = [ZeroDivisionError(), PlatformError("Down.")]
    assert await pauses(room, Step.ANNOUNCE, 2) == [2, 4]
