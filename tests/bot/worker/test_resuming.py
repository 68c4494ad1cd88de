"""A platform that comes back: what waited goes on at once, what nobody saw is shown, and nothing else."""

from datetime import timedelta

import pytest

from bot.chat.resuming import take_up_again
from bot.domain.deliberation import Phase
from bot.domain.errors import TransitionError
from bot.wording.cards import ResultCard

DAY = timedelta(days=1)


async def test_what_waited_goes_on_at_once(room, down):
    await room.asked()
    room.platform.errors = [down]
    await room.all_due()
    assert room.platform.cards() == []

    await take_up_again("T1", "web", room.ports)
    await room.all_due()

    assert room.platform.cards() == ["QuestionCard"]


@pytest.mark.parametrize(("team", "platform"), [("T2", "web"), ("T1", "other")])
async def test_other_teams_and_platforms_are_left_alone(room, down, team, platform):
    await room.asked()
    room.platform.errors = [down]
    await room.all_due()
    before = await room.now()
    await take_up_again(team, platform, room.ports)
    assert await room.now() == before


async def test_an_end_that_nobody_saw_is_shown_and_one_that_was_seen_is_not_shown_again(room, down):
    await room.voting()
    await room.rate("ann", 6)
    room.platform.errors = [down] * 1_000
    await room.later(DAY)
    while not (await room.now()).recorded:
        await room.later(timedelta(minutes=6))
    room.platform.errors = []
    for _ in range(2):
        await take_up_again("T1", "web", room.ports)
        await room.all_due()

    (shown,) = room.platform.shown.values()
    assert isinstance(shown[-1], ResultCard)
    assert (await room.now()).recorded
    assert len(await room.feedback()) == 1


async def test_a_failed_drafting_that_is_taken_up_still_waits_for_a_person(room):
    await room.closed()
    failed = (await room.now()).failed("Nothing usable.", room.clock.now()).set_back(room.clock.now())
    await room.ports.deliberations.save(failed)
    await take_up_again("T1", "web", room.ports)
    await room.all_due()
    assert (await room.now()).failure == "Nothing usable."


async def test_what_has_not_ended_cannot_end_unseen(room):
    await room.asked()
    assert (await room.now()).phase is Phase.OPINIONS
    with pytest.raises(TransitionError):
        (await room.now()).unseen()
