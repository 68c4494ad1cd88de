"""The shipped bank into a team's own."""

import pytest

from bot.domain.library import BANK_LIMIT
from bot.domain.team import Team
from bot.service.question_import import import_new
from bot.wording import texts
from engine.questions.bank import bank


@pytest.fixture(autouse=True)
async def known(room):
    await room.ports.teams.save_team(Team(id="T1"))


async def kept(room, team="T1"):
    return [each.question for each in await room.ports.library.bank(team)]


async def test_what_is_new_is_added_and_what_is_there_is_passed_over(room):
    await import_new("T1", ["Should we ban cars?"], room.ports)
    reply = await import_new(
        "T1", ["Should we tax, and tax?", "should WE ban cars?", 'Is it "fair"?'], room.ports
    )

    assert (reply.ok, reply.text) == (True, texts.imported(2))
    assert sorted(await kept(room)) == ['Is it "fair"?', "Should we ban cars?", "Should we tax, and tax?"]


async def test_importing_again_adds_nothing_and_is_no_failure(room):
    for _ in range(2):
        reply = await import_new("T1", ["Should we ban cars?"], room.ports)

    assert (reply.ok, reply.text) == (True, texts.NOTHING_NEW)


async def test_the_whole_bank_fills_a_teams_and_then_says_so(room):
    questions = [each.question for each in bank()]
    first = await import_new("T1", questions, room.ports)
    second = await import_new("T1", questions, room.ports)

    assert first.ok
    assert first.text == f"{texts.imported(BANK_LIMIT)} {texts.no_room(len(questions) - BANK_LIMIT)}"
    assert (second.ok, second.text) == (False, texts.BANK_FULL)
    assert await kept(room) == questions[:BANK_LIMIT]
    assert await kept(room, "another") == []


async def test_a_team_that_accord_has_not_met_is_warned_of(room):
    first = await import_new("T2", ["Should we ban cars?"], room.ports)
    again = await import_new("T2", ["Should we ban dogs?"], room.ports)

    assert (first.ok, first.text) == (True, f"{texts.imported(1)} {texts.unknown_team('T2')}")
    assert again.text == texts.imported(1)
