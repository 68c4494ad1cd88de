"""The picture of a result is the same from all that is kept of it and from its sums."""

from bot.domain.deliberation import Phase
from bot.domain.kept_mediation import in_sum
from bot.domain.ratings import tally_of
from bot.domain.terms import Terms
from bot.pictures.results import picture_of
from bot.wording.cards import result_card
from engine.types import OpinionGroup
from tests.contract.conftest import Sample

PEOPLE = tuple(f"p{n}" for n in range(8))


async def test_a_result_is_drawn_alike_whoever_draws_it():
    groups = tuple(
        OpinionGroup(
            participants=own, size=4, welfare=5.0, agree=4, points=tuple((x + n, float(n)) for n in range(4))
        )
        for own, x in ((PEOPLE[:4], 0.0), (PEOPLE[4:], 9.0))
    )
    made = Sample().mediation(PEOPLE).model_copy(update={"groups": groups})
    d = Sample().rated(terms=Terms(anonymous=False)).model_copy(update={"phase": Phase.SETTLED})
    tally = tally_of((0, 0, 0, 0, 0, 0, 8), fewest=0)

    first = await picture_of(result_card(d, made, tally))

    assert first == await picture_of(result_card(d, in_sum(made), tally))
    assert first is not None
    assert "Each mark is a group" in first.told
