"""Until when what members write is kept: said before they write, as the team's settings are then."""

from bot.domain.actors import Actor
from bot.domain.commands import ChangeTeam
from bot.service.dispatch import dispatch
from tests.promises.places import Place

KEPT = "Accord keeps what you write until {} after the question ends, then deletes it."


async def test_members_are_told_before_they_write_until_when_it_is_kept(place: Place) -> None:
    await place.ask()
    for shown in (await place.before_writing(1), await place.how(1)):
        assert KEPT.format("90 days") in shown

    team = await place.ports.teams.team(place.team)
    boss = Actor(place.team, place.user(0), admin=True)
    changed = ChangeTeam(boss, team.model_copy(update={"retention_days": 1}))
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
