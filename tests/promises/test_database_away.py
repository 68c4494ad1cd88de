"""While the database is away: every act is told so in one sentence, is not half done, and works later."""

from collections.abc import Awaitable, Callable

from bot.domain.commands import CloseOpinions
from bot.domain.deliberation import Phase
from bot.wording import texts
from engine.errors import GenerationError
from tests.promises.places import Act, Asked, Place

SAID = ("Paper bags tear in the rain.", "My shop lives on plastic bags.", "Take a deposit for each bag.")

Asks = Callable[[], Awaitable[Asked]]


def at_once(act: Act) -> Asks:
    """For what is done without a window or a question before it."""

    async def asks() -> Asked:
        return Asked("", act)

    return asks


async def is_put_off(place: Place, asks: Asks, *, writes: bool = True) -> str:
    """What was opened is done in vain while the database is away, and then it is done; what is told then."""
    for readable in (False, True) if writes else (False,):
        asked = await asks()
        await place.work()
        before = await everything(place)
        with place.database_away(readable=readable):
            told = place.plain(await asked.yes())
            await place.house.settled()
        assert texts.STORE_UNREACHABLE in told
        assert await everything(place) == before
    done = place.plain(await (await asks()).yes())
    await place.house.settled()
    assert texts.STORE_UNREACHABLE not in done
    return done


async def everything(place: Place) -> str:
    """All that is kept of the question and of the team."""
    teams = place.ports.teams
    return repr([await place.kept(), await teams.team(place.team), await teams.settings_changes(place.team)])


async def test_while_opinions_are_collected(place: Place) -> None:
    await place.ask()
    for person, text in enumerate(SAID):
        await place.opine(person, text)
    await place.manages()
    await is_put_off(place, lambda: place.withdraw_opinion(1))
    assert await place.opinions() == sorted([SAID[0], SAID[2]])
    before = await place.load()
    await is_put_off(place, at_once(lambda: place.extend(5)))
    assert (await place.load()).closes_at != before.closes_at
    await is_put_off(place, lambda: place.settings(120))
    assert (await place.ports.teams.team(place.team)).retention_days == 120
    await is_put_off(place, at_once(place.asks_for_export), writes=False)
    assert (await place.export()).data["deliberation"]["id"] == place.id
    await is_put_off(place, lambda: place.forget_me(2))
    assert await place.opinions() == [SAID[0]]
    await place.opine(1, SAID[1])
    await is_put_off(place, at_once(place.close))
    await place.work()
    assert (await place.load()).phase is Phase.RATING


async def test_while_the_statement_is_rated(place: Place) -> None:
    await place.ask(ask_quality=True)
    await place.answered(*SAID)
    await place.manages()
    await is_put_off(place, at_once(lambda: place.press_rating(1, 6)))
    assert await place.ratings() == [6]
    await is_put_off(place, at_once(lambda: place.press_quality(1, 3)))
    assert await place.qualities() == [3]
    await is_put_off(place, lambda: place.withdraw_rating(1))
    assert await place.ratings() == []
    await place.rate(1, 5)
    await is_put_off(place, lambda: place.forget_me(1))
    assert await place.ratings() == []
    before = await place.load()
    await is_put_off(place, at_once(lambda: place.extend(5)))
    assert (await place.load()).rating_closes_at != before.rating_closes_at
    for person in (0, 2, 3):
        await place.rate(person, 5)
    await is_put_off(place, at_once(place.close))
    await place.work()
    assert (await place.load()).phase is Phase.SETTLED


async def test_after_drafting_failed(place: Place) -> None:
    place.house.mediator.failure = GenerationError("The generator answered nothing of use.")
    await place.ask()
    for person, text in enumerate(SAID):
        await place.opine(person, text)
    await place.run(CloseOpinions)
    await place.manages()
    assert texts.RETRYING in await is_put_off(place, at_once(lambda: place.retry(0)))
    await place.work()
    assert texts.REOPENED in await is_put_off(place, at_once(place.reopen))
    await place.work()
    assert (await place.load()).phase is Phase.OPINIONS
    assert texts.CANCELLED in await is_put_off(place, place.cancel)
    assert (await place.load()).phase is Phase.CANCELLED
