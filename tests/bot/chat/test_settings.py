"""Settings sent from a window: what would delete something earlier is asked first, all others are saved."""

from adapters.memory import MemoryNotes
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


def test_it_says_how_many_questions_and_for_how_long_they_were_to_be_kept():
    assert keeping_shorter(7, [30], 0).follows.startswith("1 question ends earlier: its opinions")
    several = keeping_shorter(1, [30, 90, 30], 2).follows
    assert "3 questions end earlier" in several
    assert "after 1 day instead of up to 90" in several
    assert "2 of them ended longer ago" in several
