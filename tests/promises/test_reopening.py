"""A question that is opened again after drafting failed: nobody sees whose opinion is new."""

from bot.domain.actors import Actor
from bot.domain.commands import CloseOpinions
from bot.service.dispatch import dispatch
from engine.errors import EngineError
from tests.promises.places import Place
from tests.web_house import FakeMediator

SAID = ("Ban the worst.", "Maybe later.", "Not yet.", "Yes, all of them.")


async def test_two_exports_around_it_do_not_tell_whose_opinion_came_since(place: Place) -> None:
    await place.ask()
    for person, text in enumerate(SAID[:3]):
        await place.opine(person, text)
    place.drafts_with(FakeMediator(failure=EngineError("The model is away.")))
    asker = Actor(place.team, place.user(0), admin=True)
    assert (await dispatch(CloseOpinions(asker, place.id), place.ports)).ok
    before = (await place.export()).opinions
    await place.work()
    failed = (await place.export()).opinions
    await place.reopen()
    await place.work()
    place.drafts_with(FakeMediator())
    await place.opine(3, SAID[3])
    await place.run(CloseOpinions)
    after = (await place.export()).opinions
    assert after == sorted(SAID)
    assert (before, failed) == ([], [])
