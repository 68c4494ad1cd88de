"""Who is asked how it went, once; and what becomes of those who cannot be asked."""

from datetime import date, timedelta

import pytest

from bot.domain.actors import Actor
from bot.domain.commands import CloseRating, RecordOutcome
from bot.domain.deliberation import Step
from bot.domain.errors import PlatformError, UnknownDeliberationError, UnreachableError
from bot.wording.cards import ResultCard

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FRIDAY = date(2026, 11, 27)


async def decided(room, **about):
    """A question that is settled, and what was decided; fay asked it, on a Monday at nine."""
    await room.voting()
    await room.say(CloseRating(Actor("T1", "fay"), room.deliberation_id))
    await room.all_due()
    given = {"decided": "No bags.", "by": FRIDAY} | about
    await room.say(RecordOutcome(Actor("T1", "fay"), room.deliberation_id, room.clock.now(), **given))
    await room.all_due()


def asked(room):
    return [user for user, told in room.platform.direct_messages if "How did it go?" in told]


@pytest.mark.parametrize(
    ("member", "deaf", "whom"),
    [("ann", (), "ann"), ("", (), "fay"), ("ann", ("ann",), "fay"), ("eve", (), "fay")],
    ids=["whoever does it", "nobody named", "takes no messages", "does not see the channel"],
)
async def test_one_person_is_asked_once_on_the_day(room, member, deaf, whom):
    room.platform.private["C1"] = {"fay", "ann", "bob"}
    room.platform.deaf = {user: [UnreachableError("Takes no messages.")] for user in deaf}
    await decided(room, member=member)
    await room.later(3 * DAY)
    assert asked(room) == []
    await room.later(DAY)
    await room.run(Step.ASK_HOW, Step.ASK_HOW)
    await room.later(DAY)
    assert asked(room) == [whom]
    assert (await room.now()).decision.asked_how


@pytest.mark.parametrize("member", ["", "eve", "ann"])
async def test_whoever_asked_and_left_the_channel_is_told_nothing(room, member):
    room.platform.private["C1"] = {"fay", "ann", "bob"}
    room.platform.deaf = {"ann": [UnreachableError("Takes no messages.")]}
    await decided(room, member=member)
    room.platform.private["C1"].discard("fay")
    await room.later(4 * DAY)
    await room.later(DAY)
    assert asked(room) == []
    assert (await room.now()).decision.asked_how


async def test_a_day_that_was_set_again_after_another_is_asked_about_again(room):
    await decided(room)
    await room.later(4 * DAY)
    assert asked(room) == ["fay"]
    for by in (FRIDAY + 7 * DAY, FRIDAY):
        room.clock.advance(HOUR)
        fay = Actor("T1", "fay")
        await room.say(RecordOutcome(fay, room.deliberation_id, room.clock.now(), decided="No bags.", by=by))
    await room.later(DAY)
    assert asked(room) == ["fay", "fay"]


async def test_the_card_shows_what_was_decided_at_once(room):
    await decided(room, who="Ann")
    card = next(cards[-1] for cards in room.platform.shown.values() if isinstance(cards[-1], ResultCard))
    assert card.deliberation.decision.decided == "No bags."


async def test_a_worker_that_dies_between_asking_and_noting_it_asks_nobody_again(room):
    await decided(room)
    room.clock.advance(4 * DAY)
    waits = await room.now()
    await room.run(Step.ASK_HOW)
    noted = await room.now()
    # As it was before the step was noted, with the marker that stood in the store by then.
    await room.ports.deliberations.save(waits.model_copy(update={"version": noted.version}))
    await room.run(Step.ASK_HOW)
    assert asked(room) == ["fay"]
    assert (await room.now()).decision.asked_how


async def test_a_platform_that_does_not_answer_is_asked_again(room):
    room.platform.deaf = {"fay": [PlatformError("It does not answer.")]}
    await decided(room)
    await room.later(4 * DAY)
    assert asked(room) == []
    await room.later(HOUR)
    assert asked(room) == ["fay"]


async def test_what_was_deleted_before_the_day_asks_nobody(room):
    await decided(room, by=date(2027, 6, 1))
    await room.later(100 * DAY)
    await room.later(200 * DAY)
    assert asked(room) == []
    with pytest.raises(UnknownDeliberationError):
        await room.now()
