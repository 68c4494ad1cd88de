"""Who is reminded, who is not, and what becomes of those who cannot be written to."""

from datetime import timedelta

import pytest

from bot.cards import NudgeCard
from bot.domain.actors import Actor
from bot.domain.commands import SetReminders
from bot.domain.deliberation import Step
from bot.errors import UnreachableError

HOUR = timedelta(hours=1)


def reminded(room):
    return sorted(user for user, _ in room.platform.direct_messages)


@pytest.fixture
async def asked(room):
    """Ann has answered; bob and cem have not; the reminder is due."""
    await room.asked(closes_in=4 * HOUR, answers=["ann"], reminder_before=HOUR)
    await room.all_due()
    return room


async def test_whoever_wants_no_reminders_gets_none(asked):
    await asked.say(SetReminders(Actor("T1", "bob"), on=False, at=asked.clock.now()))
    await asked.later(3 * HOUR)
    assert reminded(asked) == ["cem"]


async def test_a_team_without_reminders_reminds_nobody(asked):
    team = await asked.ports.store.team("T1")
    await asked.ports.store.save_team(team.model_copy(update={"reminders": False}))
    await asked.later(3 * HOUR)
    assert reminded(asked) == []
    assert (await asked.now()).reminded


async def test_a_question_without_reminders_reminds_nobody(room):
    await room.asked(closes_in=4 * HOUR, reminder_before=None)
    await room.later(3 * HOUR)
    assert reminded(room) == []


async def test_for_those_who_cannot_be_written_to_the_channel_is_reminded_once(asked):
    asked.platform.deaf = {"bob": [UnreachableError("Takes no messages.")]}
    await asked.later(3 * HOUR)
    await asked.run(Step.REMIND, Step.REMIND)
    nudges = [cards for cards in asked.platform.shown.values() if isinstance(cards[0], NudgeCard)]
    assert len(nudges) == 1
    assert reminded(asked) == ["cem"]
