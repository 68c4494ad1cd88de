"""What a statement leaves open is shown with it, as points and numbers, and goes with those who asked."""

import pytest

from bot.domain.commands import CloseRating
from tests.promises.places import Place
from tests.web_house import FakeMediator

POINT = "exemptions for islands"
LINE = f"Leaves open: {POINT} (asked for by 2)"


@pytest.mark.parametrize("named", [False, True], ids=["anonymous", "named"])
async def test_it_is_on_the_card_and_on_the_result_until_somebody_is_forgotten(
    place: Place, named: bool
) -> None:
    place.drafts_with(FakeMediator(model_used=True, open_point=POINT))
    await place.ask(named=named)
    await place.answered("Ban it, but not on islands.", "The islands need more time.", "Ban bags.")
    assert LINE in place.plain(await place.sees(2))
    await place.rated(6, 5, 3)
    await place.run(CloseRating)
    await place.work()
    assert LINE in place.plain(await place.sees(0))
    await place.forget(2)  # who did not ask for it: without names, a change would tell that
    await place.work()
    assert (LINE in place.plain(await place.sees(0))) == named
    await place.forget(1)
    await place.work()
    shown = [await place.sees(0), (await place.export()).text, await place.kept()]
    assert POINT not in place.plain("\n".join(shown))
