"""Settings sent from a window: what would delete something earlier is asked first, all others are saved."""

import pytest

from adapters.memory import MemoryNotes
from bot.chat.changing import once
from bot.chat.settings import change, shorten
from bot.domain.commands import ChangeTeam
from bot.wording import texts
from bot.wording.confirmations import keeping_shorter


async def test_everything_but_fewer_days_is_saved_at_once_and_the_days_after_a_yes(room):
    await room.asked()
    ada = room.person("ada", admin=True)
    team = await room.ports.teams.team("T1")
    wanted = team.model_copy(update={"retention_days": 7, "reminders": False})
    asked = await change(ChangeTeam(ada, wanted), room.ports)
    assert (asked.ok, asked.text, asked.asks) == (False, texts.OTHERS_SAVED, keeping_shorter(7, [90], 0))
    now = await room.ports.teams.team("T1")
    assert (now.retention_days, now.reminders) == (90, False)
    assert (await shorten("click", ada, asked.about, room.ports, MemoryNotes(room.clock))).ok
    assert (await room.ports.teams.team("T1")).retention_days == 7


async def test_a_form_that_is_shown_again_is_saved_whole_or_not_at_all(room):
    await room.asked()
    ada = room.person("ada", admin=True)
    team = await room.ports.teams.team("T1")
    wanted = team.model_copy(update={"retention_days": 7, "reminders": False})
    asked = await change(ChangeTeam(ada, wanted), room.ports, whole=True)
    assert (asked.ok, asked.asks) == (False, keeping_shorter(7, [90], 0))
    assert await room.ports.teams.team("T1") == team
    assert (await change(ChangeTeam(ada, wanted, sure=True), room.ports, whole=True)).ok
    now = await room.ports.teams.team("T1")
    assert (now.retention_days, now.reminders) == (7, False)


async def test_a_second_copy_of_a_window_is_answered_like_the_first(room):
    await room.asked()
    notes = MemoryNotes(room.clock)
    ada, bob = room.person("ada", admin=True), room.person("bob", admin=True)
    team = await room.ports.teams.team("T1")
    wanted = team.model_copy(update={"retention_days": 7, "reminders": False})
    first = await once("ada's window", ChangeTeam(ada, wanted), room.ports, notes)
    assert await once("ada's window", ChangeTeam(ada, wanted), room.ports, notes) == first
    # The same from somebody else is none: theirs was drawn from settings that are gone.
    others = await once("bob's window", ChangeTeam(bob, wanted), room.ports, notes)
    assert others.text == texts.TEAM_CHANGED_MEANWHILE
    assert (await shorten("click", ada, first.about, room.ports, notes)).ok
    assert await once("ada's window", ChangeTeam(ada, wanted), room.ports, notes) == first
    assert (await room.ports.teams.team("T1")).retention_days == 7
    assert len(await room.ports.teams.settings_changes("T1")) == 2


async def test_a_yes_to_settings_that_somebody_changed_since_is_refused(room):
    await room.asked()
    ada = room.person("ada", admin=True)
    team = await room.ports.teams.team("T1")
    asked = await change(ChangeTeam(ada, team.model_copy(update={"retention_days": 7})), room.ports)
    assert asked.text == ""
    await change(ChangeTeam(ada, team.model_copy(update={"reminders": False})), room.ports)
    late = await shorten("click", ada, asked.about, room.ports, MemoryNotes(room.clock))
    assert (late.ok, late.text) == (False, texts.TEAM_CHANGED_MEANWHILE)
    assert (await room.ports.teams.team("T1")).retention_days == 90


@pytest.mark.parametrize("about", ["0.0", "-7.0", "3651.0", "seven.0", "7.", "7", ""])
async def test_days_that_no_form_takes_are_not_taken_from_a_button_either(room, about):
    ada, before = room.person("ada", admin=True), await room.ports.teams.team("T1")
    told = await shorten("click", ada, about, room.ports, MemoryNotes(room.clock))
    assert (told.ok, told.text) == (False, texts.CHOICE_GONE)
    assert await room.ports.teams.team("T1") == before


def test_it_says_how_many_questions_and_for_how_long_they_were_to_be_kept():
    one = (
        "1 question will be deleted sooner, with its opinions, ratings and reasons: "
        "7 days after it ends instead of 30."
    )
    several = (
        "3 questions will be deleted sooner, with their opinions, ratings and reasons: "
        "1 day after they end instead of up to 90."
    )
    for asked, told in (
        (keeping_shorter(7, [30], 0), one),
        (keeping_shorter(7, [30], 1), f"{one} It ended longer ago than that, so it is deleted now."),
        (
            keeping_shorter(1, [30, 90, 30], 1),
            f"{several} 1 of them ended longer ago than that, so it is deleted now.",
        ),
        (
            keeping_shorter(1, [30, 90, 30], 2),
            f"{several} 2 of them ended longer ago than that, so they are deleted now.",
        ),
        (
            keeping_shorter(1, [30, 90, 30], 3),
            f"{several} They all ended longer ago than that, so they are deleted now.",
        ),
    ):
        assert asked.follows == f"{told} You can't undo this."
