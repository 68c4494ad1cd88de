"""A second round: everybody votes once more, on what was drafted from what was said of the statement."""

from bot.domain.actors import Actor
from bot.domain.commands import CloseRating, Command, Revise
from bot.domain.deliberation import Phase
from tests.promises.places import Place


def revise(actor: Actor, id_: str) -> Command:
    return Revise(actor, id_, round=1)


async def test_a_revised_statement_is_voted_on_and_its_vote_is_the_result(place: Place) -> None:
    await place.ask()
    await place.answered("Yes.", "No.", "Perhaps.")
    first = (await place.load()).statement
    for person in range(3):
        await place.rate(person, 2)
    await place.give_reason(1, "It forgets the shops.")
    await place.run(revise)
    second = await place.load()
    assert (second.phase, second.round) == (Phase.RATING, 2)
    assert second.statement != first
    assert await place.ratings() == []
    assert place.plain(second.statement or "") in place.plain(await place.sees(1))
    for person in range(3):
        await place.rate(person, 6)
    await place.run(CloseRating)
    settled = await place.load()
    assert (settled.phase, settled.round, settled.statement) == (Phase.SETTLED, 2, second.statement)
    assert settled.change is not None
    assert settled.change.movement is not None
    assert settled.change.movement.more == 3
    told = place.plain(await place.sees(1))
    assert "It forgets the shops." not in told
    assert "3 agree more with this one" in told
