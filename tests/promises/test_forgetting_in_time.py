"""Forget me, watched: what is gone must not tell what was theirs."""

from collections.abc import Callable

import pytest

from bot.domain.actors import Actor
from bot.domain.commands import Cancel, CloseOpinions, Command
from bot.service.dispatch import dispatch
from tests.promises.places import Exported, Place

SAID = ("Ban the worst.", "Maybe later.", "Not yet.", "Yes, all of them.")


@pytest.mark.parametrize(("ends", "told"), [(CloseOpinions, 0), (Cancel, 4)], ids=["closed", "cancelled"])
async def test_an_export_in_the_moment_between_the_end_and_the_erasure_gives_nobody_away(
    place: Place, monkeypatch: pytest.MonkeyPatch, ends: Callable[[Actor, str], Command], told: int
) -> None:
    await place.ask()
    for person, text in enumerate(SAID):
        await place.opine(person, text)
    given = place.ports.contributions
    looks: list[Exported] = []
    erase = given.erase_participant

    async def ended_first(deliberation_id: str, participant: str, at: object) -> bool:
        monkeypatch.setattr(given, "erase_participant", erase)
        # Nothing is drafted yet.
        asker = Actor(place.team, place.user(0), admin=True)
        assert (await dispatch(ends(asker, place.id), place.ports)).ok
        looks.append(await place.export())
        return await erase(deliberation_id, participant, at)

    asked = await place.forget_me(2)
    monkeypatch.setattr(given, "erase_participant", ended_first)
    await asked.yes()
    looks.append(await place.export())
    assert [len(look.opinions) for look in looks] == [told, 0]
