"""Until when what members write is kept: said before they write, as the team's settings are then."""

from datetime import timedelta

import pytest

from bot.domain.actors import Actor
from bot.domain.commands import ChangeTeam, CloseOpinions
from bot.domain.errors import UnknownDeliberationError
from bot.service.dispatch import dispatch
from bot.wording import texts
from engine.errors import EngineError
from tests.promises.places import Place
from tests.web_house import FakeMediator

KEPT = "Accord keeps what you write until {} after the question ends, then deletes it."


async def test_members_are_told_before_they_write_until_when_it_is_kept(place: Place) -> None:
    await place.ask()
    for shown in (await place.before_writing(1), await place.how(1)):
        assert KEPT.format("90 days") in shown

    team = await place.ports.teams.team(place.team)
    boss = Actor(place.team, place.user(0), admin=True)
    changed = ChangeTeam(boss, team.model_copy(update={"retention_days": 1}), sure=True)
    assert (await dispatch(changed, place.ports)).ok

    for shown in (await place.before_writing(1), await place.how(1)):
        assert KEPT.format("one day") in shown


async def test_what_was_written_is_never_kept_longer_than_its_writers_were_told(place: Place) -> None:
    await place.ask()
    assert KEPT.format("90 days") in await place.before_writing(1)
    await place.opine(1, "Whatever.")
    await place.team_has(retention_days=3_650)
    assert (await place.load()).terms.retention_days == 90
    assert KEPT.format("90 days") in await place.begin(1)
    await place.team_has(retention_days=7)
    assert (await place.load()).terms.retention_days == 7


async def test_an_admin_is_asked_before_what_was_written_is_deleted_earlier_than_was_said(
    place: Place,
) -> None:
    await place.ask()
    await place.opine(1, "Whatever.")
    asked = await place.keep_for(7)
    for words in ("1 question will be deleted sooner", "7 days after it ends instead of 90", "can't undo"):
        assert words in place.plain(asked.shown)
    assert (await place.load()).terms.retention_days == 90
    assert (await place.ports.teams.team(place.team)).retention_days == 90
    assert texts.TEAM_CHANGED in place.plain(await asked.yes())
    assert (await place.ports.teams.team(place.team)).retention_days == 7
    assert KEPT.format("7 days") in await place.begin(1)
    # Longer again asks nothing, as it deletes nothing earlier; and it lengthens nothing that was said.
    assert texts.TEAM_CHANGED in place.plain((await place.keep_for(30)).shown)
    assert (await place.ports.teams.team(place.team)).retention_days == 30
    assert (await place.load()).terms.retention_days == 7


async def test_a_question_without_a_statement_that_is_deleted_at_once_is_said_to_be(place: Place) -> None:
    await place.ask()
    await place.opine(1, "Whatever.")
    await place.opine(2, "Never.")
    place.drafts_with(FakeMediator(failure=EngineError("The model is away.")))
    await place.run(CloseOpinions)
    failed = await place.load()
    assert failed.failure
    assert "deleted now" not in place.plain((await place.keep_for(7)).shown)
    closed_at = place.ports.clock.now() - timedelta(days=8)
    await place.ports.deliberations.save(failed.model_copy(update={"closes_at": closed_at}))
    asked = await place.keep_for(7)
    assert "It ended longer ago than that, so it is deleted now." in place.plain(asked.shown)
    await asked.yes()
    await place.house.work()
    with pytest.raises(UnknownDeliberationError):
        await place.load()


async def test_fewer_days_that_end_no_question_earlier_ask_nothing(place: Place) -> None:
    assert texts.TEAM_CHANGED in place.plain((await place.keep_for(7)).shown)
    assert (await place.ports.teams.team(place.team)).retention_days == 7
